//! Compressed sound in any order, against the same file decoded from its beginning.
#![cfg(feature = "audio-files")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ringfall::source::{AudioFile, Block, Channel, CodedSamples, FileOptions, Read, Samples, Source, Speed};

fn options(channel: Channel) -> FileOptions {
    FileOptions { channel, speed: Speed::Max, ..FileOptions::default() }
}

fn coded(path: &Path, channel: Channel) -> CodedSamples {
    AudioFile::coded(path, &options(channel)).expect("a file").expect("a coded file")
}

/// All samples in order, each at its place; what is missing is NaN.
fn in_order(path: &Path, channel: Channel) -> Vec<f32> {
    let mut file = AudioFile::open(path, &options(channel)).expect("a file");
    let (rate_hz, start_ns, width) = (file.info().rate_hz, file.start_ns(), file.info().kind.values_per_sample());
    let (mut block, mut all, mut first) = (Block::default(), Vec::new(), None);
    loop {
        match file.read(&mut block).expect("samples") {
            Read::Samples => {
                let at = ((block.time_ns - start_ns) as f64 * 1e-9 * rate_hz).round() as usize * width;
                let first = *first.get_or_insert(at);
                all.resize(at - first, f32::NAN);
                all.extend_from_slice(&block.samples);
            }
            Read::End => return all,
            other => panic!("{other:?}"),
        }
    }
}

fn bits(samples: &[f32]) -> Vec<u32> {
    // All kinds of NaN are the same here.
    samples.iter().map(|sample| if sample.is_nan() { u32::MAX } else { sample.to_bits() }).collect()
}

/// The same to the bit.
fn assert_bits(got: &[f32], want: &[f32], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    let (got_bits, want_bits) = (bits(got), bits(want));
    if let Some(n) = (0..want.len()).find(|n| got_bits[*n] != want_bits[*n]) {
        panic!("{what}: sample {n}: got {}, expected {}", got[n], want[n]);
    }
}

/// A simple generator of pseudo-random numbers (MMIX).
fn random(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below.max(1)
    }
}

/// Reads at the first and the last sample, at many places in no order, and all of it one piece after the other.
fn assert_same(path: &Path, channel: Channel) {
    let (want, samples) = (in_order(path, channel), coded(path, channel));
    let width = samples.info().kind.values_per_sample();
    let what = format!("{} {channel}", path.display());
    assert_eq!(samples.count() as usize * width, want.len(), "{what}");
    let all = samples.count();
    let mut random = random(all);
    let mut places = vec![(0, 1), (all - 1, 1), (0, 5000.min(all)), (all - 5000.min(all), 5000.min(all))];
    places.extend((0..150).map(|n| {
        let first = random(all);
        (first, (1 + random(if n % 10 == 0 { 100_000 } else { 4096 })).min(all - first))
    }));
    let mut out = Vec::new();
    let mut reader = samples.reader();
    for (n, (first, count)) in places.into_iter().enumerate() {
        if n % 40 == 0 {
            reader = samples.reader();
        }
        reader.read_at(first, count as usize, &mut out).unwrap_or_else(|error| panic!("{what}: {error}"));
        let part = first as usize * width..(first + count) as usize * width;
        assert_bits(&out, &want[part], &format!("{what}: {count} from {first} of {all}"));
    }
    let (mut got, mut first) = (Vec::new(), 0);
    while first < all {
        let count = (1 + random(70_000)).min(all - first);
        reader.read_at(first, count as usize, &mut out).unwrap();
        got.extend_from_slice(&out);
        first += count;
    }
    assert_bits(&got, &want, &what);
    // Beyond the end there is nothing.
    assert!(reader.read_at(all, 1, &mut out).is_err());
    assert!(reader.read_at(all - 1, 2, &mut out).is_err());
    reader.read_at(all, 0, &mut out).unwrap();
    assert!(out.is_empty());
}

/// Sound that is hard to press: noise whose loudness changes, tones, and silence.
fn wav(path: &Path, seconds: f64, rate: u32, channels: u16) {
    let mut random = random(7);
    let mut data = Vec::new();
    for n in 0..(seconds * f64::from(rate)) as u64 {
        for channel in 0..channels {
            let t = n as f64 / f64::from(rate);
            let tone = (t * (600.0 + 300.0 * f64::from(channel)) * std::f64::consts::TAU).sin() * 6000.0;
            let noise = (random(65_536) as f64 - 32_768.0) * 0.5 * (0.5 + 0.5 * (t * 1.7).sin());
            // A second of silence in each four.
            let loud = if t % 4.0 < 3.0 { tone + noise } else { 0.0 };
            data.extend((loud as i16).to_le_bytes());
        }
    }
    let mut bytes = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0".to_vec();
    bytes.extend(channels.to_le_bytes());
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2 * u32::from(channels)).to_le_bytes());
    bytes.extend((2 * channels).to_le_bytes());
    bytes.extend([16, 0]);
    bytes.extend(b"data");
    bytes.extend((data.len() as u32).to_le_bytes());
    bytes.extend(data);
    fs::write(path, bytes).expect("a file");
}

/// Presses `wav`; none if ffmpeg cannot.
fn pressed(folder: &Path, wav: &Path, name: &str, args: &[&str]) -> Option<PathBuf> {
    let path = folder.join(name);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-y", "-i"]).arg(wav).args(args).arg(&path);
    match ffmpeg.status() {
        Ok(status) if status.success() => Some(path),
        other => {
            eprintln!("SKIPPED: {name}: ffmpeg {args:?}: {other:?}");
            None
        }
    }
}

#[test]
fn committed_files() {
    for name in ["two-channels.flac", "two-channels.ogg", "two-channels.mp3"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
        for channel in [Channel::Mix, Channel::One(2), Channel::Iq] {
            assert_same(&path, channel);
        }
    }
}

#[test]
fn files_of_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    for (rate, channels, seconds) in [(44_100, 2, 8.0), (8000, 1, 40.0), (22_050, 1, 12.0), (48_000, 1, 0.02)] {
        let sound = folder.path().join(format!("{rate}.wav"));
        wav(&sound, seconds, rate, channels);
        let kinds: [(&str, &[&str]); 12] = [
            ("a.flac", &["-compression_level", "5"]),
            ("b.flac", &["-compression_level", "0", "-frame_size", "16"]),
            ("c.flac", &["-compression_level", "12", "-frame_size", "65535"]),
            ("d.flac", &["-sample_fmt", "s32"]),
            ("a.ogg", &["-c:a", "libvorbis", "-q:a", "-1"]),
            ("b.ogg", &["-c:a", "libvorbis", "-q:a", "9"]),
            ("c.ogg", &["-c:a", "libvorbis", "-q:a", "3", "-page_duration", "1"]),
            ("a.mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
            ("b.mp3", &["-c:a", "libmp3lame", "-b:a", "32k"]),
            ("c.mp3", &["-c:a", "libmp3lame", "-q:a", "9", "-write_xing", "0"]),
            ("d.mp3", &["-c:a", "libmp3lame", "-b:a", "160k", "-id3v2_version", "0", "-write_xing", "0"]),
            ("e.mp3", &["-c:a", "libmp3lame", "-b:a", "8k", "-ar", "8000"]),
        ];
        for (name, args) in kinds {
            let Some(path) = pressed(folder.path(), &sound, &format!("{rate}-{name}"), args) else { continue };
            let both = [Channel::Mix, Channel::Iq];
            for channel in &both[..usize::from(channels)] {
                assert_same(&path, *channel);
            }
        }
    }
}

/// What is there of a damaged file is where it belongs; the rest is NaN, and the warning says so.
#[test]
fn damaged_and_cut_files() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("x.wav");
    wav(&sound, 20.0, 44_100, 1);
    let kinds: [(&str, &[&str]); 3] = [
        ("x.flac", &[]),
        ("x.ogg", &["-c:a", "libvorbis", "-q:a", "4"]),
        ("x.mp3", &["-c:a", "libmp3lame", "-q:a", "2"]),
    ];
    for (name, args) in kinds {
        let Some(path) = pressed(folder.path(), &sound, name, args) else { continue };
        let (whole, want) = (fs::read(&path).unwrap(), in_order(&path, Channel::Mix));
        assert!(coded(&path, Channel::Mix).warning().is_none(), "{name}");

        let cut = folder.path().join(format!("cut-{name}"));
        fs::write(&cut, &whole[..whole.len() * 3 / 4]).unwrap();
        let samples = coded(&cut, Channel::Mix);
        let (count, mut out) = (samples.count() as usize, Vec::new());
        // A page of Vorbis is about a second; the number of frames in an MP3's head does not count.
        assert!(count.abs_diff(want.len() * 3 / 4) < want.len() / 10, "{name}: {count}");
        samples.reader().read_at(0, count, &mut out).unwrap();
        assert_bits(&out, &want[..count], name);
        assert_eq!(samples.warning().is_some(), name == "x.flac", "{name}: {:?}", samples.warning());

        let damaged = folder.path().join(format!("damaged-{name}"));
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 700].fill(0x55);
        fs::write(&damaged, &bytes).unwrap();
        let samples = coded(&damaged, Channel::Mix);
        if name == "x.mp3" {
            // Its frames have no numbers: what is lost is missing, and what follows is earlier, whoever plays it.
            let want = in_order(&damaged, Channel::Mix);
            assert_eq!(samples.count() as usize, want.len());
            samples.reader().read_at(0, want.len(), &mut out).unwrap();
            assert_bits(&out, &want, name);
            continue;
        }
        assert_eq!(samples.count() as usize, want.len(), "{name}");
        samples.reader().read_at(0, want.len(), &mut out).unwrap();
        let (first, last) = (out.iter().position(|x| x.is_nan()), out.iter().rposition(|x| x.is_nan()));
        let same = |range: std::ops::Range<usize>| bits(&out[range.clone()]) == bits(&want[range]);
        let (from, to) = (first.unwrap_or(want.len() * 2 / 5), last.map_or(want.len() * 3 / 5, |last| last + 1));
        assert!(to - from < 3 * 44_100 && from > want.len() / 3 && to < want.len() * 2 / 3, "{name}: {from} to {to}");
        // The page of Ogg after a lost one takes its place.
        let settled = if name == "x.flac" { 0 } else { 50_000 };
        assert!(same(0..from - settled.min(from)) && same(to + settled..want.len()), "{name}: {from} to {to}");
        let warning = samples.warning().expect(name).to_string();
        assert!(warning.contains("damaged") && warning.contains(name), "{warning}");
        // The same from the middle of the damage.
        let mut again = Vec::new();
        if let (Some(first), "x.flac") = (first, name) {
            samples.reader().read_at(first as u64 + 1, 20_000, &mut again).unwrap();
            assert_bits(&again, &out[first + 1..first + 20_001], name);
        }
    }
}

#[test]
fn a_file_that_becomes_shorter_is_an_error_and_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("x.wav");
    wav(&sound, 10.0, 44_100, 1);
    for (name, args) in [("x.flac", &[][..]), ("x.ogg", &["-c:a", "libvorbis"]), ("x.mp3", &["-c:a", "libmp3lame"])] {
        let Some(path) = pressed(folder.path(), &sound, name, args) else { continue };
        let samples = coded(&path, Channel::Mix);
        let half = fs::metadata(&path).unwrap().len() / 2;
        fs::File::options().write(true).open(&path).unwrap().set_len(half).unwrap();
        let (mut out, count) = (Vec::new(), samples.count());
        samples.reader().read_at(0, 10_000, &mut out).unwrap();
        let error = samples.reader().read_at(count - 10_000, 10_000, &mut out).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("become shorter") && out.is_empty(), "{error}");
        // What was replaced by another file is still the file that was opened.
        fs::remove_file(&path).unwrap();
        samples.reader().read_at(0, 10_000, &mut out).unwrap();
        assert_eq!(out.len(), 10_000);
    }
}

#[test]
fn very_short_files_and_strange_ones() {
    let folder = tempfile::tempdir().unwrap();
    let sound = folder.path().join("x.wav");
    for samples in [1.0, 2.0, 100.0, 1152.0, 4096.0, 4097.0] {
        wav(&sound, samples / 8000.0, 8000, 1);
        for (name, args) in [("x.flac", &[][..]), ("x.ogg", &["-c:a", "libvorbis"]), ("x.mp3", &["-c:a", "libmp3lame"])]
        {
            let Some(path) = pressed(folder.path(), &sound, name, args) else { continue };
            // Some encoders put nothing into a file for so little.
            if AudioFile::open(&path, &options(Channel::Mix)).is_ok() {
                assert_same(&path, Channel::Mix);
            }
        }
    }
    // A tag before it, and one behind it.
    wav(&sound, 3.0, 8000, 1);
    let tag = |bytes: u8| [b"ID3\x04\0\0\0\0\0".as_slice(), &[bytes], &vec![b'x'; bytes.into()]].concat();
    for (name, args) in [("x.flac", &[][..]), ("x.mp3", &["-c:a", "libmp3lame", "-id3v2_version", "0"])] {
        let Some(path) = pressed(folder.path(), &sound, name, args) else { continue };
        let tagged = folder.path().join(format!("tagged-{name}"));
        fs::write(&tagged, [tag(100), fs::read(&path).unwrap()].concat()).unwrap();
        assert_same(&tagged, Channel::Mix);
    }
    // A FIFO, a folder, a WAV file.
    assert!(AudioFile::coded(&sound, &options(Channel::Mix)).unwrap().is_none());
    assert!(AudioFile::coded(folder.path(), &options(Channel::Mix)).is_err());
}

/// Damaged in any way, a file is an error or samples, and neither a panic nor a wait without end.
#[test]
fn mutated_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = random(99);
    for name in ["two-channels.flac", "two-channels.ogg", "two-channels.mp3"] {
        let whole = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap();
        let path = folder.path().join(name);
        let (mut read, mut out) = (0, Vec::new());
        for _ in 0..200 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random(4) {
                let at = random(bytes.len() as u64) as usize;
                match random(4) {
                    0 => bytes.truncate(at.max(1)),
                    1 => drop(bytes.drain(at..bytes.len().min(at + random(300) as usize))),
                    2 => bytes[at] = random(256) as u8,
                    _ => bytes.insert(at, random(256) as u8),
                }
                if bytes.is_empty() {
                    bytes.push(0);
                }
            }
            fs::write(&path, &bytes).unwrap();
            let Ok(Some(samples)) = AudioFile::coded(&path, &options(Channel::Mix)) else { continue };
            // A number in a damaged header may promise anything.
            let count = samples.count();
            let mut reader = samples.reader();
            for first in [0, count / 2, count.saturating_sub(500), random(count)] {
                let length = 500.min(count - first);
                if reader.read_at(first, length as usize, &mut out).is_ok() {
                    assert_eq!(out.len() as u64, length);
                    read += 1;
                }
            }
        }
        // All of the Ogg file's sound is in one page, whose checksum is wrong after any change.
        assert!(read > 100 || name.ends_with(".ogg"), "{name}: {read}");
    }
}
