//! The judge: the picture that a waterfall has to show, worked out pixel by pixel on the CPU from the rows, in f64, the
//! slow and obvious way. It shares the public types with the renderer and none of its arithmetic.

use ringfall::{Axis, Colormap, Edge, Interpolation, LutIndex, Reduce, Scale, Side, Stamp, Texel, View};

use super::Picture;

pub struct Reference {
    pub rows: Vec<(Stamp, Vec<f32>)>,
    pub texel: Texel,
    pub view: View,
    pub scale: Scale,
    pub colormap: Colormap,
    pub newest: Side,
    pub width: u32,
    pub height: u32,
    /// How many of the last rows are resident.
    pub capacity: usize,
}

/// What the texture gives back of a value. `None` for no number.
fn stored(texel: Texel, value: f32) -> Option<f64> {
    let value = match texel {
        Texel::F16 => half::f16::from_f32(value).to_f32(),
        Texel::F32 => value,
        Texel::U8 { zero, step } => {
            let code = ((value - zero) / step).round();
            let code = if code.is_nan() { 0.0 } else { code.clamp(0.0, 255.0) };
            zero + code * step
        }
        _ => panic!("the reference does not know {texel:?}"),
    };
    (!value.is_nan()).then_some(f64::from(value))
}

impl Reference {
    pub fn picture(&self) -> Picture {
        self.picture_of(|seen| self.color(seen))
    }

    /// The picture whose pixels have the colour that `color` gives to the values they show.
    pub fn picture_of(&self, color: impl Fn(&[f64]) -> [u8; 4]) -> Picture {
        let resident = &self.rows[self.rows.len().saturating_sub(self.capacity)..];
        let epoch = self.rows.first().map_or(0, |(s, _)| s.time_ns);
        let newest = self.rows.last();
        let line_ns = self.view.line_ns.or(newest.map(|(s, _)| s.duration_ns)).unwrap_or(1.0);
        let (low, high) = self.view.span_hz.unwrap_or_else(|| {
            newest.map_or((0.0, 1.0), |(s, row)| {
                (s.first_hz - s.bin_hz / 2.0, s.first_hz + (row.len() as f64 - 0.5) * s.bin_hz)
            })
        });
        assert!(low > 0.0 || self.view.axis != Axis::Log, "the reference does not begin at 0 Hz");
        let middle = |s: &Stamp| (s.time_ns - epoch) as f64 + s.duration_ns / 2.0;
        let last = match self.view.edge {
            Edge::Follow => newest.map_or(0, |(s, _)| (middle(s) / line_ns).floor() as i64),
            Edge::At(time) => ((time - epoch) as f64 / line_ns).floor() as i64,
            other => panic!("the reference does not know {other:?}"),
        };
        let sideways = matches!(self.newest, Side::Left | Side::Right);
        let (length, across) = if sideways { (self.width, self.height) } else { (self.height, self.width) };
        // colors[p][x]: p lines before the last, x from the low edge
        let colors: Vec<Vec<[u8; 4]>> = (0..length)
            .map(|p| {
                let line = last - i64::from(p);
                let rows = self.rows_of(resident, line, line_ns, epoch);
                (0..across).map(|x| color(&self.seen(&rows, (low, high), across, x))).collect()
            })
            .collect();
        let mut rgba = Vec::new();
        for y in 0..self.height {
            for x in 0..self.width {
                let (p, f) = match self.newest {
                    Side::Top => (y, x),
                    Side::Bottom => (self.height - 1 - y, x),
                    Side::Left => (x, self.height - 1 - y),
                    Side::Right => (self.width - 1 - x, self.height - 1 - y),
                };
                rgba.push(colors[p as usize][f as usize]);
            }
        }
        Picture { width: self.width, height: self.height, rgba }
    }

    fn rows_of<'a>(
        &self,
        resident: &'a [(Stamp, Vec<f32>)],
        line: i64,
        line_ns: f64,
        epoch: i64,
    ) -> Vec<&'a (Stamp, Vec<f32>)> {
        let start = |s: &Stamp| (s.time_ns - epoch) as f64;
        let within = |s: &Stamp| ((start(s) + s.duration_ns / 2.0) / line_ns).floor() as i64 == line;
        let rows: Vec<_> = resident.iter().filter(|(s, _)| within(s)).collect();
        if !rows.is_empty() {
            return rows;
        }
        // Nothing belongs here: the row that lasts over the middle of the line.
        let middle = (line as f64 + 0.5) * line_ns;
        for (i, row) in resident.iter().enumerate() {
            let s = &row.0;
            let due = start(s) + s.duration_ns;
            let until = match resident.get(i + 1) {
                Some((next, _)) if start(next) <= due + s.duration_ns / 2.0 => start(next),
                _ => due,
            };
            if start(s) <= middle && middle < until {
                return vec![row];
            }
        }
        Vec::new()
    }

    /// The values that a pixel shows.
    fn seen(&self, rows: &[&(Stamp, Vec<f32>)], (low, high): (f64, f64), across: u32, x: u32) -> Vec<f64> {
        let mut seen = Vec::new();
        // Frequency at a distance from the picture's low edge, in pixels.
        let mel = |hz: f64| 2595.0 * (1.0 + hz / 700.0).log10();
        let hz_at = |x: f64| {
            let share = x / f64::from(across);
            match self.view.axis {
                Axis::Log => low * (high / low).powf(share),
                Axis::Mel => 700.0 * (10f64.powf((mel(low) + (mel(high) - mel(low)) * share) / 2595.0) - 1.0),
                _ => low + (high - low) * share,
            }
        };
        let (left, middle, right) = (f64::from(x), f64::from(x) + 0.5, f64::from(x) + 1.0);
        for (stamp, row) in rows {
            let cell = |k: i64| usize::try_from(k).ok().and_then(|k| row.get(k)).map(|v| stored(self.texel, *v));
            // In bins from the first one's centre.
            let bin = |x: f64| (hz_at(x) - stamp.first_hz) / stamp.bin_hz;
            let width = bin(right) - bin(left);
            let centre = bin(middle);
            let nearest = cell((centre + 0.5 + 1e-5).floor() as i64);
            if width < 1.0 - 1.0 / 16_384.0 && self.view.interpolation == Interpolation::Linear {
                if nearest.is_some() {
                    let clamped = |k: i64| cell(k.clamp(0, row.len() as i64 - 1)).flatten();
                    let k = centre.floor();
                    if let (Some(a), Some(b)) = (clamped(k as i64), clamped(k as i64 + 1))
                        && a.is_finite()
                        && b.is_finite()
                    {
                        seen.push(a + (b - a) * (centre - k));
                        continue;
                    }
                }
                seen.extend(nearest.flatten());
                continue;
            }
            // The bins whose centres lie on the pixel; a centre on an edge is the upper pixel's, and rounding must not throw
            // it below.
            let on = |k: i64| bin(left) - 6.1e-5 <= k as f64 && (k as f64) < bin(right) - 6.1e-5;
            let bins = (bin(left).floor() as i64 - 1).max(-1)..=(bin(right).ceil() as i64 + 1).min(row.len() as i64);
            let own: Vec<i64> = bins.filter(|k| on(*k)).collect();
            if own.is_empty() && width < 1.0 {
                // Less than a bin wide, and no centre on it: the bin that its own centre lies in.
                seen.extend(nearest.flatten());
            }
            seen.extend(own.into_iter().filter_map(cell).flatten());
        }
        seen
    }

    fn color(&self, seen: &[f64]) -> [u8; 4] {
        let value = match self.view.reduce {
            _ if seen.is_empty() => return self.colormap.bad(),
            Reduce::Max => seen.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Reduce::Min => seen.iter().copied().fold(f64::INFINITY, f64::min),
            other if other != Reduce::Mean => panic!("the reference does not know {other:?}"),
            _ => 10.0 * (seen.iter().map(|v| 10f64.powf(v / 10.0)).sum::<f64>() / seen.len() as f64).log10(),
        };
        self.colormap.color(self.index(value))
    }

    /// matplotlib's `Normalize` and a table of 256.
    fn index(&self, value: f64) -> LutIndex {
        let (vmin, vmax) = (f64::from(self.scale.vmin()), f64::from(self.scale.vmax()));
        if value < vmin {
            LutIndex::Under
        } else if value > vmax {
            LutIndex::Over
        } else {
            // Of the f32 that the value is: a boundary between two entries must not depend on how it is rounded.
            let value = f64::from(value as f32);
            LutIndex::Entry(((value - vmin) / (vmax - vmin) * 256.0).floor().min(255.0) as u8)
        }
    }
}
