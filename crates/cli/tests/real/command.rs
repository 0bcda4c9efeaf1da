//! Runs commands of the real binary with a data directory.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Runs a command. Words are separated by spaces; `+` means a space within a word.
pub fn run(data: &Path, line: &str) -> Output {
    run_in("en", data, line)
}

/// Runs a command with messages in a language.
pub fn run_in(lang: &str, data: &Path, line: &str) -> Output {
    run_with(lang, data, line, None)
}

/// Runs a command with a variable.
fn run_with(lang: &str, data: &Path, line: &str, variable: Option<(&str, &str)>) -> Output {
    let words = line.split(' ').map(|word| word.replace('+', " "));
    Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .envs(variable)
        .current_dir(data)
        .args(["--lang", lang, "--data"])
        .arg(data)
        .args(words)
        .output()
        .unwrap()
}

/// The stdout of a command that succeeds.
pub fn stdout(data: &Path, line: &str) -> String {
    stdout_with(data, line, None)
}

/// The stdout of a command with a variable that succeeds.
pub fn stdout_with(data: &Path, line: &str, variable: Option<(&str, &str)>) -> String {
    let output = run_with("en", data, line, variable);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {:?} {error}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// The JSON output of a command that succeeds.
pub fn json_output(data: &Path, line: &str) -> Value {
    serde_json::from_str(&stdout(data, &format!("--json {line}"))).unwrap()
}

/// Exit code and stderr of a command.
pub fn failure(data: &Path, line: &str) -> (Option<i32>, String) {
    let output = run(data, line);
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The error of a start. A start that succeeded would have another one: it has no address to listen on.
pub fn start_error(lang: &str, data: &Path, arguments: &str) -> String {
    let line = format!("serve --listen none --tls-listen none {arguments}");
    let output = run_in(lang, data, line.trim_end());
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stderr).unwrap();
    text.lines().last().unwrap_or_default().to_owned()
}
