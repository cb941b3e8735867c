//! What the fuzzer calls, one function for each parser and one for hosts: bytes in, and a panic if a promise is broken. The
//! targets in `fuzz/` call them with a fuzzer's bytes, `main.rs` with a seeded generator's.

use std::io::Write as _;
use std::sync::OnceLock;

use ringfall::array::{Array, Axes, Component, RawLayout, Stack};
use ringfall::dsp::{Analyzer, Average, SampleKind, Settings, Window};
use ringfall::source::{
    AudioFile, Block, Channel, FileOptions, RawFile, Read, RecordingName, RowSource as _, Scan, ScanOptions,
    SigMfOptions, Source, Speed,
};
use ringfall::wgpu::{self, TextureFormat};
use ringfall::{
    Axis, Capacity, Colormap, Compute as _, Edge, History, Interpolation, Loader, LutIndex, Options, Pipelines,
    Precision, Reduce, Rows, Scale, Shading, Side, Stamp, Store as _, Target, Texel, View, Waterfall,
};

use super::input::Input;

/// A file with these bytes and this extension, gone when it is dropped.
fn file(extension: &str, bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().prefix("fuzz").suffix(extension).tempfile().expect("a temporary file");
    file.write_all(bytes).expect("a written file");
    file
}

/// A readable error: not empty, one line, and with the file's name.
fn check_error(error: &dyn std::error::Error, path: &std::path::Path) {
    let text = error.to_string();
    assert!(!text.is_empty() && text.len() < 2000 && !text.contains('\n'), "{text:?}");
    assert!(text.contains(&*path.file_name().expect("a name").to_string_lossy()), "{text:?} does not name the file");
}

/// The first and the last rows of the first and the last frame are there, and as long as they should be.
fn stack_of(stack: &Stack, path: &std::path::Path) {
    let (rows, columns) = stack.shape();
    assert!(rows > 0 && columns > 0 && stack.frames() > 0);
    for number in [0, stack.frames() - 1] {
        let array = match stack.frame(number) {
            Ok(array) => array,
            Err(error) => return check_error(&error, path),
        };
        for row in [0, rows - 1] {
            let (mut values, mut colors) = (Vec::new(), Vec::new());
            assert_eq!(array.read(row, &mut values).is_ok(), !stack.is_rgba());
            assert_eq!(array.read_rgba(row, &mut colors).is_ok(), stack.is_rgba());
            assert_eq!(values.len().max(colors.len()) as u64, columns);
        }
    }
}

/// The bytes of a PNG, JPEG, TIFF or WebP file.
pub(crate) fn image(data: &[u8]) {
    let path = std::path::Path::new("fuzz.image");
    match Stack::image_from(path, data) {
        Ok(stack) => stack_of(&stack, path),
        Err(error) => check_error(&error, path),
    }
}

/// The bytes of a `.npy` file after the first, which chooses what becomes of complex numbers.
pub(crate) fn npy(data: &[u8]) {
    let mut input = Input::new(data);
    let component = [Component::Magnitude, Component::Power][usize::from(input.byte()) % 2];
    let bytes = input.rest();
    let file = file(".npy", bytes);
    let axes = [None].into_iter().chain(Axes::NAMES.map(|(_, axes)| Some(axes)));
    for axes in axes {
        match Stack::open_npy(file.path(), component, axes) {
            Ok(stack) => stack_of(&stack, file.path()),
            Err(error) => check_error(&error, file.path()),
        }
    }
    let array = match Array::open_npy(file.path(), component) {
        Ok(array) => array,
        Err(error) => return check_error(&error, file.path()),
    };
    let layout = array.layout();
    assert!(array.rows() > 0 && array.columns() > 0);
    assert!(layout.offset + array.bytes() <= bytes.len() as u64, "cells beyond the end of the file");
    // The same cells as in a file without a header.
    let raw = Array::open_raw(file.path(), RawLayout { ..layout }, component).expect("the same layout");
    let (mut row, mut again) = (Vec::new(), Vec::new());
    for number in [0, 1, array.rows() / 2, array.rows() - 1] {
        let read = array.read(number, &mut row);
        assert_eq!(read.is_ok(), number < array.rows());
        assert_eq!(raw.read_rows(number..number + 1, &mut again).is_ok(), read.is_ok());
        assert_eq!(row.len(), if read.is_ok() { array.columns() as usize } else { 0 });
        assert!(row.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

/// The bytes of a sound file after the first two, which choose its extension and the channel.
pub(crate) fn audio(data: &[u8]) {
    let mut input = Input::new(data);
    let extension = [".wav", ".flac", ".dat", ".ogg", ".mp3"][usize::from(input.byte()) % 5];
    let channel = [Channel::Mix, Channel::One(1), Channel::One(2), Channel::Iq][usize::from(input.byte()) % 4];
    let file = file(extension, input.rest());
    let options = FileOptions { channel, speed: Speed::Max, centre_hz: None, start_ns: None };
    let mut audio = match AudioFile::open(file.path(), &options) {
        Ok(audio) => audio,
        Err(error) => return check_error(&error, file.path()),
    };
    assert!(audio.info().rate_hz >= 1.0 && audio.channels() > 0);
    read_all(&mut audio, file.path(), data.len());
}

/// Reads to the end, or far enough.
fn read_all(audio: &mut dyn Source, path: &std::path::Path, length: usize) {
    let mut block = Block::default();
    let (mut last, mut samples) = (i64::MIN, 0);
    // A file of 64 kB can promise hours; it cannot hold more than this many samples.
    for _ in 0..20_000 {
        match audio.read(&mut block) {
            Ok(Read::Samples) => {
                assert!(!block.samples.is_empty());
                assert!(block.time_ns >= last, "time runs back from {last} to {}", block.time_ns);
                last = block.time_ns;
                samples += block.samples.len();
                if samples > 1 << 20 {
                    return;
                }
            }
            Ok(Read::End) => return,
            Ok(_) => {}
            Err(error) => return check_error(&error, path),
        }
    }
    panic!("a file of {length} bytes does not end");
}

/// A power scan in CSV after the first byte, which chooses when it began.
pub(crate) fn scan(data: &[u8]) {
    let mut input = Input::new(data);
    let mut options = ScanOptions::default();
    options.start_ns = [None, Some(0), Some(i64::MIN), Some(i64::MAX)][usize::from(input.byte()) % 4];
    let file = file(".csv", input.rest());
    let mut scan = match Scan::open(file.path(), &options) {
        Ok(scan) => scan,
        Err(error) => return check_error(&error, file.path()),
    };
    let bins = scan.info().bins;
    assert!(bins > 0 && scan.info().bin_hz > 0.0 && scan.duration_ns() >= 0);
    let bits = |row: &[f32]| row.iter().map(|level| level.to_bits()).collect::<Vec<_>>();
    // Long rows are compared as far as they fit here.
    let (mut last, mut rows, most) = (i64::MIN, Vec::new(), (1 << 20) / bins + 1);
    let mut in_order = || {
        for _ in 0..1 + data.len() {
            let read = scan.read(&mut |stamp, row| {
                stamp.check().expect("a stamp that rows may have");
                assert!(row.len() == bins && stamp.time_ns >= last, "{stamp:?} after {last}");
                last = stamp.time_ns;
                if rows.len() < most {
                    rows.push((stamp, bits(row)));
                }
            });
            match read {
                Ok(Read::End) => return true,
                Ok(_) => {}
                Err(error) => {
                    check_error(&error, file.path());
                    return false;
                }
            }
        }
        panic!("a scan without an end");
    };
    let is_sound = in_order();
    let sweeps = match Scan::open(file.path(), &options).and_then(Scan::into_rows) {
        Ok(sweeps) => sweeps,
        Err(error) => {
            assert!(!is_sound, "{error}");
            return check_error(&error, file.path());
        }
    };
    let mut at = 0;
    let read = sweeps.reader().read(0..sweeps.rows().min(most as u64), &mut |row, levels| {
        if is_sound {
            let (stamp, levels_in_order) = &rows[row as usize];
            assert!(sweeps.entry(row) == Some((*stamp, bins as u32)) && bits(levels) == *levels_in_order, "row {row}");
        }
        at += 1;
        true
    });
    assert!(!is_sound || read.is_ok() && at == rows.len(), "{at} of {} rows: {read:?}", rows.len());
}

/// The metadata or the archive of a SigMF recording after the first byte, which chooses between them.
pub(crate) fn sigmf(data: &[u8]) {
    let mut input = Input::new(data);
    let archive = input.byte() % 2 == 1;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(if archive { "x.sigmf" } else { "x.sigmf-meta" });
    std::fs::write(&path, input.rest()).expect("a written file");
    std::fs::write(folder.path().join("x.sigmf-data"), [100; 4000]).expect("a written file");
    let mut options = SigMfOptions::default();
    options.speed = Speed::Max;
    let mut recording = match RawFile::open_sigmf(&path, &options) {
        Ok(recording) => recording,
        // It may be about another file, which the metadata name.
        Err(error) => {
            let text = error.to_string();
            return assert!(!text.is_empty() && text.len() < 2000 && text.contains("sigmf"), "{text:?}");
        }
    };
    let (start_ns, duration_ns) = (recording.start_ns(), recording.duration_ns());
    assert!(duration_ns >= 0 && recording.info().rate_hz >= 1.0 && recording.info().centre_hz.is_finite());
    read_all(&mut recording, &path, data.len());
    for time_ns in [i64::MIN, start_ns, start_ns.saturating_add(duration_ns / 2), i64::MAX] {
        recording.seek(time_ns).expect("a place in a file");
        read_all(&mut recording, &path, data.len());
    }
}

/// The name of a recording: whatever it tells makes sense.
pub(crate) fn file_name(data: &[u8]) {
    let told = RecordingName::parse(&String::from_utf8_lossy(data));
    assert!(told.rate_hz.is_none_or(|hz| (1.0..=1e15).contains(&hz)), "{told:?}");
    assert!(told.centre_hz.is_none_or(|hz| (0.0..=1e15).contains(&hz)), "{told:?}");
    assert!(told.start_ns.is_none_or(|ns| ns >= 0), "{told:?}");
    assert!(told.start_ns.is_some() || !told.local_time);
}

fn palette(extension: &str, data: &[u8]) {
    let file = file(extension, data);
    match ringfall::palette::load(file.path()) {
        Ok(map) => {
            assert!(map.lut().iter().all(|color| color[3] == 255));
            assert_eq!(map.color(LutIndex::Entry(255)), map.lut()[255]);
        }
        Err(error) => check_error(&error, file.path()),
    }
}

/// The text of a palette.
pub(crate) fn palette_csv(data: &[u8]) {
    palette(".csv", data);
}

/// The same as JSON.
pub(crate) fn palette_json(data: &[u8]) {
    palette(".json", data);
}

/// Words of the command line that the library reads. What is accepted is written and read again as the same.
pub(crate) fn words(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(channel) = text.parse::<Channel>() {
        assert_eq!(channel.to_string().parse::<Channel>().expect("its own text"), channel);
    }
    match text.parse::<Window>() {
        Ok(window) => {
            assert_eq!(window.to_string().parse(), Ok(window));
            assert!(window.coefficients(64).iter().all(|w| w.is_finite()), "{window}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Ok(average) = text.parse::<Average>() {
        assert_eq!(average.to_string().parse(), Ok(average));
        assert!(average.spectra_per_row() > 0);
    }
    match Colormap::named(&text) {
        Ok(map) => assert_eq!(map.reversed().reversed().lut(), map.lut()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Ranges, values and colours.
pub(crate) fn scale(data: &[u8]) {
    let mut input = Input::new(data);
    let (vmin, vmax) = (input.value(), input.value());
    let colors: Vec<[u8; 3]> = (0..input.below(300)).map(|_| [input.byte(), input.byte(), input.byte()]).collect();
    let map = Colormap::from_colors("fuzz", &colors);
    assert_eq!(map.is_ok(), (2..=256).contains(&colors.len()));
    let Ok(scale) = Scale::linear(vmin, vmax) else {
        let fine = vmin.is_finite() && vmax.is_finite() && vmin < vmax && (1e-30..1e38).contains(&(vmax - vmin));
        assert!(!fine, "{vmin} to {vmax} is refused");
        return;
    };
    assert!(vmin < vmax && (scale.vmin(), scale.vmax()) == (vmin, vmax));
    let mut values: Vec<f32> = (0..64).map(|_| input.value()).chain([vmin, vmax]).collect();
    let place = |value: f32| match scale.lut_index(value) {
        LutIndex::Under => -1,
        LutIndex::Entry(entry) => i32::from(entry),
        LutIndex::Over => 256,
        LutIndex::Bad => panic!("{value} is bad"),
    };
    assert!(values.iter().filter(|v| v.is_nan()).all(|v| scale.lut_index(*v) == LutIndex::Bad));
    let map = map.unwrap_or_default();
    let mut out = vec![0; 4 * values.len()];
    map.rgba_u8(&scale, &values, &mut out).expect("room for all");
    assert!(map.rgba_u8(&scale, &values, &mut out[1..]).is_err());
    values.retain(|v| !v.is_nan());
    values.sort_by(f32::total_cmp);
    assert!(values.windows(2).all(|v| place(v[0]) <= place(v[1])), "{scale:?} is not monotonic on {values:?}");
    // An end that counts as 0 may be beyond the range.
    let (under, over) =
        ((0.0..f32::MIN_POSITIVE).contains(&vmin) && vmin != 0.0, vmax < 0.0 && vmax > -f32::MIN_POSITIVE);
    assert_eq!((place(vmin), place(vmax)), (if under { -1 } else { 0 }, if over { 256 } else { 255 }));
}

/// Settings of an analysis, and samples of any kind in pieces of any length.
pub(crate) fn analysis(data: &[u8]) {
    let mut input = Input::new(data);
    let kind = input.pick(&[SampleKind::Real, SampleKind::Complex]);
    let window = match input.below(6) {
        0 => Window::Kaiser(input.number()),
        1 => Window::Rectangular,
        2 => Window::Hamming,
        3 => Window::BlackmanHarris,
        4 => Window::FlatTop,
        _ => Window::Hann,
    };
    let average = match input.below(4) {
        0 => Average::Mean(input.below(5) as u32),
        1 => Average::Max(input.below(5) as u32),
        2 => Average::Exponential(input.number()),
        _ => Average::None,
    };
    let size = input.below(300) as usize;
    let hop = if input.below(20) == 0 { input.word() as usize } else { input.below(300) as usize };
    let band_hz = (input.below(3) == 0).then(|| (input.number(), input.number()));
    let (rate_hz, centre_hz) = (input.number(), input.number());
    let settings = Settings { size, hop, window, average, band_hz };
    let Ok(mut analyzer) = Analyzer::new(rate_hz, kind, centre_hz, &settings) else {
        assert!(settings.validate(rate_hz, kind, centre_hz).is_err());
        return;
    };
    assert_eq!(settings.validate(rate_hz, kind, centre_hz), Ok(()));
    let bins = analyzer.bins();
    assert!(bins >= 1 && bins <= size && analyzer.rbw_hz() > 0.0 && analyzer.row_duration_ns() > 0.0);
    for _ in 0..8 {
        let samples = input.row(600);
        analyzer.feed(&samples, |_, row| assert_eq!(row.len(), bins));
        if input.below(8) == 0 {
            analyzer.reset();
        }
    }
}

fn stamp(input: &mut Input<'_>, hostile: bool) -> Stamp {
    if hostile && input.below(3) == 0 {
        Stamp { time_ns: input.time(), duration_ns: input.number(), first_hz: input.number(), bin_hz: input.number() }
    } else {
        let time_ns = input.below(10_000) as i64 * 1_000_000;
        Stamp { time_ns, duration_ns: 1e6, first_hz: input.below(100) as f64, bin_hz: 1.0 + input.below(3) as f64 }
    }
}

/// Rows of any kind into a history, and all that it can give back.
pub(crate) fn rows(data: &[u8]) {
    let mut input = Input::new(data);
    let depth = input.pick(&[Precision::F16, Precision::F32]);
    let budget = [1 << 10, 1 << 14, 1 << 18][input.below(3) as usize];
    let mut history = History::new(budget, depth);
    let (mut pushed, mut out) = (0, Vec::new());
    for _ in 0..400 {
        if input.is_empty() {
            break;
        }
        let (stamp, row) = (stamp(&mut input, true), input.row(40));
        for _ in 0..1 + input.below(6) {
            match history.push(stamp, &row) {
                Ok(()) => pushed += 1,
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
        assert_eq!(history.pushed(), pushed);
        if input.below(8) != 0 {
            continue;
        }
        for level in 0..history.levels() {
            let range = history.range(level);
            assert!(range.start <= range.end);
            let mut last = i64::MIN;
            for row in range.clone() {
                let (stamp, bins) = history.stamp(level, row).expect("a row in the range has a stamp");
                // Rows come in the order of their middles.
                let middle = stamp.time_ns.saturating_add((0.5 * stamp.duration_ns) as i64);
                assert!(middle >= last || level > 0, "row {row}: time runs back from {last} to {middle}");
                last = middle;
                for reduce in [Reduce::Max, Reduce::Mean, Reduce::Min] {
                    history.read(level, row, reduce, &mut out).expect("a row in the range");
                    assert_eq!(out.len(), bins as usize, "level {level}, row {row}");
                }
            }
            assert_eq!(history.stamp(level, range.end), None);
            let time = input.time();
            assert!((range.start..=range.end).contains(&history.first_from(level, time)));
        }
    }
}

/// A device of wgpu's noop backend: it validates and draws nothing. An error panics, because wgpu's errors are not caught.
fn noop() -> &'static (wgpu::Device, wgpu::Queue, Pipelines) {
    static GPU: OnceLock<(wgpu::Device, wgpu::Queue, Pipelines)> = OnceLock::new();
    GPU.get_or_init(|| {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::NOOP;
        descriptor.backend_options.noop.enable = true;
        let instance = wgpu::Instance::new(descriptor);
        let adapter = pollster::block_on(instance.request_adapter(&Default::default())).expect("the noop adapter");
        let limits = wgpu::Limits { max_bind_groups: 2, ..wgpu::Limits::downlevel_webgl2_defaults() };
        let descriptor = wgpu::DeviceDescriptor { required_limits: limits, ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).expect("a device");
        let pipelines = Pipelines::new(&device);
        (device, queue, pipelines)
    })
}

fn view(input: &mut Input<'_>, hostile: bool) -> View {
    let wild = |input: &mut Input<'_>| hostile && input.below(3) == 0;
    let span_hz = match input.below(3) {
        0 => None,
        _ if wild(input) => Some((input.number(), input.number())),
        _ => {
            let low = input.below(100) as f64;
            Some((low, low + 0.1 + input.below(200) as f64))
        }
    };
    let line_ns = match input.below(3) {
        0 => None,
        _ if wild(input) => Some(input.number()),
        _ => Some(1e5 + input.below(1000) as f64 * 1e5),
    };
    let edge = match input.below(3) {
        0 | 1 => Edge::Follow,
        _ if wild(input) => Edge::At(input.time()),
        _ => Edge::At(input.below(10_000) as i64 * 1_000_000),
    };
    let reduce = input.pick(&[Reduce::Max, Reduce::Mean, Reduce::Min]);
    let interpolation = input.pick(&[Interpolation::Nearest, Interpolation::Linear]);
    let axis = input.pick(&[Axis::Linear, Axis::Log, Axis::Mel]);
    View::default().span_hz(span_hz).line_ns(line_ns).edge(edge).reduce(reduce).interpolation(interpolation).axis(axis)
}

/// A host that does what it likes, in any order. One that is `hostile` has stamps and views of any kind, the others stay among
/// ordinary times and frequencies.
pub(crate) fn host(data: &[u8], hostile: bool) {
    let (device, queue, pipelines) = noop();
    let mut input = Input::new(data);
    let side = |input: &mut Input<'_>| 1 + input.below(40) as u32;
    let texels = [Texel::F16, Texel::F32, Texel::U8 { zero: -128.0, step: 0.5 }];
    let sides = [Side::Top, Side::Bottom, Side::Left, Side::Right];
    let mut options = Options::default()
        .bins(side(&mut input))
        .capacity(Capacity::Rows(side(&mut input)))
        .texel(input.pick(&texels))
        .newest_side(input.pick(&sides))
        .width(side(&mut input))
        .height(side(&mut input))
        .shading(input.pick(&[Shading::Gpu, Shading::Cpu, Shading::Auto]));
    options.keep_rows = input.below(2) == 0;
    if hostile && input.below(10) == 0 {
        options.bins = input.word() as u32;
        options.texel = Texel::U8 { zero: input.value(), step: input.value() };
        options.capacity = Capacity::Bytes(input.word() % (1 << 24));
        options.width = input.pick(&[0, 1, 2048, 2049, u32::MAX]);
    }
    let target = Target::new(input.pick(&[TextureFormat::Rgba8Unorm, TextureFormat::Bgra8UnormSrgb]));
    let Ok(mut fall) = Waterfall::new(device, pipelines, &target, &options) else { return };
    let mut history = History::new(1 << 16, Precision::F16);
    let mut loader = Loader::new(View::default()).expect("a view");
    let mut loading = false;
    for _ in 0..60 {
        if input.is_empty() {
            break;
        }
        match input.below(12) {
            0..=3 => {
                let (stamp, row) = (stamp(&mut input, hostile), input.row(u64::from(options.bins.min(40)) + 2));
                if loading {
                    let _ = history.push(stamp, &row);
                } else {
                    let _ = fall.push(stamp, &row);
                }
            }
            4 => {
                let view = view(&mut input, hostile);
                let before = fall.view();
                if loading {
                    let _ = loader.set_view(view);
                } else if fall.set_view(view).is_err() {
                    // A NaN is not equal to itself, but then it was refused.
                    assert_eq!(fall.view(), before);
                }
            }
            5 => {
                if let Ok(scale) = Scale::linear(input.value(), input.value()) {
                    fall.set_scale(scale);
                }
            }
            6 => {
                let (width, height) = if hostile && input.below(8) == 0 {
                    (input.pick(&[0, 1, 2048, 2049]), input.pick(&[0, 1, 2, u32::MAX]))
                } else {
                    (side(&mut input), side(&mut input))
                };
                let before = fall.size();
                match fall.set_size(device, width, height) {
                    Ok(()) => assert_eq!(fall.size(), (width, height)),
                    Err(_) => assert_eq!(fall.size(), before),
                }
            }
            7 => match input.below(4) {
                0 => fall.clear(),
                1 => fall.set_newest_side(input.pick(&sides)),
                2 => fall.set_colormap(&Colormap::named("grey").expect("a colormap")),
                _ => loading = !loading,
            },
            8 => {
                if let Ok(reader) = fall.canvas() {
                    let (width, height) = reader.size();
                    let (x, y) = (input.below(50) as u32, input.below(50) as u32);
                    let reading = reader.value_at(x, y);
                    assert!(reading.is_none() || (x < width && y < height));
                    let mut values = vec![0.0; (width * height) as usize];
                    reader.values(&mut values).expect("room for all");
                    if let Some(reading) = reading {
                        let same = values[(y * width + x) as usize];
                        let equal = reading.value == same || reading.value.is_nan() && same.is_nan();
                        assert!(equal, "{} at a point, {same} in the picture", reading.value);
                    }
                }
            }
            _ => {
                if loading {
                    let _ = loader.update(&mut fall, &history);
                }
                let mut encoder = device.create_command_encoder(&Default::default());
                let prepared = fall.prepare(device, queue, &mut encoder);
                assert!(prepared.is_ok(), "{prepared:?}");
                queue.submit([encoder.finish()]);
                assert!(!fall.is_stale());
            }
        }
    }
}

/// A stream of OpenIGTLink messages, in pieces whose size the first byte chooses. Bodies are also read as what they may be,
/// whatever their checksum.
pub(crate) fn igtl(data: &[u8]) {
    use ringfall::source::igtl::{Assembler, Image, Message, StatusContent, answer, crc64};
    let mut input = Input::new(data);
    let piece = 1 + usize::from(input.byte());
    let mut assembler = Assembler::new(1 << 20, |header| header.kind != "STRING");
    for mut bytes in input.rest().chunks(piece) {
        let before = bytes.len();
        loop {
            let (mut header, body) = match assembler.take(&mut bytes) {
                Ok(Some(message)) => message,
                Ok(None) => break,
                Err(error) => {
                    let text = error.to_string();
                    assert!(!text.is_empty() && text.len() < 500 && !text.contains('\n'), "{text:?}");
                    return;
                }
            };
            assert!(body.len() <= data.len() && before >= bytes.len());
            header.crc = crc64(body);
            let Ok(message) = Message::decode(&header, body) else { continue };
            assert!(message.content.len() <= body.len());
            if let Some(answer) = answer(&message) {
                assert!(answer.encode().is_ok(), "{answer:?}");
            }
            if let Ok(status) = StatusContent::decode(&message.content) {
                assert!(status.text.len() <= 3 * message.content.len());
            }
            if let Ok(image) = Image::decode(&message.content) {
                let layout = image.rows();
                let mut values = Vec::new();
                (0..layout.rows).for_each(|row| image.row(row, &mut values));
                assert_eq!(values.len(), layout.rows * layout.count * usize::from(image.components));
                assert!(layout.first + layout.count <= layout.bins);
                assert_eq!(Image::decode(&image.encode()).map(|image| image.rows()), Ok(layout));
            }
        }
        assert!(bytes.is_empty());
    }
}

/// What a ZeroMQ publisher sends, in pieces whose size the first byte chooses, after a good beginning if the second is odd; and
/// the frames as GNU Radio's tags.
pub(crate) fn zmtp(data: &[u8]) {
    use ringfall::source::network::tags::{Decoded, MOST_BYTES, Tags};
    use ringfall::source::network::zmtp::{Decoder, Event, greeting};
    let mut input = Input::new(data);
    let piece = 1 + usize::from(input.byte());
    let mut stream = Vec::new();
    if input.byte() & 1 == 1 {
        stream.extend(greeting());
        stream.extend(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB");
    }
    stream.extend_from_slice(input.rest());
    let mut decoder = Decoder::new();
    let (mut frame, mut taken) = (Vec::new(), 0);
    for mut bytes in stream.chunks(piece) {
        loop {
            let event = match decoder.take(&mut bytes) {
                Ok(Some(event)) => event,
                Ok(None) => break,
                Err(error) => {
                    let text = error.to_string();
                    assert!(text.starts_with("expected ") && text.len() < 20_000 && !text.contains('\n'), "{text:?}");
                    return;
                }
            };
            match event {
                Event::Content { offset, bytes, end, .. } => {
                    assert_eq!(offset, frame.len() as u64);
                    frame.extend_from_slice(bytes);
                    taken += bytes.len();
                    if end {
                        tags_of(&frame);
                        frame.clear();
                    }
                }
                Event::Ping => assert!(decoder.pong().len() <= 23),
                _ => {}
            }
        }
        assert!(bytes.is_empty());
    }
    assert!(taken <= stream.len());

    fn tags_of(bytes: &[u8]) {
        match Tags::decode(bytes) {
            Decoded::Some(tags, length) => {
                assert!(length <= bytes.len());
                // What is complete is so whatever follows, and nothing shorter is.
                let shorter = Tags::decode(&bytes[..length - 1]);
                assert!(matches!(shorter, Decoded::More), "{tags:?}");
            }
            Decoded::More => assert!(bytes.len() < MOST_BYTES),
            _ => {}
        }
    }
}

/// The tags of GNU Radio alone, the header of a shared ring, and an address.
pub(crate) fn stream_heads(data: &[u8]) {
    use ringfall::source::SharedRingHeader;
    use ringfall::source::network::tags::Tags;
    use ringfall::source::network::{PeerAddress, RtlTcpGreeting};
    let _ = Tags::decode(data);
    match SharedRingHeader::decode(data) {
        Ok(header) => {
            assert!(header.rate_hz >= 1.0 && header.centre_hz.is_finite() && header.done <= header.begun);
            assert!(header.ring_bytes.is_multiple_of(header.format.sample_bytes() as u64));
        }
        Err((field, expected, got)) => assert!(!field.is_empty() && !expected.is_empty() && got.len() < 200, "{got}"),
    }
    if let Some(greeting) = data.first_chunk().and_then(RtlTcpGreeting::decode) {
        let gains = greeting.gains_tenths().unwrap_or_default();
        assert!(gains.is_sorted());
    }
    if let Ok(text) = std::str::from_utf8(data) {
        match text.parse::<PeerAddress>() {
            Ok(address) => assert_eq!(address.to_string().parse::<PeerAddress>().ok(), Some(address), "{text:?}"),
            Err(error) => assert!(error.to_string().contains("expected"), "{error}"),
        }
    }
}

/// What a reader says to a publisher: the first byte chooses the protocol, the second the size of the pieces, and the third whether a good
/// beginning precedes the rest.
pub(crate) fn publish(data: &[u8]) {
    use ringfall::publish::{PublishProtocol, hear};
    let mut input = Input::new(data);
    let protocol = [PublishProtocol::Igtl, PublishProtocol::Zmq, PublishProtocol::WebSocket];
    let protocol = protocol[usize::from(input.byte()) % 3];
    let piece = 1 + usize::from(input.byte());
    let mut stream = Vec::new();
    if input.byte() & 1 == 1 {
        match protocol {
            PublishProtocol::Zmq => {
                stream.extend(ringfall::source::network::zmtp::greeting());
                stream.extend(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03SUB");
            }
            PublishProtocol::WebSocket => stream.extend(
                b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                  Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            ),
            _ => {}
        }
    }
    stream.extend_from_slice(input.rest());
    match hear(protocol, stream.chunks(piece)) {
        // A page, or an answer to each of the few messages that fit.
        Ok((_, answer)) => assert!(answer.len() < 16_000 + 200 * stream.len(), "{} bytes", answer.len()),
        Err(error) => {
            assert!(!error.is_empty() && error.len() < 20_000 && !error.contains('\n'), "{error:?}");
        }
    }
}

/// What a peer sends: the first byte chooses the protocol, the second the size of the pieces.
pub(crate) fn peer(data: &[u8]) {
    use ringfall::source::network::{Protocol, hear};
    let mut input = Input::new(data);
    let protocol = [Protocol::RtlTcp, Protocol::SpyServer, Protocol::Zmq][usize::from(input.byte()) % 3];
    let piece = 1 + usize::from(input.byte());
    match hear(protocol, input.rest().chunks(piece)) {
        Ok((times, answer)) => {
            assert!(times.is_sorted(), "time runs back: {times:?}");
            assert!(answer.len() < 1000 + data.len(), "{} bytes", answer.len());
        }
        Err(error) => {
            assert!(!error.is_empty() && error.len() < 20_000 && !error.contains('\n'), "{error:?}");
        }
    }
}

/// What `ffmpeg` writes: pictures in PAM. All that are complete are shown, and can be read as far as they go.
pub(crate) fn pictures(data: &[u8]) {
    use ringfall::source::{LiveFrames, hear_pictures};
    let frames = LiveFrames::default();
    if let Err(error) = hear_pictures(data, &frames) {
        let text = error.to_string();
        assert!(!text.is_empty() && text.len() < 3000 && !text.contains('\n'), "{text:?}");
    }
    let (mut values, mut colors) = (Vec::new(), Vec::new());
    let mut bytes = 0;
    for number in frames.range() {
        let frame = frames.frame(number).expect("a frame that is kept");
        let layout = frame.layout();
        bytes += layout.rows * layout.columns * layout.components;
        for row in [0, layout.rows as u64 / 2, layout.rows as u64 - 1, layout.rows as u64] {
            let is_there = row < layout.rows as u64;
            let read = frame.read(0, row, Reduce::Max, &mut values);
            assert_eq!(read.is_ok(), is_there && !layout.is_rgba());
            let read = frame.read_rgba(0, row, Reduce::Max, &mut colors);
            assert_eq!(read.is_ok(), is_there && layout.is_rgba());
            assert_eq!(values.len().max(colors.len()), if is_there { layout.columns } else { 0 });
        }
    }
    assert!(bytes <= data.len(), "{bytes} bytes of cells in {}", data.len());
}

/// The identity of the file of saved blocks that [`saved`] reads, and its blocks, rows and bins.
pub(crate) const SAVED: (&str, u64, (u64, u32)) = ("how\n100 bytes, 5 ns", 3, (4, 5));

/// A file of saved blocks, without its checksum, which is made good here.
pub(crate) fn saved(data: &[u8]) {
    let (identity, blocks, shape) = SAVED;
    let whole = [data, &crc32fast::hash(data).to_le_bytes()].concat();
    for bytes in [data, &whole] {
        match ringfall::Saved::check(bytes, identity, blocks, shape) {
            Ok(count) => assert_eq!(count as u64, blocks),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}
