// Draws the strip into any pass: one texel fetch a pixel, the scroll offset applied on the way.

// Not uniforms: a software rasteriser runs both sides of every branch.
// Time runs along x.
override SIDEWAYS: bool = false;
// The target takes linear light (it encodes by itself, or is a float target).
override LINEAR: bool = false;

struct Draw {
    // Of the strip, in pixels.
    size: vec2<u32>,
    // Where in the strip the picture's first line lies.
    offset: u32,
    pad: u32,
}

@group(0) @binding(0) var<uniform> draw: Draw;
@group(0) @binding(1) var strip: texture_2d<f32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // 0..1 across the viewport, y down. Not @builtin(position): hosts set viewports of their own.
    @location(0) uv: vec2<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> Corner {
    let uv = vec2<f32>(f32(i & 1u) * 2.0, f32(i >> 1u) * 2.0);
    return Corner(vec4<f32>(uv.x * 2.0 - 1.0, 1.0 - uv.y * 2.0, 0.0, 1.0), uv);
}

// IEC 61966-2-1
fn from_srgb(c: vec3<f32>) -> vec3<f32> {
    let low = c / 12.92;
    let high = pow((c + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, c <= vec3<f32>(0.04045));
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    var at = min(vec2<u32>(max(corner.uv, vec2<f32>(0.0)) * vec2<f32>(draw.size)), draw.size - vec2<u32>(1u));
    // Wrapped here and not in the vertex shader, where interpolation would smear the seam.
    if SIDEWAYS {
        at.x += draw.offset;
        if at.x >= draw.size.x {
            at.x -= draw.size.x;
        }
    } else {
        at.y += draw.offset;
        if at.y >= draw.size.y {
            at.y -= draw.size.y;
        }
    }
    let color = textureLoad(strip, at, 0);
    if LINEAR {
        return vec4<f32>(from_srgb(color.rgb), color.a);
    }
    return color;
}
