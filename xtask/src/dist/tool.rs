//! Runs the tools that packaging needs.

use crate::Outcome;
use std::process::{Command, Stdio};

/// The standard output of a tool that succeeds.
///
/// # Errors
/// When it is missing or fails, with what it printed.
pub fn tool_output(command: &mut Command) -> Outcome<Vec<u8>> {
    let program = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("{program}: {e}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(format!("{program}: {}: {}", output.status, String::from_utf8_lossy(&printed).trim()))
}

/// The standard output as text.
///
/// # Errors
/// As [`tool_output`], or when it is not UTF-8.
pub fn tool_text(command: &mut Command) -> Outcome<String> {
    let program = command.get_program().display().to_string();
    String::from_utf8(tool_output(command)?).map_err(|_| format!("{program}: its output is not UTF-8"))
}

/// Runs a tool whose output does not matter.
///
/// # Errors
/// As [`tool_output`].
pub fn run_tool(command: &mut Command) -> Outcome {
    tool_output(command).map(drop)
}
