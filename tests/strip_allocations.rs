//! Checks that a strip allocates nothing while it scrolls. A test binary of its own, since the counter sees all threads.

#[path = "common/allocations.rs"]
mod allocations;

use ringfall::{Canvas, Capacity, Options, Side, Stamp, Strip};

// The only test here: another one's allocations would be counted too.
#[test]
fn scrolling_allocates_nothing() {
    let row: Vec<f32> = (0..500).map(|bin| -(bin as f32) * 0.2).collect();
    let mut out = vec![0; 320 * 240];
    for newest_side in [Side::Top, Side::Bottom, Side::Left, Side::Right] {
        let options = Options::default().bins(500).capacity(Capacity::Rows(400)).size(320, 240);
        let mut canvas = Canvas::new(&options.newest_side(newest_side)).expect("a canvas");
        let mut strip = Strip::new();
        let mut lines = 0;
        let mut before = 0;
        for number in 0..1500 {
            if number == 900 {
                before = allocations::calls();
                assert!(before > 10, "the counter does not count");
            }
            canvas.push(Stamp::index(number), &row).expect("a row");
            lines += strip.prepare(&mut canvas).expect("memory");
            strip.copy_to(0..320, 0..240, &mut out, 320).expect("it fits");
        }
        assert_eq!(allocations::calls() - before, 0, "{newest_side:?}");
        assert!(lines > 1000, "{lines} lines");
        assert!(out.iter().any(|pixel| *pixel != out[0]));
    }
}
