//! The plot around a waterfall: pictures against committed references and against figures computed by hand, and what the mouse does.
#![cfg(feature = "egui")]

mod axes;
mod gestures;
mod keyboard;
mod made_up;
mod marks;
mod references;
mod sizes;
