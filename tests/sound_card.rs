//! The sound card as a source, against ALSA's file plugin: no sound card is needed for it.
#![cfg(all(feature = "sound", target_os = "linux"))]

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use ringfall::dsp::{SampleKind, Settings};
use ringfall::source::{
    Block, Channel, Clock, Feed, Read, SoundCard, SoundCardOptions, Source, SourceError, WhenFull, devices,
};

/// Frames of two channels in the file.
const FRAMES: usize = 100_000;

/// ALSA reads its configuration once in a process, from where the environment says: so the test proper runs in a child of this
/// one.
#[test]
fn the_sound_card_delivers() {
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("samples.raw");
    // A ramp of exact values: both channels together count up.
    let ramp: Vec<u8> = (0..2 * FRAMES).flat_map(|n| (n as f32 / 262_144.0).to_le_bytes()).collect();
    fs::write(&samples, ramp).unwrap();
    let config = folder.path().join("asound.conf");
    let text = format!(
        "pcm.null {{ type null }}
        pcm.ringfall_test {{
            type file
            slave.pcm null
            file /dev/null
            infile \"{}\"
            format raw
            hint {{ show on description \"Samples from a file\" }}
        }}
        pcm.hidden {{ type null }}
        pcm.broken {{
            type file
            slave.pcm nonexistent
            file /dev/null
            hint {{ show on description \"Cannot be opened\" }}
        }}
        ",
        samples.display()
    );
    fs::write(&config, text).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["inside_the_child", "--exact", "--nocapture"])
        .env("ALSA_CONFIG_PATH", &config)
        .env("RINGFALL_TEST_CHILD", "1")
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}");
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("ALSA lib"), "ALSA's own chatter gets through: {said}");
    if !said.contains("SKIPPED") {
        assert!(said.contains("ALL DONE"), "{said}");
    }
}

fn open(device: &str, channel: Channel) -> Result<SoundCard, SourceError> {
    SoundCard::open(&SoundCardOptions { device: Some(device.to_owned()), channel, ..SoundCardOptions::default() })
}

#[test]
fn inside_the_child() {
    if std::env::var_os("RINGFALL_TEST_CHILD").is_none() {
        return;
    }
    let list = devices().unwrap();
    let Some(device) = list.iter().find(|device| device.id == "ringfall_test") else {
        println!("SKIPPED: this ALSA does not list a device of its file plugin, only {list:?}");
        return;
    };
    assert_eq!(device.name, "Samples from a file");
    assert!(device.channels >= 2 && device.rates_hz.contains(&48_000), "{device:?}");

    // By its id, and by a part of its name.
    for (name, channel, kind) in
        [("ringfall_test", Channel::One(2), SampleKind::Real), ("from a FILE", Channel::Iq, SampleKind::Complex)]
    {
        let mut card = open(name, channel).unwrap();
        assert_eq!((card.info().rate_hz, card.info().kind, card.info().clock), (48_000.0, kind, Clock::Utc));
        assert_eq!(card.channels(), 2);
        let (mut samples, mut block) = (Vec::new(), Block::default());
        let begun = Instant::now();
        let mut first_ns = None;
        while samples.len() < 4000 {
            assert!(begun.elapsed() < Duration::from_secs(30), "no samples");
            if card.read(&mut block).unwrap() == Read::Samples {
                assert!(!block.gap);
                let first_ns = *first_ns.get_or_insert(block.time_ns);
                let before = samples.len() / kind.values_per_sample();
                let expected_ns = (before as f64 * 1e9 / 48_000.0).round() as i64;
                assert_eq!(block.time_ns - first_ns, expected_ns);
                samples.extend_from_slice(&block.samples);
            }
        }
        let numbers: Vec<usize> = match channel {
            Channel::One(_) => (0..4000).map(|n| 2 * n + 1).collect(),
            _ => (0..4000).collect(),
        };
        let expected: Vec<f32> = numbers.iter().map(|&n| n as f32 / 262_144.0).collect();
        assert_eq!(samples[..4000], expected);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as i64;
        let age_s = (now - first_ns.unwrap()) as f64 * 1e-9;
        assert!((-60.0..60.0).contains(&age_s), "not the time of day: {age_s} s ago");
    }

    // Rows come of it, and the feed stops.
    let card = open("ringfall_test", Channel::Mix).unwrap();
    let mut feed = Feed::start(Box::new(card), &Settings::default(), 100, WhenFull::Drop, || {}).unwrap();
    let begun = Instant::now();
    let mut rows = 0;
    while rows < 10 {
        assert!(begun.elapsed() < Duration::from_secs(30), "no rows");
        rows += feed.drain(100, |_, row| assert_eq!(row.len(), 1025));
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(feed);

    let unknown = open("no such device", Channel::Mix).unwrap_err();
    assert!(matches!(unknown, SourceError::UnknownDevice { .. }), "{unknown}");
    // The same ones as `devices` has, and no others.
    let names: Vec<String> = list.iter().map(|device| format!("{} ({})", device.id, device.name)).collect();
    assert!(unknown.to_string().ends_with(&format!("these exist: {}", names.join(", "))), "{unknown}");
    assert!(names.contains(&"ringfall_test (Samples from a file)".to_owned()), "{names:?}");
    let hidden = open("hidden", Channel::Mix).unwrap_err();
    assert!(matches!(hidden, SourceError::UnknownDevice { .. }), "{hidden}");
    let channel = open("ringfall_test", Channel::One(9999)).unwrap_err();
    assert!(matches!(channel, SourceError::Channel { asked: 9999, .. }), "{channel}");
    // There is no default device in this configuration.
    let default = SoundCard::open(&SoundCardOptions::default()).unwrap_err();
    assert!(matches!(default, SourceError::NoDevice { .. }), "{default}");
    println!("ALL DONE");
}
