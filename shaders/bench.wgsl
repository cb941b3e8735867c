// For `ringfall bench` only: other ways of drawing, to compare with the strip.

// A pixel covers any number of bins and shows the largest value; otherwise there is a bin for each pixel.
override REDUCE: bool = false;
// Texels are 8-bit codes; `lo` and `factor` are in codes too.
override CODES: bool = false;

struct Direct {
    // Slot of the topmost line.
    top: u32,
    rows: u32,
    // First visible bin, number of visible bins, number of pixels for them.
    first: u32,
    span: u32,
    width: u32,
    lo: f32,
    factor: f32,
    pad: u32,
}

@group(0) @binding(0) var<uniform> direct: Direct;
@group(0) @binding(1) var ring: texture_2d<f32>;
// 256 entries, then under.
@group(0) @binding(2) var lut: texture_2d<f32>;

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

fn cell(bin: u32, slot: u32) -> f32 {
    let v = textureLoad(ring, vec2<u32>(bin, slot), 0).r;
    if CODES {
        return round(v * 255.0);
    }
    return v;
}

@fragment
fn fragment(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let x = u32(at.x);
    var slot = u32(at.y) + direct.top;
    if slot >= direct.rows {
        slot -= direct.rows;
    }
    var v: f32;
    if REDUCE {
        var from_bin: u32;
        var to_bin: u32;
        if direct.span >= direct.width {
            // Bins whose centres lie on the pixel: from ceil(x * span / width - 1/2) on.
            from_bin = (2u * x * direct.span + direct.width - 1u) / (2u * direct.width);
            to_bin = (2u * (x + 1u) * direct.span + direct.width - 1u) / (2u * direct.width);
        } else {
            from_bin = (2u * x + 1u) * direct.span / (2u * direct.width);
            to_bin = from_bin + 1u;
        }
        v = cell(direct.first + from_bin, slot);
        for (var bin = from_bin + 1u; bin < to_bin; bin++) {
            v = max(v, cell(direct.first + bin, slot));
        }
    } else {
        v = cell(direct.first + x, slot);
    }
    var index = 256u;
    if v >= direct.lo {
        index = u32(min((v - direct.lo) * direct.factor, 255.0));
    }
    return textureLoad(lut, vec2<u32>(index, 0u), 0);
}

// A picture that is drawn unchanged.
@group(0) @binding(0) var picture: texture_2d<f32>;

@group(0) @binding(1) var nearest: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
}

// A rectangle with its coordinates swapped, as in draw.wgsl: the fastest case of llvmpipe.
@vertex
fn corner(@builtin(vertex_index) i: u32) -> Corner {
    let x = f32((0x2cu >> i) & 1u);
    let y = f32((0x32u >> i) & 1u);
    return Corner(vec4<f32>(x * 2.0 - 1.0, 1.0 - y * 2.0, 0.0, 1.0), vec2<f32>(y, x));
}

@fragment
fn blit(corner: Corner) -> @location(0) vec4<f32> {
    return textureSample(picture, nearest, corner.at.yx);
}
