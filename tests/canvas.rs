//! Values read back on the CPU against the GPU's picture, and against figures worked out by hand.

mod common;

use common::{Picture, Random, gpu, scene};
use ringfall::{Canvas, Capacity, Colormap, Error, Interpolation, Options, Reduce, Scale, Shading, Side, Stamp, Texel};

fn picture(reader: &Canvas) -> Picture {
    let (width, height) = reader.size();
    let mut bytes = vec![0; (width * height * 4) as usize];
    reader.rgba_u8(&mut bytes).expect("the length");
    Picture { width, height, rgba: bytes.as_chunks().0.to_vec() }
}

fn values(reader: &Canvas) -> Vec<f32> {
    let (width, height) = reader.size();
    let mut values = vec![0.0; (width * height) as usize];
    reader.values(&mut values).expect("the length");
    values
}

#[test]
fn random_views_read_back_as_the_gpu_shows_them() {
    let gpu = gpu();
    let mut random = Random(21);
    let texels = [Texel::F16, Texel::F32, Texel::U8 { zero: -128.0, step: 0.5 }];
    for round in 0..60 {
        let bins = 1 + random.below(300) as u32;
        let options = Options::default()
            .bins(bins)
            .capacity(Capacity::Rows(1 + random.below(200) as u32))
            .texel(texels[round % 3])
            .width(1 + random.below(70) as u32)
            .height(1 + random.below(50) as u32)
            .newest_side([Side::Top, Side::Bottom, Side::Left, Side::Right][random.below(4) as usize])
            .keep_rows(true)
            .shading(ringfall::Shading::Gpu);
        let mut fall = gpu.waterfall(&options);
        let mut stamp = scene::first_stamp();
        let scale = Scale::linear(-101.3, -7.1).expect("a range");
        fall.set_scale(scale);
        for _ in 0..4 {
            for _ in 0..random.below(120) {
                let len = if random.below(10) == 0 { 1 + random.below(u64::from(bins)) } else { u64::from(bins) };
                fall.push(stamp, &random.row(len as usize)).expect("a row");
                scene::step(&mut random, &mut stamp);
            }
            let view = scene::view(&mut random, stamp);
            fall.set_view(view).expect("a view");
            let exact = view.reduce != Reduce::Mean && view.interpolation == Interpolation::Nearest;
            let want = gpu.copy(&mut fall);
            let reader = fall.canvas().expect("rows are kept");
            let what = format!("round {round}: {options:?}, {view:?}");
            // A mean or a value in between may fall on either side of a boundary between two colours.
            picture(reader).assert_near(&want, if exact { 0 } else { 3 }, &what);
            let values = values(reader);
            if exact && !matches!(options.texel, Texel::U8 { .. }) {
                // The values through the public lookup are the picture too.
                let mut bytes = vec![0; values.len() * 4];
                fall.colormap().rgba_u8(&fall.scale(), &values, &mut bytes).expect("the length");
                assert!(want.rgba.iter().flatten().eq(&bytes), "{what}");
            }
            for _ in 0..20 {
                let (x, y) = (random.below(options.width.into()) as u32, random.below(options.height.into()) as u32);
                let got = reader.value_at(x, y).expect("within the picture").value;
                let want = values[(y * options.width + x) as usize];
                assert!(got == want || got.is_nan() && want.is_nan(), "{what}, {x}, {y}: {got}, not {want}");
            }
        }
    }
}

#[test]
fn values_frequencies_and_times_by_hand() {
    let gpu = gpu();
    // Ten bins of 100 Hz centred on 1000, 1100, ... Hz on ten pixels; rows of 20 ms, one a line, newest at the top.
    let options = Options::default().bins(10).capacity(Capacity::Rows(4)).width(10).height(5).keep_rows(true);
    for (newest, pixel) in [(Side::Top, (3, 1)), (Side::Bottom, (3, 3)), (Side::Left, (1, 6)), (Side::Right, (3, 6))] {
        let sideways = matches!(newest, Side::Left | Side::Right);
        let (width, height) = if sideways { (5, 10) } else { (10, 5) };
        let mut fall = gpu.waterfall(&options.newest_side(newest).width(width).height(height));
        assert_eq!(fall.canvas().expect("kept").rows(), 0..0);
        assert!(values(fall.canvas().expect("kept")).iter().all(|v| v.is_nan()));
        for i in 0..6 {
            let stamp =
                Stamp { time_ns: 5_000_000_000 + i * 20_000_000, duration_ns: 2e7, first_hz: 1e3, bin_hz: 100.0 };
            let row: Vec<f32> = (0..10).map(|k| -(10 * i + k) as f32).collect();
            fall.push(stamp, &row).expect("a row");
        }
        let reader = fall.canvas().expect("kept");
        // The second newest row is row 4, the fourth bin is 3.
        let reading = reader.value_at(pixel.0, pixel.1).expect("within the picture");
        assert_eq!(reading.value, -43.0, "{newest:?}");
        assert!((reading.hz - 1300.0).abs() < 1e-6, "{newest:?}: {}", reading.hz);
        assert_eq!(reading.time_ns, 5_000_000_000 + 4 * 20_000_000 + 10_000_000, "{newest:?}");
        assert_eq!(reader.value_at(width, 0), None);
        assert_eq!(reader.value_at(0, height), None);
        // Four rows are resident, so the fifth line is empty.
        let oldest = match newest {
            Side::Top => (2, 4),
            Side::Bottom => (2, 0),
            Side::Left => (4, 2),
            _ => (0, 2),
        };
        assert!(reader.value_at(oldest.0, oldest.1).expect("within").value.is_nan(), "{newest:?}");
        assert_eq!(reader.rows(), 2..6);
        let mut row = Vec::new();
        let stamp = reader.row(3, &mut row).expect("resident");
        assert_eq!(stamp.time_ns, 5_060_000_000);
        assert_eq!(row, (0..10).map(|k| -(30 + k) as f32).collect::<Vec<_>>());
        for gone in [0, 1, 6] {
            assert_eq!(reader.row(gone, &mut row), None);
            assert!(row.is_empty());
        }
    }
}

#[test]
fn refusals() {
    let gpu = gpu();
    let options = Options::default().bins(4).width(3).height(2).capacity(Capacity::Rows(8));
    for shading in [Shading::Gpu, Shading::Cpu] {
        let fall = gpu.waterfall(&options.shading(shading));
        assert_eq!(fall.canvas().map(|_| ()), Err(Error::NotKept));
    }
    let fall = gpu.waterfall(&options.keep_rows(true));
    let reader = fall.canvas().expect("rows are kept");
    assert_eq!(reader.rgba_u8(&mut [0; 25]), Err(Error::OutputLength { expected: 24, got: 25 }));
    assert_eq!(reader.values(&mut [0.0; 5]), Err(Error::OutputLength { expected: 6, got: 5 }));
}

#[test]
fn colours_as_floats_are_the_bytes() {
    let map = Colormap::named("inferno").expect("a name");
    let scale = Scale::linear(-90.0, -10.0).expect("a range");
    let values = [-100.0, -90.0, -50.0, -10.0, 0.0, f32::NAN];
    let (mut bytes, mut floats) = ([0; 24], [0.0; 24]);
    map.rgba_u8(&scale, &values, &mut bytes).expect("the length");
    map.rgba_f32(&scale, &values, &mut floats).expect("the length");
    for (byte, float) in bytes.iter().zip(floats) {
        assert_eq!(float, f32::from(*byte) / 255.0);
    }
    assert!(map.rgba_f32(&scale, &values, &mut floats[..23]).is_err());
}
