//! How a command ends: the exit code, and what is said on stderr.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done; an empty list is done, too |
//! | 1 | an error, or the server cannot be reached |
//! | 2 | wrong usage |
//! | 3 | cancelled, or a time ran out (`watch`, `wait`) |
//! | 4 | no credential, or one that is not accepted |
//! | 5 | the watched pipeline did not succeed |
//! | 6 | the watched pipeline is for another commit |
//! | 8 | still pending |
//! | 130 | Ctrl-C |
//!
//! `report exec` ends with the code of its command (128 + signal, 124 when its time ran out).
//!
//! Must not know: commands.

use crate::messages::Text;
use stagepost_client::ErrorKind;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// What `stagepost --help` says about exit codes.
pub const HELP: &str = "Exit codes: 0 done, 1 error or server unreachable, 2 usage, 3 cancelled or timed out, \
4 credential missing or rejected, 5 pipeline not successful, 6 other commit, 8 pending, 130 interrupted.";

/// An error, or a server that cannot be reached.
pub const ERROR: u8 = 1;
const USAGE: u8 = 2;
/// A time ran out.
pub const TIMED_OUT: u8 = 3;
/// No credential, or one that is not accepted.
pub const REJECTED: u8 = 4;
/// What was waited for did not succeed.
pub const NOT_SUCCESSFUL: u8 = 5;
const OTHER_COMMIT: u8 = 6;
/// Not ended yet, asked once.
pub const PENDING: u8 = 8;
/// Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// An end that is not success, or that has nothing more to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: Option<String>,
}

impl Failure {
    /// Something went wrong: 1.
    pub fn error(message: impl Display) -> Self {
        Self { code: ERROR, message: Some(message.to_string()) }
    }

    /// The command cannot be meant like this: 2.
    pub fn usage(message: impl Display) -> Self {
        Self { code: USAGE, message: Some(message.to_string()) }
    }

    /// The credential is missing or not accepted: 4.
    pub fn rejected(message: impl Display) -> Self {
        Self { code: REJECTED, message: Some(message.to_string()) }
    }

    /// The time for waiting is over: 3.
    pub fn timed_out(message: impl Display) -> Self {
        Self { code: TIMED_OUT, message: Some(message.to_string()) }
    }

    /// The pipeline is for another commit: 6.
    pub fn other_commit(message: impl Display) -> Self {
        Self { code: OTHER_COMMIT, message: Some(message.to_string()) }
    }

    /// All has been said.
    pub fn silent(code: u8) -> Self {
        Self { code, message: None }
    }

    /// A file that cannot be read or written.
    pub fn file(path: &std::path::Path, error: &io::Error) -> Self {
        Self::error(Text::FileError.with(&[("path", &path.display()), ("why", error)]))
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// What is to be said, if anything.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Says what is to be said.
    pub fn report(self) -> ExitCode {
        if let Some(message) = &self.message {
            eprintln!("{}", Text::Error.with(&[("message", &crate::output::clean(message))]));
        }
        ExitCode::from(self.code())
    }
}

impl From<stagepost_client::Error> for Failure {
    fn from(error: stagepost_client::Error) -> Self {
        let say = |text: Text| text.with(&[("why", &error)]);
        match error.kind {
            ErrorKind::Unreachable if error.certificate => Self::error(say(Text::CertificateRefused)),
            ErrorKind::Unreachable => Self::error(say(Text::Unreachable)),
            ErrorKind::Rejected => Self { code: REJECTED, message: Some(say(Text::CredentialRejected)) },
            ErrorKind::Forbidden => Self::error(say(Text::NotAllowed)),
            ErrorKind::Overloaded => Self::error(say(Text::Overloaded)),
            ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Other => Self::error(&error),
        }
    }
}

impl From<io::Error> for Failure {
    /// For writing to stdout: a reader that has seen enough is no failure.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::silent(0),
            _ => Self::error(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;
    use std::io;

    #[test]
    fn a_broken_pipe_is_quiet() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.code(), failure.message()), (0, None));
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::StorageFull)).code(), 1);
    }
}
