//! A folder to run the program in, sounds to give it, and pictures to read.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;

/// Samples a second of all sounds.
pub(crate) const RATE: u32 = 8000;

/// A folder of its own for a test.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program in this folder, with nothing of the tester's environment that it would heed.
    pub(crate) fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = Command::cargo_bin("ringfall").unwrap();
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "WGPU_BACKEND", "WGPU_ADAPTER_NAME", "RUST_LOG"] {
            command.env_remove(name);
        }
        let timeout = std::time::Duration::from_secs(120);
        command.current_dir(self.0.path()).args(args).envs(env.iter().copied()).timeout(timeout).output().unwrap()
    }

    /// Runs what must succeed; what it said on stderr.
    pub(crate) fn well(&self, args: &[&str]) -> String {
        let output = self.run(args, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {said}");
        said
    }

    /// Runs what must fail with this exit code and these words, without leaving anything behind.
    pub(crate) fn fails(&self, args: &[&str], env: &[(&str, &str)], code: i32, words: &[&str]) {
        let before = self.names();
        let output = self.run(args, env);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{args:?}: expected {word:?} in:\n{said}");
        }
        assert!(!said.contains("panicked"), "{args:?}: {said}");
        assert_eq!(said.matches("error: ").count() - said.matches("XDG_RUNTIME_DIR").count(), 1, "once only: {said}");
        assert_eq!(self.names(), before, "{args:?} left something behind");
    }
}

/// A WAV file of one channel. `format` is 1 for integers, 3 for floats.
pub(crate) fn wav(format: u16, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = bits / 8;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend(format.to_le_bytes());
    file.extend(1u16.to_le_bytes());
    file.extend(RATE.to_le_bytes());
    file.extend((RATE * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

pub(crate) fn wav_i16(samples: impl Iterator<Item = f64>) -> Vec<u8> {
    let data: Vec<u8> = samples.flat_map(|sample| ((sample * 32767.0).round() as i16).to_le_bytes()).collect();
    wav(1, 16, &data)
}

/// A sine of half of full scale (-6.02 dB), this many samples long.
pub(crate) fn tone(hertz: f64, samples: usize) -> impl Iterator<Item = f64> {
    (0..samples).map(move |n| 0.5 * (std::f64::consts::TAU * hertz * n as f64 / f64::from(RATE)).sin())
}

/// Width, height and RGB bytes.
pub(crate) struct Png {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgb: Vec<u8>,
}

impl Png {
    pub(crate) fn read(path: &Path) -> Self {
        let file = std::io::BufReader::new(std::fs::File::open(path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgb, png::BitDepth::Eight));
        Self { width: info.width as usize, height: info.height as usize, rgb }
    }

    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let at = 3 * (y * self.width + x);
        self.rgb[at..at + 3].try_into().unwrap()
    }

    /// Where on a line (`sideways`: in a column) it is greenest.
    pub(crate) fn greenest(&self, line: usize, sideways: bool) -> usize {
        let across = if sideways { self.height } else { self.width };
        let green = |i: usize| {
            if sideways { self.at(line, i)[1] } else { self.at(i, line)[1] }
        };
        (0..across).max_by_key(|&i| green(i)).unwrap()
    }
}
