//! The judge: the picture that a waterfall has to show, worked out pixel by pixel on the CPU from the rows, in f64, the
//! slow and obvious way. It shares the public types with the renderer and none of its arithmetic.

use ringfall::{Colormap, Edge, Interpolation, LutIndex, Newest, Reduce, Scale, Stamp, Texel, View};

use super::Picture;

pub struct Reference {
    pub rows: Vec<(Stamp, Vec<f32>)>,
    pub texel: Texel,
    pub view: View,
    pub scale: Scale,
    pub colormap: Colormap,
    pub newest: Newest,
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
    };
    (!value.is_nan()).then_some(f64::from(value))
}

impl Reference {
    pub fn picture(&self) -> Picture {
        let resident = &self.rows[self.rows.len().saturating_sub(self.capacity)..];
        let epoch = self.rows.first().map_or(0, |(s, _)| s.time_ns);
        let newest = self.rows.last();
        let line_ns = self.view.line_ns.or(newest.map(|(s, _)| s.duration_ns)).unwrap_or(1.0);
        let (low, high) = self.view.span_hz.unwrap_or_else(|| {
            newest.map_or((0.0, 1.0), |(s, row)| {
                (s.first_hz - s.bin_hz / 2.0, s.first_hz + (row.len() as f64 - 0.5) * s.bin_hz)
            })
        });
        let middle = |s: &Stamp| (s.time_ns - epoch) as f64 + s.duration_ns / 2.0;
        let last = match self.view.edge {
            Edge::Follow => newest.map_or(0, |(s, _)| (middle(s) / line_ns).floor() as i64),
            Edge::At(time) => ((time - epoch) as f64 / line_ns).floor() as i64,
        };
        let sideways = matches!(self.newest, Newest::Left | Newest::Right);
        let (length, across) = if sideways { (self.width, self.height) } else { (self.height, self.width) };
        // colors[p][x]: p lines before the last, x from the low edge
        let colors: Vec<Vec<[u8; 4]>> = (0..length)
            .map(|p| {
                let line = last - i64::from(p);
                let rows = self.rows_of(resident, line, line_ns, epoch);
                (0..across).map(|x| self.color(&rows, low, (high - low) / f64::from(across), x)).collect()
            })
            .collect();
        let mut rgba = Vec::new();
        for y in 0..self.height {
            for x in 0..self.width {
                let (p, f) = match self.newest {
                    Newest::Top => (y, x),
                    Newest::Bottom => (self.height - 1 - y, x),
                    Newest::Left => (x, self.height - 1 - y),
                    Newest::Right => (self.width - 1 - x, self.height - 1 - y),
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

    fn color(&self, rows: &[&(Stamp, Vec<f32>)], low: f64, pixel_hz: f64, x: u32) -> [u8; 4] {
        let mut seen = Vec::new();
        for (stamp, row) in rows {
            let bin = |hz: f64| (hz - stamp.first_hz) / stamp.bin_hz + 0.5;
            let cell = |k: i64| usize::try_from(k).ok().and_then(|k| row.get(k)).map(|v| stored(self.texel, *v));
            let width = pixel_hz / stamp.bin_hz;
            // Edges that fall on a bin's edge exactly must not fall below it by rounding.
            let floor = |v: f64| (v + 1e-6).floor() as i64;
            if width >= 1.0 {
                let edge = |x: u32| floor(bin(low + pixel_hz * f64::from(x)));
                seen.extend((edge(x)..edge(x + 1)).filter_map(cell).flatten());
                continue;
            }
            let centre = bin(low + pixel_hz * (f64::from(x) + 0.5));
            let nearest = cell(floor(centre));
            if self.view.interpolation == Interpolation::Linear && nearest.is_some() {
                let clamped = |k: i64| cell(k.clamp(0, row.len() as i64 - 1)).flatten();
                let k = floor(centre - 0.5);
                if let (Some(a), Some(b)) = (clamped(k), clamped(k + 1))
                    && a.is_finite()
                    && b.is_finite()
                {
                    seen.push(a + (b - a) * (centre - 0.5 - k as f64));
                    continue;
                }
            }
            seen.extend(nearest.flatten());
        }
        let value = match self.view.reduce {
            _ if seen.is_empty() => return self.colormap.bad(),
            Reduce::Max => seen.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Reduce::Min => seen.iter().copied().fold(f64::INFINITY, f64::min),
            Reduce::Mean => 10.0 * (seen.iter().map(|v| 10f64.powf(v / 10.0)).sum::<f64>() / seen.len() as f64).log10(),
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
