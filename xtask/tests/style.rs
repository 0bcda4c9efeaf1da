//! Rules of style that a program can check: names of crates, retired words, and the width of lines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::path::{Path, PathBuf};

/// Columns of a line, unless one long string literal makes it longer.
const WIDTH: usize = 120;
/// Words that earlier versions used for `unit_of_work`, `notifier`, `deleted_pipelines`, `PublicReader`, `Presenter` and
/// `Flow`.
const RETIRED: [&str; 7] = ["desk", "tidings", "leavings", "onlooker", "teller", "lane", "lanes"];
/// Crates that are not public libraries: their names have no prefix.
const PRIVATE: [&str; 6] = ["domain", "edge", "pages", "store", "testkit", "wire"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The source files below these folders with one of these extensions, as paths relative to the root.
fn sources(folders: &[&str], extensions: &[&str]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                if !["node_modules", "target", "migrations", "fixtures"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| extensions.iter().any(|wanted| e == *wanted)) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The lengths of the string literals of a line, longest first: `"..."`, `'...'`, `` `...` `` and raw strings. A
/// literal that continues on the next line ends with the line.
fn literals(line: &str) -> Vec<usize> {
    let (mut lengths, mut rest) = (Vec::new(), line);
    while let Some(start) = rest.find(['"', '`', '\'']) {
        let quote = &rest[start..=start];
        let hashes = rest[..start].chars().rev().take_while(|c| *c == '#').count();
        let end = format!("{quote}{}", "#".repeat(hashes));
        let inside = &rest[start + 1..];
        let mut from = 0;
        let length = loop {
            match inside[from..].find(&end) {
                Some(at) if hashes == 0 && inside[..from + at].ends_with('\\') => from += at + 1,
                Some(at) => break from + at,
                None => break inside.len(),
            }
        };
        lengths.push(inside[..length].chars().count());
        rest = inside.get(length + end.len()..).unwrap_or_default();
    }
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    lengths
}

/// Whether a line is long only because of one string literal.
fn is_one_literal(line: &str) -> bool {
    let lengths = literals(line);
    let (longest, next) = (lengths.first().copied().unwrap_or(0), lengths.get(1).copied().unwrap_or(0));
    line.chars().count() - longest <= WIDTH && next <= 48
}

#[test]
fn lines_have_at_most_120_columns() {
    let mut long = Vec::new();
    for path in sources(&["crates", "xtask", "compat"], &["rs", "js", "mjs", "py"]) {
        let text = text(&path);
        // The middle of a literal that spans lines, such as a statement in SQL, is one literal.
        let lines: Vec<&str> = text.lines().collect();
        let continued = |number: usize| {
            let before = number.checked_sub(1).and_then(|at| lines.get(at)).copied().unwrap_or_default();
            before.ends_with('\\')
                || !lines[number].contains(['"', '`', '\'']) && !lines[number].contains("//")
        };
        for (number, line) in text.lines().enumerate() {
            if line.chars().count() > WIDTH && !is_one_literal(line) && !continued(number) {
                long.push(format!("{}:{}", path.display(), number + 1));
            }
        }
    }
    assert!(long.is_empty(), "{} lines are longer than {WIDTH} columns:\n{}", long.len(), long.join("\n"));
}

#[test]
fn retired_words_do_not_come_back() {
    let mut found = Vec::new();
    for path in sources(&["crates"], &["rs", "js", "html", "css", "toml", "md"]) {
        for (number, line) in text(&path).lines().enumerate() {
            let lower = line.to_lowercase();
            let mut words = lower.split(|c: char| !c.is_alphanumeric() && c != '_');
            if let Some(word) = words.find(|word| RETIRED.contains(word)) {
                found.push(format!("{}:{}: {word}", path.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn crates_have_one_name() {
    let mut found = Vec::new();
    for path in sources(&["crates", "xtask"], &["rs", "toml"]) {
        if path.ends_with("tests/style.rs") {
            continue;
        }
        let text = text(&path);
        for name in PRIVATE {
            for alias in [format!("package = \"stagepost-{name}"), format!("stagepost_{name}::")] {
                if text.contains(&alias) {
                    found.push(format!("{}: {alias}", path.display()));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
