//! The result of a command: its exit code and the error message on stderr.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | success; also for an empty list |
//! | 1 | an error, or the server is unreachable |
//! | 2 | wrong usage |
//! | 3 | timed out (`watch`, `wait`) |
//! | 4 | the credential is missing or invalid |
//! | 5 | the watched pipeline or a required job did not succeed |
//! | 6 | the watched pipeline belongs to another commit |
//! | 8 | still pending |
//! | 130 | interrupted by Ctrl-C |
//!
//! `report exec` exits with the code of its command: 128 + signal after a signal, 124 after a timeout.
//!
//! Must not know: commands.

use crate::messages::Text;
use crate::terminal::sanitize;
use stagepost_client::{ErrorKind, Problem};
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// The exit codes in `stagepost --help`.
pub const EXIT_CODES_HELP: &str = "Exit codes: 0 success, 1 error or server unreachable, 2 wrong usage, 3 timed out, \
4 credential missing or invalid, 5 pipeline not successful, 6 another commit, 8 pending, 130 interrupted.";

/// An error, or the server is unreachable.
pub const ERROR: u8 = 1;
const USAGE: u8 = 2;
/// A timeout.
pub const TIMED_OUT: u8 = 3;
/// The credential is missing or invalid.
pub const REJECTED: u8 = 4;
/// A pipeline or a job did not succeed.
pub const NOT_SUCCESSFUL: u8 = 5;
const OTHER_COMMIT: u8 = 6;
/// Not finished yet (only without waiting).
pub const PENDING: u8 = 8;
/// Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// A failed command, or one that ends early without a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: u8,
    message: Option<String>,
}

impl Failure {
    /// Exit code 1: an error.
    pub fn error(message: impl Display) -> Self {
        Self { code: ERROR, message: Some(message.to_string()) }
    }

    /// Exit code 2: wrong usage.
    pub fn usage(message: impl Display) -> Self {
        Self { code: USAGE, message: Some(message.to_string()) }
    }

    /// Exit code 4: the credential is missing or invalid.
    pub fn credential_rejected(message: impl Display) -> Self {
        Self { code: REJECTED, message: Some(message.to_string()) }
    }

    /// Exit code 3: timed out.
    pub fn timed_out(message: impl Display) -> Self {
        Self { code: TIMED_OUT, message: Some(message.to_string()) }
    }

    /// Exit code 6: the pipeline belongs to another commit.
    pub fn other_commit(message: impl Display) -> Self {
        Self { code: OTHER_COMMIT, message: Some(message.to_string()) }
    }

    /// An exit code without a message.
    pub fn without_message(code: u8) -> Self {
        Self { code, message: None }
    }

    /// Exit code 1: a file cannot be read or written.
    pub fn file(path: &std::path::Path, error: &io::Error) -> Self {
        Self::error(Text::FileError.with(&[("path", &path.display()), ("reason", error)]))
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        self.code
    }

    /// The error message, if any.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Prints the error message on stderr.
    pub fn print(self) -> ExitCode {
        if let Some(message) = &self.message {
            eprintln!("{}", Text::Error.with(&[("message", &sanitize(message))]));
        }
        ExitCode::from(self.code())
    }
}

/// The reason of an error, in the language of this process.
pub fn reason(error: &stagepost_client::Error) -> String {
    let text = match error.problem {
        Some(Problem::NoTls) => Text::ServerWithoutTls,
        Some(Problem::OnlyTls) => Text::ServerOnlyTls,
        Some(Problem::UnknownIssuer) => Text::CertificateUnknownIssuer,
        Some(Problem::CertificateExpired) => Text::CertificateExpired,
        Some(Problem::CertificateNotYetValid) => Text::CertificateNotYetValid,
        Some(Problem::CertificateName) => Text::CertificateName,
        Some(Problem::OtherCertificate) => Text::CertificateInvalid,
        Some(Problem::Handshake) => Text::HandshakeFailed,
        Some(Problem::TimedOut) => Text::ConnectionTimedOut,
        Some(Problem::Refused) => Text::ConnectionRefused,
        Some(Problem::UnknownHost) => Text::HostUnknown,
        Some(Problem::Closed) => Text::ConnectionClosed,
        _ => return error.to_string(),
    };
    match &error.server {
        Some(server) => format!("{server}: {text}"),
        None => text.to_string(),
    }
}

impl From<stagepost_client::Error> for Failure {
    fn from(error: stagepost_client::Error) -> Self {
        let message = |text: Text| text.with(&[("reason", &reason(&error))]);
        match error.kind {
            ErrorKind::Unreachable if error.certificate => Self::error(message(Text::CertificateRejected)),
            ErrorKind::Unreachable => Self::error(message(Text::ServerUnreachable)),
            ErrorKind::Rejected => Self { code: REJECTED, message: Some(message(Text::CredentialRejected)) },
            ErrorKind::Forbidden => Self::error(message(Text::PermissionDenied)),
            ErrorKind::Overloaded => Self::error(message(Text::ServerOverloaded)),
            ErrorKind::NotFound | ErrorKind::Invalid | ErrorKind::Other => Self::error(&error),
        }
    }
}

impl From<domain::Error> for Failure {
    /// The message of the error catalogue, or the details that are otherwise only in the log of a server.
    fn from(error: domain::Error) -> Self {
        match &error {
            domain::Error::Unavailable(text) | domain::Error::Internal(text) => Self::error(text),
            error => Self::error(edge::catalogue::describe(error, crate::lang::current()).message),
        }
    }
}

impl From<io::Error> for Failure {
    /// For writing to stdout. A broken pipe is not an error: the reader has closed it.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::without_message(0),
            _ => Self::error(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;
    use std::io;

    #[test]
    fn a_broken_pipe_is_not_an_error() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((failure.code(), failure.message()), (0, None));
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::StorageFull)).code(), 1);
    }
}
