// Draws the strip into any pass: one sample a pixel, the scroll offset applied on the way.

// Not a uniform: a software rasteriser runs both sides of every branch.
// The target takes linear light (it encodes by itself, or is a float target).
override LINEAR: bool = false;

struct Draw {
    // Where in the strip the picture's first line lies, as a fraction of the strip's size.
    offset: vec2<f32>,
    pad: vec2<f32>,
}

@group(0) @binding(0) var<uniform> draw: Draw;
@group(0) @binding(1) var strip: texture_2d<f32>;
// Nearest, and it repeats: the strip's end is followed by its beginning, pixel by pixel.
@group(0) @binding(2) var nearest: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Not @builtin(position): hosts set viewports of their own.
    // Linear: there is no perspective, and a software rasteriser would divide by w at every pixel.
    @location(0) @interpolate(linear) at: vec2<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> Corner {
    let uv = vec2<f32>(f32(i & 1u) * 2.0, f32(i >> 1u) * 2.0);
    return Corner(vec4<f32>(uv.x * 2.0 - 1.0, 1.0 - uv.y * 2.0, 0.0, 1.0), uv + draw.offset);
}

// IEC 61966-2-1
fn from_srgb(c: vec3<f32>) -> vec3<f32> {
    let low = c / 12.92;
    let high = pow((c + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, c <= vec3<f32>(0.04045));
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    // Level 0 by name spares working out which.
    let color = textureSampleLevel(strip, nearest, corner.at, 0.0);
    if LINEAR {
        return vec4<f32>(from_srgb(color.rgb), color.a);
    }
    return color;
}
