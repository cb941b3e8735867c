//! Power scans in CSV: sweeps become rows, at the right frequencies and times, and wrong lines are named.
#![cfg(feature = "app")]

#[path = "cli/place.rs"]
#[allow(dead_code, reason = "tests/cli.rs uses the rest")]
mod place;

use std::fmt::Write as _;

use place::{Place, Png};
use ringfall::source::{Clock, Read, RowSource as _, Scan, ScanOptions, ScanPipe, ScanPipeOptions, SourceError};
use ringfall::{Compute as _, RowsError, Stamp};

fn rows(scan: &mut Scan) -> Result<Vec<(Stamp, Vec<f32>)>, SourceError> {
    let mut rows = Vec::new();
    while scan.read(&mut |stamp, row| rows.push((stamp, row.to_vec())))? != Read::End {}
    Ok(rows)
}

fn open(place: &Place, text: &str) -> Result<Scan, SourceError> {
    Scan::open(place.file("scan.csv", text), &ScanOptions::default())
}

fn all(text: &str) -> Vec<(Stamp, Vec<f32>)> {
    rows(&mut open(&Place::new(), text).unwrap()).unwrap()
}

/// NaN as −999, so that rows can be compared.
fn plain(rows: &[(Stamp, Vec<f32>)]) -> Vec<Vec<f32>> {
    rows.iter().map(|(_, row)| row.iter().map(|v| if v.is_nan() { -999.0 } else { *v }).collect()).collect()
}

/// 2026-11-21 14:30:00 UTC, by `date -u +%s`.
const START_NS: i64 = 1_795_271_400_000_000_000;

const RTL: &str = "\
2026-11-21, 14:30:00, 100, 104, 1.00, 8, -1, -2, -3, -4, -4
2026-11-21, 14:30:00, 104, 108, 1.00, 8, -5, -6, -7, -8, -8
2026-11-21, 14:30:10, 100, 104, 1.00, 8, -11, -inf, nan, -14, -14
2026-11-21, 14:30:10, 104, 108, 1.00, 8, -15, -16, -17, -18, -18
2026-11-21, 14:30:20, 100, 104, 1.00, 8, -21, -22, -23, -24, -24
2026-11-21, 14:30:20, 104, 108, 1.00, 8, -25, -26, -27, -28, -28
";

#[test]
fn the_hops_of_a_sweep_are_a_row() {
    let place = Place::new();
    let mut scan = open(&place, RTL).unwrap();
    let info = scan.info().clone();
    assert_eq!((info.bins, info.first_hz, info.bin_hz, info.row_duration_ns), (8, 100.0, 1.0, 10e9));
    assert_eq!((info.source.clock, info.source.live), (Clock::Utc, false));
    assert_eq!((scan.start_ns(), scan.duration_ns()), (START_NS, 30_000_000_000));
    let rows = rows(&mut scan).unwrap();
    assert_eq!(plain(&rows)[0], [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0]);
    assert_eq!(plain(&rows)[1], [-11.0, f32::NEG_INFINITY, -999.0, -14.0, -15.0, -16.0, -17.0, -18.0]);
    assert_eq!(plain(&rows)[2], [-21.0, -22.0, -23.0, -24.0, -25.0, -26.0, -27.0, -28.0]);
    for (index, (stamp, _)) in rows.iter().enumerate() {
        let time_ns = START_NS + 10_000_000_000 * index as i64;
        assert_eq!(*stamp, Stamp { time_ns, duration_ns: 10e9, first_hz: 100.0, bin_hz: 1.0 });
    }
    assert!(scan.warning().is_none());
    assert_eq!(scan.read(&mut |_, _| panic!("no more")).unwrap(), Read::End);
}

#[test]
fn hops_in_any_order() {
    // hackrf_sweep writes the first and the third quarter of a tuning before the second and the fourth.
    let mut text = String::new();
    for sweep in 0..3 {
        for (at, low) in [0, 10, 5, 15, 20, 30, 25, 35].into_iter().enumerate() {
            let level = -(100 * sweep + low);
            let us = 1000 * at;
            writeln!(text, "2026-11-21, 14:30:0{sweep}.{us:06}, {low}, {}, 2.50, 20, {level}, {}", low + 5, level - 2)
                .unwrap();
        }
    }
    let rows = all(&text);
    assert_eq!(rows.len(), 3);
    for (sweep, row) in plain(&rows).into_iter().enumerate() {
        let want = (0..16).map(|bin| -(100.0 * sweep as f32 + 5.0 * (bin / 2) as f32 + 2.0 * (bin % 2) as f32));
        assert_eq!(row, want.collect::<Vec<_>>(), "sweep {sweep}");
        assert_eq!(rows[sweep].0.time_ns, START_NS + 1_000_000_000 * sweep as i64);
    }
    // The same lines of rtl_power, shuffled within each sweep.
    let mut lines: Vec<&str> = RTL.lines().collect();
    lines.swap(0, 1);
    lines.swap(4, 5);
    assert_eq!(plain(&all(&(lines.join("\n") + "\n"))), plain(&all(RTL)));
}

#[test]
fn hops_that_change() {
    // The second sweep lacks a hop, the third has another band and a coarser step.
    let text = "\
2026-11-21, 14:30:00, 100, 104, 1, 8, -1, -2, -3, -4
2026-11-21, 14:30:00, 104, 108, 1, 8, -5, -6, -7, -8
2026-11-21, 14:30:10, 100, 104, 1, 8, -9, -9, -9, -9
2026-11-21, 14:30:20, 98, 102, 2, 8, -3, -4
";
    let rows = all(text);
    assert_eq!(rows[0].0.first_hz, 98.0);
    let gap = -999.0;
    assert_eq!(
        plain(&rows),
        [
            [gap, gap, -1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0],
            [gap, gap, -9.0, -9.0, -9.0, -9.0, gap, gap, gap, gap],
            [-3.0, -3.0, -4.0, -4.0, gap, gap, gap, gap, gap, gap],
        ]
    );
}

fn sweep(text: &mut String, time: &str) {
    writeln!(text, "2026-11-21, {time}, 0, 2, 1, 1, -1, -2").unwrap();
}

#[test]
fn times() {
    let mut text = String::new();
    // Four in a second, a pause of an hour, and a clock that goes back by one.
    for time in
        ["14:30:00"; 4].into_iter().chain(["14:30:01", "14:30:02", "15:30:02", "15:30:03", "14:30:04", "14:30:05"])
    {
        sweep(&mut text, time);
    }
    let rows = all(&text);
    let seconds: Vec<f64> = rows.iter().map(|(stamp, _)| (stamp.time_ns - START_NS) as f64 * 1e-9).collect();
    assert_eq!(seconds[..7], [0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 3602.0]);
    assert!(seconds.is_sorted(), "{seconds:?}");
    assert!(rows.windows(2).all(|pair| pair[0].0.end_ns() <= pair[1].0.time_ns), "no two share a time");
    // Many of one time: none is kept back for ever.
    let mut text = String::new();
    (0..1000).for_each(|_| sweep(&mut text, "14:30:00"));
    assert_eq!(all(&text).len(), 1000);
    // --start.
    let place = Place::new();
    let mut options = ScanOptions::default();
    options.start_ns = Some(5_000);
    let mut scan = Scan::open(place.file("x.csv", RTL), &options).unwrap();
    assert_eq!(scan.start_ns(), 5_000);
    let times: Vec<i64> = self::rows(&mut scan).unwrap().iter().map(|(stamp, _)| stamp.time_ns).collect();
    assert_eq!(times, [5_000, 10_000_005_000, 20_000_005_000]);
    // Farther than times can be.
    options.start_ns = Some(i64::MAX);
    let result = Scan::open(place.path("x.csv"), &options).and_then(|mut scan| self::rows(&mut scan));
    assert!(matches!(result, Err(SourceError::Time { .. })), "{result:?}");
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let place = Place::new();
    let wrong = |text: &str| open(&place, text).and_then(|mut scan| rows(&mut scan)).unwrap_err().to_string();
    let lines: Vec<&str> = RTL.lines().collect();
    for (line, bad, words) in [
        (2, "hello", "line 3: time"),
        (0, "21.11.2026, 14:30:00, 1, 2, 1, 1, -1", "line 1: date: expected a date such as 2026-11-21, got 21.11.2026"),
        (4, "2026-11-21, 14:30:00, 100, 104, 1, 8, -1", "line 5: dB: expected about 4 levels"),
        (5, "2026-11-21, 14:30:00, 100, 104, 1, 8, -1, -2, x, -3", "line 6: dB: expected a level in dB"),
        (3, "2026-11-21, 14:30:00, 104, 100, 1, 8, -1, -2, -3, -4", "line 4: Hz high: expected more than Hz low"),
    ] {
        let mut lines = lines.clone();
        lines[line] = bad;
        let error = wrong(&(lines.join("\n") + "\n"));
        assert!(error.contains(words) && error.contains("scan.csv"), "{error}");
    }
    for nothing in ["", "\n\n", "# a remark\n", "date, time, Hz low\n"] {
        let error = wrong(nothing);
        assert!(error.contains("scan.csv") && error.contains("expected date, time"), "{nothing:?}: {error}");
    }
    let error = wrong("2026-11-21, 14:30:00, 0, 1, 1, 1, -1\n2026-11-21, 14:30:00, 1000000000, 1000000001, 1, 1, -1\n");
    assert!(error.contains("4194304"), "{error}");
    std::fs::write(place.path("scan.csv"), b"2026-11-21, 14:30:00, 0, 1, 1, 1, \xFF\n").unwrap();
    let error = Scan::open(place.path("scan.csv"), &ScanOptions::default()).unwrap_err().to_string();
    assert!(error.contains("line 1: text"), "{error}");
    assert!(Scan::open(place.path("none.csv"), &ScanOptions::default()).is_err());
    assert!(Scan::open(place.path(""), &ScanOptions::default()).is_err());
}

/// A program that is writing may be anywhere in its last line.
#[test]
fn a_last_line_that_is_cut_short() {
    let place = Place::new();
    let whole = RTL.len() - 1;
    let last = RTL[..whole].rfind('\n').unwrap() + 1;
    for end in last + 1..=whole {
        let mut scan = open(&place, &RTL[..end]).unwrap_or_else(|error| panic!("{}: {error}", &RTL[last..end]));
        let rows = rows(&mut scan).unwrap_or_else(|error| panic!("{}: {error}", &RTL[last..end]));
        assert_eq!(rows.len(), 3);
        // With fewer than its levels the hop is left out, and what is there is as it was.
        let got = plain(&rows);
        assert_eq!(got[..2], plain(&all(RTL))[..2], "{end}");
        let any = in_any_order(&place);
        assert!(plain(&any) == got && any.iter().zip(&rows).all(|(a, b)| a.0 == b.0), "{}", &RTL[last..end]);
        let whole = Scan::open(place.path("scan.csv"), &ScanOptions::default()).unwrap().into_rows().unwrap();
        assert_eq!(whole.warning().is_some(), scan.warning().is_some(), "{}", &RTL[last..end]);
        if scan.warning().is_some() {
            assert_eq!(got[2][4..], [-999.0; 4], "{}", &RTL[last..end]);
            assert!(scan.warning().unwrap().to_string().contains("line 6"));
        }
    }
    // Remarks, a byte order mark, a title and empty lines are no hops.
    let text = format!("\u{feff}date, time, Hz low, …\r\n# remark\r\n\r\n{}", RTL.replace('\n', "\r\n"));
    assert_eq!(plain(&rows(&mut open(&place, &text).unwrap()).unwrap()), plain(&all(RTL)));
}

/// The sweeps in any order: the last one first, and then those from each on.
fn in_any_order(place: &Place) -> Vec<(Stamp, Vec<f32>)> {
    let scan = Scan::open(place.path("scan.csv"), &ScanOptions::default()).unwrap().into_rows().unwrap();
    let mut rows = vec![None; scan.rows() as usize];
    let mut reader = scan.reader();
    for first in (0..scan.rows()).rev() {
        reader
            .read(first..scan.rows(), &mut |row, values| {
                let (stamp, bins) = scan.entry(row).unwrap();
                assert_eq!(values.len(), bins as usize);
                rows[row as usize] = Some((stamp, values.to_vec()));
                row % 2 == 0
            })
            .unwrap();
    }
    assert!(scan.entry(scan.rows()).is_none() && scan.entry(u64::MAX).is_none());
    rows.into_iter().map(Option::unwrap).collect()
}

#[test]
fn sweeps_in_any_order_are_those_of_the_file() {
    let mut shared = String::from("# a remark\n\n");
    for time in ["14:30:00"; 4].into_iter().chain(["14:30:01", "15:30:02", "15:30:03", "14:30:04"]) {
        sweep(&mut shared, time);
        shared.push_str("# another\n\n");
    }
    let holes = "\
2026-11-21, 14:30:00, 100, 104, 1, 8, -1, -2, -3, -4
2026-11-21, 14:30:00, 104, 108, 1, 8, -5, -6, -7, -8
2026-11-21, 14:30:10, 100, 104, 1, 8, -9, -9, -9, -9
2026-11-21, 14:30:20, 98, 102, 2, 8, -3, -4
2026-11-21, 14:30:30, 100, 104, 1, 8, -5, -6, -7, -8";
    let place = Place::new();
    for text in [RTL, &RTL.replace('\n', "\r\n"), &RTL[..RTL.len() - 10], &shared, holes] {
        let want = rows(&mut open(&place, text).unwrap()).unwrap();
        let got = in_any_order(&place);
        assert_eq!(plain(&got), plain(&want), "{text}");
        assert!(got.iter().map(|row| row.0).eq(want.iter().map(|row| row.0)), "{text}");
    }
    // After a pause, a sweep lasts as long as the one before the pause.
    place.file("scan.csv", &shared);
    let scan = Scan::open(place.path("scan.csv"), &ScanOptions::default()).unwrap().into_rows().unwrap();
    assert_eq!(scan.breaks(), [5, 6]);
    assert!(scan.warning().is_none());
    let scan = open(&place, &RTL[..RTL.len() - 10]).unwrap().into_rows().unwrap();
    assert!(scan.warning().unwrap().to_string().contains("line 6"));
}

#[test]
fn a_sweep_that_cannot_be_read_any_more_is_named() {
    let place = Place::new();
    let scan = open(&place, &RTL.replace("-25", "x")).unwrap().into_rows().unwrap();
    let path = place.path("scan.csv");
    let read = |rows| {
        let mut count = 0;
        let read = scan.reader().read(rows, &mut |_, _| {
            count += 1;
            true
        });
        (count, read.map_err(|error| error.to_string()))
    };
    let (count, error) = read(0..3);
    let error = error.unwrap_err();
    assert!(
        count == 2 && error.contains("line 6: dB: expected a level in dB") && error.contains("scan.csv"),
        "{error}"
    );
    // It was overwritten, and then it has become shorter.
    std::fs::write(&path, RTL.replace("2026", "what")).unwrap();
    assert!(read(1..2).1.unwrap_err().contains("line 3: date"));
    std::fs::write(&path, &RTL[..100]).unwrap();
    assert!(read(1..2).1.unwrap_err().contains("shorter"));
    assert!(matches!(scan.reader().read(3..4, &mut |_, _| true), Err(RowsError::NoRow { row: 3, .. })));
}

#[test]
fn a_picture_of_a_scan() {
    let place = Place::new();
    let mut text = String::new();
    for sweep in 0..60 {
        for hop in 0..4 {
            let low = 88_000_000 + hop * 1_000_000;
            write!(
                text,
                "2026-11-21, 14:{:02}:{:02}, {low}, {}, 100000.00, 8",
                30 + sweep / 60,
                sweep % 60,
                low + 1_000_000
            )
            .unwrap();
            // A carrier at 90.5 MHz, bin 25.
            (0..10).for_each(|bin| write!(text, ", {}", if hop == 2 && bin == 5 { -20 } else { -90 }).unwrap());
            writeln!(text, ", -90").unwrap();
        }
    }
    place.file("scan.csv", text);
    let flags = "--size 40x60 --vmin -100 --vmax 0 --colormap green";
    let args: Vec<&str> = "render scan.csv -o scan.png".split(' ').chain(flags.split(' ')).collect();
    let said = place.well(&args);
    assert!(said.contains("88 MHz") || said.contains("87.95 MHz"), "{said}");
    assert!(said.contains("--start"), "{said}");
    let png = Png::read(&place.path("scan.png"));
    for line in 0..60 {
        assert_eq!(png.greenest(line, false), 25, "line {line}");
    }
    // Half of it, by a time since the beginning and by UTC.
    place.well(&[&args[..], &["--to", "30s"]].concat());
    let half = Png::read(&place.path("scan.png"));
    place.well(&[&args[..], &["--start", "2026-11-21 14:30", "--to", "14:30:30"]].concat());
    assert!(half.rgb == Png::read(&place.path("scan.png")).rgb);
    let fails = |more: &[&str], code, words: &[&str]| place.fails(&[&args[..], more].concat(), &[], code, words);
    fails(&["--fft", "1024"], 2, &["--fft"]);
    fails(&["--rate", "1k"], 2, &["--rate"]);
    fails(&["--channel", "1"], 2, &["--channel"]);
    fails(&["--fmin", "200M"], 1, &["--fmin"]);
    place.file("bad.csv", "r,g,b\n1,2,3\n");
    place.fails(&["render", "bad.csv", "-o", "x.png"], &[], 1, &["bad.csv", "line 1"]);
}

/// A pipe of these pieces, read as a scan.
fn piped(text: &'static str, options: &ScanPipeOptions) -> Result<ScanPipe, SourceError> {
    ScanPipe::new(text.as_bytes(), options)
}

type Rows = Vec<(Stamp, Vec<f32>)>;

/// Its rows, and the information that held for each.
fn rows_of_pipe(scan: &mut ScanPipe) -> Result<(Rows, Vec<usize>), SourceError> {
    let (mut rows, mut bins) = (Vec::new(), vec![scan.info().bins]);
    loop {
        match scan.read(&mut |stamp, row| rows.push((stamp, row.to_vec())))? {
            Read::End => return Ok((rows, bins)),
            Read::Changed => bins.push(scan.info().bins),
            _ => {}
        }
    }
}

#[test]
fn a_scan_through_a_pipe_is_that_of_a_file() {
    let options = ScanPipeOptions::new("pipe");
    let mut scan = piped(RTL, &options).unwrap();
    let info = scan.info().clone();
    assert_eq!((info.bins, info.first_hz, info.bin_hz, info.row_duration_ns), (8, 100.0, 1.0, 10e9));
    assert_eq!((info.source.clock, info.source.live, scan.start_ns()), (Clock::Utc, false, Some(START_NS)));
    let (rows, bins) = rows_of_pipe(&mut scan).unwrap();
    assert_eq!(bins, [8]);
    let file = all(RTL);
    assert_eq!(plain(&rows), plain(&file));
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), file.iter().map(|row| row.0).collect::<Vec<_>>());
    assert!(scan.warning().is_none());
    // Another beginning moves all of it.
    let mut scan = piped(RTL, &options.with_start_ns(Some(5_000_000_000))).unwrap();
    assert_eq!(rows_of_pipe(&mut scan).unwrap().0[1].0.time_ns, 15_000_000_000);
}

#[test]
fn a_pipe_whose_band_grows_and_one_that_is_cut() {
    let wider = "\
date, time, Hz low, Hz high, Hz step, samples, dB
2026-11-21, 14:30:00, 104, 108, 1.00, 8, -5, -6, -7, -8, -8
2026-11-21, 14:30:10, 104, 108, 1.00, 8, -15, -16, -17, -18, -18
2026-11-21, 14:30:20, 104, 108, 1.00, 8, -25, -26, -27, -28, -28
2026-11-21, 14:30:20, 108, 110, 1.00, 8, -29, -30, -30
2026-11-21, 14:30:30, 104, 108, 0.50, 8, -1, -2, -3, -4, -5, -6, -7, -8
2026-11-21, 14:30:30, 108, 1";
    let mut scan = piped(wider, &ScanPipeOptions::new("pipe")).unwrap();
    let (rows, bins) = rows_of_pipe(&mut scan).unwrap();
    // 104 to 107; 104 to 109; the same in half steps.
    assert_eq!(bins, [4, 6, 11]);
    let lengths: Vec<usize> = rows.iter().map(|(_, row)| row.len()).collect();
    assert_eq!(lengths, [4, 4, 6, 11]);
    assert_eq!(plain(&rows)[2], [-25.0, -26.0, -27.0, -28.0, -29.0, -30.0]);
    assert_eq!(plain(&rows)[3], [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0, -999.0, -999.0, -999.0]);
    assert_eq!(
        rows[3].0,
        Stamp { time_ns: START_NS + 30_000_000_000, duration_ns: 10e9, first_hz: 104.0, bin_hz: 0.5 }
    );
    let warning = scan.warning().expect("the last line").to_string();
    assert!(warning.contains("pipe") && warning.contains('7'), "{warning}");
    // Nothing, no scan, and a wrong line in the midst.
    for (text, words) in [
        ("", "hops"),
        ("# only a remark\n", "hops"),
        ("what is this\n", "line 1"),
        ("2026-11-21, 14:30:00, 104, 108, 1.00, 8, -5, -6, -7, -8\nx\n", "line 2"),
        ("2026-11-21, 14:30:00, 0, 1e15, 1e-3, 8, -5\n", "dB"),
    ] {
        let error = piped(text, &ScanPipeOptions::new("pipe")).unwrap_err().to_string();
        assert!(error.contains("pipe") && error.contains(words), "{text:?}: {error}");
    }
}

/// A row comes as soon as the hop that begins the next sweep does, though the writer goes on to hold the pipe.
#[test]
fn a_live_scan_has_times_of_arrival() {
    let (reader, mut writer) = std::io::pipe().unwrap();
    let line = |low: u32| format!("2001-01-01, 00:00:00, {low}, {}, 1.00, 8, -1, -2, -3, -4\n", low + 4);
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
    // It writes while the other end reads, so that hops come one by one.
    let writing = std::thread::spawn(move || {
        for low in [100, 104, 100] {
            std::io::Write::write_all(&mut writer, line(low).as_bytes()).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        writer
    });
    let mut scan = ScanPipe::new(reader, &ScanPipeOptions::new("live").live()).unwrap();
    let writer = writing.join().unwrap();
    assert!(scan.info().source.live && scan.start_ns().is_none() && scan.info().bins == 8);
    let mut rows = Vec::new();
    for _ in 0..100 {
        assert_ne!(scan.read(&mut |stamp, row| rows.push((stamp, row.to_vec()))).unwrap(), Read::End);
        if !rows.is_empty() {
            break;
        }
    }
    let (stamp, row) = &rows[0];
    assert!(stamp.time_ns >= before && stamp.duration_ns >= 1e6 && stamp.duration_ns < 60e9, "{stamp:?}");
    assert_eq!(row.len(), 8);
    // Nothing more comes for now; in the end there is the rest.
    assert_eq!(scan.read(&mut |_, _| panic!("a row")).unwrap(), Read::Idle);
    drop(writer);
    assert_eq!(rows_of_pipe(&mut scan).unwrap().0.len(), 1);
}

#[test]
fn scans_through_standard_input_are_drawn() {
    let place = Place::new();
    let path = place.file("scan.csv", RTL);
    place.file("scan.txt", RTL);
    let flags = ["--size", "8x3", "--colormap", "green", "--vmin", "-30", "--vmax", "0"];
    place.well(&[&["render", "scan.csv", "-o", "a.png"], &flags[..]].concat());
    let render = |output: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ringfall"));
        command.current_dir(place.path(".")).args(["render", "-", "--format", "csv", "-o", output]).args(flags);
        command
    };
    let mut child = render("b.png").stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), RTL.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(Png::read(&place.path("a.png")).rgb, Png::read(&place.path("b.png")).rgb);
    // A file as standard input, and one of another name.
    assert!(render("c.png").stdin(std::fs::File::open(path).unwrap()).status().unwrap().success());
    place.well(&[&["render", "scan.txt", "--format", "csv", "-o", "d.png"], &flags[..]].concat());
    for other in ["c.png", "d.png"] {
        assert_eq!(Png::read(&place.path("a.png")).rgb, Png::read(&place.path(other)).rgb, "{other}");
    }
    // Without the flag it is called by its name.
    place.fails(&["render", "scan.txt", "-o", "e.png"], &[], 1, &["scan.txt", "begins with a date", "power scan"]);
}
