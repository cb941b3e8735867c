//! Playing recorded samples, against ALSA's file plugin: no sound card is needed for it. What is played is written to a FIFO that the
//! test reads, or does not read: then the sound library hangs.
#![cfg(all(feature = "sound", feature = "recordings", target_os = "linux"))]

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringfall::source::{Player, PlayerOptions, RawFile, RawFileOptions, RawFormat, Samples};

/// Samples of the recording: at 48 kHz, 1.25 s.
const COUNT: usize = 60_000;

/// What the test itself writes after everything: nothing that is played is beyond full scale.
const END: f32 = 2.0;

/// None of them is 0, which is what a player writes where it has nothing.
fn recorded() -> Vec<f32> {
    (0..COUNT).map(|n| (n + 1) as f32 / 65_536.0).collect()
}

/// ALSA reads its configuration once in a process, from where the environment says: so the test proper runs in a child of this
/// one.
fn child(folder: &Path, config: &str, how: &str) -> Output {
    let path = folder.join("asound.conf");
    fs::write(&path, config).unwrap();
    let bytes: Vec<u8> = recorded().iter().flat_map(|value| value.to_le_bytes()).collect();
    fs::write(folder.join("samples.rf32"), bytes).unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args(["inside_the_child", "--exact", "--nocapture"])
        .env("ALSA_CONFIG_PATH", &path)
        .env("RINGFALL_TEST_CHILD", how)
        .env("RINGFALL_TEST_FOLDER", folder)
        .output()
        .unwrap()
}

#[track_caller]
fn check(output: &Output) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("ALL DONE"), "{said}");
    assert!(!said.contains("ALSA lib"), "ALSA's own chatter gets through: {said}");
}

/// The default device writes what is played, as 32-bit floats of two channels, to `fifo`.
fn config(fifo: &Path) -> String {
    format!(
        "pcm.!default {{ type file slave.pcm {{ type null }} file \"{}\" format raw truncate true }}
        pcm.null {{ type null }}",
        fifo.display()
    )
}

#[test]
fn the_samples_that_are_played_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = make_fifo(folder.path());
    // Open for both, so that there is no end when the sound library closes it between two attempts.
    let mut file = File::options().read(true).write(true).open(&fifo).unwrap();
    let mut end = file.try_clone().unwrap();
    let reader = std::thread::spawn(move || {
        let (mut frames, mut frame) = (Vec::new(), [0; 8]);
        loop {
            file.read_exact(&mut frame).unwrap();
            let [left, right] = [0, 4].map(|at| f32::from_le_bytes(frame[at..at + 4].try_into().unwrap()));
            assert_eq!(left, right, "both channels have the same");
            match left {
                END => return frames,
                // Silence, where nothing was due.
                0.0 => {}
                value => frames.push(value),
            }
        }
    });
    check(&child(folder.path(), &config(&fifo), "play"));
    end.write_all(&[END.to_le_bytes(), END.to_le_bytes()].concat()).unwrap();
    let frames = reader.join().unwrap();
    assert!(frames == recorded()[1000..], "{} samples, the first {:?}", frames.len(), frames.first());
}

#[test]
fn a_device_that_hangs_holds_up_nobody() {
    // Nobody opens the other end of the FIFO: opening the device hangs.
    let folder = tempfile::tempdir().unwrap();
    let fifo = make_fifo(folder.path());
    check(&child(folder.path(), &config(&fifo), "hang"));
}

#[test]
fn without_a_device_it_is_played_by_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    check(&child(folder.path(), "pcm.null { type null }", "no device"));
}

fn make_fifo(folder: &Path) -> std::path::PathBuf {
    let fifo = folder.join("played");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    fifo
}

#[test]
fn inside_the_child() {
    let (Ok(how), Ok(folder)) = (std::env::var("RINGFALL_TEST_CHILD"), std::env::var("RINGFALL_TEST_FOLDER")) else {
        return;
    };
    let samples = Path::new(&folder).join("samples.rf32");
    let options = RawFileOptions::new(RawFormat::F32, 48_000.0);
    let samples: Arc<dyn Samples> = Arc::new(RawFile::open(&samples, &options).unwrap().into_pcm().unwrap());
    assert_eq!(samples.count(), COUNT as u64);

    let begun = Instant::now();
    let player = Player::start(Arc::clone(&samples), 1000, PlayerOptions::default()).unwrap();
    let mut before = player.position();
    assert_eq!(before, 1000);
    while !player.is_done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not end: {player:?}");
        std::thread::sleep(Duration::from_millis(2));
        let now = player.position();
        assert!(now >= before && now <= COUNT as u64);
        before = now;
    }
    assert_eq!(player.position(), COUNT as u64);
    let warning = player.warning().map(|warning| warning.to_string()).unwrap_or_default();
    match &*how {
        "play" => assert_eq!(warning, ""),
        "hang" => assert!(warning.contains("does not answer"), "{warning}"),
        _ => assert!(warning.starts_with("sound device"), "{warning}"),
    }
    // Half a second may have been in the queue of a device without a clock of its own.
    assert!(begun.elapsed() >= Duration::from_millis(600), "{:?}", begun.elapsed());
    let begun = Instant::now();
    drop(player);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    println!("ALL DONE");
}
