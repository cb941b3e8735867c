//! Random command lines: each is parsed or refused with a readable error. Nothing is run.

use std::ffi::OsString;

use clap::{Command, CommandFactory as _, Parser as _};

use super::Cli;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// Something like a value: numbers, units and signs, in any order, and now and then only what is extreme.
    fn value(&mut self) -> String {
        const WHOLE: [&str; 20] = [
            "1e308",
            "-1e308",
            "1e-320",
            "NaN",
            "inf",
            "-inf",
            "18446744073709551616",
            "-9223372036854775809",
            "",
            " ",
            "4294967295x4294967295",
            "9999-12-31T23:59:60Z",
            "0:59:59.999999999999",
            "1e300h",
            "1e18TiB",
            "kaiser:1e999",
            "mean:4294967296",
            "2026-11-21T14:00+25:00",
            "\u{661}\u{662}",
            "e",
        ];
        const PARTS: [&str; 40] = [
            "0",
            "1",
            "7",
            "59",
            "60",
            "4096",
            "1920x1080",
            "0x0",
            ".",
            "-",
            "+",
            ":",
            "/",
            "e",
            "E9",
            "k",
            "M",
            "G",
            "Hz",
            "dB",
            "%",
            "ms",
            "s",
            "min",
            "h",
            "x",
            "MiB",
            "GB",
            "Z",
            "T",
            "2026-11-21",
            "14:00",
            "mean",
            "kaiser",
            "hann",
            "mix",
            "viridis",
            "\u{e4}",
            "\u{d7}",
            " ",
        ];
        if self.below(4) == 0 {
            return self.pick(&WHOLE).to_owned();
        }
        (0..1 + self.below(4)).map(|_| self.pick(&PARTS)).collect()
    }
}

/// Whatever flags there are: those of the subcommand.
fn flags(command: &Command) -> Vec<String> {
    command.get_arguments().filter_map(|argument| argument.get_long()).map(|name| format!("--{name}")).collect()
}

#[test]
fn any_command_line_is_understood_or_refused() {
    let mut random = Random(1);
    let command = Cli::command();
    let mut seen = (0, 0);
    for subcommand in command.get_subcommands() {
        let flags = flags(subcommand);
        for _ in 0..800 {
            let mut line = vec!["ringfall".to_owned(), subcommand.get_name().to_owned()];
            for _ in 0..random.below(4) {
                let flag = if flags.is_empty() { "--none" } else { &flags[random.below(flags.len())] };
                match random.below(4) {
                    0 => line.push(random.value()),
                    1 => line.extend([flag.to_owned(), random.value()]),
                    _ => line.push(format!("{flag}={}", random.value())),
                }
            }
            match Cli::try_parse_from(line.iter().map(OsString::from)) {
                Ok(_) => seen.0 += 1,
                Err(error) => {
                    seen.1 += 1;
                    let text = error.to_string();
                    assert!(text.len() > 10, "{line:?}: {text:?}");
                    // Help and version go to stdout and are no errors.
                    assert!(error.exit_code() == if error.use_stderr() { 2 } else { 0 }, "{line:?}: {text}");
                }
            }
        }
    }
    assert!(seen.0 > 100 && seen.1 > 100, "understood, refused: {seen:?}");
}
