//! Files that are whole, damaged, newer or missing, and folders that cannot be written.

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The settings and the warnings of a file with this text.
fn loaded(text: impl AsRef<[u8]>) -> (Settings, Vec<String>) {
    let folder = folder();
    let path = folder.path().join("settings.toml");
    fs::write(&path, text).expect("a file");
    load(&path)
}

fn full() -> Settings {
    let mut settings = Settings {
        theme: Theme::Light,
        scale_factor: Some(1.25),
        colormap: Some("magma_r".to_owned()),
        fft: Some(65_536),
        window: Some(Window::Kaiser(8.6)),
        overlap: Some(75.0),
        average: Some(Average::Mean(4)),
        history: Some("2GiB".to_owned()),
        newest: Some(Side::Right),
        axis: Some(Axis::Mel),
        reduce: Some(Reduce::Min),
        time: Some(Time::Local),
        station: "DL0ABC \"Füchse\" \\ JO62".to_owned(),
        pictures: Some(PathBuf::from("/home/me/My Pictures")),
        spectrum_height: Some(0.0),
        trace_width: Some(120.5),
        panel_width: Some(280.0),
        show_grid: true,
        stretch: true,
        ..Settings::default()
    };
    for name in ["/a/one.wav", "/a/zwei ä'\".flac"] {
        settings.opened(Path::new(name));
    }
    settings
}

#[test]
fn what_is_saved_is_loaded() {
    let folder = folder();
    // Folders that do not exist are made.
    let path = folder.path().join("new/and new/settings.toml");
    for settings in [full(), Settings::default()] {
        assert_eq!(settings.save(&path).expect("saved"), Saved::Written);
        assert_eq!(load(&path), (settings, Vec::new()));
    }
    // Nothing else stays behind.
    assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("a folder").count(), 1);
    // Every key is in the file of settings that have them all.
    let text = full().text();
    for key in &KEYS {
        assert!(text.contains(&format!("\n{} = ", key.name)), "{}", key.name);
    }
    assert!(
        text.parse::<Table>()
            .is_ok_and(|table| table.len() == KEYS.len() + 1 && table["version"].as_integer() == Some(1))
    );
}

#[test]
fn the_file_lies_in_a_folder_of_the_programs_own() {
    // There is none without a home folder.
    if let Some(path) = default_path() {
        assert!(path.is_absolute() && path.ends_with("settings.toml"), "{path:?}");
        assert!(path.components().any(|part| part.as_os_str() == "ringfall"), "{path:?}");
    }
}

#[test]
fn a_missing_file_is_no_fault() {
    assert_eq!(load(&folder().path().join("none/settings.toml")), (Settings::default(), Vec::new()));
    assert_eq!(loaded(""), (Settings::default(), Vec::new()));
    assert_eq!(loaded("\u{feff}show_grid = true\n").0, Settings { show_grid: true, ..Settings::default() });
}

#[test]
fn an_unknown_key_is_named_and_kept_out() {
    let (settings, warnings) = loaded("version = 1\nthem = \"dark\"\nshow_grid = true\n[window2]\na = 1\n");
    assert_eq!(settings, Settings { show_grid: true, ..Settings::default() });
    assert!(warnings.len() == 2 && warnings[0].contains("them: there is no such setting"), "{warnings:?}");
    assert!(warnings[1].contains("window2"), "{warnings:?}");
    assert!(!settings.text().contains("them ="));
}

#[test]
fn a_wrong_value_falls_back_alone() {
    for (wrong, expected) in [
        ("theme = \"blue\"", "dark"),
        ("theme = 1", "dark"),
        ("scale_factor = 8", "0.5 to 4"),
        ("scale_factor = nan", "0.5 to 4"),
        ("colormap = \"virridis\"", "viridis"),
        ("fft = -1", "16 to 4194304"),
        ("fft = 9223372036854775807", "16 to 4194304"),
        ("fft = 4096.0", "whole number"),
        ("window = \"kaiser:1e9\"", "kaiser:8.6"),
        ("overlap = 100", "below 100"),
        ("overlap = inf", "below 100"),
        ("average = \"mean:0\"", "mean:N"),
        ("history = \"2\"", "2GiB"),
        ("newest = true", "bottom"),
        ("axis = []", "mel"),
        ("reduce = 1979-05-27", "mean"),
        ("time = \"UTC\"", "utc"),
        ("station = \"two\\nlines\"", "line of text"),
        ("pictures = \"\"", "a folder"),
        ("spectrum_height = -0.5", "0 to 10000"),
        ("trace_width = {}", "0 to 10000"),
        ("panel_width = 1e300", "0 to 10000"),
        ("recent = [\"a.wav\", 7]", "list of file names"),
        ("version = 0", "expected 1"),
        ("version = \"1\"", "expected 1"),
    ] {
        let key = wrong.split(' ').next().expect("a key");
        let good = if key == "show_grid" { "theme = \"light\"" } else { "show_grid = true" };
        let (settings, warnings) = loaded(format!("{wrong}\n{good}\n"));
        assert_eq!(settings, Settings { show_grid: true, ..Settings::default() }, "{wrong}");
        assert_eq!(warnings.len(), 1, "{wrong}: {warnings:?}");
        assert!(warnings[0].contains(&format!("settings.toml: {key}: expected ")), "{warnings:?}");
        assert!(warnings[0].contains(expected), "{warnings:?}");
    }
    let (_, warnings) = loaded(format!("station = \"{}\"", "ä".repeat(5000)));
    assert!(warnings[0].len() < 400 && warnings[0].contains('…'), "{warnings:?}");
}

#[test]
fn a_broken_file_is_set_aside() {
    let folder = folder();
    let path = folder.path().join("settings.toml");
    let broken: [&[u8]; 3] = [b"theme = \n", b"a = 1\na = 2\n", b"\xff\xfe\0"];
    for (text, name) in
        broken.into_iter().zip(["settings.toml.broken", "settings.toml.broken.1", "settings.toml.broken.2"])
    {
        fs::write(&path, text).expect("a file");
        let (settings, warnings) = load(&path);
        assert_eq!(settings, Settings::default());
        assert!(warnings.len() == 1 && warnings[0].contains(name), "{warnings:?}");
        assert!(!path.exists());
        assert_eq!(fs::read(folder.path().join(name)).expect("the file that was set aside"), text);
    }
    // The next settings take the name.
    assert_eq!(full().save(&path).expect("saved"), Saved::Written);
    let warnings = loaded("show_grid = true\ntheme = dark\n").1;
    assert!(warnings[0].contains("in line 2"), "{warnings:?}");
}

#[test]
fn deep_and_random_files_do_no_harm() {
    let deep = MOST_BYTES as usize / 2 - 100;
    for text in [
        format!("recent = {}", "[".repeat(deep)),
        format!("recent = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}x = 1", "x.".repeat(deep)),
        format!("[{}x]\nx = 1", "x.".repeat(deep)),
        format!("recent = {}", "{ x = ".repeat(deep / 4)),
    ] {
        let (settings, warnings) = loaded(&text);
        assert_eq!(settings, Settings::default());
        assert!(warnings.len() == 1 && warnings[0].len() < 1000, "{}", warnings[0].len());
    }
    // A file with damaged bytes: whatever is read is saved and read again.
    let whole = full().text().into_bytes();
    let folder = folder();
    let path = folder.path().join("settings.toml");
    let mut state = 1u64;
    let mut random = |below: usize| {
        // Knuth's linear congruential generator (The Art of Computer Programming, volume 2).
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for _ in 0..100 {
        let mut text = whole.clone();
        for _ in 0..=random(3) {
            let place = random(text.len());
            text[place] = random(256) as u8;
        }
        let (settings, _) = loaded(&text);
        if settings.save(&path).expect("saved") == Saved::Written {
            assert_eq!(load(&path), (settings, Vec::new()), "{}", String::from_utf8_lossy(&text));
        }
    }
}

#[test]
fn a_newer_file_is_read_as_far_as_known_and_kept() {
    let folder = folder();
    let path = folder.path().join("settings.toml");
    let text = "version = 2\nshow_grid = true\nhologram = \"on\"\n";
    fs::write(&path, text).expect("a file");
    let (settings, warnings) = load(&path);
    assert!(settings.show_grid);
    assert!(warnings.len() == 1 && warnings[0].contains("version 2 is newer"), "{warnings:?}");
    assert_eq!(settings.save(&path).expect("no error"), Saved::Kept);
    // So is one that came after the settings were loaded.
    assert_eq!(full().save(&path).expect("no error"), Saved::Kept);
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

#[test]
fn recent_files_are_few_and_each_once() {
    let mut settings = Settings::default();
    for n in 0..20 {
        settings.opened(Path::new(&format!("/r/{n}.wav")));
    }
    assert_eq!(settings.recent().len(), MOST_RECENT);
    settings.opened(Path::new("/r/10.wav"));
    assert_eq!(settings.recent()[..3], ["/r/10.wav", "/r/19.wav", "/r/18.wav"].map(PathBuf::from));
    assert_eq!(settings.recent().len(), MOST_RECENT);
    settings.forget(Path::new("/r/19.wav"));
    assert_eq!(settings.recent()[1], Path::new("/r/18.wav"));
    settings.opened(Path::new("here.wav"));
    assert!(settings.recent()[0].is_absolute());
    settings.forget(Path::new("here.wav"));
    assert_eq!(settings.recent()[0], Path::new("/r/10.wav"));
    // Addresses and flags are no paths.
    for text in
        ["igtl://host:18944 --as frames", "zmq://[::1]:5555/KEY", "--ffmpeg \"-i /dev/video0\"", "a.raw --rate 1M"]
    {
        settings.opened(Path::new(text));
        assert_eq!(settings.recent()[0], Path::new(text));
        settings.forget(Path::new(text));
        assert_eq!(settings.recent()[0], Path::new("/r/10.wav"));
    }
    let list: Vec<String> = (0..40).map(|n| format!("\"/r/{}.wav\"", n / 2)).collect();
    let (settings, warnings) = loaded(format!("recent = [{}]", list.join(", ")));
    assert!(warnings.is_empty());
    assert_eq!(settings.recent(), (0..12).map(|n| PathBuf::from(format!("/r/{n}.wav"))).collect::<Vec<_>>());
}

#[test]
fn places_that_cannot_be_written_give_an_error() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "data").expect("a file");
    for path in [file.join("settings.toml"), folder.path().to_owned(), PathBuf::from("/"), PathBuf::new()] {
        let error = full().save(&path).expect_err("an error");
        assert!(format!("{error:#}").contains("the settings were not saved"), "{error:#}");
    }
    assert_eq!(fs::read_to_string(&file).expect("the file"), "data");
    // What is not readable as a file is not written over.
    let (settings, warnings) = load(folder.path());
    assert!(warnings[0].contains("expected a file"), "{warnings:?}");
    assert_eq!(settings.save(folder.path()).expect("no error"), Saved::Kept);
    let big = folder.path().join("big");
    fs::write(&big, "#".repeat(MOST_BYTES as usize + 1)).expect("a file");
    let (settings, warnings) = load(&big);
    assert!(warnings[0].contains("bytes at most"), "{warnings:?}");
    assert_eq!(settings.save(&big).expect("no error"), Saved::Kept);
    assert!(full().save(&big).is_err());
}

#[cfg(unix)]
#[test]
fn a_read_only_file_a_pipe_and_names_of_other_encodings() {
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder();
    let path = folder.path().join("settings.toml");
    fs::write(&path, "show_grid = true\n").expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("permissions");
    assert!(full().save(&path).is_err());
    assert_eq!(fs::read_to_string(&path).expect("the file"), "show_grid = true\n");
    // A pipe is not waited for.
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    assert!(load(&pipe).1[0].contains("expected a file"));
    assert!(full().save(&pipe).is_err());
    // A link stays a link.
    let (link, target) = (folder.path().join("link"), folder.path().join("target"));
    fs::write(&target, "").expect("a file");
    symlink(&target, &link).expect("a link");
    assert_eq!(full().save(&link).expect("saved"), Saved::Written);
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert_eq!(load(&target).0, full());
    // TOML is UTF-8: a name that is not is left out.
    let mut settings = full();
    settings.opened(Path::new(std::ffi::OsStr::from_bytes(b"/a/\xff.wav")));
    assert_eq!(settings.save(&link).expect("saved"), Saved::Written);
    assert_eq!(load(&link), (full(), Vec::new()));
}

#[test]
fn two_programs_keep_each_others_changes() {
    let folder = folder();
    let path = folder.path().join("settings.toml");
    full().save(&path).expect("saved");
    let (ours, _) = load(&path);
    let (theirs, _) = load(&path);
    let (before, mut ours, mut theirs) = (ours.clone(), ours, theirs);
    (ours.theme, ours.scale_factor) = (Theme::Dark, None);
    ours.opened(Path::new("/ours.wav"));
    (theirs.fft, theirs.station) = (Some(2048), String::new());
    theirs.opened(Path::new("/theirs.wav"));
    theirs.forget(Path::new("/a/one.wav"));
    assert_eq!(ours.save_changes(&before, &path).expect("saved"), Saved::Written);
    assert_eq!(theirs.save_changes(&before, &path).expect("saved"), Saved::Written);
    let (now, warnings) = load(&path);
    let mut want = full();
    (want.theme, want.scale_factor, want.fft, want.station) = (Theme::Dark, None, Some(2048), String::new());
    want.recent = ["/theirs.wav", "/a/zwei ä'\".flac", "/ours.wav"].map(PathBuf::from).into();
    assert_eq!((now, warnings), (want, Vec::new()));
    // Without a change nothing of the other's is undone, and a file that was removed stays as empty as it can be.
    before.save_changes(&before, &path).expect("saved");
    assert_eq!(load(&path).0.fft, Some(2048));
    fs::remove_file(&path).expect("removed");
    ours.save_changes(&before, &path).expect("saved");
    assert_eq!((load(&path).0.theme, load(&path).0.fft), (Theme::Dark, None));
    // What somebody has broken meanwhile is set aside.
    fs::write(&path, "theme = \n").expect("a file");
    ours.save_changes(&before, &path).expect("saved");
    assert_eq!(fs::read_to_string(folder.path().join("settings.toml.broken")).expect("the file"), "theme = \n");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
}

#[test]
fn no_change_of_many_programs_is_lost() {
    let folder = folder();
    let path = folder.path().join("settings.toml");
    std::thread::scope(|scope| {
        for n in 0..8 {
            let path = &path;
            scope.spawn(move || {
                for round in 0..5 {
                    let (before, _) = load(path);
                    let mut now = before.clone();
                    now.opened(Path::new(&format!("/{n}")));
                    // Another key each time.
                    now.fft = Some(1024 + round);
                    now.save_changes(&before, path).expect("saved");
                }
            });
        }
    });
    let (settings, warnings) = load(&path);
    assert!(warnings.is_empty(), "{warnings:?}");
    let mut names: Vec<_> = settings.recent().iter().map(|path| path.display().to_string()).collect();
    names.sort_unstable();
    assert_eq!(names, (0..8).map(|n| format!("/{n}")).collect::<Vec<_>>());
}
