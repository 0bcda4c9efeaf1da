//! The layers of the crate: no module imports from a layer above its own, and no dialect uses another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The layers, lowest first. A module may use those of lower layers; modules of one layer may use each other
/// only as [`SIDEWAYS`] says.
const LAYERS: &[&[&str]] = &[
    &["http"],
    &["language"],
    &["catalogue", "explanation", "request"],
    &["audit", "auth", "events"],
    &["dialect", "state"],
    &["routes"],
    &["code_hosts"],
    &["bitbucket", "codearts", "gitea", "github", "gitlab", "iam", "native", "operations", "pages"],
    &["forwarding", "openapi"],
    &["dialects"],
    &["fallback"],
    &[ROOT],
];
/// Uses within a layer.
const SIDEWAYS: &[(&str, &str)] = &[
    // Pages return the JSON of the native API at their own addresses.
    ("pages", "native"),
];
/// `lib.rs`.
const ROOT: &str = "lib";

/// The source of a file with its module path: `["native", "events", "stream"]`; that of `lib.rs` is empty.
struct Source {
    file: String,
    module: Vec<String>,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut sources) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let relative = path.strip_prefix(&root).unwrap().with_extension("");
            let mut module: Vec<String> =
                relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
                module.pop();
            }
            let text = std::fs::read_to_string(&path).unwrap();
            sources.push(Source { file: relative.display().to_string(), module, text });
        }
    }
    sources
}

/// The text of a file without its test modules.
fn without_tests(text: &str) -> String {
    let Some((before, tests)) = text.split_once("#[cfg(test)]") else { return text.to_owned() };
    let after = tests.find("\n}\n").map_or("", |end| &tests[end + 3..]);
    format!("{before}{}", without_tests(after))
}

/// The part of a file that is compiled outside tests, without comments and the contents of strings.
fn code(text: &str) -> String {
    let text = without_tests(text);
    let mut code = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.peek() == Some(&'/') => {
                rest.by_ref().find(|c| *c == '\n');
                code.push('\n');
            }
            '"' => {
                while let Some(c) = rest.next() {
                    match c {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                code.push_str("\"\"");
            }
            // A character literal, which may be a quotation mark; everything else is a lifetime.
            '\'' => {
                let ahead: String = rest.clone().take(3).collect();
                let mut literal = ahead.chars();
                match (literal.next(), literal.next(), literal.next()) {
                    (Some('\\'), Some(_), _) => {
                        rest.by_ref().nth(1);
                        rest.by_ref().find(|c| *c == '\'');
                    }
                    (Some(_), Some('\''), _) => drop(rest.by_ref().nth(1)),
                    _ => {}
                }
            }
            c => code.push(c),
        }
    }
    code
}

/// The paths of a file that start at the crate's root or above the file's own module, as module paths from
/// the root.
fn paths(source: &Source) -> BTreeSet<Vec<String>> {
    let code = code(&source.text);
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            found.extend(expand(source, &code[at..]));
        }
    }
    found
}

/// The paths that the beginning of a text names: one, or with braces several.
fn expand(source: &Source, text: &str) -> Vec<Vec<String>> {
    let mut path = source.module.clone();
    let mut rest = text;
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        match name {
            "crate" => path.clear(),
            "super" => drop(path.pop()),
            "self" | "" => {}
            name => path.push(name.to_owned()),
        }
        let Some(next) = after.strip_prefix("::") else { return vec![path] };
        if let Some(list) = next.strip_prefix('{') {
            return items(list).map(|item| [&path[..], &[item]].concat()).collect();
        }
        rest = next;
    }
}

/// The first names of the items of a list in braces. What is nested deeper does not change the layer.
fn items(list: &str) -> impl Iterator<Item = String> {
    let (mut depth, mut names, mut name) = (0, Vec::new(), String::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            c if depth == 0 => name.push(c),
            _ => {}
        }
    }
    names.push(name);
    let first = |item: String| {
        let item = item.trim();
        item[..item.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(item.len())].to_owned()
    };
    names.into_iter().map(first).filter(|name| !name.is_empty())
}

/// The module that a path leads to, of those directly below the root; every other name is an item of
/// `lib.rs`.
fn top(path: &[String]) -> &str {
    let known = |name: &&String| LAYERS.iter().flat_map(|layer| layer.iter()).any(|module| module == name);
    path.first().filter(known).map_or(ROOT, String::as_str)
}

fn rank(module: &str) -> usize {
    let rank = LAYERS.iter().position(|layer| layer.contains(&module));
    rank.unwrap_or_else(|| panic!("{module} has no layer: add it to LAYERS"))
}

/// Every use of one top module by a file of another.
fn uses() -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut uses: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for source in sources() {
        let from = source.module.first().map_or(ROOT, String::as_str);
        for path in paths(&source) {
            let to = top(&path);
            if from != to {
                let written = format!("{}: crate::{}", source.file, path.join("::"));
                uses.entry((from.to_owned(), to.to_owned())).or_default().insert(written);
            }
        }
    }
    uses
}

#[test]
fn every_module_has_a_layer() {
    for source in sources() {
        rank(source.module.first().map_or(ROOT, String::as_str));
    }
}

#[test]
fn no_module_imports_from_a_higher_layer() {
    let uses = uses();
    assert!(uses.len() > 20, "the sources were not read: {uses:?}");
    let upward: Vec<_> = uses.iter().filter(|((from, to), _)| rank(from) < rank(to)).collect();
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn modules_of_one_layer_do_not_use_each_other_except_pages_the_native_api() {
    let uses = uses();
    let allowed = |from: &str, to: &str| SIDEWAYS.contains(&(from, to));
    let sideways: Vec<_> =
        uses.iter().filter(|((from, to), _)| rank(from) == rank(to) && !allowed(from, to)).collect();
    assert!(sideways.is_empty(), "{sideways:#?}");
    for (from, to) in SIDEWAYS {
        assert!(uses.contains_key(&((*from).to_owned(), (*to).to_owned())), "{from} no longer uses {to}");
    }
}

#[test]
fn paths_are_resolved_from_the_file_that_contains_them() {
    let source = |module: &[&str], text: &str| Source {
        file: String::new(),
        module: module.iter().map(|part| (*part).to_owned()).collect(),
        text: text.to_owned(),
    };
    let found = |module: &[&str], text: &str| -> Vec<String> {
        paths(&source(module, text)).iter().map(|path| path.join("::")).collect()
    };
    assert_eq!(found(&["auth"], "use crate::Edge;"), ["Edge"]);
    assert_eq!(found(&["auth"], "use crate::{Edge, routes::{Context, Public}};"), ["Edge", "routes"]);
    assert_eq!(found(&["auth", "cookie"], "use super::super::routes;"), ["routes"]);
    assert_eq!(
        found(&["auth", "cookie"], "super::Auth::new(crate::pages::NAME)"),
        ["auth::Auth::new", "pages::NAME"]
    );
    assert_eq!(found(&["http"], "fn f() { super::routes::finish() }"), ["routes::finish"]);
    for none in [
        "// crate::pages",
        "let text = \"crate::pages\";",
        "#[cfg(test)]\nmod tests { use crate::pages; }",
        "other_crate::pages",
    ] {
        assert!(found(&["http"], none).is_empty(), "{none}");
    }
    let after_tests = "#[cfg(test)]\nmod tests {\n    use crate::pages;\n}\nuse crate::native::X;\n";
    assert_eq!(found(&["http"], after_tests), ["native::X"]);
    assert_eq!(top(&["Edge".to_owned()]), ROOT);
    assert_eq!(found(&["http"], "let quote = '\"'; crate::pages::NAME; let other = '\"';"), ["pages::NAME"]);
}
