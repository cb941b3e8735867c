//! A short run of every fuzz target with seeds that are always the same, in a build with overflow checks. The targets in
//! `fuzz/` go on from here with a fuzzer's bytes. What one of them finds is added here as a test of its own.
#![cfg(feature = "app")]

mod bodies;
mod input;
mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};

use run::{many, run};

/// SplitMix64.
struct Random(u64);

impl Random {
    /// A generator for a target: always the same one, unless a long run asks for another.
    fn new(target: u64) -> Self {
        Self(target ^ run::seed().wrapping_mul(0x2545_f491_4f6c_dd1d))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }

    /// A seed with some damage: bytes changed, taken out, put in, doubled, cut off, and numbers of four bytes made extreme.
    fn damaged(&mut self, seed: &[u8], dictionary: &[&[u8]]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..1 + self.below(4) {
            if bytes.is_empty() {
                break;
            }
            // Most that decides stands at the beginning.
            let end = if self.below(2) == 0 { bytes.len() } else { bytes.len().min(64) };
            let at = self.below(end);
            match self.below(7) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = self.next() as u8,
                2 => drop(bytes.drain(at..bytes.len().min(at + 1 + self.below(8)))),
                3 => drop(bytes.splice(at..at, dictionary[self.below(dictionary.len())].iter().copied())),
                4 => bytes.truncate(at),
                5 => {
                    let piece = bytes[at..bytes.len().min(at + 16)].to_vec();
                    drop(bytes.splice(at..at, piece));
                }
                _ => {
                    let extreme = [0, 1, u32::MAX, i32::MAX as u32, 0x8000_0000, 0xFFFF][self.below(6)];
                    for (byte, new) in bytes[at..].iter_mut().zip(extreme.to_le_bytes()) {
                        *byte = new;
                    }
                }
            }
        }
        bytes
    }
}

/// Overflow checks are on, or the run proves less than it says.
#[test]
fn this_build_checks_for_overflow() {
    let most = std::hint::black_box(i64::MAX);
    assert!(catch_unwind(AssertUnwindSafe(|| std::hint::black_box(most + std::hint::black_box(1)))).is_err());
}

fn wav(tag: u16, channels: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels * (bits / 8);
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    [tag, channels].iter().for_each(|word| file.extend(word.to_le_bytes()));
    [8000, 8000 * u32::from(frame)].iter().for_each(|word| file.extend(word.to_le_bytes()));
    [frame, bits].iter().for_each(|word| file.extend(word.to_le_bytes()));
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

#[test]
fn audio() {
    let mut random = Random::new(1);
    let mut seeds =
        vec![std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/two-channels.flac")).expect("a FLAC file")];
    for (tag, channels, bits) in
        [(1, 1, 16), (1, 2, 16), (1, 2, 24), (1, 1, 8), (3, 2, 32), (3, 1, 64), (6, 1, 8), (7, 2, 8)]
    {
        seeds.push(wav(tag, channels, bits, &random.bytes(480)));
    }
    // Written by ffmpeg.
    for name in ["tone.ogg", "tone.mp3", "tone.rf64.wav", "tone.w64"] {
        let path = format!("{}/tests/data/audio/{name}", env!("CARGO_MANIFEST_DIR"));
        seeds.push(std::fs::read(path).expect("a sound file"));
    }
    let dictionary: [&[u8]; 9] = [
        b"OggS\0\x02",
        b"LIST\x08\0\0\0INFOabcd",
        b"data",
        b"fmt ",
        b"RIFF",
        b"fLaC",
        b"\xFF\xF8",
        b"\0\0\0\0\0\0\0\0",
        b"ID3\x04\0\0\0\0\x0F\x76",
    ];
    run(
        bodies::audio,
        many(3000).map(|i| {
            let mut bytes = random.bytes(2);
            let seed = &seeds[i % seeds.len()];
            bytes.extend(random.damaged(seed, &dictionary));
            bytes
        }),
    );
    run(bodies::audio, seeds.into_iter().map(|seed| [vec![0, 0], seed].concat()));
    // A WAV header behind other bytes: the decoder found it, and multiplied 65,282 channels by 2 bytes in 16 bits.
    let behind =
        b"/vRIFFRIFF\x04\x02\0\0WAVEfmt \x10\0\0\0\x01\0\x02\xff\xff\xff\x7f\0\0}\0\0\x04\0\x10\0data\xe0\x01\0\0";
    run(bodies::audio, std::iter::once([&behind[..], &[7; 480]].concat()));
}

#[test]
fn npy() {
    let mut random = Random::new(8);
    let read = |name: &str| {
        let path = format!("{}/tests/data/npy/{name}.npy", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).expect("a file that NumPy wrote")
    };
    let names = [
        "hwc",
        "chw-fortran",
        "hwc-f4",
        "thw-fortran",
        "tchw",
        "u1",
        "bool",
        "be-i2",
        "le-f2",
        "be-f8",
        "le-c8",
        "be-c16",
        "fortran",
        "version-2",
        "version-3",
    ];
    let refused = ["records", "objects", "texts", "empty", "three-dimensions", "one-dimension"];
    let seeds: Vec<_> = names.iter().chain(&refused).map(|name| read(name)).collect();
    let dictionary: [&[u8]; 14] = [
        b"True",
        b"(4294967296, 4294967296)",
        b"99999999999999999999",
        b"18446744073709551615",
        b"-1",
        b"[(",
        b"))",
        b"'",
        b"\\",
        b"'descr': ",
        b"|O",
        b">c16",
        b"L",
        b"\xFF",
    ];
    run(
        bodies::npy,
        many(6000).map(|i| {
            let mut bytes = vec![random.below(2) as u8];
            bytes.extend(random.damaged(&seeds[i % seeds.len()], &dictionary));
            bytes
        }),
    );
    run(bodies::npy, seeds.into_iter().map(|seed| [vec![0], seed].concat()));
}

#[test]
fn images() {
    let mut random = Random::new(15);
    let names = ["rgb.png", "grey16.png", "palette.png", "rgb.jpg", "cmyk.jpg", "rgb.tiff", "rgba.tiff"];
    let seeds = names.map(|name| {
        let path = format!("{}/tests/data/images/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).expect("a file that Pillow wrote")
    });
    let dictionary: [&[u8]; 5] = [b"\xff\xd9", b"\xff\xda\x00", b"IHDR", b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"];
    // A decoder's message of two lines.
    let mut lines = seeds[3].clone();
    lines.splice(3..5, [1]);
    lines.drain(361..368);
    run(bodies::image, std::iter::once(lines));
    run(bodies::image, many(3000).map(|i| random.damaged(&seeds[i % seeds.len()], &dictionary)));
    run(bodies::image, seeds.into_iter());
}

#[test]
fn palettes() {
    let mut random = Random::new(2);
    let csv = "r,g,b\n# a remark\n0,1,2\n 255 , 128,7\n\"0\",\"0\",\"0\"\n0.5,1,1e0\n";
    let whole = "0,1,2\n255,128,7\n9,9,9\n";
    let json = "{\"name\": \"ä\", \"colors\": [[0, 1, 2], [255, 254, 3.0], [1e2, -0, 7]]}";
    let list = "[[0.5, 1, 0], [0, 0, 0.25]]";
    let dictionary: [&[u8]; 12] = [
        b"NaN",
        b"inf",
        b"-1",
        b"1e400",
        b"256",
        b"0.5",
        b"\xC3\xA4",
        b"\xFF",
        b"\xEF\xBB\xBF",
        b"[[[[[[[[[[",
        b"99999999999999999999",
        b"\r\n",
    ];
    for (body, seeds) in [(bodies::palette_csv as fn(&[u8]), [csv, whole]), (bodies::palette_json, [json, list])] {
        run(body, many(3000).map(|i| random.damaged(seeds[i % 2].as_bytes(), &dictionary)));
    }
}

#[test]
fn words() {
    let mut random = Random::new(3);
    let seeds = [
        "mix",
        "iq",
        "12",
        "hann",
        "kaiser:8.6",
        "kaiser:1e2",
        "mean:8",
        "exp:0.25",
        "max:3",
        "viridis_r",
        "blackman-harris",
    ];
    let dictionary: [&[u8]; 6] = [b":", b"-", b"_r", b"1e999", b"NaN", "Ä²".as_bytes()];
    run(bodies::words, many(4000).map(|i| random.damaged(seeds[i % seeds.len()].as_bytes(), &dictionary)));
}

#[test]
fn scales() {
    let mut random = Random::new(4);
    run(bodies::scale, many(3000).map(|_| random.bytes(1500)));
}

#[test]
fn analysis() {
    let mut random = Random::new(5);
    run(bodies::analysis, many(1500).map(|_| random.bytes(6000)));
}

#[test]
fn rows() {
    let mut random = Random::new(6);
    run(bodies::rows, many(300).map(|_| random.bytes(4000)));
}

#[test]
fn igtl() {
    let mut random = Random::new(8);
    let seeds = ["u8", "f64", "v2", "rgb", "string"].map(|name| {
        let path = format!("{}/tests/data/igtl/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        [vec![63], std::fs::read(path).expect("a seed")].concat()
    });
    let words: [&[u8]; 4] = [b"GET_STATUS\0\0", b"IMAGE\0", &[255; 8], &[0; 12]];
    run(bodies::igtl, seeds.iter().cloned());
    run(bodies::igtl, many(40_000).map(|n| random.damaged(&seeds[n % seeds.len()], &words)));
}

#[test]
fn hosts() {
    let mut random = Random::new(7);
    run(|data| bodies::host(data, false), many(3000).map(|_| random.bytes(2000)));
    run(|data| bodies::host(data, true), many(3000).map(|_| random.bytes(2000)));
}

#[test]
fn sigmf() {
    let mut random = Random::new(11);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/sigmf/python.sigmf");
    let meta = std::fs::read(format!("{folder}-meta")).expect("metadata");
    let archive = std::fs::read(folder).expect("an archive");
    let hostile = br#"{"global": {"core:datatype": "ri16_be", "core:sample_rate": 1, "core:num_channels": 2, "core:offset": 3,
        "core:trailing_bytes": 9}, "captures": [{"core:sample_start": 4, "core:header_bytes": 5, "core:frequency": -1e9,
        "core:datetime": "2261-12-31T23:59:59.9Z"}, {"core:sample_start": 9, "core:datetime": "1680-01-01T00:00:00+01:00"}]}"#;
    let dictionary: [&[u8]; 12] = [
        b"18446744073709551615",
        b"9e15",
        b"-1",
        b"1e308",
        b"null",
        b"[]",
        b"\"core:frequency\": ",
        b"core:dataset\": \"",
        b"2262-04-11T23:47:16Z",
        b"rf64_be",
        b"0000000000\0",
        b"\x80\0\0\0\0\0\0\x7F\xFF\xFF\xFF\xFF",
    ];
    let seeds = [[&[0], &meta[..]].concat(), [&[0], &hostile[..]].concat(), [&[1], &archive[..]].concat()];
    run(bodies::sigmf, many(3000).map(|i| random.damaged(&seeds[i % seeds.len()], &dictionary)));
    run(bodies::sigmf, seeds.into_iter());
}

#[test]
fn scans() {
    let mut random = Random::new(13);
    let rtl = b"\x002026-11-21, 14:30:00, 100, 104, 1.00, 8, -1, -2, -3, -4, -4\n\
        2026-11-21, 14:30:00, 104, 108, 1.00, 8, -5, -6, -7, -8, -8\n\
        2026-11-21, 14:30:10, 100, 104, 1.00, 8, -11, -inf, nan, -14, -14\n";
    let hackrf =
        b"\x012019-01-03, 11:57:34.967805, 2400000000, 2405000000, 1000000.00, 20, -64.7, -63.3, -60.9, -61.8, -58\n\
        2019-01-03, 11:57:34.967805, 2410000000, 2415000000, 1000000.00, 20, -69.2, -60.6, -59.5, -61.8, -58\n\
        2019-01-03, 11:57:34.967805, 2405000000, 2410000000, 1000000.00, 20, -61.1, -70.1, -60.1, -57.9, -61\n";
    let dictionary: [&[u8]; 12] = [
        b"1e15",
        b"-1e15",
        b"1e-6",
        b"nan",
        b"inf",
        b"-1.#IND",
        b",",
        b"\n",
        b"2040-01-01",
        b"1910-12-31",
        b"\xEF\xBB\xBF",
        b"99999999999999999999",
    ];
    let seeds = [&rtl[..], &hackrf[..]];
    run(bodies::scan, many(20_000).map(|i| random.damaged(seeds[i % seeds.len()], &dictionary)));
    run(bodies::scan, seeds.into_iter().map(<[u8]>::to_vec));
}

#[test]
fn file_names() {
    let mut random = Random::new(12);
    let seeds = [
        "gqrx_20260101_120000_7100000_2400000_fc.raw",
        "SDRSharp_20260101_120000Z_7100000Hz_IQ.wav",
        "HDSDR_20260101_120000Z_7100kHz_RF.wav",
        "baseband_7100000Hz_12-00-00_01-01-2026.wav",
        "g001_433.92M_250k.cu8",
        "band_2.4Msps_7.1MHz.cs16",
    ];
    let dictionary: [&[u8]; 9] =
        [b"_", b".", b"-", b"Hz", b"sps", b"99999999999999999999", b"00000000", "\u{212a}".as_bytes(), b"1e9G"];
    run(bodies::file_name, many(20_000).map(|i| random.damaged(seeds[i % seeds.len()].as_bytes(), &dictionary)));
}

/// The handshake of ZeroMQ, messages with and without GNU Radio's tags, and damage.
#[test]
fn zmtp() {
    let mut random = Random::new(31);
    let mut tagged = b"\xf0\x5f\x01\x09\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
    tagged.extend([0; 8]);
    tagged.extend(b"\x02\0\x07rx_freq\x04\x41\x5b\x15\x8c\0\0\0\0\x01");
    tagged.extend([0; 8]);
    tagged
        .extend(b"\x02\0\x01a\x09\x07\x02\0\x01b\x03\0\0\0\x01\x06\x0a\x08\0\0\0\x01\x01\0\0\0\0\0\x0c\0\0\0\x01\x06");
    tagged.extend([7; 64]);
    let mut seed = b"\x40\x01\x01\x03key\0".to_vec();
    seed.push(tagged.len() as u8);
    seed.extend_from_slice(&tagged);
    seed.extend(b"\x04\x09\x04PING\0\x64ab\x02\0\0\0\0\0\0\x01\0");
    seed.extend([3; 256]);
    let bare = [&[9, 0][..], &ringfall::source::network::zmtp::greeting(), b"\x04\x06\x05ERROR"].concat();
    let seeds = [seed, bare];
    let words: [&[u8]; 4] = [b"\x05READY", b"\x04PING", b"\xf0\x5f\x01", b"\x06\xff\xff\xff\xff\xff\xff\xff\xff"];
    run(bodies::zmtp, seeds.iter().cloned());
    run(bodies::zmtp, many(40_000).map(|n| random.damaged(&seeds[n % seeds.len()], &words)));
    run(bodies::stream_heads, many(20_000).map(|_| random.damaged(&tagged, &words)));
}

/// Headers of shared rings, greetings of receivers, addresses.
#[test]
fn stream_heads() {
    let mut random = Random::new(32);
    let mut ring = b"RINGFALL\x01\0\0\0cf32\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0".to_vec();
    ring.extend(2.4e6_f64.to_le_bytes());
    ring.extend(100.1e6_f64.to_le_bytes());
    ring.extend([0; 40]);
    let seeds = [
        ring,
        b"RTL0\0\0\0\x05\0\0\0\x1d".to_vec(),
        b"zmq://[::1]:5555/key".to_vec(),
        b"rtl_tcp://localhost:1234".to_vec(),
        b"udp://:9000".to_vec(),
    ];
    let words: [&[u8]; 5] = [b"s16", b"://", b"[", b":0", b"/"];
    run(bodies::stream_heads, seeds.iter().cloned());
    run(bodies::stream_heads, many(40_000).map(|n| random.damaged(&seeds[n % seeds.len()], &words)));
}

/// What readers say to a publisher.
#[test]
fn publish() {
    let mut random = Random::new(41);
    let igtl = ["v2", "string"].map(|name| {
        let path = format!("{}/tests/data/igtl/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        [vec![0, 63, 0], std::fs::read(path).expect("a seed")].concat()
    });
    let mut query = ringfall::source::igtl::Message::new("GET_STATUS", "x", Vec::new()).encode().expect("a message");
    query.splice(0..0, [0, 30, 0]);
    let zmq = b"\x01\x07\x01\0\x04\x01key\0\x04\0key\x04\x09\x04PING\0\x64ab\0\x01\x01".to_vec();
    let request = b"\x02\x3f\0GET / HTTP/1.1\r\nHost: localhost:8080\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
        Origin: http://localhost:8080\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        .to_vec();
    let frames = b"\x02\x09\x01\x89\x84abcdwxyz\x81\xfe\0\x82abcd\x0a\x80abcd\x88\x82abcd\x03\xe8".to_vec();
    let page = b"\x02\xff\0GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n".to_vec();
    let [v2, string] = igtl;
    let seeds = [v2, string, query, zmq, request, frames, page];
    let words: [&[u8]; 11] = [
        b"\r\n\r\n",
        b"\r\n",
        b"Host: ",
        b": ",
        b"\x05READY",
        b"\x06\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x89\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x88\x80abcd",
        b"\x89\x80abcd",
        b"GET_STATUS\0\0",
        &[255; 8],
    ];
    run(bodies::publish, seeds.iter().cloned());
    run(bodies::publish, many(40_000).map(|n| random.damaged(&seeds[n % seeds.len()], &words)));
}

/// What receivers and publishers send.
#[test]
fn peers() {
    let mut random = Random::new(42);
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let message = |kind, number, body: &[u8]| {
        [words(&[2 << 24 | 1700, kind, 1, number, body.len() as u32]), body.to_vec()].concat()
    };
    let rtl = [&b"\0\x2bRTL0\0\0\0\x05\0\0\0\x1d"[..], &vec![7; 300_000]].concat();
    let mut spy = vec![1, 50];
    spy.extend(message(0, 0, &words(&[2, 1, 768_000, 660_000, 7, 0, 8, 9000, 31_000_000, 16, 1, 0])));
    for number in 0..4 {
        spy.extend(message(1, 0, &words(&[1, 5, 100, 200, 300, 100_000, 30_000_000, 100_000, 30_000_000])));
        spy.extend(message(100 + number, 2 * number, &[9; 40]));
    }
    let mut zmq = vec![2, 20];
    zmq.extend(ringfall::source::network::zmtp::greeting());
    zmq.extend(b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB");
    for offset in [0_u8, 10, 99] {
        let mut tagged = b"\xf0\x5f\x01".to_vec();
        tagged.extend(u64::from(offset).to_le_bytes());
        tagged.extend(1_u64.to_le_bytes());
        tagged.extend([0; 8]);
        tagged.extend(b"\x02\0\x07rx_freq\x04\x41\0\0\0\0\0\0\0\x01");
        tagged.extend([1; 80]);
        zmq.extend([0, tagged.len() as u8]);
        zmq.extend(tagged);
    }
    // The first is as long as what a client leaves out, so it takes its time.
    run(bodies::peer, [rtl.clone(), spy.clone(), zmq.clone()].into_iter());
    let dictionary: [&[u8]; 5] =
        [b"RTL0", b"\xf0\x5f\x01", b"\x06\xff\xff\xff\xff\xff\xff\xff\xff", &[255; 4], &[0; 8]];
    let seeds = [rtl[..100].to_vec(), spy, zmq];
    run(bodies::peer, many(20_000).map(|n| random.damaged(&seeds[n % seeds.len()], &dictionary)));
}

/// Pictures of `ffmpeg`: grey and in colours, with 8 and 16 bits, of several sizes.
#[test]
fn pictures() {
    let mut random = Random::new(44);
    let mut picture = |width: usize, height: usize, depth: usize, most: usize| {
        let head = format!("P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {most}\nTUPLTYPE RGB\nENDHDR\n");
        let bytes = width * height * depth * if most > 255 { 2 } else { 1 };
        [head.into_bytes(), random.bytes(bytes)].concat()
    };
    let seeds = [
        [picture(6, 4, 3, 255), picture(6, 4, 3, 255), picture(5, 2, 1, 65_535)].concat(),
        [picture(3, 3, 1, 255), picture(3, 1, 4, 65_535), picture(1, 9, 4, 255)].concat(),
    ];
    // Those of huge pictures ask for much memory, and are in the tests of the header.
    let dictionary: [&[u8]; 8] =
        [b"WIDTH 0\n", b"HEIGHT 1\n", b"DEPTH 2\n", b"MAXVAL 256\n", b"ENDHDR\n", b"P7\n", b"# a remark\n", b"-1"];
    run(bodies::pictures, seeds.iter().cloned());
    run(bodies::pictures, many(20_000).map(|n| random.damaged(&seeds[n % seeds.len()], &dictionary)));
}

/// Files of saved blocks.
#[test]
fn saved() {
    let mut random = Random::new(43);
    let (identity, blocks, (rows, bins)) = bodies::SAVED;
    let mut seed = b"ringfall\x01\0\0\0".to_vec();
    seed.extend((identity.len() as u64).to_le_bytes());
    seed.extend(identity.as_bytes());
    [2, 1, blocks as u32, 0].iter().for_each(|word: &u32| seed.extend(word.to_le_bytes()));
    for block in 0..blocks {
        let more = if block == 1 { bins } else { 0 };
        [bins, more, rows as u32, 0].iter().for_each(|word| seed.extend(word.to_le_bytes()));
        [rows as f32, 1.0].iter().for_each(|number| seed.extend(number.to_le_bytes()));
        seed.extend(random.bytes(4 * bins as usize));
        (0..bins + more).for_each(|number| seed.extend((number as f32 - 2.0).to_le_bytes()));
    }
    let whole = [&seed[..], &crc32fast::hash(&seed).to_le_bytes()].concat();
    let (identity, blocks, shape) = bodies::SAVED;
    assert_eq!(ringfall::Saved::check(&whole, identity, blocks, shape).expect("a valid file"), 3);
    let infinite = [0, 0, 0x80, 0x7f];
    let words: [&[u8]; 4] = [&infinite, &[255; 4], &[0; 8], b"ringfall"];
    run(bodies::saved, many(20_000).map(|_| random.damaged(&seed, &words)));
}
