//! Reads a secret: from a terminal without showing it, or from stdin.

use crate::exit::{Failure, INTERRUPTED};
use crate::text_files::trim_secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcsetattr};
use std::io::{self, BufRead as _, Read as _, Write as _, stdin};

/// The longest line that is read, in bytes.
const MAX_BYTES: u64 = 64 << 10;

/// A terminal that does not show what is typed; it does again when this is dropped.
struct Hidden(Termios);

impl Hidden {
    fn start() -> io::Result<Self> {
        let before = tcgetattr(stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(stdin(), OptionalActions::Flush, &hidden)?;
        Ok(Self(before))
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // The terminal may be gone.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
    }
}

/// The first line, without spaces around it.
///
/// # Errors
/// Ctrl-C (exit code 130), or stdin cannot be read.
pub async fn secret(prompt: &str) -> Result<String, Failure> {
    if !isatty(stdin()) {
        return read_line();
    }
    let hidden = Hidden::start()?;
    let _ = write!(io::stderr(), "{prompt}");
    let (sender, line) = tokio::sync::oneshot::channel();
    // Not a task of the runtime, which would wait for it after Ctrl-C.
    std::thread::spawn(move || sender.send(read_line()));
    let result = tokio::select! {
        line = line => line.unwrap_or_else(|_| Ok(String::new())),
        _ = tokio::signal::ctrl_c() => Err(Failure::without_message(INTERRUPTED)),
    };
    drop(hidden);
    let _ = writeln!(io::stderr());
    result
}

fn read_line() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    stdin().lock().take(MAX_BYTES).read_until(b'\n', &mut bytes)?;
    let text = String::from_utf8(bytes).map_err(Failure::usage)?;
    Ok(trim_secret(&text).trim().to_owned())
}
