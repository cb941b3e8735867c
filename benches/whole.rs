//! Files of any size at once: the time to the first picture of all of it, to the exact one, and of zooms. Run with `cargo bench
//! --bench whole`, or `cargo bench --bench whole -- FILE…` for files of your own. Sparse files are made where there are none.
//!
//! It prints a table. Peak memory is that of the process so far (`VmHWM`), so files come in ascending order of size.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringfall::array::{Array, Component, Dtype, Order, RawLayout};
use ringfall::dsp::Settings;
use ringfall::source::{AudioFile, FileOptions, RawFile, RawFileOptions, Recording};
use ringfall::{Canvas, Capacity, Compute, Computed, ComputedOptions, Edge, Loader, Options, Precision, Reduce, View};

const SIZE: (u32, u32) = (1920, 1080);
const VIEWS: usize = 50;
const LONG: Duration = Duration::from_secs(600);

fn main() {
    let given: Vec<PathBuf> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).map(PathBuf::from).collect();
    println!(
        "file | open | first pass | on show exact | all | GB/s | zooms (first pass, exact), ms | 50 random views: \
         median, 90 %, longest, ms | peak MB"
    );
    if !given.is_empty() {
        given.iter().for_each(|path| measure(path));
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in
        [("4gb.cs16", 4_u64 << 30), ("4gb.f32array", 4 << 30), ("100gb.cf32", 100 << 30), ("100gb.f32array", 100 << 30)]
    {
        let path = folder.path().join(name);
        File::create(&path).and_then(|file| file.set_len(bytes)).expect("a sparse file");
        measure(&path);
    }
}

/// SplitMix64, as numbers from 0 to 1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / u64::MAX as f64
    }
}

fn open(path: &Path) -> Arc<dyn Compute> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let settings =
        |rate: f64| Settings { size: 4096, hop: ((rate / 40.0) as usize).clamp(64, 2048), ..Settings::default() };
    match extension {
        "npy" => Arc::new(Array::open_npy(path, Component::Magnitude).expect("an array")),
        "f32array" => {
            let rows = fs::metadata(path).expect("a file").len() / (4096 * 4);
            let layout = RawLayout { dtype: Dtype::F32, shape: (rows, 4096), offset: 0, order: Order::C };
            Arc::new(Array::open_raw(path, layout, Component::Magnitude).expect("an array"))
        }
        "wav" => {
            let pcm = AudioFile::pcm(path, &FileOptions::default()).expect("a file").expect("PCM");
            Arc::new(Recording::new(Arc::new(pcm), &settings(48_000.0)).expect("settings"))
        }
        format => {
            let options = RawFileOptions::new(format.parse().expect("a format"), 20e6);
            let pcm = RawFile::open(path, &options).and_then(RawFile::into_pcm).expect("a file");
            Arc::new(Recording::new(Arc::new(pcm), &settings(20e6)).expect("settings"))
        }
    }
}

fn measure(path: &Path) {
    let start = Instant::now();
    let compute = open(path);
    let rows = compute.rows();
    let (first, bins) = compute.entry(0).expect("a row");
    let (last, _) = compute.entry(rows - 1).expect("a row");
    let all = Computed::new(compute, &ComputedOptions::default().precision(Precision::F16), Box::new(|| {}))
        .expect("threads");
    let options = Options::default().bins(bins).capacity(Capacity::Bytes(64 << 20)).size(SIZE.0, SIZE.1);
    let mut canvas = Canvas::new(&options).expect("a canvas");
    let mut picture = vec![0; 4 * (SIZE.0 * SIZE.1) as usize];
    let opened = start.elapsed();

    let (begin, end) = (first.time_ns, last.end_ns());
    let whole_ns = (end - begin) as f64 / f64::from(SIZE.1 - 1);
    let mut loader = Loader::new(View::default().line_ns(whole_ns).reduce(Reduce::Max)).expect("a view");
    let mut draw = |view: View, exact: bool| {
        let start = Instant::now();
        loader.set_view(view).expect("a view");
        loader.update_canvas(&mut canvas, &all).expect("an update");
        assert!(all.wait(|progress| if exact { progress.shown } else { progress.sketched }, LONG));
        loader.update_canvas(&mut canvas, &all).expect("an update");
        canvas.rgba_u8(&mut picture).expect("the size");
        start.elapsed()
    };
    let view = View::default().line_ns(whole_ns);
    let sketched = opened + draw(view, false);
    // Zooms into the middle, from a tenth of the file down to a hundredth of a row a line.
    let middle = begin + (end - begin) / 2;
    let mut zooms = Vec::new();
    let mut line_ns = whole_ns / 10.0;
    while line_ns > first.duration_ns / 100.0 {
        let view = View::default().line_ns(line_ns).edge(Edge::At(middle));
        let coarse = draw(view, false).as_millis();
        // An exact picture of much takes as long as reading it.
        let exact =
            if line_ns < 300.0 * first.duration_ns { draw(view, true).as_millis().to_string() } else { "-".into() };
        zooms.push(format!("{coarse}/{exact}"));
        line_ns /= 10.0;
    }
    // Views of any place and any zoom, in turn: the first pass, as far as the canvas.
    let mut random = Random(5);
    let mut views: Vec<f64> = (0..VIEWS)
        .map(|_| {
            let line_ns = whole_ns * (first.duration_ns / 100.0 / whole_ns).powf(random.next());
            let spare_ns = ((end - begin) as f64 - line_ns * f64::from(SIZE.1)).max(0.0);
            let edge = end - (spare_ns * random.next()) as i64;
            1e3 * draw(View::default().line_ns(line_ns).edge(Edge::At(edge)), false).as_secs_f64()
        })
        .collect();
    views.sort_by(f64::total_cmp);
    let bytes = fs::metadata(path).expect("a file").len();
    let exact = (bytes < 20_000_000_000).then(|| {
        let start = Instant::now();
        draw(view, true);
        let shown = start.elapsed();
        all.wait(|progress| progress.all == 1.0, LONG);
        (shown, start.elapsed())
    });
    let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
    let (shown, done) = exact.map_or(("-".into(), "-".into()), |(shown, done)| (seconds(shown), seconds(done)));
    let speed = exact.map_or("-".into(), |(_, done)| format!("{:.2}", bytes as f64 / 1e9 / done.as_secs_f64()));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    println!(
        "{name}, {rows} rows | {} | {} | {shown} | {done} | {speed} | {} | {:.0} {:.0} {:.0} | {}",
        seconds(opened),
        seconds(sketched),
        zooms.join(" "),
        views[VIEWS / 2],
        views[VIEWS * 9 / 10],
        views[VIEWS - 1],
        peak_mb()
    );
}

/// Peak memory of this process, where Linux tells.
fn peak_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()).map_or(0, |kib| kib / 1024)
}
