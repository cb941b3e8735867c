//! ringfall
fn main() {}
