//! The pages of `docs` in both languages: each English page has a Chinese one in `docs/zh-CN`, with the same headings,
//! commands, tables and links. The same holds for both READMEs.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod page;

use page::{Page, read, root};
use std::collections::{BTreeMap, BTreeSet};

/// The pages below a folder, relative to it, without those in `zh-CN`.
fn pages_below(folder: &str) -> BTreeSet<String> {
    let (mut folders, mut found) = (vec![String::new()], BTreeSet::new());
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(root().join(folder).join(&inside)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{inside}{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                if path != "zh-CN" {
                    folders.push(format!("{path}/"));
                }
            } else if path.ends_with(".md") {
                found.insert(path);
            }
        }
    }
    found
}

/// Both pages of every pair, English first.
fn pairs() -> Vec<(Page, Page)> {
    let pages = pages_below("docs/zh-CN");
    let paths = pages.iter().map(|page| (format!("docs/{page}"), format!("docs/zh-CN/{page}")));
    let all = paths.chain([("README.md".to_owned(), "README.zh-CN.md".to_owned())]);
    all.map(|(english, chinese)| (Page::read(&english), Page::read(&chinese))).collect()
}

/// The lines of both lists that the other one lacks, with their numbers.
fn differences<T: Ord + std::fmt::Display>(english: &[T], chinese: &[T]) -> Vec<String> {
    let mut counts: BTreeMap<&T, i32> = BTreeMap::new();
    for one in english {
        *counts.entry(one).or_default() += 1;
    }
    for one in chinese {
        *counts.entry(one).or_default() -= 1;
    }
    let side = |count: i32| if count > 0 { "only in English" } else { "only in Chinese" };
    counts
        .iter()
        .filter(|(_, count)| **count != 0)
        .map(|(one, count)| format!("{}: {one}", side(*count)))
        .collect()
}

/// Compares every pair by a function that returns the differences of two sections.
fn compare_sections(differences_of: impl Fn(&page::Section, &page::Section) -> Vec<String>) {
    let mut found = Vec::new();
    for (english, chinese) in pairs() {
        for (one, other) in english.sections.iter().zip(&chinese.sections) {
            let all = differences_of(one, other);
            found.extend(all.iter().map(|text| format!("{}, \"{}\": {text}", chinese.path, other.title)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_page_exists_in_both_languages() {
    let (english, chinese) = (pages_below("docs"), pages_below("docs/zh-CN"));
    let missing: Vec<&String> = english.difference(&chinese).collect();
    assert!(missing.is_empty(), "docs/zh-CN lacks {missing:?}");
    let alone: Vec<&String> = chinese.difference(&english).collect();
    assert!(alone.is_empty(), "docs lacks {alone:?}");
}

#[test]
fn the_line_below_the_heading_links_to_the_other_language() {
    for page in pages_below("docs/zh-CN") {
        let up = "../".repeat(page.matches('/').count());
        let links = [
            (format!("docs/{page}"), format!("[中文]({up}zh-CN/{page})")),
            (format!("docs/zh-CN/{page}"), format!("[English]({up}../{page})")),
        ];
        for (path, link) in links {
            let text = read(&path);
            let third = text.lines().nth(2).unwrap_or_default();
            assert_eq!(third, link, "{path}: the third line");
        }
    }
}

#[test]
fn headings_are_of_the_same_number_and_levels() {
    for (english, chinese) in pairs() {
        let levels = |page: &Page| page.sections.iter().map(|section| section.level).collect::<Vec<_>>();
        assert_eq!(levels(&english), levels(&chinese), "{}", chinese.path);
    }
}

#[test]
fn code_blocks_are_identical_except_for_comments() {
    compare_sections(|english, chinese| differences(&english.blocks, &chinese.blocks));
}

#[test]
fn tables_have_the_same_rows_columns_and_empty_cells() {
    compare_sections(|english, chinese| {
        let mut found = differences(
            &[format!("{} tables", english.tables.len())],
            &[format!("{} tables", chinese.tables.len())],
        );
        for (one, other) in english.tables.iter().zip(&chinese.tables) {
            found.extend(differences(&[format!("{} rows", one.len())], &[format!("{} rows", other.len())]));
            if one.len() != other.len() {
                continue;
            }
            for (row, (cells, others)) in one.iter().zip(other).enumerate() {
                let texts = differences(&[cells.shape()], &[others.shape()]);
                found.extend(texts.iter().map(|text| format!("row {row}: {text}")));
                let texts = differences(&cells.spans(), &others.spans());
                found.extend(texts.iter().map(|text| format!("row {row}: {text}")));
            }
        }
        found
    });
}

#[test]
fn links_lead_to_the_same_places_in_the_same_language() {
    compare_sections(|english, chinese| differences(&english.links, &chinese.links));
}

#[test]
fn names_and_numbers_are_in_both_languages() {
    compare_sections(|english, chinese| {
        let list = |texts: &BTreeSet<String>| texts.iter().cloned().collect::<Vec<_>>();
        let mut found = differences(&list(&english.spans), &list(&chinese.spans));
        let missing = english.numbers.difference(&chinese.numbers);
        found.extend(missing.map(|number| format!("only in English: the number {number}")));
        found
    });
}

#[test]
fn chinese_pages_are_in_chinese() {
    let mut found = Vec::new();
    for (_, chinese) in pairs() {
        for section in &chinese.sections {
            let english = section.texts.iter().filter(|text| page::is_english_prose(text));
            found.extend(english.map(|text| format!("{}, \"{}\": {text}", chinese.path, section.title)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
