//! Why no response arrived: the problems of a connection that have their own sentence.
//!
//! Must not know: languages other than English; what the caller does.

use rustls::CertificateError;
use std::io::{self, ErrorKind};

/// A problem of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The URL begins with `https://`, and the server does not use TLS on this port.
    NoTls,
    /// The URL begins with `http://`, and the response is not HTTP: usually the port accepts only TLS.
    OnlyTls,
    /// Neither the certificate nor its issuer is trusted.
    UnknownIssuer,
    /// The certificate has expired.
    CertificateExpired,
    /// The certificate is not valid yet.
    CertificateNotYetValid,
    /// The certificate is not valid for the host in the URL.
    CertificateName,
    /// The certificate is invalid for another reason.
    OtherCertificate,
    /// TLS failed for another reason.
    Handshake,
    /// No connection or no response within the timeout.
    TimedOut,
    /// Nothing listens on the port.
    Refused,
    /// The host name cannot be resolved.
    UnknownHost,
    /// The server closed the connection before its response.
    Closed,
}

impl Problem {
    /// The problem that an error of the HTTP library reports; `None` for those whose cause is clear.
    pub(crate) fn of(error: &reqwest::Error) -> Option<Self> {
        if let Some(error) = find::<rustls::Error>(error) {
            return Some(match error {
                rustls::Error::InvalidMessage(_) => Self::NoTls,
                rustls::Error::InvalidCertificate(error) => Self::of_certificate(error),
                _ => Self::Handshake,
            });
        }
        if let Some(error_of_http) = find::<hyper::Error>(error) {
            if error_of_http.is_parse() {
                return Some(Self::OnlyTls).filter(|_| error.url().is_some_and(|url| url.scheme() == "http"));
            }
            if error_of_http.is_incomplete_message() {
                return Some(Self::Closed);
            }
        }
        if error.is_timeout() {
            return Some(Self::TimedOut);
        }
        if has_text(error, "dns error") {
            return Some(Self::UnknownHost);
        }
        match find::<io::Error>(error)?.kind() {
            ErrorKind::ConnectionRefused => Some(Self::Refused),
            ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe => {
                Some(Self::Closed)
            }
            ErrorKind::TimedOut => Some(Self::TimedOut),
            _ => None,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::CertificateExpired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::CertificateNotYetValid
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::CertificateName
            }
            // The certificate of an authority that the caller has not named.
            CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => Self::UnknownIssuer,
            _ => Self::OtherCertificate,
        }
    }

    /// Whether the server's certificate was not accepted.
    pub(crate) fn is_certificate(self) -> bool {
        use Problem::{
            CertificateExpired, CertificateName, CertificateNotYetValid, OtherCertificate, UnknownIssuer,
        };
        matches!(
            self,
            UnknownIssuer | CertificateExpired | CertificateNotYetValid | CertificateName | OtherCertificate
        )
    }

    /// The problem as a sentence without a subject.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NoTls => "the server does not use TLS on this port: use http://",
            Self::OnlyTls => "the response is not HTTP; if the port uses TLS, use https://",
            Self::UnknownIssuer => "neither the certificate nor its issuer is trusted",
            Self::CertificateExpired => "the certificate has expired",
            Self::CertificateNotYetValid => "the certificate is not valid yet",
            Self::CertificateName => "the certificate is not valid for this host name",
            Self::OtherCertificate => "the certificate is not valid",
            Self::Handshake => "the TLS handshake failed",
            Self::TimedOut => "the request timed out",
            Self::Refused => "the connection was refused",
            Self::UnknownHost => "the host name cannot be resolved",
            Self::Closed => "the server closed the connection without a response",
        }
    }
}

/// Whether one of the causes has this text.
fn has_text(error: &(dyn std::error::Error + 'static), text: &str) -> bool {
    error.to_string() == text || error.source().is_some_and(|cause| has_text(cause, text))
}

/// The first error of this type among the causes. An error can be nested in one or more I/O errors, and
/// [`std::io::Error`] skips the inner error in `source`.
fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inside.and_then(|inside| find(inside)).or_else(|| error.source().and_then(find))
}
