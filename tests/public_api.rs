//! `docs/public-api.txt` is what embedders rely on. Every public name in the library's sources is in it, whatever its
//! feature, and every name in it still exists. `scripts/public-api.sh` compares whole signatures, and with `--write` records
//! them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn rust_files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a readable folder") {
            rust_files(&entry.expect("an entry").path(), found);
        }
    } else if path.extension().is_some_and(|e| e == "rs") {
        found.push(path.to_owned());
    }
}

/// The identifier at the start of `text`.
fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Names declared with one of these words at the start of a line. What the documentation hides is no part of the interface: it is
/// there for the fuzz targets.
fn declared(text: &str, words: &[&str]) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim_start);
    let before = std::iter::once("").chain(lines.clone());
    let shown = lines.zip(before).filter(|(_, before)| *before != "#[doc(hidden)]").map(|(line, _)| line);
    shown.filter_map(|line| words.iter().find_map(|word| line.strip_prefix(word)).map(identifier)).collect()
}

#[test]
fn the_interface_is_as_it_is_kept() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(root.join("docs/public-api.txt")).expect("docs/public-api.txt");
    let library = std::fs::read_to_string(root.join("src/lib.rs")).expect("src/lib.rs");
    let mut files = Vec::new();
    for line in library.lines() {
        let module = line.strip_prefix("pub mod ").or(line.strip_prefix("mod "));
        if let Some(name) = module.map(identifier) {
            rust_files(&root.join(format!("src/{name}.rs")), &mut files);
            if root.join("src").join(&name).is_dir() {
                rust_files(&root.join("src").join(&name), &mut files);
            }
        }
    }
    // To document SoapySDR's source takes its library, so its interface is not recorded.
    files.retain(|path| path.exists() && !path.to_string_lossy().contains("soapy"));
    assert!(files.len() > 40, "{files:?}");
    let sources: Vec<_> = files.iter().map(|path| std::fs::read_to_string(path).expect("a source")).collect();

    let words: BTreeSet<_> = kept.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let public = ["pub fn ", "pub const fn ", "pub struct ", "pub enum ", "pub trait ", "pub const "];
    for (path, text) in files.iter().zip(&sources) {
        for name in declared(text, &public).into_iter().filter(|name| name != "fn") {
            assert!(
                words.contains(name.as_str()),
                "{name} of {} is not in docs/public-api.txt: see scripts/public-api.sh",
                path.display()
            );
        }
    }

    let all = sources.join("\n");
    let functions: BTreeSet<_> = declared(&all, &public).into_iter().chain(declared(&all, &["fn "])).collect();
    for line in kept.lines() {
        let Some(path) = line.strip_prefix("pub fn ").or(line.strip_prefix("pub const fn ")) else { continue };
        let path = path.split(['(', '<']).next().unwrap_or(path);
        let name = path.rsplit("::").next().unwrap_or(path);
        // What macros write is not in the sources.
        if !["fmt", "from", "source", "clone", "eq", "hash"].contains(&name) {
            assert!(functions.contains(name), "{path} of docs/public-api.txt is gone");
        }
    }
}
