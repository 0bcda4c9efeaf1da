//! The catalogue of build systems: its texts, its snippets and the documents made from it.

use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The variable that makes the test of the documents write them.
const WRITE: &str = "STAGEPOST_WRITE_DOCS";

fn documented() -> Connection {
    Connection { server: "https://stagepost.example".into(), path: "acme/demo".into(), token: None }
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

#[test]
fn names_are_unique_and_texts_are_in_both_languages() {
    let names: BTreeSet<_> = NAMES.iter().collect();
    assert_eq!(names.len(), ALL.len());
    for system in ALL {
        assert_eq!(find(system.name).unwrap().title, system.title);
        let captions = system.snippets.iter().map(|snippet| snippet.caption);
        assert!(!system.snippets.is_empty(), "{}", system.name);
        for text in std::iter::once(system.summary).chain(system.notes.iter().copied()).chain([NO_OWNER]) {
            let (zh, en) = (text.in_language(Language::Chinese), text.in_language(Language::English));
            assert!(is_chinese(zh) && en.is_ascii() && !en.is_empty(), "{}: {zh} {en}", system.name);
            assert!(!en.contains('@') && !zh.contains('@'), "{}: placeholders are for snippets", system.name);
        }
        for text in captions {
            let en = text.in_language(Language::English);
            assert!(en.is_ascii() && !en.is_empty(), "{}: {en}", system.name);
        }
    }
    assert!(find("jenkins").is_none());
}

#[test]
fn snippets_have_the_values_of_the_connection_and_no_placeholder_is_left() {
    let connection = Connection {
        server: "https://ci.example:8443/base/".into(),
        path: "acme/group/流水线".into(),
        token: Some("sp_secret".into()),
    };
    for system in ALL {
        let all: String = system.snippets.iter().map(|snippet| snippet.text(&connection)).collect();
        assert!(all.contains("https://ci.example:8443/base"), "{}", system.name);
        assert!(!all.contains("base//"), "{}", system.name);
        for placeholder in
            ["@server@", "@origin@", "@path@", "@project@", "@owner@", "@repo@", "@token@", NO_TOKEN]
        {
            assert!(!all.contains(placeholder), "{}: {placeholder}", system.name);
        }
        let without = Connection { token: None, ..connection.clone() };
        let all: String = system.snippets.iter().map(|snippet| snippet.text(&without)).collect();
        assert!(!all.contains("sp_secret"), "{}", system.name);
        assert!(all.ends_with('\n') && !all.contains('\t'), "{}", system.name);
        let short = system
            .snippets
            .iter()
            .all(|snippet| snippet.text(&documented()).lines().all(|line| line.len() <= 130));
        assert!(short, "{}: a line is too long to read on a page", system.name);
    }
    assert_eq!(
        connection.fill("@project@ @owner@ @repo@"),
        "acme%2Fgroup%2F%E6%B5%81%E6%B0%B4%E7%BA%BF acme group%2F%E6%B5%81%E6%B0%B4%E7%BA%BF"
    );
    // The GitHub plugin of Jenkins refuses the URL of a repository with more than two segments.
    assert_eq!(connection.fill("@origin@"), "https://ci.example:8443");
    let settings: String = jenkins::GITHUB.snippets.iter().map(|one| one.text(&connection)).collect();
    assert!(settings.contains("url: 'https://ci.example:8443/acme/group%2F"), "{settings}");
    assert!(settings.contains("apiUrl: \"https://ci.example:8443/base/api/v3\""), "{settings}");
}

#[test]
fn addresses_with_an_owner_are_said_not_to_work_for_a_path_of_one_part() {
    let warned = |path: &str| -> Vec<&str> {
        let connection = Connection { path: path.into(), ..documented() };
        let is_warned = |system: &&&BuildSystem| {
            let text = system.markdown(&connection, Language::English);
            text.contains(NO_OWNER.in_language(Language::English))
        };
        ALL.iter().filter(is_warned).map(|system| system.name).collect()
    };
    let without_owner = Connection { path: "demo".into(), ..documented() };
    let broken: Vec<&str> = ALL
        .iter()
        .filter(|system| {
            system.snippets.iter().any(|snippet| snippet.text(&without_owner).contains("//demo"))
        })
        .map(|system| system.name)
        .collect();
    assert_eq!(broken, ["jenkins-github", "jenkins-gitea", "github-actions", "tekton", "argo"]);
    assert_eq!(warned("demo"), broken);
    assert!(warned("acme/demo").is_empty() && warned("acme/group/demo").is_empty());
}

/// Where the documents of a language are, from the root of the repository.
fn folder(language: Language) -> PathBuf {
    let folder = match language {
        Language::Chinese => "docs/zh-CN/reporters",
        Language::English => "docs/reporters",
    };
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)
}

/// A document with the link to the other language below its heading.
fn linked(name: &str, text: &str, language: Language) -> String {
    let link = match language {
        Language::Chinese => format!("[English](../../reporters/{name})"),
        Language::English => format!("[中文](../zh-CN/reporters/{name})"),
    };
    let (heading, rest) = text.split_once('\n').unwrap();
    format!("{heading}\n\n{link}\n{rest}")
}

/// The documents: one of each build system, and the list of them.
fn documents(language: Language) -> Vec<(String, String)> {
    let mut list = match language {
        Language::Chinese => LIST_IN_CHINESE,
        Language::English => LIST_IN_ENGLISH,
    }
    .to_owned();
    let mut documents = Vec::new();
    for system in ALL {
        let (name, summary) = (system.name, system.summary.in_language(language));
        list += &format!("| [`{name}`]({name}.md) | {} | {summary} |\n", system.title);
        documents.push((format!("{name}.md"), system.markdown(&documented(), language)));
    }
    documents.push(("README.md".to_owned(), list));
    let with_link = |(name, text): (String, String)| (name.clone(), linked(&name, &text, language));
    documents.into_iter().map(with_link).collect()
}

const LIST_IN_ENGLISH: &str = "# Connecting build systems

The settings of each build system, to copy. `stagepost connect buildbot --repo acme/demo --create-token` prints
those of Buildbot with the address of the server, the repository and a new token. The tab *Connect* of a repository shows
them as well.

| name | build system | |
|---|---|---|
";

const LIST_IN_CHINESE: &str = "# 接入构建系统

各构建系统的设置，可直接复制使用。`stagepost connect buildbot --repo acme/demo --create-token` 打印 Buildbot 的设置，
其中已填好服务器地址、仓库和新建的令牌。仓库的“接入”页面也提供这些设置。

| 名称 | 构建系统 | |
|---|---|---|
";

#[test]
fn the_documents_are_those_of_the_catalogue() {
    for language in [Language::Chinese, Language::English] {
        let mut files: BTreeSet<String> = BTreeSet::new();
        for (name, text) in documents(language) {
            let path = folder(language).join(&name);
            if std::env::var_os(WRITE).is_some() {
                std::fs::create_dir_all(folder(language)).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(found, text, "{} differs: run this test with {WRITE}=1 to write it", path.display());
            files.insert(name);
        }
        for file in std::fs::read_dir(folder(language)).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(files.contains(&name), "{name} is of no build system");
        }
    }
}
