//! `config check` and `config show` with the real binary, and `serve` with the same checks.

use crate::command::{json_output, run, start_error, stdout};

#[test]
fn mistakes_are_named_with_file_line_and_nearest_key() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("c.toml");
    std::fs::write(&path, "[serve]\nlistn = 'none'\nqueue = 'many'\n").unwrap();
    let place = path.display();
    let output = run(data.path(), &format!("config check {place}"));
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(&format!("{place}:2: unknown key serve.listn; did you mean serve.listen?")),
        "{text}"
    );
    assert!(text.contains(&format!("{place}:3: invalid value")), "{text}");
    let output = run(data.path(), &format!("serve --config {place}"));
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains(&format!("{place}:2: unknown key serve.listn")), "{error}");

    for (text, reason) in [
        ("tls-cert = 'a'", "--tls-key"),
        ("listen = 'none'\ntls_listen = 'none'", "has no address to listen on"),
        ("listen = '127.0.0.1:1'\ntls_listen = '127.0.0.1:1'", "same address"),
        ("metrics-listen = '127.0.0.1:8080'", "listen and metrics-listen have the same address"),
        ("demo = false\nevents_kept = '90'", "c.toml:3: "),
        ("database = 'postgres://h/d'\ndatabase-file = 'x'", "--database"),
        ("events-kept = '90'", "--events-kept"),
    ] {
        std::fs::write(&path, format!("[serve]\n{text}\n")).unwrap();
        let output = run(data.path(), &format!("config check {place}"));
        let found = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(found.contains(reason), "{text}: {found}");
    }
    std::fs::write(&path, "[serve]\nlisten = 'none'\n").unwrap();
    assert_eq!(stdout(data.path(), &format!("config check {place}")), format!("{place}\tok\n"));
}

#[test]
fn the_files_that_a_server_reads_are_checked_together_with_the_variables() {
    let data = tempfile::tempdir().unwrap();
    let check = |variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stagepost"));
        command.env_clear().env("XDG_CONFIG_HOME", data.path()).envs(variables.iter().copied());
        let output =
            command.current_dir(data.path()).args(["--lang", "en", "config", "check"]).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(check(&[]), (Some(0), String::new()));
    let (code, found) = check(&[("STAGEPOST_EVENTS_KEPT", "90")]);
    assert!(code == Some(2) && found.starts_with("environment\t"), "without a file: {found}");

    let user = data.path().join("stagepost");
    std::fs::create_dir(&user).unwrap();
    std::fs::write(user.join("config.toml"), "[serve]\ntls-cert = 'c'\n").unwrap();
    assert_eq!(check(&[]).0, Some(2), "half of a pair");
    let (code, found) = check(&[("STAGEPOST_TLS_KEY", "k")]);
    assert_eq!(code, Some(0), "the other half is a variable: {found}");
    std::fs::write(data.path().join(".stagepost.toml"), "[serve]\nlisten = 'none'\n").unwrap();
    let (code, found) = check(&[("STAGEPOST_TLS_KEY", "k")]);
    assert!(code == Some(2) && found.contains("trusted-directories"), "serve refuses it: {found}");
}

#[test]
fn the_effective_values_have_their_origin() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("c.toml");
    std::fs::write(&path, "repo = '7'\n[serve]\ndatabase = 'postgres://u:hush@h/d'\n").unwrap();
    let place = path.display().to_string();
    let rows = json_output(data.path(), &format!("--config {place} --server http://x config show"));
    let row = |key: &str| {
        let rows = rows.as_array().unwrap();
        rows.iter().find(|row| row["key"] == key).unwrap_or_else(|| panic!("{key}: {rows:?}")).clone()
    };
    assert_eq!(
        (row("server")["value"].as_str(), row("server")["source"].as_str()),
        (Some("http://x"), Some("--server"))
    );
    assert_eq!(
        (row("repo")["origin"].as_str(), row("repo")["source"].as_str()),
        (Some("file"), Some(&*place))
    );
    assert_eq!(row("serve.listen")["origin"], "default");
    assert_eq!(row("serve.database")["value"], "****");
}

#[test]
fn the_example_is_a_configuration_that_starts() {
    let data = tempfile::tempdir().unwrap();
    let path = data.path().join("c.toml");
    std::fs::write(&path, stdout(data.path(), "config example")).unwrap();
    assert_eq!(
        stdout(data.path(), &format!("config check {}", path.display())),
        format!("{}\tok\n", path.display())
    );
    // It gets as far as having nowhere to listen.
    let error = start_error("en", data.path(), &format!("--config {}", path.display()));
    assert!(!error.contains("c.toml"), "{error}");
}
