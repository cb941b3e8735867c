//! Raw files, SigMF recordings, WAV from receivers and sound through pipes: the samples come out as written, at their times.
#![cfg(feature = "app")]

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ringfall::dsp::SampleKind;
use ringfall::source::{
    AudioFile, Block, Channel, Clock, FileOptions, Pipe, PipeOptions, RawFile, RawFileOptions, Read, SigMfOptions,
    Source, SourceError, Speed,
};

const SECOND: i64 = 1_000_000_000;
/// 2026-01-01T12:00:00Z, by `date -d 2026-01-01T12:00:00Z +%s`.
const NOON: i64 = 1_767_268_800 * SECOND;

fn store(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    std::fs::write(folder.join(name), bytes).unwrap();
    folder.join(name)
}

/// A stretch without a gap: time of its first sample, what it was tuned to, and its samples.
#[derive(Debug, PartialEq)]
struct Stretch {
    time_ns: i64,
    centre_hz: f64,
    samples: Vec<f32>,
}

fn stretches(source: &mut dyn Source) -> Vec<Stretch> {
    let (mut found, mut block, mut new) = (Vec::<Stretch>::new(), Block::default(), true);
    loop {
        match source.read(&mut block).unwrap() {
            Read::Samples => {
                if new || block.gap {
                    let (time_ns, centre_hz) = (block.time_ns, source.info().centre_hz);
                    found.push(Stretch { time_ns, centre_hz, samples: Vec::new() });
                }
                new = false;
                found.last_mut().unwrap().samples.extend_from_slice(&block.samples);
            }
            Read::Changed => new = true,
            Read::End => return found,
            _ => {}
        }
    }
}

fn raw(word: &str, rate_hz: f64) -> RawFileOptions {
    let mut options = RawFileOptions::new(word.parse().unwrap(), rate_hz);
    options.speed = Speed::Max;
    options
}

fn sigmf() -> SigMfOptions {
    let mut options = SigMfOptions::default();
    options.speed = Speed::Max;
    options
}

#[test]
fn raw_files_are_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    // More than a block, and a sample of which a part is missing.
    let numbers: Vec<i16> = (0..60_000_i32).map(|n| (n * 31 % 65_536 - 32_768) as i16).collect();
    let mut bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    bytes.push(7);
    let path = store(folder.path(), "x.cs16", &bytes);
    let mut options = raw("cs16", 1000.0);
    (options.centre_hz, options.start_ns) = (7e6, Some(NOON));
    let mut file = RawFile::open(&path, &options).unwrap();
    assert_eq!((file.info().kind, file.info().clock, file.info().live), (SampleKind::Complex, Clock::Utc, false));
    assert_eq!(file.duration_ns(), 30 * SECOND);
    let expected: Vec<f32> = numbers.iter().map(|&number| f32::from(number) / 32_768.0).collect();
    let all = stretches(&mut file);
    assert_eq!(all, [Stretch { time_ns: NOON, centre_hz: 7e6, samples: expected.clone() }]);
    let warning = file.warning().unwrap().to_string();
    assert!(warning.contains("x.cs16") && warning.contains("1 of 4 bytes"), "{warning}");
    // From anywhere.
    for sample in [0, 1, 16_384, 29_999, 30_000] {
        let mut file = RawFile::open(&path, &options).unwrap();
        assert!(file.seek(NOON + sample * 1_000_000).unwrap());
        let rest: Vec<f32> = stretches(&mut file).into_iter().flat_map(|stretch| stretch.samples).collect();
        assert_eq!(rest, expected[2 * sample as usize..], "{sample}");
    }
    // Without a beginning, times begin at 0.
    let mut file = RawFile::open(&path, &raw("s16be", 1000.0)).unwrap();
    assert_eq!((file.info().clock, stretches(&mut file)[0].time_ns), (Clock::File, 0));
}

#[test]
fn raw_files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let short = store(folder.path(), "short.cs16", &[1, 2, 3]);
    let error = RawFile::open(&short, &raw("cs16", 1000.0)).unwrap_err();
    assert!(
        matches!(error, SourceError::NoSample { size: 4, .. }) && error.to_string().contains("short.cs16"),
        "{error}"
    );
    assert!(matches!(RawFile::open(folder.path(), &raw("u8", 1000.0)), Err(SourceError::Io { .. })));
    assert!(matches!(RawFile::open(folder.path().join("none"), &raw("u8", 1.0)), Err(SourceError::Io { .. })));
    assert!(matches!(RawFile::open(&short, &raw("u8", f64::NAN)), Err(SourceError::Rate { .. })));
    // A file that shrinks while it is read ends early, and says so.
    let path = store(folder.path(), "shrinks.u8", &[128; 100_000]);
    let mut file = RawFile::open(&path, &raw("u8", 1000.0)).unwrap();
    let mut block = Block::default();
    assert_eq!(file.read(&mut block).unwrap(), Read::Samples);
    std::fs::File::options().write(true).open(&path).unwrap().set_len(20_000).unwrap();
    let rest: usize = stretches(&mut file).iter().map(|stretch| stretch.samples.len()).sum();
    assert_eq!(block.samples.len() + rest, 20_000);
    let warning = file.warning().unwrap();
    assert!(matches!(*warning, SourceError::Truncated { expected: 100_000, got: 20_000, .. }), "{warning}");
}

/// A sparse file of 100 GB: its end is reached at once.
#[cfg(unix)]
#[test]
fn a_large_file_is_sought_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.cf32");
    let mut file = std::fs::File::create(&path).unwrap();
    let length = 100_000_000_000_u64;
    if file.set_len(length).is_err() || file.seek(SeekFrom::Start(length - 8)).is_err() {
        eprintln!("SKIPPED: no sparse files here");
        return;
    }
    file.write_all(&[0.25_f32.to_le_bytes(), (-0.5_f32).to_le_bytes()].concat()).unwrap();
    let mut source = RawFile::open(&path, &raw("cf32", 1e6)).unwrap();
    assert_eq!(source.duration_ns(), 12_500 * SECOND);
    source.seek(12_500 * SECOND - 1000).unwrap();
    assert_eq!(
        stretches(&mut source),
        [Stretch { time_ns: 12_500 * SECOND - 1000, centre_hz: 0.0, samples: vec![0.25, -0.5] }]
    );
}

/// Two captures at other frequencies, the second three seconds after the end of the first, and a third right behind it.
const HOPS: &str = r#"{"global": {"core:datatype": "ci8", "core:sample_rate": 4, "core:version": "1.2.0"},
    "captures": [
        {"core:sample_start": 0, "core:frequency": 7e6, "core:datetime": "2026-01-01T12:00:00.000Z"},
        {"core:sample_start": 4, "core:frequency": 7.1e6, "core:datetime": "2026-01-01T13:00:04.000+01:00"},
        {"core:sample_start": 6, "core:frequency": 7.1e6, "core:datetime": "2026-01-01T12:00:04.500Z"},
        {"core:sample_start": 8, "core:frequency": 7.1e6, "core:datetime": "2026-01-01T12:00:06.000Z"}],
    "annotations": []}"#;

fn hops() -> Vec<Stretch> {
    let stretch = |time_ns, centre_hz, numbers: std::ops::Range<i32>| Stretch {
        time_ns,
        centre_hz,
        samples: numbers.map(|number| number as f32 / 128.0).collect(),
    };
    // Complex: two numbers each.
    vec![stretch(NOON, 7e6, 0..8), stretch(NOON + 4 * SECOND, 7.1e6, 8..16), stretch(NOON + 6 * SECOND, 7.1e6, 16..20)]
}

fn ramp(count: u8) -> Vec<u8> {
    (0..count).collect()
}

#[test]
fn captures_have_their_frequency_and_time() {
    let folder = tempfile::tempdir().unwrap();
    let meta = store(folder.path(), "hops.sigmf-meta", HOPS.as_bytes());
    let data = store(folder.path(), "hops.sigmf-data", &ramp(20));
    for path in [&meta, &data] {
        let mut file = RawFile::open_sigmf(path, &sigmf()).unwrap();
        assert_eq!((file.start_ns(), file.duration_ns()), (NOON, 6 * SECOND + SECOND / 2));
        assert_eq!(stretches(&mut file), hops());
    }
    // In the middle of the pause, and within the last stretch.
    let mut file = RawFile::open_sigmf(&meta, &sigmf()).unwrap();
    file.seek(NOON + 2 * SECOND).unwrap();
    assert_eq!(file.info().centre_hz, 7.1e6);
    assert_eq!(stretches(&mut file), hops()[1..]);
    file.seek(NOON + 6 * SECOND + SECOND / 4).unwrap();
    assert_eq!(stretches(&mut file)[0].samples, hops()[2].samples[2..]);
    // Flags win; pauses stay.
    let mut options = sigmf();
    (options.centre_hz, options.start_ns) = (Some(1e6), Some(0));
    let changed = stretches(&mut RawFile::open_sigmf(&meta, &options).unwrap());
    let times: Vec<_> = changed.iter().map(|stretch| (stretch.time_ns, stretch.centre_hz)).collect();
    assert_eq!(times, [(0, 1e6), (4 * SECOND, 1e6), (6 * SECOND, 1e6)]);
}

/// Channels, a first sample that is not 0, headers and trailers of a foreign file, another name for it.
#[test]
fn files_that_do_not_conform() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{"global": {"core:datatype": "ri16_be", "core:sample_rate": 10, "core:num_channels": 2, "core:offset": 100,
        "core:dataset": "foreign.bin", "core:trailing_bytes": 3},
        "captures": [{"core:sample_start": 100, "core:header_bytes": 5}, {"core:sample_start": 102, "core:header_bytes": 2}]}"#;
    let meta = store(folder.path(), "x.sigmf-meta", text.as_bytes());
    let frame = |left: i16, right: i16| [left.to_be_bytes(), right.to_be_bytes()].concat();
    let bytes = [vec![9; 5], frame(1, -1), frame(2, -2), vec![9; 2], frame(3, -3), vec![9; 3]].concat();
    store(folder.path(), "foreign.bin", &bytes);
    let mut options = sigmf();
    options.channel = Some(Channel::One(2));
    let found = stretches(&mut RawFile::open_sigmf(&meta, &options).unwrap());
    let samples = [-1.0, -2.0, -3.0].map(|number| number / 32_768.0).to_vec();
    assert_eq!(found, [Stretch { time_ns: 0, centre_hz: 0.0, samples }]);
    let error = RawFile::open_sigmf(&meta, &sigmf()).unwrap_err().to_string();
    assert!(error.contains("channel from 1 to 2"), "{error}");
    options.channel = Some(Channel::One(3));
    assert!(matches!(RawFile::open_sigmf(&meta, &options), Err(SourceError::Channel { asked: 3, channels: 2, .. })));
}

/// A tar file of these, as POSIX has it.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, bytes) in files {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        tar.extend(header);
        tar.extend(*bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

#[test]
fn archives_are_read_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let data = ramp(20);
    let files: [(&str, &[u8]); 3] =
        [("hops/readme", b"notes"), ("hops/hops.sigmf-meta", HOPS.as_bytes()), ("hops/hops.sigmf-data", &data)];
    let whole = tar(&files);
    let path = store(folder.path(), "hops.sigmf", &whole);
    assert_eq!(stretches(&mut RawFile::open_sigmf(&path, &sigmf()).unwrap()), hops());
    // The tool on the path writes the same in its own dialects.
    for (name, bytes) in [("hops.sigmf-meta", HOPS.as_bytes()), ("hops.sigmf-data", &data)] {
        store(folder.path(), name, bytes);
    }
    for dialect in ["gnu", "ustar", "pax"] {
        let mut command = Command::new("tar");
        command.args(["--format", dialect, "-cf", "tool.sigmf", "hops.sigmf-data", "hops.sigmf-meta"]);
        match command.current_dir(folder.path()).status() {
            Ok(status) if status.success() => {
                let mut file = RawFile::open_sigmf(folder.path().join("tool.sigmf"), &sigmf()).unwrap();
                assert_eq!(stretches(&mut file), hops(), "{dialect}");
            }
            other => eprintln!("SKIPPED: tar --format {dialect}: {other:?}"),
        }
    }
    let error = |name: &str, bytes: &[u8]| {
        let path = store(folder.path(), name, bytes);
        let error = RawFile::open_sigmf(&path, &sigmf()).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        error
    };
    assert!(error("a.sigmf", &tar(&files[..2])).contains(".sigmf-data of the same name, got a part of hops/hops"));
    // As many as an archive may have: not all of them are named, nor compared with each other.
    let names: Vec<String> = (0..100_000).map(|i| format!("{i}.sigmf-meta")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    let told = error("a.sigmf", &tar(&many));
    assert!(told.ends_with("a part of 0, 1, 2, 3, 4 and 99995 more"), "{told}");
    assert!(error("b.sigmf", &tar(&files[..1])).contains("got none"));
    assert!(error("c.sigmf", b"\x1F\x8B").contains("got none"));
    assert!(error("d.sigmf", &[&b"\x1F\x8B"[..], &[1; 600]].concat()).contains("gzip: unpack it first"));
    assert!(error("e.sigmf", &[1; 600]).contains("byte 0: expected a tar archive"));
    assert!(error("f.sigmf", &whole[..whole.len() - 1536]).contains("ends within the archive"));
}

#[test]
fn metadata_that_are_wrong_are_named() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path(), "x.sigmf-data", &ramp(20));
    let global = r#""core:datatype": "cu8", "core:sample_rate": 4"#;
    let captures = |list: &str| format!(r#"{{"global": {{{global}}}, "captures": {list}}}"#);
    let globals = |text: &str| format!(r#"{{"global": {{{text}}}}}"#);
    for (text, words) in [
        (String::new(), ["line 1 column 0", "JSON"]),
        ("{\n \"global\": [1,}".to_owned(), ["line 2 column", "JSON"]),
        ("[".repeat(100_000), ["line 1", "JSON"]),
        ("[]".to_owned(), ["the metadata", "an object"]),
        ("{}".to_owned(), ["global: expected an object", "got nothing"]),
        (r#"{"global": 7}"#.to_owned(), ["global: expected an object", "got 7"]),
        (globals(""), ["global.core:datatype", "got nothing"]),
        (globals(r#""core:datatype": "cf16_le""#), ["global.core:datatype", "cf16_le"]),
        (globals(r#""core:datatype": 7"#), ["global.core:datatype", "got 7"]),
        (globals(r#""core:datatype": "cu8""#), ["global.core:sample_rate", "got nothing"]),
        (globals(r#""core:datatype": "cu8", "core:sample_rate": "4""#), ["global.core:sample_rate", "4"]),
        (globals(r#""core:datatype": "cu8", "core:sample_rate": -4"#), ["global.core:sample_rate", "-4"]),
        (globals(&format!(r#"{global}, "core:num_channels": 0"#)), ["global.core:num_channels", "got 0"]),
        (globals(&format!(r#"{global}, "core:metadata_only": true"#)), ["global.core:metadata_only", "no samples"]),
        (globals(&format!(r#"{global}, "core:dataset": "../x""#)), ["global.core:dataset", "same folder"]),
        (
            globals(&format!(r#"{global}, "core:dataset": "gone.bin""#)),
            ["global.core:dataset", "gone.bin: No such file"],
        ),
        (captures("7"), ["captures: expected a list", "got 7"]),
        (captures("[7]"), ["captures[0]: expected an object", "got 7"]),
        (captures("[{}]"), ["captures[0].core:sample_start", "got nothing"]),
        (captures(r#"[{"core:sample_start": -1}]"#), ["captures[0].core:sample_start", "got -1"]),
        (captures(r#"[{"core:sample_start": 11}]"#), ["captures[0].core:sample_start", "10 that there are"]),
        (
            captures(r#"[{"core:sample_start": 18446744073709551615}]"#),
            ["captures[0].core:sample_start", "18446744073709551615"],
        ),
        (
            captures(r#"[{"core:sample_start": 3}, {"core:sample_start": 2}]"#),
            ["captures[1].core:sample_start", "3 or more"],
        ),
        (
            captures(r#"[{"core:sample_start": 0, "core:datetime": "2262-01-01T00:00:00Z"}]"#),
            ["captures[0].core:datetime", "from 1824 to 2115"],
        ),
        (
            captures(r#"[{"core:sample_start": 0, "core:datetime": "noon"}]"#),
            ["captures[0].core:datetime", "2026-01-01T12:00:00.000Z"],
        ),
        (
            captures(r#"[{"core:sample_start": 0}, {"core:sample_start": 1, "core:frequency": "high"}]"#),
            ["captures[1].core:frequency", "high"],
        ),
    ] {
        let path = store(folder.path(), "x.sigmf-meta", text.as_bytes());
        let error = RawFile::open_sigmf(&path, &sigmf()).unwrap_err().to_string();
        let named = error.contains("x.sigmf-meta") && words.iter().all(|word| error.contains(word));
        assert!(named && error.len() < 500, "{words:?}: {error}");
    }
    // A flag stands in for the rate.
    let path = store(folder.path(), "x.sigmf-meta", globals(r#""core:datatype": "cu8""#).as_bytes());
    let mut options = sigmf();
    options.rate_hz = Some(5.0);
    assert_eq!(RawFile::open_sigmf(&path, &options).unwrap().duration_ns(), 2 * SECOND);
}

/// What the `sigmf` package for Python wrote (tests/data/sigmf/make.py): ten samples n/16 - in/32, tuned anew after six of them.
#[test]
fn files_of_the_sigmf_package() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sigmf");
    let sample = |n: i32| [n as f32 / 16.0, n as f32 / -32.0];
    let expected = [
        Stretch { time_ns: NOON, centre_hz: 7e6, samples: (0..6).flat_map(sample).collect() },
        Stretch { time_ns: NOON + 2 * SECOND, centre_hz: 7.1e6, samples: (6..10).flat_map(sample).collect() },
    ];
    for name in ["python.sigmf-meta", "python.sigmf-data", "python.sigmf"] {
        assert_eq!(stretches(&mut RawFile::open_sigmf(data.join(name), &sigmf()).unwrap()), expected, "{name}");
    }
}

/// HDSDR's chunk: 2026-01-01 12:00:00.250, and 7.1 MHz.
#[test]
fn a_wav_file_with_a_receivers_notes() {
    let folder = tempfile::tempdir().unwrap();
    let mut auxi: Vec<u8> = [2026_u16, 1, 4, 1, 12, 0, 0, 250].iter().flat_map(|word| word.to_le_bytes()).collect();
    auxi.extend([0; 16]);
    auxi.extend(7_100_000_u32.to_le_bytes());
    auxi.extend([0; 32]);
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
    [8000_u32, 32_000].iter().for_each(|number| wav.extend(number.to_le_bytes()));
    wav.extend(b"\x04\0\x10\0auxi");
    wav.extend((auxi.len() as u32).to_le_bytes());
    wav.extend(&auxi);
    wav.extend(b"data\x20\0\0\0");
    wav.extend([0; 32]);
    let path = store(folder.path(), "x.wav", &wav);
    let open = |channel, centre_hz, start_ns| {
        let options = FileOptions { channel, speed: Speed::Max, centre_hz, start_ns };
        let mut file = AudioFile::open(&path, &options).unwrap();
        assert!(!file.info().live && file.info().clock == Clock::Utc);
        let found = stretches(&mut file);
        (found[0].time_ns, found[0].centre_hz)
    };
    assert_eq!(open(Channel::Iq, None, None), (NOON + SECOND / 4, 7.1e6));
    assert_eq!(open(Channel::Iq, Some(1e6), Some(5)), (5, 1e6));
    // Sound is where it is heard.
    assert_eq!(open(Channel::Mix, None, None), (NOON + SECOND / 4, 0.0));
}

/// Sound of which a header tells all, with the lengths that programs write who do not know them.
#[test]
fn sound_through_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    for (size, count) in [(16_u32, 4), (0x7FFF_FFFF, 6), (0x8000_0000, 6), (0x7FFF_F000, 6), (u32::MAX, 6), (0, 6)] {
        let mut wav = b"RIFF\xFF\xFF\xFF\xFFWAVEfmt \x10\0\0\0\x01\0\x02\0".to_vec();
        [8000_u32, 32_000].iter().for_each(|number| wav.extend(number.to_le_bytes()));
        wav.extend(b"\x04\0\x10\0data");
        wav.extend(size.to_le_bytes());
        for n in 0..6_i16 {
            wav.extend((n * 1024).to_le_bytes());
            wav.extend((n * -2048).to_le_bytes());
        }
        let path = store(folder.path(), "x.wav", &wav);
        let open = |channel| {
            let file = std::fs::File::open(&path).unwrap();
            Pipe::wav("pipe", file, channel, 0.0, (Clock::File, Speed::Max)).unwrap()
        };
        let mut pipe = open(Channel::Iq);
        assert_eq!((pipe.info().kind, pipe.info().rate_hz), (SampleKind::Complex, 8000.0));
        let expected: Vec<f32> = (0..count).flat_map(|n| [n as f32 / 32.0, n as f32 / -16.0]).collect();
        assert_eq!(stretches(&mut pipe)[0].samples, expected, "{size:#x}");
        let second: Vec<f32> = (0..count).map(|n| n as f32 / -16.0).collect();
        assert_eq!(stretches(&mut open(Channel::One(2)))[0].samples, second, "{size:#x}");
    }
    for (bytes, word) in
        [(&b""[..], "no bytes"), (b"fLaC\0\0\0\0\0\0\0\0\0", "FLAC"), (b"hello, world!", "it has none")]
    {
        let file = std::fs::File::open(store(folder.path(), "bad", bytes)).unwrap();
        let error = Pipe::wav("pipe", file, Channel::Mix, 0.0, (Clock::File, Speed::Max)).unwrap_err().to_string();
        assert!(error.contains("pipe: expected a WAV header") && error.contains(word), "{error}");
    }
}

/// A writer that stalls for longer than a second has lost samples, and its pause has its true length. It dies within a sample.
#[test]
fn a_stall_is_a_gap_of_its_true_length() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let options = PipeOptions::new("pipe", "cs16".parse().unwrap(), 1000.0).with_clock(Clock::Utc);
    let mut pipe = Pipe::new(reader, &options).unwrap();
    let stalled = std::thread::spawn(move || {
        writer.write_all(&[0; 4 * 500]).unwrap();
        let begun = Instant::now();
        std::thread::sleep(Duration::from_millis(2500));
        writer.write_all(&[0; 4 * 500 + 3]).unwrap();
        begun.elapsed()
    });
    let found = stretches(&mut pipe);
    let stalled = stalled.join().unwrap();
    assert_eq!(found.iter().map(|stretch| stretch.samples.len()).collect::<Vec<_>>(), [1000, 1000]);
    let apart = Duration::from_nanos((found[1].time_ns - found[0].time_ns) as u64);
    // What the reader's thread may be late by.
    assert!(apart.abs_diff(stalled) < Duration::from_millis(500), "{apart:?}, not {stalled:?}");
    let warning = pipe.warning().unwrap().to_string();
    assert!(pipe.info().live && warning.contains("pipe ends in the middle of a sample: 3 of 4 bytes"), "{warning}");
}

/// Times by hand: four samples a second, the second capture three seconds after the end of the first.
#[test]
fn annotations_have_their_times_and_frequencies() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sigmf-meta");
    let write = |annotations: &str| {
        let text = format!(
            r#"{{"global": {{"core:datatype": "ri8", "core:sample_rate": 4, "core:version": "1.2.0", "core:offset": 100}},
            "captures": [
                {{"core:sample_start": 100, "core:datetime": "2026-01-01T00:00:00Z", "core:frequency": 7000}},
                {{"core:sample_start": 108, "core:datetime": "2026-01-01T00:00:05Z", "core:frequency": 7000}}],
            "annotations": {annotations}}}"#
        );
        std::fs::write(&path, text).unwrap();
        std::fs::write(folder.path().join("x.sigmf-data"), [0; 16]).unwrap();
        RawFile::open_sigmf(&path, &SigMfOptions::default())
    };
    let file = write(
        r#"[{"core:sample_start": 102, "core:sample_count": 6, "core:freq_lower_edge": 6990.5, "core:freq_upper_edge": 7001,
             "core:label": "CW", "core:comment": "a beacon"},
            {"core:sample_start": 110, "core:sample_count": 2},
            {"core:sample_start": 109},
            {"core:sample_start": 108, "core:sample_count": 0, "core:freq_lower_edge": 1},
            {"core:sample_start": 18446744073709551615, "core:sample_count": 18446744073709551615}]"#,
    )
    .unwrap();
    let start_ns = file.start_ns();
    let told: Vec<_> = file
        .annotations()
        .iter()
        .map(|a| {
            ((a.times_ns.start - start_ns) as f64 / 1e9, (a.times_ns.end - start_ns) as f64 / 1e9, a.span_hz, &*a.label)
        })
        .collect();
    assert_eq!(
        told[..4],
        [(0.5, 2.0, Some((6990.5, 7001.0)), "CW"), (5.5, 6.0, None, ""), (5.25, 7.0, None, ""), (5.0, 5.0, None, ""),]
    );
    assert_eq!(file.annotations()[0].comment, "a beacon");
    assert!(told[4].0 <= told[4].1);
    assert!(write("[]").unwrap().annotations().is_empty() && write("null").unwrap().annotations().is_empty());
    for (bad, at) in [
        ("3", "annotations"),
        ("[3]", "annotations[0]"),
        (r#"[{}]"#, "annotations[0].core:sample_start"),
        (r#"[{"core:sample_start": -1}]"#, "annotations[0].core:sample_start"),
        (r#"[{"core:sample_start": 1, "core:label": 5}]"#, "annotations[0].core:label"),
        (r#"[{"core:sample_start": 1, "core:freq_lower_edge": 2, "core:freq_upper_edge": 1}]"#, "core:freq_upper_edge"),
    ] {
        let error = write(bad).unwrap_err().to_string();
        assert!(error.contains(at) && error.contains("x.sigmf-meta"), "{bad}: {error}");
    }
}
