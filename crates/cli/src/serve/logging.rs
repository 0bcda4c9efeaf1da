//! The log on stderr or in a file, as text or JSON.

use super::log_file::{self, Log};
use super::settings::LogFormat;
use super::stderr;
use crate::messages::Text;
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;

/// Starts logging, to stderr without a file.
///
/// # Errors
/// An invalid filter, a logger that is installed already, or no thread for it.
pub fn start(format: LogFormat, filter: &str, file: Option<PathBuf>) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| Text::ServeLogFilter.with(&[("reason", &e)]))?;
    let is_file = file.is_some();
    let started = stderr::start().and_then(|()| file.map_or(Ok(()), log_file::start));
    started.map_err(|e| Text::ServeLogNotStarted.with(&[("reason", &e)]))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Log)
        .with_target(false)
        .log_internal_errors(false);
    let result = match format {
        LogFormat::Human => {
            use std::io::IsTerminal as _;
            let is_terminal = !is_file && std::io::stderr().is_terminal();
            let colour = is_terminal && std::env::var_os("NO_COLOR").is_none();
            builder.with_ansi(colour).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    result.map_err(|e| e.to_string())
}

/// Waits until all lines are written, for at most two seconds.
pub fn flush() {
    // The file first: a line that it cannot take goes to stderr.
    log_file::flush();
    stderr::flush();
}
