//! The command of `report exec`: signals, exit codes, the terminal, and the end of its parent.

use crate::ci_reports::{start, statuses, step};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn exec(url: &str, name: &str, command: &[&str]) -> Command {
    let mut step = step(url, &[]);
    step.args(["report", "exec", "--sha", SHA, "--ref", "dev", "--name", name, "--"]).args(command);
    step
}

/// Starts a shell script and waits for its first line.
fn start_script(url: &str, name: &str, script: &str) -> (Child, String) {
    let mut child = exec(url, name, &["sh", "-c", script]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim().to_owned())
}

#[test]
fn exit_codes_are_those_of_a_shell() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let not_executable = data.path().join("not-executable");
    std::fs::write(&not_executable, "#!/bin/sh\n").unwrap();
    let cases: [(&str, &[&str], i32, &str); 7] = [
        ("succeeds", &["true"], 0, "success"),
        ("fails", &["sh", "-c", "exit 7"], 7, "failed"),
        ("killed", &["sh", "-c", "kill -KILL $$"], 128 + 9, "failed"),
        ("missing", &["no-such-command"], 127, "failed"),
        ("missing-path", &["./no-such-command"], 127, "failed"),
        ("not-executable", &[not_executable.to_str().unwrap()], 126, "failed"),
        ("directory", &[data.path().to_str().unwrap()], 126, "failed"),
    ];
    for (name, command, code, status) in cases {
        let output = exec(&url, name, command).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}: {output:?}");
        assert_eq!(statuses(&url)[name], status, "{name}");
        if matches!(code, 126 | 127) {
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(error.starts_with("error: cannot start the command "), "{error}");
        }
    }
    let mut timed_out = step(&url, &[]);
    let flags = ["report", "exec", "--sha", SHA, "--ref", "dev", "--name", "slow", "--timeout", "1s", "--"];
    let code = timed_out.args(flags).args(["sleep", "100"]).status().unwrap().code();
    assert_eq!((code, statuses(&url)["slow"].as_str()), (Some(124), "timedout"));
}

#[test]
fn signals_reach_the_command_and_its_job_ends() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    for (name, signal, number) in [
        ("TERM", Signal::TERM, 15),
        ("INT", Signal::INT, 2),
        ("HUP", Signal::HUP, 1),
        ("QUIT", Signal::QUIT, 3),
    ] {
        let script = format!("trap 'echo got; exit 3' {name}; echo ready; while :; do sleep 0.05; done");
        let (mut child, _) = start_script(&url, name, &script);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!((rest.trim(), child.wait().unwrap().code()), ("got", Some(3)), "{name}");
        assert_eq!(statuses(&url)[name], "canceled", "{name}");

        // Without a trap the signal ends the command.
        let untrapped = format!("{name}-default");
        let (mut child, _) = start_script(&url, &untrapped, "echo ready; exec sleep 100");
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(128 + number), "{name}");
        assert_eq!(statuses(&url)[&untrapped], "canceled", "{name}");
    }
    for (name, signal) in [("USR1", Signal::USR1), ("USR2", Signal::USR2)] {
        let script = format!("trap 'echo got; exit 0' {name}; echo ready; while :; do sleep 0.05; done");
        let (mut child, _) = start_script(&url, name, &script);
        kill_process(Pid::from_child(&child), signal).unwrap();
        let mut rest = String::new();
        child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!((rest.trim(), child.wait().unwrap().code()), ("got", Some(0)), "{name}");
        assert_eq!(statuses(&url)[name], "success", "{name}");
    }
}

#[test]
fn a_signal_that_the_caller_ignores_stays_ignored() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let script = format!(
        "trap '' HUP; exec {} report exec --sha {SHA} --ref dev --name nohup -- sh -c 'echo ready; read line; exit 0'",
        env!("CARGO_BIN_EXE_stagepost")
    );
    let shell = step(&url, &[]);
    let mut command = Command::new("sh");
    command.env_clear().envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child =
        command.args(["-c", &script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(statuses(&url)["nohup"], "success");
}

#[test]
fn the_command_does_not_outlive_a_killed_parent() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let (mut child, id) = start_script(&url, "killed", "echo $$; exec sleep 100");
    let command = Pid::from_raw(id.parse().unwrap()).unwrap();
    assert!(test_kill_process(command).is_ok());
    child.kill().unwrap();
    child.wait().unwrap();
    // The pipe is closed when its last writer, the command, has ended.
    let mut rest = String::new();
    child.stdout.take().unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

/// Runs a command line in a shell on a new terminal and returns the terminal's output. Each step waits for a text
/// in the output, and then types.
fn on_terminal(directory: &Path, url: &str, line: &str, steps: &[(&str, &str)]) -> String {
    let shell = step(url, &[]);
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", line, "/dev/null"])
        .env_clear()
        .envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("SHELL", "/bin/sh")
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = String::new();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut read = |output: &mut String| {
        let mut chunk = [0; 1024];
        let length = stdout.read(&mut chunk).unwrap_or_default();
        output.push_str(&String::from_utf8_lossy(&chunk[..length]));
        length > 0
    };
    let mut from = 0;
    for (expected, input) in steps {
        from = loop {
            if let Some(at) = output[from..].find(expected) {
                break from + at + expected.len();
            }
            assert!(read(&mut output), "the terminal was closed before {expected:?}: {output}");
        };
        stdin.write_all(input.as_bytes()).unwrap();
    }
    while read(&mut output) {}
    child.wait().unwrap();
    output
}

#[test]
fn the_command_reads_from_the_terminal() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let line = format!(
        "{} report exec --sha {SHA} --ref dev --name tty -- sh -c 'echo ready; read x; echo got:$x'; echo code:$?",
        env!("CARGO_BIN_EXE_stagepost")
    );
    let output = on_terminal(data.path(), &url, &line, &[("ready", "hello\n")]);
    assert!(output.contains("got:hello") && output.contains("code:0"), "{output}");
    assert_eq!(statuses(&url)["tty"], "success");

    let line = line.replace("--name tty", "--name interrupted");
    let output = on_terminal(data.path(), &url, &line, &[("ready", "\u{3}")]);
    assert!(output.contains("code:130"), "{output}");
    assert_eq!(statuses(&url)["interrupted"], "canceled");
}

#[test]
fn a_shell_can_stop_and_continue_the_command() {
    let data = tempfile::tempdir().unwrap();
    let (_server, url) = start(data.path());
    let command = format!(
        "{} report exec --sha {SHA} --ref dev --name job -- sh -c 'echo ready; read x; echo got:$x'",
        env!("CARGO_BIN_EXE_stagepost")
    );
    // The prompt of an interactive shell shows that the terminal belongs to it.
    let script = data.path().join("rc");
    std::fs::write(&script, "PS1='prompt> '\n").unwrap();
    let steps = [
        ("prompt> ", format!("{command}\n")),
        ("ready\r\n", "\u{1a}".to_owned()),
        ("prompt> ", "jobs; fg\n".to_owned()),
        ("read x", "hello\n".to_owned()),
        ("got:hello", String::new()),
        ("prompt> ", "exit\n".to_owned()),
    ];
    let steps: Vec<(&str, &str)> =
        steps.iter().map(|(expected, input)| (*expected, input.as_str())).collect();
    let output = on_terminal(data.path(), &url, "bash --rcfile rc --noprofile -i", &steps);
    assert!(output.contains("Stopped"), "{output}");
    assert_eq!(statuses(&url)["job"], "success");
}
