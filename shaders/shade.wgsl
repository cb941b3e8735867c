// Shades strip pixels: the cells that a pixel shows -> reduction -> scale -> LUT.
// Runs once for each new line of pixels, never for old ones. On the CPU: src/shade/reduction.rs and src/shade/colors.rs;
// reference: tests/common/reference.rs.
//
// The strip is never sRGB-typed: it holds the LUT's sRGB-encoded bytes as they are.

// Constants that differ between pipelines. Not uniforms: a software rasteriser runs both sides of every branch.
// 0 maximum, 1 mean of power, 2 minimum, 3 plain mean
override REDUCE: u32 = 0u;
// A pixel may show a value between two bins.
override LINEAR: bool = false;
// Texels are 8-bit codes; `lo`, `hi` and the thresholds are in codes too.
override CODES: bool = false;
// Entries are not equally wide: a value's entry is found by a search of the thresholds.
override SEARCH: bool = false;
// Time runs along x.
override SIDEWAYS: bool = false;
// Rows differ in layout or weight, which are in `rows`. Otherwise all have the layout `shade.layout_index`.
override OWN: bool = false;
// Earlier steps have read a part of the cells; their result is in `before`.
override RESUME: bool = false;

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
    // For every row, unless each has its own.
    layout_index: u32,
    // Layout i is row (i & layout_mask) of layer (i >> layout_shift) of `covers`.
    layout_shift: u32,
    layout_mask: u32,
    // A step reads `step_rows` rows of a line, and `step_bins` bins of each; `bin_steps` steps read all of a row.
    step_rows: u32,
    step_bins: u32,
    bin_steps: u32,
    lo: f32,
    hi: f32,
    // 256 / (hi - lo), if all entries are equally wide
    factor: f32,
    // log2 of the power ratio that one unit stands for: log2(10) / 10 for dB
    octaves: f32,
}

@group(0) @binding(0) var<uniform> shade: Shade;
@group(0) @binding(1) var ring: texture_2d_array<f32>;
// One texel per slot: (layout, weight as the bits of a float).
@group(0) @binding(2) var rows: texture_2d<u32>;
// One texel per line of the strip: (first slot, rows).
@group(0) @binding(3) var lines: texture_2d<u32>;
// 256 entries, then under, over, bad.
@group(0) @binding(4) var lut: texture_2d<f32>;
// One texel per pixel across, one row per layout: the bins that the pixel shows. (first bin, number of bins), or with the
// highest bit of the second set (first bin, how far from it to the next bin in 2^24ths). src/frame/cover.rs makes them.
@group(0) @binding(5) var covers: texture_2d_array<u32>;
// One texel per pixel of the strip: the result of earlier steps, as bits.
@group(0) @binding(6) var before: texture_2d<u32>;
// For colours, the high words of the same.
@group(0) @binding(8) var before_high: texture_2d<u32>;
// Where each of the 256 entries begins: -inf first, then 255 ascending thresholds, and +inf after the last.
@group(0) @binding(7) var edges: texture_2d<f32>;

const UNDER: u32 = 256u;
const OVER: u32 = 257u;
const BAD: u32 = 258u;
const BETWEEN: u32 = 0x80000000u;
// Number of cells, and of rows, that are summed separately before they are added to the rest: this way sums of many
// numbers of similar size lose little precision.
const BLOCK: u32 = 256u;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) step: u32,
}

// The number of the step is passed as the number of the first vertex, which is three times it.
@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Corner {
    let i = index % 3u;
    return Corner(vec4<f32>(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0), index / 3u);
}

// By its bits: a compiler may assume that floats are never NaN.
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

// The result so far for a pixel: the largest or smallest value; for means the weight of all cells, and their weighted sum: of
// powers relative to that of `value`, or of the values themselves. The weight is 0 if there were no cells.
struct Seen {
    value: f32,
    sum: f32,
    weight: f32,
}

const NOTHING = Seen(0.0, 0.0, 0.0);

fn one(v: f32, weight: f32) -> Seen {
    if is_nan(v) {
        return NOTHING;
    }
    if REDUCE == 3u {
        return Seen(v, v * weight, weight);
    }
    return Seen(v, weight, weight);
}

fn merge(a: Seen, b: Seen) -> Seen {
    if b.weight == 0.0 {
        return a;
    }
    if a.weight == 0.0 {
        return b;
    }
    if REDUCE == 0u {
        return Seen(max(a.value, b.value), 1.0, 1.0);
    }
    if REDUCE == 2u {
        return Seen(min(a.value, b.value), 1.0, 1.0);
    }
    let weight = a.weight + b.weight;
    if REDUCE == 3u {
        return Seen(a.value, a.sum + b.sum, weight);
    }
    // Relative to the larger, so that no power over- or underflows.
    let value = max(a.value, b.value);
    let least = min(a.value, b.value);
    let both = is_finite(value) && is_finite(least);
    let share = select(select(0.0, exp2((least - value) * shade.octaves), both), 1.0, least == value);
    let large = select(b.sum, a.sum, a.value >= b.value);
    let small = select(a.sum, b.sum, a.value >= b.value);
    return Seen(value, large + small * share, weight);
}

// The layout of the row in a slot, and its weight as the bits of a float.
fn entry(slot: u32) -> vec2<u32> {
    if OWN {
        return textureLoad(rows, vec2<u32>(slot & shade.row_mask, slot >> shade.row_shift), 0).xy;
    }
    return vec2<u32>(shade.layout_index, bitcast<u32>(1.0));
}

// The bins of a row with this layout that a pixel shows.
fn cover_of(layout_index: u32, x: u32) -> vec2<u32> {
    let at = vec2<u32>(x, layout_index & shade.layout_mask);
    return textureLoad(covers, at, layout_index >> shade.layout_shift, 0).xy;
}

fn see_row(slot: u32, x: u32, bin_step: u32) -> Seen {
    let row = entry(slot);
    let weight = bitcast<f32>(row.y);
    let cover = cover_of(row.x, x);
    if LINEAR && (cover.y & BETWEEN) != 0u {
        if bin_step > 0u {
            return NOTHING;
        }
        let a = cell(slot, cover.x);
        let b = cell(slot, cover.x + 1u);
        let part = f32(cover.y & 0xffffffu) * 0x1p-24f;
        if is_finite(a) && is_finite(b) {
            return one(a + (b - a) * part, weight);
        }
        return one(select(b, a, part < 0.5), weight);
    }
    var seen = NOTHING;
    var bin = cover.x + min(bin_step * shade.step_bins, cover.y);
    let end = cover.x + min((bin_step + 1u) * shade.step_bins, cover.y);
    while bin < end {
        let block_end = min(bin + BLOCK, end);
        var block = NOTHING;
        for (; bin < block_end; bin++) {
            block = merge(block, one(cell(slot, bin), weight));
        }
        seen = merge(seen, block);
    }
    return seen;
}

fn across_of(pixel: vec2<u32>) -> u32 {
    // Sideways, frequency rises upwards.
    return select(pixel.x, shade.across - 1u - pixel.y, SIDEWAYS);
}

// The first slot of the line that a pixel is on, and how many rows it shows.
fn line_of(pixel: vec2<u32>) -> vec2<u32> {
    return textureLoad(lines, vec2<u32>(select(pixel.y, pixel.x, SIDEWAYS), 0u), 0).xy;
}

// The result of this step and those before it for a pixel of the strip.
fn see(pixel: vec2<u32>, step: u32) -> Seen {
    let x = across_of(pixel);
    let line = line_of(pixel);
    var seen = NOTHING;
    if RESUME {
        let words = textureLoad(before, pixel, 0);
        seen = Seen(bitcast<f32>(words.x), bitcast<f32>(words.y), bitcast<f32>(words.z));
    }
    let bin_step = step % shade.bin_steps;
    var row = min((step / shade.bin_steps) * shade.step_rows, line.y);
    let end = min(row + shade.step_rows, line.y);
    while row < end {
        let block_end = min(row + BLOCK, end);
        var block = NOTHING;
        for (; row < block_end; row++) {
            var slot = line.x + row;
            if slot >= shade.capacity {
                slot -= shade.capacity;
            }
            block = merge(block, see_row(slot, x, bin_step));
        }
        seen = merge(seen, block);
    }
    return seen;
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
    // All entries are equally wide: one of the two next to the nearest edge, however the GPU rounds. The first edge is below
    // all values of the range.
    let near = u32(clamp((v - shade.lo) * shade.factor, 0.0, 255.5) + 0.5);
    return select(near - 1u, near, v >= edge(near));
}

fn edge(entry: u32) -> f32 {
    return textureLoad(edges, vec2<u32>(entry, 0u), 0).r;
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    let seen = see(vec2<u32>(corner.position.xy), corner.step);
    var index = BAD;
    if seen.weight > 0.0 {
        var v = seen.value;
        if REDUCE == 1u && seen.sum != seen.weight && is_finite(v) {
            v += log2(seen.sum / seen.weight) / shade.octaves;
        }
        if REDUCE == 3u && seen.weight != 1.0 {
            v = seen.sum / seen.weight;
        }
        index = lut_index(v);
    }
    return textureLoad(lut, vec2<u32>(index, 0u), 0);
}

// A step that is not the last passes on its result.
@fragment
fn fragment_step(corner: Corner) -> @location(0) vec4<u32> {
    let seen = see(vec2<u32>(corner.position.xy), corner.step);
    return vec4<u32>(bitcast<u32>(seen.value), bitcast<u32>(seen.sum), bitcast<u32>(seen.weight), 0u);
}

// ---- Cells that are colours. On the CPU: src/shade/color_reduction.rs. Whole numbers throughout, so the result is the same to
// the bit whatever the order.

// The result so far for a pixel: red, green and blue, and how many there were, as 64 bits each. Maxima and minima take only
// the low words.
struct Colors {
    low: vec4<u32>,
    high: vec4<u32>,
}

const NO_COLORS = Colors(vec4<u32>(), vec4<u32>());

// Red, green and blue; and 1, for the one cell.
fn color_cell(slot: u32, bin: u32) -> vec4<u32> {
    let layer = (slot >> shade.row_shift) * shade.columns + (bin >> shade.bin_shift);
    let at = vec2<u32>(bin & shade.bin_mask, slot & shade.row_mask);
    return vec4<u32>(vec3<u32>(round(textureLoad(ring, at, layer, 0).rgb * 255.0)), 1u);
}

// Of cells of one row, whose sums fit 32 bits.
fn merge_cells(a: vec4<u32>, b: vec4<u32>) -> vec4<u32> {
    if REDUCE == 0u {
        return max(a, b);
    }
    if REDUCE == 2u {
        return select(min(a, b), b, a.w == 0u);
    }
    return a + b;
}

fn merge_colors(a: Colors, b: Colors) -> Colors {
    if REDUCE == 0u {
        return Colors(max(a.low, b.low), vec4<u32>());
    }
    if REDUCE == 2u {
        return Colors(select(select(min(a.low, b.low), a.low, b.low.w == 0u), b.low, a.low.w == 0u), vec4<u32>());
    }
    let low = a.low + b.low;
    return Colors(low, a.high + b.high + select(vec4<u32>(), vec4<u32>(1u), low < a.low));
}

// The product of sums and a row's weight.
fn weighted(sums: vec4<u32>, weight: u32) -> Colors {
    if weight == 1u || REDUCE == 0u || REDUCE == 2u {
        return Colors(sums, vec4<u32>());
    }
    let half = vec4<u32>(16u);
    let mask = vec4<u32>(0xffffu);
    let low = (sums & mask) * (weight & 0xffffu);
    let a = (sums & mask) * (weight >> 16u);
    let b = (sums >> half) * (weight & 0xffffu);
    let middle = (low >> half) + (a & mask) + (b & mask);
    let high = (sums >> half) * (weight >> 16u) + (a >> half) + (b >> half) + (middle >> half);
    return Colors((low & mask) | (middle << half), high);
}

fn see_row_colors(slot: u32, x: u32, bin_step: u32) -> Colors {
    let row = entry(slot);
    // The largest f32 that is a u32.
    let weight = u32(min(bitcast<f32>(row.y), 4294967040.0));
    let cover = cover_of(row.x, x);
    if LINEAR && (cover.y & BETWEEN) != 0u {
        if bin_step > 0u {
            return NO_COLORS;
        }
        let a = color_cell(slot, cover.x).rgb;
        let b = color_cell(slot, cover.x + 1u).rgb;
        let part = cover.y & 0xffffffu;
        let mixed = (a * (0x1000000u - part) + b * part + vec3<u32>(0x800000u)) >> vec3<u32>(24u);
        return weighted(vec4<u32>(mixed, 1u), weight);
    }
    var sums = vec4<u32>();
    let first = cover.x + min(bin_step * shade.step_bins, cover.y);
    let end = cover.x + min((bin_step + 1u) * shade.step_bins, cover.y);
    for (var bin = first; bin < end; bin++) {
        sums = merge_cells(sums, color_cell(slot, bin));
    }
    return weighted(sums, weight);
}

// The result of this step and those before it for a pixel of the strip.
fn see_colors(pixel: vec2<u32>, step: u32) -> Colors {
    let x = across_of(pixel);
    let line = line_of(pixel);
    var seen = NO_COLORS;
    if RESUME {
        seen = Colors(textureLoad(before, pixel, 0), textureLoad(before_high, pixel, 0));
    }
    let first = min((step / shade.bin_steps) * shade.step_rows, line.y);
    let end = min(first + shade.step_rows, line.y);
    for (var row = first; row < end; row++) {
        var slot = line.x + row;
        if slot >= shade.capacity {
            slot -= shade.capacity;
        }
        seen = merge_colors(seen, see_row_colors(slot, x, step % shade.bin_steps));
    }
    return seen;
}

// Whether a number of 64 bits, its low word first, is at least as large as another.
fn reaches(a: vec2<u32>, b: vec2<u32>) -> bool {
    return a.y > b.y || (a.y == b.y && a.x >= b.x);
}

// A sum of 64 bits divided by a count, rounded to the nearest, halves up. The quotient is 255 at most.
fn quotient(sum: vec2<u32>, count: vec2<u32>) -> u32 {
    if (sum.y | count.y) == 0u {
        let whole = sum.x / count.x;
        let rest = sum.x - whole * count.x;
        return whole + select(0u, 1u, rest >= count.x - rest);
    }
    var rest = sum;
    var part = vec2<u32>(count.x << 7u, (count.y << 7u) | (count.x >> 25u));
    var whole = 0u;
    for (var bit = 128u; bit > 0u; bit >>= 1u) {
        if reaches(rest, part) {
            rest = vec2<u32>(rest.x - part.x, rest.y - part.y - select(0u, 1u, rest.x < part.x));
            whole |= bit;
        }
        part = vec2<u32>((part.x >> 1u) | (part.y << 31u), part.y >> 1u);
    }
    let twice = vec2<u32>(rest.x << 1u, (rest.y << 1u) | (rest.x >> 31u));
    return whole + select(0u, 1u, reaches(twice, count));
}

@fragment
fn fragment_colors(corner: Corner) -> @location(0) vec4<f32> {
    let seen = see_colors(vec2<u32>(corner.position.xy), corner.step);
    let count = vec2<u32>(seen.low.w, seen.high.w);
    if (count.x | count.y) == 0u {
        return textureLoad(lut, vec2<u32>(BAD, 0u), 0);
    }
    var color = seen.low.rgb;
    if REDUCE == 3u {
        color.r = quotient(vec2<u32>(seen.low.r, seen.high.r), count);
        color.g = quotient(vec2<u32>(seen.low.g, seen.high.g), count);
        color.b = quotient(vec2<u32>(seen.low.b, seen.high.b), count);
    }
    return vec4<f32>(vec3<f32>(color) / 255.0, 1.0);
}

struct Words {
    @location(0) low: vec4<u32>,
    @location(1) high: vec4<u32>,
}

// A step that is not the last passes on its result.
@fragment
fn fragment_colors_step(corner: Corner) -> Words {
    let seen = see_colors(vec2<u32>(corner.position.xy), corner.step);
    return Words(seen.low, seen.high);
}
