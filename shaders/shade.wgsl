// Shades strip pixels: the cells that a pixel covers -> reduction -> scale -> LUT.
// Runs once for each new line of pixels, never for old ones. CPU twin: tests/common/reference.rs; the index arithmetic
// must agree with src/scale/thresholds.rs and src/view.rs to the bit.
//
// The strip is never sRGB-typed: it holds the LUT's sRGB-encoded bytes as they are.

// What differs from one pipeline to the next. Not uniforms: a software rasteriser runs both sides of every branch.
// 0 maximum, 1 mean of power, 2 minimum
override REDUCE: u32 = 0u;
// Linear between bins where a pixel is narrower than one.
override LINEAR: bool = false;
// Texels are 8-bit codes; `lo`, `hi` and the thresholds are in codes too.
override CODES: bool = false;
// A mean is that of the powers, values being dB; else it is the plain one.
override POWER: bool = true;
// Entries are not equally wide: where a value falls is searched among the thresholds.
override SEARCH: bool = false;
// Time runs along x.
override SIDEWAYS: bool = false;
// Bin maps: 0 each row's own; 1 and 2 all rows the same, which is `shade.map`: with a bin or more to the pixel, or less.
override MAPS: u32 = 0u;

struct Shade {
    capacity: u32,
    // Pixels along the frequency axis.
    across: u32,
    // Slot s of bin b lies in layer (s >> row_shift) * columns + (b >> bin_shift). Shifts, since integer division is slow
    // in SIMD and this is done for every cell.
    row_shift: u32,
    row_mask: u32,
    bin_shift: u32,
    bin_mask: u32,
    columns: u32,
    // Of every row, unless each has its own.
    bins: u32,
    lo: f32,
    hi: f32,
    // 256 / (hi - lo), where all entries are equally wide
    factor: f32,
    // log2 of the power ratio that one unit stands for: log2(10) / 10 for dB; 0 where a mean is the plain one
    octaves: f32,
    // Of every row, unless each has its own.
    map: vec4<u32>,
}

@group(0) @binding(0) var<uniform> shade: Shade;
@group(0) @binding(1) var ring: texture_2d_array<f32>;
// Two texels a slot, one below the other: (origin, step) of its bin map in 32.32 fixed point; then (bins, 0, 0, 0).
@group(0) @binding(2) var maps: texture_2d<u32>;
// One texel a line of the strip: (first slot, rows).
@group(0) @binding(3) var lines: texture_2d<u32>;
// 256 entries, then under, over, bad.
@group(0) @binding(4) var lut: texture_2d<f32>;
// Where each of the 256 entries begins: -inf first, then 255 ascending thresholds, and +inf behind the last.
@group(0) @binding(5) var edges: texture_2d<f32>;

const UNDER: u32 = 256u;
const OVER: u32 = 257u;
const BAD: u32 = 258u;

@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4<f32> {
    return vec4<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

// By its bits: a compiler may take it that floats are never NaN.
fn is_nan(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u;
}

fn is_finite(v: f32) -> bool {
    return (bitcast<u32>(v) & 0x7f800000u) != 0x7f800000u;
}

fn cell(slot: u32, bin: u32) -> f32 {
    let layer = (slot >> shade.row_shift) * shade.columns + (bin >> shade.bin_shift);
    let at = vec2<u32>(bin & shade.bin_mask, slot & shade.row_mask);
    let v = textureLoad(ring, at, layer, 0).r;
    if CODES {
        return round(v * 255.0);
    }
    return v;
}

// origin + x * step; (whole part, fraction). x is below 2^16.
fn position(map: vec4<u32>, x: u32) -> vec2<u32> {
    let low = x * (map.w & 0xffffu);
    let high = x * (map.w >> 16u);
    let product = low + (high << 16u);
    let carry = (high >> 16u) + select(0u, 1u, product < low);
    let fraction = map.y + product;
    let carry2 = select(0u, 1u, fraction < product);
    return vec2<u32>(map.x + x * map.z + carry + carry2, fraction);
}

// What has been seen of a pixel: the value so far, and for the mean the sum of powers relative to it and their number.
struct Seen {
    value: f32,
    sum: f32,
    count: f32,
}

fn see(seen: Seen, v: f32) -> Seen {
    if is_nan(v) {
        return seen;
    }
    if seen.count == 0.0 {
        return Seen(v, 1.0, 1.0);
    }
    if REDUCE == 0u {
        return Seen(max(seen.value, v), 1.0, 1.0);
    }
    if REDUCE == 2u {
        return Seen(min(seen.value, v), 1.0, 1.0);
    }
    if !POWER {
        return Seen(seen.value + v, 1.0, seen.count + 1.0);
    }
    // Relative to the largest so far, so that no power over- or underflows.
    let count = seen.count + 1.0;
    if v > seen.value {
        let share = select(0.0, exp2((seen.value - v) * shade.octaves), is_finite(seen.value) && is_finite(v));
        return Seen(v, seen.sum * share + 1.0, count);
    }
    // Equal infinities: their difference is not a number.
    let share = select(exp2((v - seen.value) * shade.octaves), 1.0, v == seen.value);
    return Seen(seen.value, seen.sum + share, count);
}

fn see_row(before: Seen, slot: u32, x: u32) -> Seen {
    var seen = before;
    var map = shade.map;
    var bins = shade.bins;
    if MAPS == 0u {
        let at = vec2<u32>(slot & shade.row_mask, (slot >> shade.row_shift) * 2u);
        map = textureLoad(maps, at, 0);
        bins = textureLoad(maps, vec2<u32>(at.x, at.y + 1u), 0).x;
    }
    let p = position(map, x);
    let first = bitcast<i32>(p.x);
    if MAPS == 1u || (MAPS == 0u && map.z != 0u) {
        // A bin or more to the pixel: every cell from this pixel's edge to the next one's.
        let next = bitcast<i32>(position(map, x + 1u).x);
        let from_bin = u32(clamp(first, 0, i32(bins)));
        let to_bin = u32(clamp(next, 0, i32(bins)));
        for (var bin = from_bin; bin < to_bin; bin++) {
            seen = see(seen, cell(slot, bin));
        }
        return seen;
    }
    if !LINEAR {
        if first >= 0 && first < i32(bins) {
            seen = see(seen, cell(slot, u32(first)));
        }
        return seen;
    }
    // Linear: `first` is the bin whose centre lies at or before the pixel's centre.
    let nearest = first + i32(p.y >> 31u);
    if nearest < 0 || nearest >= i32(bins) {
        return seen;
    }
    let a = cell(slot, u32(clamp(first, 0, i32(bins) - 1)));
    let b = cell(slot, u32(clamp(first + 1, 0, i32(bins) - 1)));
    if is_finite(a) && is_finite(b) {
        return see(seen, a + (b - a) * (f32(p.y >> 8u) * 0x1p-24f));
    }
    return see(seen, cell(slot, u32(nearest)));
}

fn lut_index(v: f32) -> u32 {
    if is_nan(v) {
        return BAD;
    }
    if v < shade.lo {
        return UNDER;
    }
    if v > shade.hi {
        return OVER;
    }
    if SEARCH {
        var entry = 0u;
        for (var step = 128u; step > 0u; step >>= 1u) {
            if edge(entry + step) <= v {
                entry += step;
            }
        }
        return entry;
    }
    // All entries are equally wide: one of the two beside the nearest edge, however the GPU rounds. The first edge is below
    // all values of the range.
    let near = u32(clamp((v - shade.lo) * shade.factor, 0.0, 255.5) + 0.5);
    return select(near - 1u, near, v >= edge(near));
}

fn edge(entry: u32) -> f32 {
    return textureLoad(edges, vec2<u32>(entry, 0u), 0).r;
}

@fragment
fn fragment(@builtin(position) at: vec4<f32>) -> @location(0) vec4<f32> {
    let pixel = vec2<u32>(at.xy);
    // Sideways, frequency rises upwards.
    let x = select(pixel.x, shade.across - 1u - pixel.y, SIDEWAYS);
    let line = textureLoad(lines, vec2<u32>(select(pixel.y, pixel.x, SIDEWAYS), 0u), 0);
    var seen = Seen(0.0, 0.0, 0.0);
    for (var row = 0u; row < line.y; row++) {
        var slot = line.x + row;
        if slot >= shade.capacity {
            slot -= shade.capacity;
        }
        seen = see_row(seen, slot, x);
    }
    var index = BAD;
    if seen.count > 0.0 {
        var v = seen.value;
        if REDUCE == 1u && !POWER {
            v /= seen.count;
        } else if REDUCE == 1u && seen.count > 1.0 && is_finite(v) {
            v += log2(seen.sum / seen.count) / shade.octaves;
        }
        index = lut_index(v);
    }
    return textureLoad(lut, vec2<u32>(index, 0u), 0);
}
