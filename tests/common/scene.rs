//! Stamps and views at random, about 7 MHz: retunes, gaps and new widths of bins now and then; every axis, edge and reduction.

use ringfall::{Axis, Edge, Interpolation, Reduce, Stamp, View};

use super::Random;

/// The first row's.
pub fn first_stamp() -> Stamp {
    Stamp { time_ns: 1_790_000_000_000_000_000, duration_ns: 1e7 / 3.0, first_hz: 7e6, bin_hz: 0.7 }
}

/// Moves a stamp on to the next row.
pub fn step(random: &mut Random, stamp: &mut Stamp) {
    match random.below(30) {
        0 => stamp.first_hz += random.between(-50.0, 50.0),
        1 => stamp.bin_hz *= random.between(0.5, 2.0),
        2 => stamp.time_ns += 50_000_000,
        _ => {}
    }
    stamp.time_ns += stamp.duration_ns.round() as i64;
}

/// A view of what came shortly before `next`.
pub fn view(random: &mut Random, next: Stamp) -> View {
    let low = 7e6 + random.between(-100.0, 200.0);
    let at = Edge::At(next.time_ns - random.below(500_000_000) as i64);
    View::default()
        .span_hz((random.below(3) > 0).then(|| (low, low + 10f64.powf(random.between(-1.0, 3.0)))))
        .line_ns((random.below(3) > 0).then(|| 10f64.powf(random.between(5.5, 8.5))))
        .edge(if random.below(2) == 0 { Edge::Follow } else { at })
        .reduce([Reduce::Max, Reduce::Mean, Reduce::Min][random.below(3) as usize])
        .interpolation([Interpolation::Nearest, Interpolation::Linear][random.below(2) as usize])
        .axis([Axis::Linear, Axis::Log, Axis::Mel][random.below(3) as usize])
}
