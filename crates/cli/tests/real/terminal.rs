//! `watch` on a terminal: lines on one that understands no escape sequences, and a table that leaves nothing
//! behind on others.

use crate::server::TOKEN;
use crate::watch::{SHA, report, start};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};

/// A command whose standard streams are a terminal.
struct OnTerminal {
    child: Child,
    terminal: File,
    /// What the terminal has received.
    output: String,
}

impl OnTerminal {
    fn start(data: &Path, server: SocketAddr, term: &str, arguments: &[&str]) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let stream = OpenOptions::new().read(true).write(true).open(name).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_stagepost"))
            .env_clear()
            .env("TERM", term)
            .env("STAGEPOST_TOKEN", TOKEN)
            .env("STAGEPOST_SERVER", format!("http://{server}"))
            .current_dir(data)
            .args(["--lang", "en"])
            .args(arguments)
            .stdin(stream.try_clone().unwrap())
            .stdout(stream.try_clone().unwrap())
            .stderr(stream)
            .spawn()
            .unwrap();
        Self { child, terminal: File::from(terminal), output: String::new() }
    }

    /// Reads until the output contains the text.
    fn wait_for(&mut self, text: &str) {
        while !self.output.contains(text) {
            assert!(self.read(), "the command has ended: {}", self.output);
        }
    }

    /// Reads once; false at the end.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        // Linux reports an error when the last process has closed the terminal.
        let length = self.terminal.read(&mut bytes).unwrap_or_default();
        self.output += &String::from_utf8_lossy(&bytes[..length]);
        length > 0
    }

    /// Waits for the end. Returns the exit code and the output.
    fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        (self.child.wait().unwrap().code(), self.output)
    }
}

#[test]
fn a_dumb_terminal_gets_a_line_for_each_change() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    report(data, "build", "running");
    let arguments = ["watch", "1", "--repo", "7", "--settle", "0s"];
    let mut watch = OnTerminal::start(data, server.address(), "dumb", &arguments);
    watch.wait_for("Running  s / build\r\n");
    report(data, "build", "success");
    let (code, output) = watch.end();
    assert_eq!(code, Some(0), "{output}");
    assert!(output.contains("Success  s / build\r\n") && !output.contains('\x1b'), "{output}");
}

#[test]
fn the_table_is_removed_at_the_end_and_after_an_interruption() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let server = start(data);
    report(data, "build", "running");
    let arguments = ["watch", "--sha", SHA, "--repo", "7", "--settle", "0s"];
    let mut watch = OnTerminal::start(data, server.address(), "xterm", &arguments);
    let mut interrupted = OnTerminal::start(data, server.address(), "xterm", &arguments);
    let timed_out =
        OnTerminal::start(data, server.address(), "xterm", &[&arguments[..], &["--timeout", "1s"]].concat());
    for watch in [&mut watch, &mut interrupted] {
        watch.wait_for(" 0/1\r\n");
    }
    kill_process(Pid::from_child(&interrupted.child), Signal::INT).unwrap();
    let (code, interrupted) = interrupted.end();
    assert_eq!(code, Some(130), "{interrupted}");
    let (code, timed_out) = timed_out.end();
    assert_eq!(code, Some(3), "{timed_out}");
    report(data, "build", "success");
    let (code, finished) = watch.end();
    assert_eq!(code, Some(0), "{finished}");
    for (output, status) in [(finished, "Success"), (interrupted, "Running"), (timed_out, "Running")] {
        // After the last removal of the table, the final state is printed once, without the bar.
        let (_, rest) = output.rsplit_once("\x1b[J").unwrap_or_else(|| panic!("{output}"));
        assert_eq!(rest.matches("build").count(), 1, "{rest}");
        assert!(rest.contains(status) && !rest.contains("/1"), "{rest}");
    }
}
