//! What stands around a waterfall: ticks of its axes, and quantities as text.

pub mod ticks;
pub mod words;
