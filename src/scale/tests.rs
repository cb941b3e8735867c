//! Scales against results by hand and, for random values, against the f64 formula.

use proptest::prelude::*;

use super::*;

fn scale(vmin: f32, vmax: f32) -> Scale {
    Scale::linear(vmin, vmax).unwrap()
}

/// The next `f32` above and below that no GPU confuses with the number itself.
fn up(x: f32) -> f32 {
    if x == 0.0 { f32::MIN_POSITIVE } else { x.next_up() }
}
fn down(x: f32) -> f32 {
    if x == 0.0 { -f32::MIN_POSITIVE } else { x.next_down() }
}

#[test]
fn figures_by_hand() {
    use LutIndex::*;
    // 128 dB over 256 entries: half a dB each, exact in f32.
    let s = scale(-128.0, 0.0);
    for (value, expected) in [
        (-128.0, Entry(0)),
        (-127.75, Entry(0)),
        (-127.5, Entry(1)),
        (-64.25, Entry(127)),
        (-64.0, Entry(128)),
        (-0.5, Entry(255)),
        (-0.25, Entry(255)),
        (0.0, Entry(255)),
        (-129.0, Under),
        (0.125, Over),
    ] {
        assert_eq!(s.lut_index(value), expected, "{value}");
    }
    // 100 dB: 0.390625 dB each. 10 dB up is 25.6 entries, 50 dB 128, 99.6 dB 254.976, 99.7 dB 255.232.
    let s = scale(-100.0, 0.0);
    for (value, expected) in [(-90.0, 25), (-50.0, 128), (-50.01, 127), (-0.4, 254), (-0.3, 255), (0.0, 255)] {
        assert_eq!(s.lut_index(value), Entry(expected), "{value}");
    }
}

#[test]
fn ends_belong_to_the_range() {
    for (vmin, vmax) in
        [(-120.0, -20.0), (0.0, 1.0), (-3.7, 11.3), (1e-30, 1e-29), (-1e38, 1e38), (16_777_216.0, 16_777_218.0)]
    {
        let s = scale(vmin, vmax);
        assert_eq!(s.lut_index(vmin), LutIndex::Entry(0));
        assert_eq!(s.lut_index(vmax), LutIndex::Entry(255));
        assert_eq!(s.lut_index(down(vmin)), LutIndex::Under);
        assert_eq!(s.lut_index(up(vmax)), LutIndex::Over);
    }
}

#[test]
fn entries_begin_exactly_at_their_edge() {
    let s = scale(0.0, 256.0);
    for entry in 0..=255u8 {
        assert_eq!(s.lut_index(f32::from(entry)), LutIndex::Entry(entry));
        assert_eq!(s.lut_index(down(f32::from(entry) + 1.0)), LutIndex::Entry(entry));
    }
}

#[test]
fn what_is_no_number() {
    let s = scale(-1.0, 1.0);
    assert_eq!(s.lut_index(f32::NAN), LutIndex::Bad);
    assert_eq!(s.lut_index(-f32::NAN), LutIndex::Bad);
    assert_eq!(s.lut_index(f32::INFINITY), LutIndex::Over);
    assert_eq!(s.lut_index(f32::NEG_INFINITY), LutIndex::Under);
    let widest = scale(-1.7e38, 1.7e38);
    assert_eq!(widest.lut_index(f32::INFINITY), LutIndex::Over);
    assert_eq!(widest.lut_index(f32::NEG_INFINITY), LutIndex::Under);
    assert_eq!(widest.lut_index(0.0), LutIndex::Entry(128));
}

#[test]
fn the_sign_of_zero_does_not_matter() {
    assert_eq!(scale(0.0, 1.0).lut_index(-0.0), LutIndex::Entry(0));
    assert_eq!(scale(-0.0, 1.0).lut_index(0.0), LutIndex::Entry(0));
    assert_eq!(scale(-1.0, 0.0).lut_index(-0.0), LutIndex::Entry(255));
    assert_eq!(scale(-1.0, -0.0).lut_index(0.0), LutIndex::Entry(255));
    assert!(matches!(Scale::linear(-0.0, 0.0), Err(ScaleError::NotAscending { .. })));
}

#[test]
fn ends_that_are_refused() {
    for (vmin, vmax) in [(f32::NAN, 1.0), (0.0, f32::NAN), (f32::NEG_INFINITY, 0.0), (0.0, f32::INFINITY)] {
        assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::NotFinite { .. })), "{vmin} {vmax}");
    }
    for (vmin, vmax) in [(0.0, 0.0), (-20.0, -20.0), (1.0, -1.0)] {
        assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::NotAscending { .. })), "{vmin} {vmax}");
    }
    for (vmin, vmax) in [(0.0, f32::from_bits(1)), (0.0, f32::MIN_POSITIVE), (0.0, 3.0e-36), (-1.5e-36, 1.5e-36)] {
        assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::TooNarrow { .. })), "{vmin:e} {vmax:e}");
    }
    for (vmin, vmax) in [(f32::MIN, f32::MAX), (-2e38, 2e38)] {
        assert!(matches!(Scale::linear(vmin, vmax), Err(ScaleError::TooWide { .. })), "{vmin:e} {vmax:e}");
    }
    let message = Scale::linear(-20.0, -20.0).unwrap_err().to_string();
    assert_eq!(message, "vmin must be less than vmax, got vmin = -20 and vmax = -20");
    let message = Scale::linear(f32::MIN, f32::MAX).unwrap_err().to_string();
    assert_eq!(message, "vmax - vmin must not exceed 3.4028235e38, got vmin = -3.4028235e38 and vmax = 3.4028235e38");
}

#[test]
fn nothing_a_gpu_may_flush_reaches_an_entry() {
    // In the narrowest range allowed, the largest difference below the least normal number is still in entry 0.
    let s = scale(0.0, 2.41e-35);
    assert_eq!(s.lut_index(down(f32::MIN_POSITIVE)), LutIndex::Entry(0));
}

/// Reference entries by Matplotlib 3.11.2, made by `scripts/norms.py`.
#[test]
fn entries_are_matplotlibs() {
    let table = include_str!("../../tests/data/norms.csv");
    let mut compared = 0;
    for line in table.lines() {
        let fields: Vec<_> = line.split(',').collect();
        let &[norm, vmin, vmax, value, entry] = &fields[..] else { panic!("{line}") };
        let number = |bits| f32::from_bits(u32::from_str_radix(bits, 16).unwrap());
        let scale = Scale::new(norm.parse().unwrap(), number(vmin), number(vmax)).unwrap();
        let expected = match entry {
            "under" => LutIndex::Under,
            "over" => LutIndex::Over,
            "bad" => LutIndex::Bad,
            entry => LutIndex::Entry(entry.parse().unwrap()),
        };
        assert_eq!(scale.lut_index(number(value)), expected, "{norm}, {} under {line}", number(value));
        compared += 1;
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn other_norms_by_hand() {
    let entry = |norm, vmin, vmax, value| Scale::new(norm, vmin, vmax).unwrap().lut_index(value);
    // Four decades in 256 entries: 64 each.
    assert_eq!(entry(Norm::Log, 1.0, 1e4, 10.0), LutIndex::Entry(64));
    assert_eq!(entry(Norm::Log, 1.0, 1e4, 9.999), LutIndex::Entry(63));
    for below in [0.999, 0.0, -0.0, -5.0, f32::NEG_INFINITY] {
        assert_eq!(entry(Norm::Log, 1.0, 1e4, below), LutIndex::Under, "{below}");
    }
    // (16 / 256)^½ = ¼; (64 / 256)² = 1/16.
    assert_eq!(entry(Norm::Power { gamma: 0.5 }, 0.0, 256.0, 16.0), LutIndex::Entry(64));
    assert_eq!(entry(Norm::Power { gamma: 2.0 }, 0.0, 256.0, 64.0), LutIndex::Entry(16));
    // 0 is in the middle of a symmetrical range, and the two sides mirror each other: the linear part takes 10/9 of a decade
    // on either side, the two decades beyond it 2; so 1 is at 128 + 128 · (10/9) / (28/9) = 173.7, 10 at 214.9.
    let symlog = Norm::SymLog { linthresh: 1.0 };
    for (value, expected) in [(0.0, 128), (1.0, 173), (-1.0, 82), (10.0, 214), (-10.0, 41), (0.5, 150)] {
        assert_eq!(entry(symlog, -100.0, 100.0, value), LutIndex::Entry(expected), "{value}");
    }
    let two_slope = Norm::TwoSlope { vcenter: 0.0 };
    for (value, expected) in [(-4000.0, 0), (-2000.0, 64), (0.0, 128), (2500.0, 160), (7500.0, 224), (10_000.0, 255)] {
        assert_eq!(entry(two_slope, -4000.0, 10_000.0, value), LutIndex::Entry(expected), "{value}");
    }
    let centered = Scale::new(Norm::Centered { vcenter: 0.0 }, -1.0, 4.0).unwrap();
    assert_eq!((centered.vmin(), centered.vmax()), (-4.0, 4.0));
    assert_eq!(centered.lut_index(-2.0), LutIndex::Entry(64));
    assert_eq!(Scale::centered(0.0, -4.0).unwrap(), centered);
}

#[test]
fn impossible_parameters_are_refused() {
    let error = |norm, vmin, vmax| Scale::new(norm, vmin, vmax).unwrap_err();
    for vmin in [0.0, -0.0, -1.0] {
        assert_eq!(error(Norm::Log, vmin, 2.0), ScaleError::NotPositive { vmin, vmax: 2.0 });
    }
    for gamma in [0.0, -1.0, f64::INFINITY] {
        assert_eq!(error(Norm::Power { gamma }, 0.0, 1.0), ScaleError::Gamma { gamma });
    }
    assert!(matches!(error(Norm::Power { gamma: f64::NAN }, 0.0, 1.0), ScaleError::Gamma { .. }));
    for linthresh in [0.0, -1.0, f64::INFINITY] {
        assert_eq!(error(Norm::SymLog { linthresh }, 0.0, 1.0), ScaleError::LinThresh { linthresh });
    }
    for vcenter in [0.0, 1.0, -1.0, 2.0, f64::INFINITY] {
        let expected = ScaleError::CenterOutside { vmin: 0.0, vcenter, vmax: 1.0 };
        assert_eq!(error(Norm::TwoSlope { vcenter }, 0.0, 1.0), expected);
    }
    assert!(matches!(error(Norm::TwoSlope { vcenter: f64::NAN }, 0.0, 1.0), ScaleError::CenterOutside { .. }));
    let vcenter = f64::INFINITY;
    assert_eq!(error(Norm::Centered { vcenter }, 0.0, 1.0), ScaleError::CenterNotFinite { vcenter });
    // The range about the centre is beyond f32, or too fine for it.
    assert!(matches!(error(Norm::Centered { vcenter: 1e300 }, 0.0, 1.0), ScaleError::NotFinite { .. }));
    assert!(matches!(error(Norm::Centered { vcenter: 3e38 }, 0.0, 1.0), ScaleError::NotFinite { .. }));
    assert!(matches!(Scale::centered(1e30, 1.0), Err(ScaleError::NotAscending { .. })));
    assert!(matches!(Scale::centered(16_777_216.5, 0.25), Err(ScaleError::NotAscending { .. })));
    assert!(matches!(Scale::centered(0.0, 0.0), Err(ScaleError::NotAscending { .. })));
    assert!(matches!(Scale::centered(f64::NAN, 1.0), Err(ScaleError::NotFinite { .. })));
}

#[test]
fn norms_as_text() {
    for norm in Norm::LIST {
        // Each is documented by a usage that begins with its name, and can be read.
        assert!(norm.usage.starts_with(norm.name));
        let text = if norm.usage.contains(':') { format!("{}:0.25", norm.name) } else { norm.name.to_owned() };
        let read: Norm = text.parse().unwrap();
        assert_eq!(read.to_string(), text);
    }
    assert_eq!("centred".parse(), Ok(Norm::Centered { vcenter: 0.0 }));
    assert_eq!("centered:-60".parse(), Ok(Norm::Centered { vcenter: -60.0 }));
    assert_eq!(" power : 1e-1 ".parse(), Ok(Norm::Power { gamma: 0.1 }));
    let message = |text: &str| text.parse::<Norm>().unwrap_err().to_string();
    assert_eq!(
        message("logarithmic"),
        "no norm is called \"logarithmic\"; expected linear, log, power:GAMMA, symlog:LIMIT, twoslope:CENTRE or \
         centred[:CENTRE]"
    );
    for bad in ["power", "power:", "power:x", "power:0", "power:-1", "power:inf", "power:NaN", "power:1:2"] {
        assert!(message(bad).starts_with("expected power:GAMMA: "), "{bad}");
    }
    for (bad, usage) in
        [("log:10", "log"), ("linear:", "linear"), ("symlog", "symlog:LIMIT"), ("symlog:0", "symlog:LIMIT")]
    {
        assert!(message(bad).starts_with(&format!("expected {usage}: ")), "{bad}");
    }
    for bad in ["", ":", "Log", "lin"] {
        assert!(message(bad).contains("no norm is called"), "{bad}");
    }
}

fn norms(center: f64) -> [Norm; 7] {
    [
        Norm::Linear,
        Norm::Log,
        Norm::Power { gamma: 0.4 },
        Norm::Power { gamma: 3.0 },
        Norm::SymLog { linthresh: 0.7 },
        Norm::TwoSlope { vcenter: center },
        Norm::Centered { vcenter: center },
    ]
}

/// Under is −1, over 256.
fn place(scale: &Scale, v: f32) -> i32 {
    match scale.lut_index(v) {
        LutIndex::Under => -1,
        LutIndex::Entry(entry) => i32::from(entry),
        LutIndex::Over => 256,
        LutIndex::Bad => unreachable!("not a NaN"),
    }
}

/// The values that a GPU may take a number for.
fn flushed(v: f32) -> f32 {
    if v.abs() < f32::MIN_POSITIVE { 0.0 } else { v }
}

#[test]
fn numbers_that_a_gpu_may_take_for_zero_are_zero() {
    let tiny = [1, 1000, 0x007f_ffff].map(f32::from_bits);
    for (vmin, vmax) in
        [(0.0, 1.0), (-1.0, 0.0), (-0.0, 3e-35), (1e-40, 1.0), (-1.0, 1e-40), (-1e-40, 1.0), (-1.0, -1e-40)]
    {
        for norm in norms(0.0) {
            let Ok(scale) = Scale::new(norm, vmin, vmax) else { continue };
            for v in tiny.iter().flat_map(|v| [*v, -v]).chain([-0.0]) {
                assert_eq!(scale.lut_index(v), scale.lut_index(0.0), "{norm} from {vmin} to {vmax}, {v}");
            }
            // And flushing the thresholds to 0 makes no difference.
            let t = scale.thresholds();
            for v in tiny.iter().flat_map(|v| [*v, -v]).chain([0.0, f32::MIN_POSITIVE, -f32::MIN_POSITIVE]) {
                for edge in t.edges.iter().chain([&t.low]) {
                    assert_eq!(v >= *edge, flushed(v) >= flushed(*edge), "{v} {edge}");
                }
                assert_eq!(v > t.high, flushed(v) > flushed(t.high), "{v} {}", t.high);
            }
        }
    }
}

#[test]
fn the_short_way_agrees_with_the_thresholds() {
    for (vmin, vmax) in [
        (-120.0, 0.0),
        (-137.3, 11.7),
        (16_777_216.0, 16_777_218.0),
        (-1.7e38, 1.7e38),
        (0.0, 2.5e-35),
        (-1.3e-35, 1.3e-35),
        (1e-38, 2.5e-35),
        (0.1, 0.1_f32.next_up()),
    ] {
        let t = *scale(vmin, vmax).thresholds();
        assert!(t.factor > 0.0 && t.edges.is_sorted());
        let check = |v: f32| {
            if v >= t.low && v <= t.high {
                assert_eq!(t.lut_index(v), LutIndex::Entry(t.search(v) as u8), "{vmin} to {vmax}, {v:e}");
            }
        };
        t.edges[1..256].iter().flat_map(|edge| [*edge, up(*edge), down(*edge)]).for_each(check);
        // Every 4093rd float.
        (0..=u32::MAX).step_by(4093).map(f32::from_bits).for_each(check);
    }
}

proptest! {
    /// The entry never decreases as the value increases, for any range.
    #[test]
    fn never_goes_down(
        vmin in -1e30f32..1e30,
        vmax in -1e30f32..1e30,
        norm in 0..7usize,
        a in any::<f32>(),
        b in any::<f32>(),
    ) {
        prop_assume!(vmin < vmax && !a.is_nan() && !b.is_nan());
        let center = 0.3 * f64::from(vmin) + 0.7 * f64::from(vmax);
        let vmin = if norms(center)[norm] == Norm::Log { vmin.abs() } else { vmin };
        let vmax = if vmin < vmax { vmax } else { 2.0 * vmin };
        let s = Scale::new(norms(center)[norm], vmin, vmax).unwrap();
        prop_assert!(s.thresholds().edges.is_sorted());
        prop_assert!(place(&s, a.min(b)) <= place(&s, a.max(b)));
    }

    /// Values in the range, where the entry is exactly that of the f64 formula.
    #[test]
    fn linear_is_its_formula(vmin in -300.0f32..300.0, range in 1e-3f32..600.0, at in 0.0f64..1.0) {
        let s = scale(vmin, vmin + range);
        let (low, high) = (f64::from(s.vmin()), f64::from(s.vmax()));
        let v = (low + at * (high - low)) as f32;
        let expected = ((f64::from(v) - low) / (high - low) * 256.0).floor().min(255.0);
        prop_assert_eq!(s.lut_index(v), LutIndex::Entry(expected as u8));
    }
}
