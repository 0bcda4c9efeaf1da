//! What a shell completes: the real binary, called as its scripts call it.

use crate::ci_reports::{start, step};
use std::process::Command;

/// The candidates for the last word.
fn candidates(mut command: Command, words: &[&str]) -> Vec<String> {
    let output = command
        .env("_STAGEPOST_COMPLETE", "zsh")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .args(["--", "stagepost"])
        .args(words)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // A colon separates the help.
    text.lines().map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn repositories_profiles_and_statuses_are_completed() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let in_home = || {
        let mut command = step(&url, &[]);
        command.env("XDG_CONFIG_HOME", data.path().join("home"));
        command
    };
    for path in ["acme/docs", "zebra/demo"] {
        assert!(in_home().args(["repo", "create", path]).output().unwrap().status.success());
    }
    for words in
        [&["repo", "show", "acme/"][..], &["jobs", "--repo", "acme/"], &["report", "exec", "--repo", "acme/"]]
    {
        let mut found = candidates(in_home(), words);
        found.sort();
        assert_eq!(found, ["acme/demo", "acme/docs"], "{words:?}");
    }
    assert_eq!(candidates(in_home(), &["jobs", "--status", "fa"]), ["failed"]);
    assert_eq!(candidates(in_home(), &["webhook", "cre"]), ["create"]);
    let verbs = candidates(in_home(), &["webhook", ""]);
    assert!(
        verbs.iter().any(|verb| verb == "delete") && !verbs.iter().any(|verb| verb == "add"),
        "{verbs:?}"
    );

    let mut login = in_home();
    let token = data.path().join("token");
    std::fs::write(&token, crate::server::TOKEN).unwrap();
    login.args(["login", "--profile", "office"]).stdin(std::fs::File::open(token).unwrap());
    assert!(login.output().unwrap().status.success());
    for words in [&["whoami", "--profile", "o"][..], &["profile", "use", "o"]] {
        assert_eq!(candidates(in_home(), words), ["office"], "{words:?}");
    }
    // A server that is away is no error in the middle of a line.
    assert_eq!(candidates(step("http://127.0.0.1:1", &[]), &["repo", "show", "a"]), [""; 0]);
}

#[test]
fn the_script_of_every_shell_calls_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = step("http://127.0.0.1:1", &[]).args(["completion", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains("_STAGEPOST_COMPLETE"), "{shell}: {script}");
    }
}
