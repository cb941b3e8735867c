//! Prints the public items of a crate, feature by feature: what each adds to those that it includes.
//!
//! Usage: `list-public-api NAME[+INCLUDED...]=FILE.json ...`, in an order in which what is included comes first. The files are
//! rustdoc's (`--output-format json`).
//!
//! It exits with 3 if the files are in a format that it does not read.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

const OTHER_FORMAT: u8 = 3;

fn main() -> ExitCode {
    match list() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err((code, message)) => {
            eprintln!("list-public-api: {message}");
            ExitCode::from(code)
        }
    }
}

fn list() -> Result<String, (u8, String)> {
    let mut sets: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut text = String::new();
    for argument in std::env::args().skip(1) {
        let (names, path) =
            argument.split_once('=').ok_or_else(|| (2, format!("expected NAME=FILE.json, got {argument:?}")))?;
        let mut names = names.split('+');
        let name = names.next().unwrap_or_default();
        let mut included = BTreeSet::new();
        for other in names {
            let set = sets.get(other).ok_or_else(|| (2, format!("{name} includes {other}, which did not come yet")))?;
            included.extend(set.iter().cloned());
        }
        let items = items(path)?;
        text.push_str(&format!("# {name}\n"));
        for item in items.iter().filter(|item| !included.contains(*item)) {
            text.push_str(&format!("{item}\n"));
        }
        let items = BTreeSet::from_iter(items);
        // A feature only adds; what it changes is told here.
        for item in included.difference(&items) {
            text.push_str(&format!("WITHOUT {item}\n"));
        }
        text.push('\n');
        sets.insert(name.to_owned(), items);
    }
    text.pop();
    Ok(text)
}

/// The items in the order of their paths, without what is derived or implemented for everything.
fn items(path: &str) -> Result<Vec<String>, (u8, String)> {
    let fail = |error: &dyn std::fmt::Display| (1, format!("{path}: {error}"));
    let json = std::fs::read_to_string(path).map_err(|e| fail(&e))?;
    let format = serde_json::from_str::<serde_json::Value>(&json).map_err(|e| fail(&e))?["format_version"].as_u64();
    let known = rustdoc_types::FORMAT_VERSION;
    if format != Some(u64::from(known)) {
        let format = format.map_or("unknown".to_owned(), |format| format.to_string());
        return Err((OTHER_FORMAT, format!("this compiler's rustdoc writes format {format}, expected {known}")));
    }
    let api = public_api::Builder::from_rustdoc_json(path)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|e| fail(&e))?;
    Ok(api.items().map(ToString::to_string).collect())
}
