//! Sources and feeds through the public interface: files give what the test wrote into them, the demonstration
//! is as documented, and a feed neither loses nor invents rows.
#![cfg(feature = "audio-files")]

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ringfall::Stamp;
use ringfall::dsp::{Analyzer, Average, SampleKind, Settings};
use ringfall::source::{
    AudioFile, Block, Channel, Clock, Demo, DemoOptions, Feed, FileOptions, Read, Samples as _, Source, SourceError,
    SourceInfo, Speed, WhenFull,
};

// ---------------------------------------------------------------------------------------------------------------- files

const MAX: FileOptions = FileOptions { channel: Channel::Mix, speed: Speed::Max, centre_hz: None, start_ns: None };

/// A WAV file, by the book (Multimedia Programming Interface and Data Specifications 1.0): `tag` is 1 for integers and 3 for
/// floats.
fn wav(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let frame = channels * (bits / 8);
    file.extend(b"RIFF");
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(tag.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn store(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// All samples of a source, and its gaps as (sample before which it is, time in ns).
fn all(source: &mut dyn Source) -> (Vec<f32>, Vec<(usize, i64)>) {
    let (mut samples, mut gaps) = (Vec::new(), Vec::new());
    let mut block = Block::default();
    loop {
        match source.read(&mut block).unwrap() {
            Read::Samples => {
                assert!(!block.samples.is_empty());
                if block.gap {
                    gaps.push((samples.len(), block.time_ns));
                }
                samples.extend_from_slice(&block.samples);
            }
            Read::End => return (samples, gaps),
            _ => {}
        }
    }
}

fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
}

/// What SciPy and sox wrote (tests/data/wav/make.py): 60 samples (n - 30) / 32, and the same with the other sign on the right.
#[test]
fn files_of_scipy_and_sox() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wav");
    let ramp = |sign: f32| (0..60).map(|n| sign * (n - 30) as f32 / 32.0).collect::<Vec<_>>();
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "py") {
            continue;
        }
        for (channel, sign) in [(1, 1.0), (2, -1.0)] {
            let options = FileOptions { channel: Channel::One(channel), ..MAX };
            let mut file = AudioFile::open(&path, &options).unwrap();
            assert_eq!(file.info().rate_hz, 8000.0, "{path:?}");
            let (samples, gaps) = all(&mut file);
            assert!(samples == ramp(sign) && gaps.is_empty(), "{path:?}, channel {channel}: {samples:?}, {gaps:?}");
        }
        files += 1;
    }
    assert_eq!(files, 9);
}

#[test]
fn wav_formats_decode_to_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    // More than one packet of the reader, and extremes.
    let values: Vec<i32> = (0..3000).map(|n: i32| (n * n * 31) % 65_536 - 32_768).chain([-32_768, 32_767, 0]).collect();
    let wide = |shift: u32| values.iter().map(move |&value| value << shift);
    let i16s: Vec<u8> = wide(0).flat_map(|value| (value as i16).to_le_bytes()).collect();
    let i24s: Vec<u8> = wide(8).flat_map(|value| [value as u8, (value >> 8) as u8, (value >> 16) as u8]).collect();
    let i32s: Vec<u8> = wide(16).flat_map(i32::to_le_bytes).collect();
    let u8s: Vec<u8> = values.iter().map(|&value| ((value >> 8) + 128) as u8).collect();
    let f32s: Vec<u8> = values.iter().flat_map(|&value| (value as f32 / 32_768.0).to_le_bytes()).collect();
    let f64s: Vec<u8> = values.iter().flat_map(|&value| (f64::from(value) / 32_768.0).to_le_bytes()).collect();
    let expected: Vec<f32> = values.iter().map(|&value| value as f32 / 32_768.0).collect();
    let coarse: Vec<f32> = values.iter().map(|&value| (value >> 8) as f32 / 128.0).collect();
    for (name, tag, width, data, expected) in [
        ("i16", 1, 16, i16s, &expected),
        ("i24", 1, 24, i24s, &expected),
        ("i32", 1, 32, i32s, &expected),
        ("u8", 1, 8, u8s, &coarse),
        ("f32", 3, 32, f32s, &expected),
        ("f64", 3, 64, f64s, &expected),
    ] {
        let path = store(folder.path(), &format!("{name}.wav"), &wav(tag, 1, 8000, width, &data));
        let mut file = AudioFile::open(&path, &MAX).unwrap();
        assert_eq!(file.info().name, format!("{name}.wav"));
        assert_eq!((file.info().rate_hz, file.info().kind, file.info().clock), (8000.0, SampleKind::Real, Clock::File));
        assert_eq!((file.channels(), file.samples()), (1, Some(values.len() as u64)));
        let (samples, gaps) = all(&mut file);
        assert_eq!(bits(&samples), bits(expected), "{name}");
        assert!(gaps.is_empty() && file.warning().is_none(), "{name}");
    }
}

#[test]
fn not_a_number_is_data() {
    let folder = tempfile::tempdir().unwrap();
    let values = [0.25, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 3.5, -0.0];
    let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let path = store(folder.path(), "nan.wav", &wav(3, 1, 8000, 32, &data));
    assert_eq!(bits(&all(&mut AudioFile::open(path, &MAX).unwrap()).0), bits(&values));
}

#[test]
fn channels_and_times() {
    let folder = tempfile::tempdir().unwrap();
    let data: Vec<u8> = (0..2000).flat_map(|n: i16| [n, -3 * n]).flat_map(i16::to_le_bytes).collect();
    let path = store(folder.path(), "two.wav", &wav(1, 2, 8000, 16, &data));
    let read = |channel| {
        let mut file = AudioFile::open(&path, &FileOptions { channel, ..MAX }).unwrap();
        let kind = file.info().kind;
        (all(&mut file).0, kind)
    };
    let value = |n: i32| n as f32 / 32_768.0;
    let one: Vec<f32> = (0..2000).map(value).collect();
    let two: Vec<f32> = (0..2000).map(|n| value(-3 * n)).collect();
    let mix: Vec<f32> = (0..2000).map(|n| value(-n)).collect();
    let iq: Vec<f32> = (0..2000).flat_map(|n| [value(n), value(-3 * n)]).collect();
    assert_eq!(read(Channel::One(1)), (one, SampleKind::Real));
    assert_eq!(read(Channel::One(2)), (two, SampleKind::Real));
    assert_eq!(read(Channel::Mix), (mix, SampleKind::Real));
    assert_eq!(read(Channel::Iq), (iq, SampleKind::Complex));

    // The time of every block follows from the samples before it, which count once if complex.
    let mut file = AudioFile::open(&path, &FileOptions { channel: Channel::Iq, ..MAX }).unwrap();
    let (mut block, mut before) = (Block::default(), 0);
    while let Read::Samples = file.read(&mut block).unwrap() {
        assert_eq!(block.time_ns, before * 125_000);
        before += block.samples.len() as i64 / 2;
    }
    assert_eq!(before, 2000);

    let message = |channel| AudioFile::open(&path, &FileOptions { channel, ..MAX }).unwrap_err().to_string();
    assert!(message(Channel::One(3)).contains("channel 3 of") && message(Channel::One(3)).contains("two.wav"));
    assert!(matches!(
        AudioFile::open(&path, &FileOptions { channel: Channel::One(0), ..MAX }),
        Err(SourceError::Channel { asked: 0, channels: 2, .. })
    ));
    let mono = store(folder.path(), "one.wav", &wav(1, 1, 8000, 16, &data));
    assert!(matches!(
        AudioFile::open(&mono, &FileOptions { channel: Channel::Iq, ..MAX }),
        Err(SourceError::Iq { channels: 1, .. })
    ));
}

/// `tests/data/two-channels.flac` was made once, from 4000 frames of raw 16-bit samples by the two formulas below, with
/// `flac --best --blocksize=1152 --no-padding --no-seektable --force-raw-format --endian=little --sign=signed --channels=2
/// --bps=16 --sample-rate=8000` (flac 1.4.2).
fn flac() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/two-channels.flac")).unwrap()
}

fn flac_frames() -> Vec<f32> {
    let left = |n: i32| n * n * 7 % 4001 - 2000;
    let right = |n: i32| n % 500 * 40 - 10_000;
    (0..4000).flat_map(|n| [left(n), right(n)]).map(|value| value as f32 / 32_768.0).collect()
}

#[test]
fn flac_decodes_to_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path(), "two.flac", &flac());
    let mut file = AudioFile::open(&path, &FileOptions { channel: Channel::Iq, ..MAX }).unwrap();
    assert_eq!((file.info().rate_hz, file.channels(), file.samples()), (8000.0, 2, Some(4000)));
    assert_eq!(all(&mut file), (flac_frames(), vec![]));
    assert!(file.warning().is_none());
}

#[test]
fn a_damaged_flac_shows_a_gap_at_the_right_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = flac();
    // In the middle of the second of four blocks.
    let middle = bytes.len() * 3 / 8;
    bytes[middle..middle + 40].fill(0x55);
    let path = store(folder.path(), "broken.flac", &bytes);
    let mut file = AudioFile::open(&path, &FileOptions { channel: Channel::Iq, ..MAX }).unwrap();
    let (samples, gaps) = all(&mut file);
    let frames = flac_frames();
    assert_eq!(samples[..2304], frames[..2304]);
    assert_eq!(samples[2304..], frames[4608..]);
    assert_eq!(gaps, [(2304, 2304 * 125_000)]);
    let warning = file.warning().unwrap().to_string();
    assert!(warning.contains("broken.flac") && warning.contains("sample 1152"), "{warning}");
}

#[test]
fn what_is_there_of_a_truncated_file_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let data: Vec<u8> = (0..3000_i16).flat_map(i16::to_le_bytes).collect();
    let whole = wav(1, 1, 8000, 16, &data);
    let expected: Vec<f32> = (0..3000).map(|n| n as f32 / 32_768.0).collect();

    // Cut in the middle of a sample.
    let path = store(folder.path(), "cut.wav", &whole[..44 + 4001]);
    let mut file = AudioFile::open(&path, &MAX).unwrap();
    assert_eq!(all(&mut file).0, expected[..2000]);
    let warning = file.warning().unwrap();
    assert!(matches!(*warning, SourceError::Truncated { expected: 3000, got: 2000, .. }), "{warning}");
    assert!(warning.to_string().contains("cut.wav"));

    // The data claim more than the whole.
    let mut claim = whole.clone();
    claim[40..44].copy_from_slice(&0x7FFF_0000_u32.to_le_bytes());
    let mut file = AudioFile::open(store(folder.path(), "claim.wav", &claim), &MAX).unwrap();
    assert_eq!(all(&mut file).0, expected);
    assert!(matches!(*file.warning().unwrap(), SourceError::Truncated { got: 3000, .. }));

    // The recorder was killed before it wrote any length.
    let mut killed = whole;
    killed[4..8].fill(0);
    killed[40..44].fill(0);
    let mut file = AudioFile::open(store(folder.path(), "killed.wav", &killed), &MAX).unwrap();
    assert_eq!(all(&mut file).0, expected);

    let bytes = flac();
    let path = store(folder.path(), "cut.flac", &bytes[..bytes.len() * 2 / 3]);
    let mut file = AudioFile::open(path, &FileOptions { channel: Channel::Iq, ..MAX }).unwrap();
    let (samples, gaps) = all(&mut file);
    assert_eq!(samples, flac_frames()[..samples.len()]);
    assert!(samples.len() >= 2 * 2304 && gaps.is_empty());
    let got = samples.len() as u64 / 2;
    assert!(matches!(*file.warning().unwrap(), SourceError::Truncated { expected: 4000, got: g, .. } if g == got));
}

#[test]
fn bad_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str, bytes: &[u8]| AudioFile::open(store(folder.path(), name, bytes), &MAX).unwrap_err();

    let missing = AudioFile::open(folder.path().join("missing.wav"), &MAX).unwrap_err();
    assert!(matches!(missing, SourceError::Io { .. }) && missing.to_string().contains("missing.wav"), "{missing}");
    assert!(matches!(AudioFile::open(folder.path(), &MAX).unwrap_err(), SourceError::Io { .. }));
    assert!(matches!(open("empty.wav", b""), SourceError::EmptyFile { .. }));
    assert!(matches!(open("nothing.wav", &wav(1, 1, 8000, 16, &[])), SourceError::NoSamples { .. }));

    let text: Vec<u8> = b"This is no audio at all. ".repeat(400);
    for (name, bytes) in [
        ("text.wav", &text[..]),
        ("short.wav", b"RIFF"),
        ("letter.flac", b"f"),
        ("half.wav", &wav(1, 1, 8000, 16, &[])[..30]),
        ("none.wav", &wav(1, 0, 8000, 16, &[0; 64])),
        ("bits.wav", &wav(1, 1, 8000, 13, &[0; 64])),
        ("half.flac", &flac()[..20]),
    ] {
        let error = open(name, bytes);
        assert!(matches!(error, SourceError::NotAudio { .. }), "{error}");
        assert!(error.to_string().contains(name) && error.to_string().contains("expected a WAV"), "{error}");
    }
    let rate = open("rate.wav", &wav(1, 1, 0, 16, &[0; 64]));
    assert!(matches!(rate, SourceError::Rate { got: 0.0, .. }) && rate.to_string().contains("rate.wav"), "{rate}");
    let path = store(folder.path(), "fine.wav", &wav(1, 1, 8000, 16, &[0; 64]));
    let speed = AudioFile::open(path, &FileOptions { speed: Speed::Times(0.0), ..MAX }).unwrap_err();
    assert!(matches!(speed, SourceError::Speed { .. }), "{speed}");
}

// ----------------------------------------------------------------------------------------------------------- containers

fn chunk(name: &[u8], body: &[u8]) -> Vec<u8> {
    let mut chunk = [name, &(body.len() as u32).to_le_bytes(), body].concat();
    if body.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

/// The description of 16-bit mono at 8000 Hz.
const FMT: [u8; 16] = [1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0];

fn counting(count: i16) -> (Vec<u8>, Vec<f32>) {
    let bytes = (0..count).flat_map(i16::to_le_bytes).collect();
    (bytes, (0..count).map(|n| f32::from(n) / 32_768.0).collect())
}

/// EBU Tech 3306: the 32-bit sizes are all ones, and a `ds64` chunk has them in 64 bits.
fn rf64(name: &[u8; 4], data_bytes: u64, data: &[u8]) -> Vec<u8> {
    let mut sizes = 0_u64.to_le_bytes().to_vec();
    sizes.extend(data_bytes.to_le_bytes());
    sizes.extend((data_bytes / 2).to_le_bytes());
    sizes.extend(0_u32.to_le_bytes());
    let head = [name, &[0xFF; 4][..], b"WAVE"].concat();
    [head, chunk(b"ds64", &sizes), chunk(b"fmt ", &FMT), b"data\xFF\xFF\xFF\xFF".to_vec(), data.to_vec()].concat()
}

/// Sony's Wave64: 16-byte identifiers, 64-bit sizes that count their headers, chunks at every eighth byte.
fn w64(data_bytes: u64, data: &[u8]) -> Vec<u8> {
    const TAIL: &[u8] = b"\xF3\xAC\xD3\x11\x8C\xD1\x00\xC0\x4F\x8E\xDB\x8A";
    let chunk = |name: &[u8], size: u64, body: &[u8]| {
        let mut chunk = [name, TAIL, &(size + 24).to_le_bytes(), body].concat();
        chunk.resize(chunk.len().next_multiple_of(8), 0);
        chunk
    };
    [
        b"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00".to_vec(),
        (data_bytes + 104).to_le_bytes().to_vec(),
        [b"wave", TAIL].concat(),
        chunk(b"fmt ", 16, &FMT),
        // An unknown chunk of odd length.
        chunk(b"what", 5, b"hello"),
        [b"data", TAIL, &(data_bytes + 24).to_le_bytes(), data].concat(),
    ]
    .concat()
}

#[test]
fn rf64_and_wave64_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (data, expected) = counting(3000);
    for (name, bytes) in [
        ("rf64.wav", rf64(b"RF64", 6000, &[&data[..], &chunk(b"LIST", b"not samples")].concat())),
        ("bw64.wav", rf64(b"BW64", 6000, &data)),
        // The recorder was killed.
        ("killed.wav", rf64(b"RF64", 0, &data)),
        ("wave64.w64", w64(6000, &[&data[..], &[7; 64]].concat())),
        ("named wrongly.flac", w64(6000, &data)),
    ] {
        let mut file = AudioFile::open(store(folder.path(), name, &bytes), &MAX).unwrap();
        assert_eq!((file.info().rate_hz, file.channels()), (8000.0, 1), "{name}");
        assert_eq!(file.samples(), (name != "killed.wav").then_some(3000), "{name}");
        assert_eq!(all(&mut file).0, expected, "{name}");
        assert!(file.warning().is_none(), "{name}");
    }
    // Cut short, both say how much was promised.
    for (name, bytes) in [("cut.wav", rf64(b"RF64", 6000, &data[..4001])), ("cut.w64", w64(6000, &data[..4001]))] {
        let mut file = AudioFile::open(store(folder.path(), name, &bytes), &MAX).unwrap();
        assert_eq!(all(&mut file).0, expected[..2000], "{name}");
        let warning = file.warning().unwrap();
        assert!(matches!(*warning, SourceError::Truncated { expected: 3000, got: 2000, .. }), "{warning}");
    }
}

/// Sparse files of 5 GB: their lengths are right, and so are the first samples.
#[test]
fn files_beyond_4_gb_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (data, expected) = counting(3000);
    let bytes = 5_000_000_000_u64;
    for (name, head) in [("long.wav", rf64(b"RF64", bytes, &data)), ("long.w64", w64(bytes, &data))] {
        let path = store(folder.path(), name, &head);
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_len(head.len() as u64 - 6000 + bytes).unwrap();
        let mut file = AudioFile::open(&path, &MAX).unwrap();
        assert_eq!(file.samples(), Some(bytes / 2));
        let (mut samples, mut block) = (Vec::new(), Block::default());
        while samples.len() < 3000 {
            assert_eq!(file.read(&mut block).unwrap(), Read::Samples);
            samples.extend_from_slice(&block.samples);
        }
        assert_eq!(samples[..3000], expected, "{name}");
    }
}

#[test]
fn odd_chunks_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let (data, expected) = counting(300);
    let file = |chunks: &[Vec<u8>]| [b"RIFF\0\0\0\0WAVE".to_vec(), chunks.concat()].concat();
    let (fmt, samples) = (chunk(b"fmt ", &FMT), chunk(b"data", &data));
    // Two texts of odd length, each with its pad byte: the size of the whole counts both, one or none of these.
    let texts = [&b"INFO"[..], &chunk(b"INAM", b"abc"), &chunk(b"ICMT", b"vwxyz")].concat();
    for missing in 0..3 {
        let mut list = chunk(b"LIST", &texts);
        list[4..8].copy_from_slice(&(texts.len() as u32 - missing).to_le_bytes());
        // As the standard has it, an odd size is followed by one more byte, which here is that of the text.
        for (name, chunks) in [("before", [&list[..], &fmt, &samples]), ("after", [&fmt, &list, &samples])] {
            let path = store(folder.path(), &format!("{name}{missing}.wav"), &file(&[chunks.concat()]));
            let mut file = AudioFile::open(&path, &MAX).unwrap();
            assert_eq!((all(&mut file).0, file.samples()), (expected.clone(), Some(300)), "{name} {missing}");
        }
    }
    // WAVEFORMATEXTENSIBLE: 12 valid bits at the top of 16, and µ-law: 0x80 is +32124 of 32768, 0xFF is 0 (ITU-T G.711).
    let extensible = |tag: u8, bits: u8, valid: u8, rest: &[u8]| {
        let mut fmt = FMT.to_vec();
        fmt[..2].copy_from_slice(&[0xFE, 0xFF]);
        (fmt[12], fmt[14]) = (bits / 8, bits);
        fmt.extend([22, 0, valid, 0, 4, 0, 0, 0, tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]);
        file(&[chunk(b"fmt ", &fmt), chunk(b"data", rest)])
    };
    let path = store(folder.path(), "valid.wav", &extensible(1, 16, 12, &[0, 0x40, 0xF0, 0xFF]));
    assert_eq!(all(&mut AudioFile::open(&path, &MAX).unwrap()).0, [0.5, -16.0 / 32_768.0]);
    let path = store(folder.path(), "law.wav", &extensible(7, 8, 8, &[0x80, 0xFF, 0x00, 0x7F]));
    let loud = 32_124.0 / 32_768.0;
    assert_eq!(all(&mut AudioFile::open(&path, &MAX).unwrap()).0, [loud, 0.0, -loud, 0.0]);
    // All numbers of both laws in any order are those of the decoder.
    for (tag, name, loudest, least) in [(6, "a.wav", 0xAA, 0xD5), (7, "mu.wav", 0x80, 0xFF)] {
        let every: Vec<u8> = (0..=255).collect();
        let path = store(folder.path(), name, &extensible(tag, 8, 8, &every));
        let want = all(&mut AudioFile::open(&path, &MAX).unwrap()).0;
        let pcm = AudioFile::pcm(&path, &MAX).unwrap().expect("samples that lie one after the other");
        let mut got = Vec::new();
        pcm.reader().read_at(0, 256, &mut got).unwrap();
        assert_eq!(got, want, "{name}");
        // ITU-T G.711: 32,256 and 8 by the A-law, 32,124 and 0 by the µ-law, of 32,768.
        let (most, least_level) = if tag == 6 { (32_256.0, 8.0) } else { (32_124.0, 0.0) };
        assert_eq!((got[loudest], got[least]), (most / 32_768.0, least_level / 32_768.0), "{name}");
        assert!(got.iter().all(|sample: &f32| sample.abs() <= most / 32_768.0));
    }
    // A description that is longer than it need be.
    let long = chunk(b"fmt ", &[&FMT[..], &[0; 101]].concat());
    let path = store(folder.path(), "long.wav", &file(&[long, samples.clone()]));
    assert_eq!(all(&mut AudioFile::open(&path, &MAX).unwrap()).0, expected);

    let message = |name: &str, bytes: &[u8]| {
        let error = AudioFile::open(store(folder.path(), name, bytes), &MAX).unwrap_err();
        assert!(matches!(error, SourceError::NotAudio { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        error.to_string()
    };
    assert!(message("order.wav", &file(&[samples.clone(), fmt])).contains("before the chunk that describes them"));
    assert!(message("short.wav", &file(&[chunk(b"fmt ", &FMT[..14]), samples.clone()])).contains("14 bytes"));
    let mut adpcm = FMT;
    adpcm[0] = 0x11;
    assert!(message("adpcm.wav", &file(&[chunk(b"fmt ", &adpcm), samples.clone()])).contains("IMA ADPCM"));
    let mut frame = FMT;
    frame[12] = 3;
    assert!(message("frame.wav", &file(&[chunk(b"fmt ", &frame), samples])).contains("3 bytes: expected 2"));
    assert!(message("end.wav", &file(&[chunk(b"LIST", b"INFO")])).contains("before its samples begin"));
    assert!(message("tiny.w64", &w64(6000, &data)[..30]).contains("before its samples begin"));
    let mut endless = w64(6000, &data);
    endless[56..64].copy_from_slice(&u64::MAX.to_le_bytes());
    assert!(message("endless.w64", &endless).contains("w64"));
    endless[56..64].copy_from_slice(&3_u64.to_le_bytes());
    assert!(message("negative.w64", &endless).contains("shorter than its own header"));
}

/// 100 MB of empty chunks: it took a seek and a read for each of 12.5 million.
#[test]
fn empty_chunks_are_not_counted_forever() {
    let folder = tempfile::tempdir().unwrap();
    let path = store(folder.path(), "zeros.wav", b"RIFF\xFF\xFF\xFF\xFFWAVE");
    fs::File::options().write(true).open(&path).unwrap().set_len(100_000_000).unwrap();
    let begun = Instant::now();
    let error = AudioFile::open(&path, &MAX).unwrap_err();
    assert!(error.to_string().contains("zeros.wav") && error.to_string().contains("4096 chunks"), "{error}");
    // Milliseconds in fact; the margin is for a machine that does other things.
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn what_is_not_read_is_called_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let heads: [(&str, &[u8], &str); 7] = [
        ("a.mp3", b"ID3\x04\0\0\0\0\0\0", "an MP3 file"),
        ("b.mp3", b"\xFF\xFB\x90\x00", "an MP3 file"),
        ("c.ogg", b"OggS\0\x02\0\0\0\0\0\0\0\0", "an Ogg file"),
        ("d.aiff", b"FORM\0\0\x10\0AIFFCOMM", "an AIFF file"),
        ("e.m4a", b"\0\0\0\x20ftypM4A ", "an MP4 file"),
        ("f.au", b".snd\0\0\0\x18", "an AU file"),
        ("g.xyz", b"nobody knows", "no header of these"),
    ];
    for (name, head, expected) in heads {
        let bytes = [head, &[0; 5000]].concat();
        let error = AudioFile::open(store(folder.path(), name, &bytes), &MAX).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(expected), "{error}");
        assert!(error.contains("expected a WAV (PCM or float), FLAC, Ogg Vorbis or MP3 file"), "{error}");
    }
}

/// The decoder would find the header, and multiply 65,535 channels by 4 bytes in 16 bits.
#[test]
fn a_wav_header_behind_something_else_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut format = FMT;
    format[2..4].copy_from_slice(&[255; 2]);
    format[14] = 32;
    for format in [FMT, format] {
        let wave = [&b"RIFF\xFF\0\0\0WAVE"[..], &chunk(b"fmt ", &format), &chunk(b"data", &[1; 200])].concat();
        let path = store(folder.path(), "behind.wav", &[&[7; 100], &wave[..]].concat());
        let error = AudioFile::open(path, &MAX).unwrap_err();
        assert!(matches!(&error, SourceError::NotAudio { .. }), "{error:?}");
        assert!(error.to_string().contains("no header of these"), "{error}");
    }
}

/// Through a FIFO nothing can be sought: a WAV with chunks before its samples, and a FLAC.
#[cfg(unix)]
#[test]
fn a_fifo_is_read_like_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (data, expected) = counting(3000);
    let head = [b"RIFF\0\0\0\0WAVE".to_vec(), chunk(b"junk", &[1; 99_999]), chunk(b"fmt ", &FMT)].concat();
    let wave = [head, chunk(b"data", &data)].concat();
    for (name, bytes, channel, expected) in [
        ("fifo.wav", wave, Channel::Mix, expected.clone()),
        ("fifo.w64", w64(6000, &data), Channel::Mix, expected),
        ("fifo.flac", flac(), Channel::Iq, flac_frames()),
    ] {
        let path = folder.path().join(name);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let writer = std::thread::spawn({
            let path = path.clone();
            move || fs::write(path, bytes)
        });
        let mut file = AudioFile::open(&path, &FileOptions { channel, ..MAX }).unwrap();
        assert_eq!(all(&mut file).0, expected, "{name}");
        drop(file);
        writer.join().unwrap().unwrap();
    }
}

// -------------------------------------------------------------------------------------------------------- demonstration

fn demo(options: DemoOptions) -> Demo {
    Demo::new(DemoOptions { speed: Speed::Max, ..options }).unwrap()
}

/// FNV-1a, 64 bits.
fn hash(samples: &[f32]) -> u64 {
    let bytes = samples.iter().flat_map(|sample| sample.to_bits().to_le_bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

#[test]
fn the_demonstration_is_the_same_on_every_machine() {
    let seconds = |seed, kind| {
        let duration_s = Some(30.0);
        hash(&all(&mut demo(DemoOptions { seed, kind, duration_s, ..DemoOptions::default() })).0)
    };
    // As first made; they change only if the demonstration does.
    assert_eq!(seconds(1, SampleKind::Real), 1_169_016_694_820_300_858, "real");
    assert_eq!(seconds(1, SampleKind::Complex), 9_699_490_038_769_863_668, "complex");
    assert_ne!(seconds(2, SampleKind::Real), seconds(1, SampleKind::Real));
}

#[test]
fn the_demonstration_does_not_depend_on_blocks() {
    for kind in [SampleKind::Real, SampleKind::Complex] {
        let options = DemoOptions { duration_s: Some(1.5), kind, ..DemoOptions::default() };
        let large = all(&mut demo(options)).0;
        // Blocks of 200 samples, as they come at 20,000 Hz a second; the first of them is due after 10 ms.
        let speed = Speed::Times(20_000.0 / 12_000.0);
        let mut small = Vec::new();
        let mut source = Demo::new(DemoOptions { speed, ..options }).unwrap();
        let mut block = Block::default();
        for _ in 0..20 {
            assert_eq!(source.read(&mut block).unwrap(), Read::Samples);
            let before = small.len() / kind.values_per_sample();
            assert_eq!(block.time_ns, (before as f64 * 250_000.0 / 3.0).round() as i64);
            small.extend_from_slice(&block.samples);
        }
        assert_eq!(small.len(), 4000 * kind.values_per_sample());
        assert_eq!(bits(&small), bits(&large[..small.len()]));
        assert_eq!(large.len(), 18_000 * kind.values_per_sample());
    }
}

/// Level in dBFS of one frequency: a direct DFT in f64 under a Hann window.
fn level_dbfs(samples: &[f32], kind: SampleKind, turns: f64) -> f64 {
    let width = kind.values_per_sample();
    let count = samples.len() / width;
    let (mut re, mut im, mut gain) = (0.0, 0.0, 0.0);
    // A phasor, set right now and then.
    let (step_re, step_im) = ((TAU * turns).cos(), -(TAU * turns).sin());
    let (mut c, mut s) = (1.0, 0.0);
    for n in 0..count {
        if n % 512 == 0 {
            let angle = -TAU * turns * n as f64;
            (c, s) = (angle.cos(), angle.sin());
        }
        let weight = 0.5 - 0.5 * (TAU * n as f64 / count as f64).cos();
        let (i, q) = match kind {
            SampleKind::Real => (f64::from(samples[n]), 0.0),
            SampleKind::Complex => (f64::from(samples[2 * n]), f64::from(samples[2 * n + 1])),
        };
        re += weight * (i * c - q * s);
        im += weight * (i * s + q * c);
        gain += weight;
        (c, s) = (c * step_re - s * step_im, c * step_im + s * step_re);
    }
    let full = match kind {
        SampleKind::Real => 0.5 * gain,
        SampleKind::Complex => gain,
    };
    20.0 * (re.hypot(im) / full).log10()
}

#[test]
fn the_demonstration_is_where_it_says() {
    for kind in [SampleKind::Real, SampleKind::Complex] {
        let rate_hz = 12_000.0;
        let mut source = demo(DemoOptions { kind, duration_s: Some(40.0), ..DemoOptions::default() });
        let signals = source.signals().to_vec();
        let samples = all(&mut source).0;
        let width = kind.values_per_sample();
        let (low, high) = kind.span_hz(rate_hz, 0.0);
        assert!(signals.len() >= 12);
        for signal in &signals {
            assert!(low < signal.low_hz && signal.low_hz <= signal.high_hz && signal.high_hz < high, "{signal:?}");
        }
        // Windows of 0.25 s resolve 8 Hz: all that changes slowly has a peak there, within its frequencies and at its level.
        let window = 3000 * width;
        for signal in signals.iter().filter(|signal| signal.label != "chirp" && signal.level_dbfs > -61.0) {
            let steps = ((signal.high_hz - signal.low_hz) / 3.0).ceil().clamp(1.0, 16.0);
            let mut peak = f64::MIN;
            for chunk in samples.chunks_exact(window).step_by(2) {
                for step in 0..=steps as u32 {
                    let hz = signal.low_hz + (signal.high_hz - signal.low_hz) * f64::from(step) / steps;
                    peak = peak.max(level_dbfs(chunk, kind, hz / rate_hz));
                }
            }
            let off = peak - signal.level_dbfs;
            println!("{kind:?} {:36} {peak:7.1} of {}", signal.label, signal.level_dbfs);
            // Lightning strikes and the chirp passes, which adds to it.
            assert!((-4.0..5.0).contains(&off), "{signal:?}: {peak}");
        }
        // And between them there is the noise floor: −40 dBFS over the band, of which a window of 0.25 s sees 6 Hz.
        let quiet = level(&samples, kind, low + 0.012 * (high - low), rate_hz, window);
        let band_hz = high - low;
        let expected = -40.0 + 10.0 * (6.0 / band_hz).log10();
        assert!((quiet - expected).abs() < 4.0, "{quiet}, not {expected}");
    }
}

/// Median level over windows.
fn level(samples: &[f32], kind: SampleKind, hz: f64, rate_hz: f64, window: usize) -> f64 {
    let mut levels: Vec<f64> =
        samples.chunks_exact(window).map(|chunk| level_dbfs(chunk, kind, hz / rate_hz)).collect();
    levels.sort_by(f64::total_cmp);
    levels[levels.len() / 2]
}

#[test]
fn a_demonstration_needs_a_rate_and_a_speed() {
    for rate_hz in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = Demo::new(DemoOptions { rate_hz, ..DemoOptions::default() }).unwrap_err();
        assert!(matches!(error, SourceError::Rate { .. }), "{error}");
    }
    assert!(Demo::new(DemoOptions { speed: Speed::Times(-1.0), ..DemoOptions::default() }).is_err());
    // Odd rates are fine.
    for rate_hz in [1.0, 7.5, 2_400_000.0] {
        let mut source = demo(DemoOptions { rate_hz, duration_s: Some(2.0), ..DemoOptions::default() });
        let samples = all(&mut source).0;
        assert_eq!(samples.len(), (2.0 * rate_hz) as usize);
        assert!(samples.iter().all(|sample| sample.abs() < 1.0));
    }
}

// ----------------------------------------------------------------------------------------------------------------- feeds

/// Gives out what it was made of: blocks of samples, each with a time and whether there is a gap before it.
struct Script {
    info: SourceInfo,
    blocks: std::vec::IntoIter<Block>,
    /// Never ends: waits after the last block.
    live: bool,
    /// Reads so far.
    reads: Arc<AtomicU64>,
}

impl Script {
    fn new(blocks: Vec<Block>) -> Self {
        let info = SourceInfo::new("script", 1000.0, SampleKind::Real);
        Self { info, blocks: blocks.into_iter(), live: false, reads: Arc::default() }
    }
}

impl Source for Script {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        match self.blocks.next() {
            Some(next) => {
                *block = next;
                Ok(Read::Samples)
            }
            None if self.live => {
                std::thread::sleep(Duration::from_millis(1));
                Ok(Read::Idle)
            }
            None => Ok(Read::End),
        }
    }
}

const SETTINGS: Settings =
    Settings { size: 64, hop: 32, window: ringfall::dsp::Window::Hann, average: Average::None, band_hz: None };

fn noise(count: usize) -> Vec<f32> {
    (0..count as u64).map(|n| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f32 / 8_388_608.0 - 1.0).collect()
}

fn blocks(samples: &[f32], size: usize) -> Vec<Block> {
    let times = (0..).step_by(size);
    let blocks = samples.chunks(size).zip(times);
    blocks.map(|(part, n)| Block { samples: part.to_vec(), time_ns: n * 1_000_000, gap: false }).collect()
}

type Rows = Vec<(Stamp, Vec<u32>)>;

/// Everything until the end.
fn drain(feed: &mut Feed) -> Rows {
    let mut rows = Rows::new();
    let begun = Instant::now();
    loop {
        let ended = feed.status().ended;
        feed.drain(7, |stamp, row| rows.push((stamp, bits(row))));
        if ended && feed.drain(usize::MAX, |stamp, row| rows.push((stamp, bits(row)))) == 0 {
            return rows;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the feed hangs");
        std::thread::yield_now();
    }
}

#[test]
fn rows_of_a_feed_are_rows_of_the_analyzer() {
    let samples = noise(20_000);
    let mut analyzer = Analyzer::new(1000.0, SampleKind::Real, 0.0, &SETTINGS).unwrap();
    let mut expected = Vec::new();
    analyzer.feed(&samples, |index, row| expected.push((index, bits(row))));
    assert_eq!(expected.len(), (20_000 - 64) / 32 + 1);

    // A queue of 3 rows: nothing is lost where the source can wait.
    for (block, capacity) in [(1, 3), (77, 3), (20_000, 3), (4096, 10_000)] {
        let source = Script::new(blocks(&samples, block));
        let mut feed = Feed::start(Box::new(source), &SETTINGS, capacity, WhenFull::Wait, || {}).unwrap();
        assert_eq!((feed.bins(), feed.bin_hz(), feed.first_hz()), (33, 15.625, 0.0));
        assert_eq!(feed.row_duration_ns(), 32e6);
        let rows = drain(&mut feed);
        assert_eq!(rows.len(), expected.len());
        for ((stamp, row), (index, expected)) in rows.iter().zip(&expected) {
            assert_eq!(row, expected);
            // The middle of its 64 samples, less half of a hop of 32.
            assert_eq!(stamp.time_ns, (*index as i64 + 16) * 1_000_000);
            assert_eq!((stamp.duration_ns, stamp.first_hz, stamp.bin_hz), (32e6, 0.0, 15.625));
        }
        let status = feed.status();
        assert_eq!((status.dropped_rows, status.gaps, status.overruns), (0, 0, 0));
        assert!(status.ended && status.error.is_none() && status.warning.is_none());
    }
}

#[test]
fn a_live_feed_drops_rows_and_counts_them() {
    let samples = noise(6400);
    let source = Script::new(blocks(&samples, 100));
    let mut feed = Feed::start(Box::new(source), &SETTINGS, 10, WhenFull::Drop, || {}).unwrap();
    let begun = Instant::now();
    while !feed.status().ended {
        assert!(begun.elapsed() < Duration::from_secs(60), "the feed hangs");
        std::thread::yield_now();
    }
    let rows = drain(&mut feed);
    assert_eq!(rows.len(), 10);
    assert_eq!(feed.status().dropped_rows, (6400 - 64) / 32 + 1 - 10);
    // The oldest are kept.
    assert_eq!(rows[9].0.time_ns, 9 * 32_000_000 + 16_000_000);
}

#[test]
fn a_gap_shows_in_the_times_and_in_no_row() {
    let samples = noise(2000);
    let mut script = blocks(&samples[..1000], 100);
    let mut after = blocks(&samples[1000..], 100);
    for block in &mut after {
        block.time_ns += 77_000_000_000;
    }
    after[0].gap = true;
    script.extend(after);
    let mut feed = Feed::start(Box::new(Script::new(script)), &SETTINGS, 100, WhenFull::Wait, || {}).unwrap();
    let rows = drain(&mut feed);
    let half = (1000 - 64) / 32 + 1;
    assert_eq!(rows.len(), 2 * half);
    assert_eq!(feed.status().gaps, 1);
    let mut analyzer = Analyzer::new(1000.0, SampleKind::Real, 0.0, &SETTINGS).unwrap();
    let mut expected = Vec::new();
    analyzer.feed(&samples[1000..], |index, row| {
        expected.push(((index as i64 + 16) * 1_000_000 + 77_000_000_000, bits(row)))
    });
    let got: Vec<_> = rows[half..].iter().map(|(stamp, row)| (stamp.time_ns, row.clone())).collect();
    assert_eq!(got, expected);
}

#[test]
fn a_paused_file_stands_still_and_loses_nothing() {
    let samples = noise(32_000);
    let source = Script::new(blocks(&samples, 32));
    let reads = Arc::clone(&source.reads);
    let mut feed = Feed::start(Box::new(source), &SETTINGS, 10_000, WhenFull::Wait, || {}).unwrap();
    feed.pause(true);
    // It stops: then the count of reads stays as it is.
    let begun = Instant::now();
    let still = loop {
        let before = reads.load(Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        if reads.load(Ordering::SeqCst) == before {
            break before;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it goes on and on");
    };
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(reads.load(Ordering::SeqCst), still);
    feed.pause(false);
    assert_eq!(drain(&mut feed).len(), (32_000 - 64) / 32 + 1);
    assert_eq!(feed.status().gaps, 0);
}

/// What a live source brings during a pause is gone, and the pause is a gap. Every block has its own turn here.
#[test]
fn a_paused_live_source_runs_on() {
    struct Live {
        info: SourceInfo,
        turns: std::sync::mpsc::Receiver<()>,
        next: i64,
        reads: Arc<AtomicU64>,
    }
    impl Source for Live {
        fn info(&self) -> &SourceInfo {
            &self.info
        }
        fn read(&mut self, block: &mut Block) -> Result<Read, SourceError> {
            self.reads.fetch_add(1, Ordering::SeqCst);
            match self.turns.recv_timeout(Duration::from_millis(5)) {
                Ok(()) => {
                    *block = Block { samples: vec![0.5; 64], time_ns: self.next * 64_000_000, gap: false };
                    self.next += 1;
                    Ok(Read::Samples)
                }
                Err(_) => Ok(Read::Idle),
            }
        }
    }
    let (turn, turns) = std::sync::mpsc::channel();
    let reads = Arc::new(AtomicU64::new(0));
    let info = Script::new(Vec::new()).info.with_clock(Clock::Utc);
    let source = Live { info, turns, next: 0, reads: Arc::clone(&reads) };
    let settings = Settings { hop: 64, ..SETTINGS };
    let mut feed = Feed::start(Box::new(source), &settings, 100, WhenFull::Drop, || {}).unwrap();
    // So many blocks; then until they are dealt with. Two reads that begin after a pause began: the second knows of it.
    let play = |blocks: u64| {
        let goal = reads.load(Ordering::SeqCst) + blocks + 2;
        (0..blocks).for_each(|_| turn.send(()).unwrap());
        while reads.load(Ordering::SeqCst) < goal {
            std::thread::yield_now();
        }
    };
    play(3);
    feed.pause(true);
    play(0);
    play(4);
    feed.pause(false);
    play(0);
    play(2);
    let mut times = Vec::new();
    feed.drain(usize::MAX, |stamp, _| times.push(stamp.time_ns / 64_000_000));
    assert_eq!(times, [0, 1, 2, 7, 8]);
    assert_eq!((feed.status().gaps, feed.status().dropped_rows), (1, 0));
}

#[test]
fn a_feed_says_when_there_is_something_new() {
    let calls = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&calls);
    let mut source = Script::new(blocks(&noise(64 * 100), 64));
    source.live = true;
    let reads = Arc::clone(&source.reads);
    let wake = move || {
        seen.fetch_add(1, Ordering::SeqCst);
    };
    let mut feed = Feed::start(Box::new(source), &SETTINGS, 1000, WhenFull::Drop, wake).unwrap();
    let begun = Instant::now();
    while reads.load(Ordering::SeqCst) < 110 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the feed hangs");
        std::thread::yield_now();
    }
    // 199 rows came, none was fetched: one call is enough.
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(feed.drain(usize::MAX, |_, _| {}), 199);
    drop(feed);
    // And one for the end.
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[test]
fn a_feed_stops_wherever_it_is() {
    // Waiting for room in its queue; waiting for the next samples of a slow source; paused.
    let full = Feed::start(Box::new(demo(DemoOptions::default())), &SETTINGS, 1, WhenFull::Wait, || {}).unwrap();
    let slow = Demo::new(DemoOptions { speed: Speed::Times(1e-6), ..DemoOptions::default() }).unwrap();
    let slow = Feed::start(Box::new(slow), &SETTINGS, 1, WhenFull::Wait, || {}).unwrap();
    let paused = Feed::start(Box::new(demo(DemoOptions::default())), &SETTINGS, 1, WhenFull::Drop, || {}).unwrap();
    paused.pause(true);
    std::thread::sleep(Duration::from_millis(30));
    // Dropping joins the thread: that these return at all is the test.
    drop((full, slow, paused));
}

#[test]
fn a_feed_tells_of_errors_and_refuses_nonsense() {
    struct Broken(SourceInfo);
    impl Source for Broken {
        fn info(&self) -> &SourceInfo {
            &self.0
        }
        fn read(&mut self, _: &mut Block) -> Result<Read, SourceError> {
            Err(SourceError::NoSamples { path: "broken".into() })
        }
    }
    let info = Script::new(Vec::new()).info;
    let mut feed = Feed::start(Box::new(Broken(info)), &SETTINGS, 5, WhenFull::Wait, || {}).unwrap();
    assert!(drain(&mut feed).is_empty());
    assert!(feed.status().error.unwrap().to_string().contains("broken"));

    let start = |settings: &Settings, rows| {
        Feed::start(Box::new(Script::new(Vec::new())), settings, rows, WhenFull::Wait, || {}).unwrap_err()
    };
    assert!(matches!(start(&SETTINGS, 0), SourceError::Capacity { rows: 0, .. }));
    assert!(matches!(start(&SETTINGS, usize::MAX), SourceError::Capacity { .. }));
    assert!(matches!(start(&Settings { size: 0, ..SETTINGS }, 5), SourceError::Settings(_)));
}

// ------------------------------------------------------------------------------------------------- Ogg Vorbis and MP3

/// The amplitude of a frequency in these samples, by a sum over a Hann window.
fn amplitude(samples: &[f32], hertz: f64, rate: f64) -> f64 {
    let length = samples.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let weight = (1.0 - (TAU * n as f64 / length).cos()) * f64::from(*sample);
        let phase = TAU * hertz * n as f64 / rate;
        re += weight * phase.cos();
        im += weight * phase.sin();
    }
    2.0 * re.hypot(im) / length
}

/// A tone at 1500 Hz with half of full scale on the left, one at 5 kHz with a quarter on the right, as `ffmpeg` codes them.
#[test]
fn vorbis_and_mp3_sound_as_they_should() {
    let folder = tempfile::tempdir().unwrap();
    let (rate, count) = (44_100, 88_200);
    let tones = (0..count).flat_map(|n| {
        let at = |hertz: f64, level: f64| {
            ((level * (TAU * hertz * f64::from(n) / 44_100.0).sin()) * 32_767.0).round() as i16
        };
        [at(1500.0, 0.5), at(5000.0, 0.25)].into_iter().flat_map(i16::to_le_bytes)
    });
    let data: Vec<u8> = tones.collect();
    let path = store(folder.path(), "x.wav", &wav(1, 2, rate, 16, &data));
    for (name, codec) in [("x.ogg", ["libvorbis", "6"]), ("x.mp3", ["libmp3lame", "2"])] {
        let coded = folder.path().join(name);
        let mut ffmpeg = std::process::Command::new("ffmpeg");
        ffmpeg
            .args(["-v", "error", "-nostdin", "-i"])
            .arg(&path)
            .args(["-c:a", codec[0], "-q:a", codec[1]])
            .arg(&coded);
        match ffmpeg.status() {
            Ok(status) if status.success() => {}
            other => {
                eprintln!("SKIPPED: {name}: ffmpeg with {}: {other:?}", codec[0]);
                continue;
            }
        }
        for (channel, hertz, level, other) in [(1, 1500.0, 0.5, 5000.0), (2, 5000.0, 0.25, 1500.0)] {
            let options = FileOptions { channel: Channel::One(channel), ..MAX };
            let mut file = AudioFile::open(&coded, &options).unwrap();
            assert_eq!((file.channels(), file.info().rate_hz), (2, 44_100.0));
            let (samples, gaps) = all(&mut file);
            assert!(gaps.is_empty() && file.warning().is_none(), "{name}: {gaps:?} {:?}", file.warning());
            // Whole packets; the encoder's padding is cut off where the file tells it.
            assert!(samples.len().abs_diff(88_200) <= 2400, "{name}: {}", samples.len());
            let middle = &samples[8192..8192 + 65_536];
            let got = amplitude(middle, hertz, 44_100.0);
            // Within 0.2 dB, and the other channel is 40 dB below.
            assert!((20.0 * (got / level).log10()).abs() < 0.2, "{name} {channel}: {got}");
            assert!(amplitude(middle, other, 44_100.0) < level / 100.0, "{name} {channel}");
        }
        // Cut short or damaged it is no panic, and what is there is played.
        let whole = fs::read(&coded).unwrap();
        for (what, bytes) in [
            // A page of Vorbis is about a second.
            ("cut", whole[..whole.len() * 3 / 4].to_vec()),
            ("damaged", {
                let mut bytes = whole.clone();
                let middle = bytes.len() * 3 / 4;
                bytes[middle..middle + 700].fill(0x55);
                bytes
            }),
        ] {
            let path = store(folder.path(), &format!("{what}-{name}"), &bytes);
            let mut file = AudioFile::open(&path, &MAX).unwrap();
            let (samples, _) = all(&mut file);
            assert!(samples.len() > 30_000, "{what} {name}: {}", samples.len());
            assert!(file.warning().is_some(), "{what} {name}");
        }
    }
}
