//! The log on stderr, as text or JSON.

use super::settings::LogFormat;
use super::stderr::{self, Stderr};
use crate::messages::Text;
use tracing_subscriber::EnvFilter;

/// Starts logging.
///
/// # Errors
/// An invalid filter, a logger that is installed already, or no thread for it.
pub fn start(format: LogFormat, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|e| Text::ServeLogFilter.with(&[("reason", &e)]))?;
    stderr::start().map_err(|e| Text::ServeLogNotStarted.with(&[("reason", &e)]))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| Stderr)
        .with_target(false)
        .log_internal_errors(false);
    let result = match format {
        LogFormat::Human => {
            use std::io::IsTerminal as _;
            let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            builder.with_ansi(colour).try_init()
        }
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    result.map_err(|e| e.to_string())
}
