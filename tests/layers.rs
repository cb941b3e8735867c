//! The source tree keeps to the floors of `scripts/floors.txt`, which states the rules.
//!
//! It reads the sources as text, so it sees `use` lines, paths in expressions and code behind features. It does not see
//! paths that a macro builds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

/// What stands in `scripts/floors.txt`.
struct Floors {
    enforce: bool,
    /// Path of a module below `src`, such as `rows` or `rows/disk`, its floor, and whether it may use wgpu.
    modules: BTreeMap<String, (u32, bool)>,
}

impl Floors {
    fn parse(text: &str) -> Result<Self, String> {
        let mut floors = Self { enforce: false, modules: BTreeMap::new() };
        let mut said = false;
        for (line, number) in text.lines().zip(1..) {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            match words.next() {
                None => {}
                Some("enforce") => {
                    said = true;
                    floors.enforce = match words.next() {
                        Some("yes") => true,
                        Some("no") => false,
                        other => return Err(format!("line {number}: expected enforce yes or no, got {other:?}")),
                    };
                }
                Some(floor) => {
                    let floor = floor.parse().map_err(|_| format!("line {number}: expected a floor, got {floor:?}"))?;
                    // The floor's name is for people.
                    for word in words.skip(1) {
                        let (module, wgpu) = word.strip_suffix("(wgpu)").map_or((word, false), |name| (name, true));
                        if floors.modules.insert(module.to_owned(), (floor, wgpu)).is_some() {
                            return Err(format!("line {number}: {module} is in the table twice"));
                        }
                    }
                }
            }
        }
        if said { Ok(floors) } else { Err("expected a line that says enforce yes or enforce no".to_owned()) }
    }

    /// The module of the table that holds this path: the longest entry that is a beginning of it.
    fn module(&self, path: &[String]) -> Option<&str> {
        (1..=path.len())
            .rev()
            .find_map(|length| self.modules.get_key_value(&path[..length].join("/")))
            .map(|(m, _)| &**m)
    }
}

/// One thing that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    rule: &'static str,
    place: String,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.place, self.what)
    }
}

/// The sources: path below `src`, with `/`, and text.
type Tree = BTreeMap<String, String>;

fn read_tree(folder: &Path, prefix: &str, tree: &mut Tree) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let entry = entry.expect("an entry");
        let name = format!("{prefix}{}", entry.file_name().to_str().expect("a name in UTF-8"));
        if entry.path().is_dir() {
            read_tree(&entry.path(), &format!("{name}/"), tree);
        } else if name.ends_with(".rs") {
            tree.insert(name, std::fs::read_to_string(entry.path()).expect("a source"));
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// This crate's table and sources.
fn here() -> (Floors, Tree) {
    let table = std::fs::read_to_string(root().join("scripts/floors.txt")).expect("scripts/floors.txt");
    let mut tree = Tree::new();
    read_tree(&root().join("src"), "", &mut tree);
    assert!(tree.len() > 50 && tree.contains_key("lib.rs") && tree.contains_key("main.rs"), "{:?}", tree.keys());
    (Floors::parse(&table).unwrap_or_else(|error| panic!("scripts/floors.txt: {error}")), tree)
}

/// A word or a sign of Rust's, and its line. Comments and the insides of strings are left out.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    text: String,
    line: usize,
}

fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let at = |i: usize| text.get(i).copied().unwrap_or('\0');
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut found, mut line, mut i) = (Vec::new(), 1, 0);
    while i < text.len() {
        let start = i;
        let mut keep = false;
        match at(i) {
            '/' if at(i + 1) == '/' => {
                while i < text.len() && at(i) != '\n' {
                    i += 1
                }
            }
            '/' if at(i + 1) == '*' => {
                let mut depth = 0;
                loop {
                    match (at(i), at(i + 1)) {
                        ('/', '*') => (depth, i) = (depth + 1, i + 2),
                        ('*', '/') => (depth, i) = (depth - 1, i + 2),
                        _ => i += 1,
                    }
                    if depth == 0 || i >= text.len() {
                        break;
                    }
                }
            }
            '"' => {
                i += 1;
                while i < text.len() && at(i) != '"' {
                    i += if at(i) == '\\' { 2 } else { 1 };
                }
                i += 1;
            }
            // r"…" and r#"…"#, also with b or c before it; r#name is a word.
            'r' if at(i + 1) == '"' || at(i + 1) == '#' && matches!(at(i + 2), '"' | '#') => {
                let hashes = (i + 1..).take_while(|&k| at(k) == '#').count();
                i += hashes + 2;
                while i < text.len() && !(at(i) == '"' && (1..=hashes).all(|k| at(i + k) == '#')) {
                    i += 1;
                }
                i += 1 + hashes;
            }
            // A character, not a lifetime.
            '\'' if at(i + 1) == '\\' => {
                i += 3;
                while i < text.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            ':' if at(i + 1) == ':' => (i, keep) = (i + 2, true),
            c if word(c) => {
                // Not the r of a raw string with b or c before it.
                while word(at(i)) && !(i > start && at(i) == 'r' && at(i + 1) == '"') {
                    i += 1;
                }
                keep = true;
            }
            c => (i, keep) = (i + 1, !c.is_whitespace()),
        }
        i = i.min(text.len());
        if keep {
            found.push(Token { text: text[start..i].iter().collect(), line });
        }
        line += text[start..i].iter().filter(|&&c| c == '\n').count();
    }
    found
}

/// A path that a file names, from the root of a crate on: of this one, or (outside) of the library seen from the program.
#[derive(Debug, PartialEq)]
struct Named {
    outside: bool,
    path: Vec<String>,
    line: usize,
}

/// Where a file is in its crate: `app/mod.rs` and `app.rs` are `app`, `lib.rs` and `main.rs` the root.
fn module_path(file: &str) -> Vec<String> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if path == "lib" || path == "main" { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

fn names(file: &str, source: &str) -> Vec<Named> {
    let tokens = tokens(source);
    let text = |i: usize| tokens.get(i).map_or("", |t| t.text.as_str());
    let mut found = Vec::new();
    let mut module = module_path(file);
    // The depth of braces at which each module in the file begins.
    let (mut inner, mut depth) = (Vec::new(), 0);
    let mut i = 0;
    while i < tokens.len() {
        match text(i) {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inner.last() == Some(&depth) {
                    inner.pop();
                    module.pop();
                }
            }
            "mod" if text(i + 2) == "{" => {
                inner.push(depth);
                module.push(text(i + 1).to_owned());
            }
            word @ ("crate" | "super" | "self" | "ringfall")
                if text(i + 1) == "::" && (i == 0 || text(i - 1) != "::") =>
            {
                let mut base = match word {
                    "crate" | "ringfall" => Vec::new(),
                    _ => module.clone(),
                };
                if word == "super" {
                    base.pop();
                }
                i += 2;
                while text(i) == "super" && text(i + 1) == "::" {
                    base.pop();
                    i += 2;
                }
                i = tree(&tokens, i, &base, word == "ringfall", &mut found);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// Reads a tree of a `use`, or a path, from token `i` on; returns the token after it.
fn tree(tokens: &[Token], mut i: usize, base: &[String], outside: bool, found: &mut Vec<Named>) -> usize {
    let mut path = base.to_vec();
    let line = tokens.get(i).map_or(0, |t| t.line);
    while let Some(token) = tokens.get(i) {
        match token.text.as_str() {
            "{" => {
                i += 1;
                while let Some(token) = tokens.get(i) {
                    match token.text.as_str() {
                        "}" => return i + 1,
                        "," => i += 1,
                        // `name as other` leaves two words that are no path.
                        "as" => i += 2,
                        _ => i = tree(tokens, i, &path, outside, found),
                    }
                }
                return i;
            }
            "self" if path.len() > base.len() || tokens.get(i + 1).is_none_or(|t| t.text != "::") => i += 1,
            name => {
                path.push(name.to_owned());
                i += 1;
            }
        }
        let more = tokens.get(i).is_some_and(|t| t.text == "::")
            && tokens.get(i + 1).is_some_and(|t| t.text == "{" || t.text == "*" || t.text.starts_with(word_start));
        if !more {
            break;
        }
        i += 1;
    }
    found.push(Named { outside, path, line });
    i
}

fn word_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Modules that `lib.rs` or `main.rs` declare.
fn declared(source: &str) -> BTreeSet<String> {
    let tokens = tokens(source);
    let mods = tokens.windows(3).filter(|t| t[0].text == "mod" && t[2].text == ";");
    mods.map(|t| t[1].text.clone()).collect()
}

/// All that breaks a rule.
fn check(floors: &Floors, sources: &Tree) -> BTreeSet<Fault> {
    let mut faults = BTreeSet::new();
    let library = declared(sources.get("lib.rs").map_or("", String::as_str));
    // Who imports from whom on the same floor, and where.
    let mut edges: BTreeMap<(String, String), String> = BTreeMap::new();
    for (file, source) in sources {
        let mut fault = |rule, line: usize, what: String| {
            let place = if line == 0 { format!("src/{file}") } else { format!("src/{file}:{line}") };
            faults.insert(Fault { rule, place, what });
        };
        if file.ends_with("/mod.rs") {
            fault("mod.rs", 0, format!("expected {}.rs beside the folder", file.trim_end_matches("/mod.rs")));
        }
        if !source.starts_with("//!") {
            fault("no //!", 0, "expected a first line that says what the file is for".to_owned());
        }
        // The front itself names everything.
        if file == "lib.rs" {
            continue;
        }
        let own_path = if file == "main.rs" { vec!["main".to_owned()] } else { module_path(file) };
        let Some(own) = floors.module(&own_path) else {
            fault("unknown module", 0, format!("{} is not in scripts/floors.txt", own_path.join("/")));
            continue;
        };
        let (floor, wgpu) = floors.modules[own];
        if !wgpu && let Some(token) = tokens(source).iter().find(|t| t.text == "wgpu") {
            fault("wgpu", token.line, format!("{own} is not marked as one that uses wgpu"));
        }
        let in_library = library.contains(&own_path[0]);
        for Named { outside, path, line } in names(file, source) {
            let first = path.first().map_or("*", String::as_str);
            let other = match floors.module(&path) {
                Some(other) => other,
                None if sources.keys().any(|f| module_path(f).first().is_some_and(|m| m == first)) => {
                    // It is told of once, by its own file.
                    continue;
                }
                None if in_library && !outside => {
                    fault("through the front", line, format!("crate::{}", path.join("::")));
                    continue;
                }
                // The program uses the library by its public names, as any other host.
                None if outside || in_library => continue,
                // What main.rs defines.
                None => "main",
            };
            if other == own {
                continue;
            }
            let (others, _) = floors.modules[other];
            if others > floor {
                let what = format!("{own} ({floor}) imports from {other} ({others}): {}", path.join("::"));
                fault("higher floor", line, what);
            } else if others == floor {
                // A circle over several floors has an import from a higher one in it.
                edges.entry((own.to_owned(), other.to_owned())).or_insert_with(|| format!("src/{file}:{line}"));
            }
        }
    }
    // From here to there and back again, by any way.
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut open = vec![from.to_owned()];
        while let Some(module) = open.pop() {
            for (_, to) in edges.keys().filter(|(from, _)| *from == module) {
                if seen.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        seen
    };
    for ((from, to), place) in &edges {
        if reached(to).contains(from) {
            let what = format!("{from} imports from {to}, and {to}, by some way, from {from}");
            faults.insert(Fault { rule: "circle", place: place.clone(), what });
        }
    }
    if floors.enforce {
        for module in floors.modules.keys() {
            let there = |f: &String| f.strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with(['.', '/']));
            if !sources.keys().any(there) {
                let what = format!("{module} is in the table and not in src");
                faults.insert(Fault { rule: "no such module", place: "scripts/floors.txt".to_owned(), what });
            }
        }
    }
    faults
}

#[test]
fn the_tree_keeps_to_its_floors() {
    let (floors, sources) = here();
    let faults = check(&floors, &sources);
    let list: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
    if floors.enforce {
        assert!(faults.is_empty(), "{} faults against scripts/floors.txt:\n{list}", faults.len());
    }
    let mut counts = BTreeMap::new();
    faults.iter().for_each(|fault| *counts.entry(fault.rule).or_insert(0) += 1);
    println!("{list}\nlayers: {} faults, not enforced: {counts:?}", faults.len());
    // A packaged crate has no target folder of its own.
    let target = root().join("target");
    if target.is_dir() {
        std::fs::write(target.join("layers.txt"), list).expect("target/layers.txt");
    }
}

/// What a change of one file in a copy of the tree adds to the faults that it has.
fn added(
    floors: &Floors,
    sources: &Tree,
    had: &BTreeSet<Fault>,
    file: &str,
    change: impl FnOnce(&mut String),
) -> Vec<Fault> {
    let mut copy = sources.clone();
    change(copy.entry(file.to_owned()).or_default());
    check(floors, &copy).difference(had).cloned().collect()
}

/// Every pair of modules that the table forbids, tried in a copy of this very tree: a `use` is put at the end of a file.
#[test]
fn a_forbidden_import_is_found_in_a_copy_of_the_tree() {
    let (floors, sources) = here();
    let files: Vec<(&String, &str)> = sources
        .keys()
        .filter(|file| *file != "lib.rs" && *file != "main.rs")
        .filter_map(|file| Some((file, floors.module(&module_path(file))?)))
        .collect();
    // The last file of each module: as a rule deep in its folder.
    let last: BTreeMap<&str, &String> = files.iter().map(|(file, module)| (*module, *file)).collect();
    // A copy of these alone, since every try reads all of it.
    let kept = |file: &String| file == "lib.rs" || file == "main.rs" || last.values().any(|kept| *kept == file);
    let copy: Tree = sources.iter().filter(|(file, _)| kept(file)).map(|(f, text)| (f.clone(), text.clone())).collect();
    let (had, mut tried) = (check(&floors, &copy), 0);
    for (low, file) in &last {
        for high in last.keys().filter(|high| floors.modules[**high].0 > floors.modules[*low].0) {
            let line = format!("\nuse crate::{}::{{inner::Thing as Other, self}};\n", high.replace('/', "::"));
            let faults = added(&floors, &copy, &had, file, |text| text.push_str(&line));
            assert!(faults.iter().any(|f| f.rule == "higher floor"), "{line} in {file}: {faults:?}");
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried}");
}

fn tree_of(files: &[(&str, &str)]) -> Tree {
    files.iter().map(|(name, text)| ((*name).to_owned(), format!("//! A file.\n{text}"))).collect()
}

/// A tree in order, and what one file more or less does to it.
#[test]
fn each_rule_is_broken_once() {
    let floors = Floors::parse(
        "enforce yes\n0 ground stamp scale # a remark\n2 rows rows rows/disk\n4 top fall(wgpu)\n7 front main",
    );
    let floors = floors.expect("a table");
    let good = tree_of(&[
        ("lib.rs", "pub mod stamp; mod scale; mod rows; mod fall; pub use stamp::Stamp; pub use fall::Fall;"),
        ("main.rs", "use ringfall::{Stamp, stamp::Stamp as S}; const X: u8 = b'{';"),
        (
            "stamp.rs",
            "/* crate::fall */ // crate::fall\n const T: &str = \"crate::fall::Fall \\\" {\"; const R: &str = r#\"crate::\"fall\"#;",
        ),
        (
            "scale.rs",
            "use crate::stamp::Stamp; fn f<'a>(x: &'a str) -> char { '{' } mod tests { use super::*; use super::super::stamp; }",
        ),
        ("rows.rs", "use crate::{scale::{self, Scale}, stamp::*}; pub(crate) struct A; pub(in crate::rows) struct B;"),
        ("rows/disk.rs", "use super::A;"),
        ("fall.rs", "use wgpu::Device; fn f() -> crate::rows::A { crate::rows::A::<u8>::new() }"),
    ]);
    let none = BTreeSet::new();
    assert_eq!(check(&floors, &good), none);
    for (file, text, rule) in [
        ("stamp.rs", "use crate::rows::A;", "higher floor"),
        ("stamp.rs", "fn f() { let x = [crate::rows::A]; }", "higher floor"),
        ("stamp.rs", "mod inner { use super::super::{fall::Fall}; }", "higher floor"),
        ("rows/disk.rs", "use super::super::fall::Fall;", "higher floor"),
        ("rows/disk.rs", "use crate::{stamp::Stamp, fall};", "higher floor"),
        ("fall.rs", "use crate::Stamp;", "through the front"),
        ("fall.rs", "use crate::{rows::A, Stamp};", "through the front"),
        ("fall.rs", "use super::Stamp;", "through the front"),
        ("fall.rs", "use crate::*;", "through the front"),
        ("stamp.rs", "use crate::scale::Scale;", "circle"),
        ("rows.rs", "use crate::rows::disk::Disk;", "circle"),
        ("stamp.rs", "fn f(d: &wgpu::Device) {}", "wgpu"),
        ("new.rs", "", "unknown module"),
        ("new/deep.rs", "", "unknown module"),
        ("fall/mod.rs", "", "mod.rs"),
    ] {
        let faults = added(&floors, &good, &none, file, |old| {
            *old = if old.is_empty() { format!("//! New.\n{text}\n") } else { format!("{old}\n{text}\n") };
        });
        assert!(!faults.is_empty() && faults.iter().all(|f| f.rule == rule), "{file}, {text}: {faults:?}");
    }
    let faults = added(&floors, &good, &none, "rows.rs", |text| text.replace_range(..3, "// "));
    assert_eq!(faults.iter().map(|f| f.rule).collect::<Vec<_>>(), ["no //!"]);
    let mut without = good.clone();
    without.remove("scale.rs");
    assert!(check(&floors, &without).iter().any(|f| f.rule == "no such module"));
    // The place is the line.
    let faults = added(&floors, &good, &none, "stamp.rs", |text| text.push_str("\n\n\nuse crate::{\n    rows::A,\n};"));
    assert_eq!(faults[0].place, "src/stamp.rs:7", "{faults:?}");
}

#[test]
fn tables_that_are_none() {
    for (text, message) in [
        ("0 ground stamp", "enforce yes or enforce no"),
        ("enforce maybe", "line 1"),
        ("enforce no\nground stamp", "line 2: expected a floor"),
        ("enforce no\n0 ground stamp\n1 more stamp", "line 3: stamp is in the table twice"),
    ] {
        let error = Floors::parse(text).err().unwrap_or_default();
        assert!(error.contains(message), "{text:?}: {error:?}");
    }
}
