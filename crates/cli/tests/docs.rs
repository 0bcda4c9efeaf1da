//! The documents: every path and link in them exists, and both READMEs have the same commands. Every source file has a
//! header.
#![expect(clippy::unwrap_used, reason = "test helpers may panic")]

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn documents() -> Vec<String> {
    let mut paths: Vec<String> =
        ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            .map(str::to_owned)
            .into();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") {
                paths.push(path);
            }
        }
    }
    paths
}

#[test]
fn every_path_in_a_document_exists() {
    let mut count = 0;
    for document in documents() {
        let text = read(&document);
        let words = text.split(|c: char| c.is_whitespace() || "`()[]*,;\"'".contains(c));
        for word in words.map(|word| word.trim_end_matches(['.', ':', '/'])) {
            let is_path = ["crates/", "docs/", "compat/", "xtask/"].iter().any(|top| word.starts_with(top))
                || ["README.md", "README.zh-CN.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE"]
                    .contains(&word);
            if is_path {
                assert!(root().join(word).exists(), "{document}: {word} does not exist");
                count += 1;
            }
        }
    }
    assert!(count > 30, "{count}");
}

/// The anchor that a heading gets where Markdown is shown.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The anchors of the headings of a document.
fn anchors(text: &str) -> Vec<String> {
    let outside_blocks = text.split("```").step_by(2).flat_map(str::lines);
    outside_blocks
        .filter(|line| line.starts_with('#'))
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn every_link_in_a_document_leads_to_a_file_and_a_heading() {
    let mut count = 0;
    for document in documents() {
        let text = read(&document);
        let outside_blocks: String = text.split("```").step_by(2).collect();
        let links = outside_blocks.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.contains("://")) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => PathBuf::from(&document),
                path => Path::new(&document).parent().unwrap().join(path),
            };
            assert!(root().join(&target).exists(), "{document}: {link} does not exist");
            if !heading.is_empty() {
                let target = read(target.to_str().unwrap());
                assert!(anchors(&target).contains(&heading.to_owned()), "{document}: {link} has no heading");
            }
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn both_readmes_have_the_same_commands() {
    let blocks = |path: &str| -> Vec<String> {
        read(path).split("```").skip(1).step_by(2).map(str::to_owned).collect()
    };
    let (english, chinese) = (blocks("README.md"), blocks("README.zh-CN.md"));
    assert_eq!(english, chinese);
    assert!(english.len() >= 6);
}

#[test]
fn every_source_file_has_a_header_and_a_limited_length() {
    let mut dirs = vec![root().join("crates"), root().join("xtask")];
    let mut count = 0;
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(text.starts_with("//!"), "{}: no header", path.display());
                assert!(text.lines().count() <= 700, "{}: too long", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 80, "{count}");
}
