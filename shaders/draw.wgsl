// Draws the strip into any pass: two rectangles for the scroll offset, one texel per pixel.
//
// Two rectangles rather than one whose coordinates wrap: llvmpipe copies texels instead of running a shader if a
// rectangle shows a BGRA texture unchanged in a BGRA target, with coordinates taken unchanged from the vertices (and, for
// llvmpipe's own reasons, swizzled).

// Not a uniform: a software rasteriser runs both sides of every branch.
// The target takes linear light (it encodes in hardware, or is a float target).
override LINEAR: bool = false;
// One triangle over everything instead: the target is multisampled, and the seam of a scaled picture would mix with its
// neighbours.
override WRAP: bool = false;

// Time runs along x.
override SIDEWAYS: bool = false;

@group(0) @binding(0) var strip: texture_2d<f32>;
@group(0) @binding(1) var nearest: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Not @builtin(position): hosts set their own viewports.
    @location(0) at: vec2<f32>,
}

// The place of the picture's first line in the strip is passed as the number of the first vertex, which is twelve times it:
// a uniform would have to be written for every line that scrolls in. Of the twelve, 0 to 5 go from the picture's first line to
// the strip's end, 6 to 11 from the strip's beginning to the picture's last line.
@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Corner {
    let i = index % 12u;
    let size = vec2<f32>(textureDimensions(strip));
    let offset = f32(index / 12u) / select(size.y, size.x, SIDEWAYS);
    // The corners of two triangles: first and last line along, left and right across.
    var along = f32((0x32u >> (i % 6u)) & 1u);
    var across = f32((0x2cu >> (i % 6u)) & 1u);
    let seam = 1.0 - offset;
    var place = mix(0.0, seam, along);
    var source = mix(offset, 1.0, along);
    if WRAP {
        along = f32(i >> 1u) * 2.0;
        across = f32(i & 1u) * 2.0;
        place = along;
        source = offset + along;
    } else if i >= 6u {
        place = mix(seam, 1.0, along);
        source = mix(0.0, offset, along);
    }
    var picture = vec2<f32>(across, place);
    var at = vec2<f32>(source, across);
    if SIDEWAYS {
        picture = picture.yx;
        at = at.yx;
    }
    return Corner(vec4<f32>(picture.x * 2.0 - 1.0, 1.0 - picture.y * 2.0, 0.0, 1.0), at);
}

// IEC 61966-2-1
fn from_srgb(c: vec3<f32>) -> vec3<f32> {
    let low = c / 12.92;
    let high = pow((c + 0.055) / 1.055, vec3<f32>(2.4));
    return select(high, low, c <= vec3<f32>(0.04045));
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    var color: vec4<f32>;
    if WRAP {
        color = textureSample(strip, nearest, fract(corner.at.yx));
    } else {
        color = textureSample(strip, nearest, corner.at.yx);
    }
    if LINEAR {
        return vec4<f32>(from_srgb(color.rgb), color.a);
    }
    return color;
}
