//! Why no response arrived: the problems of a connection that have a sentence of their own.
//!
//! Must not know: languages other than English; what the caller does.

use rustls::CertificateError;

/// A problem of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The URL begins with `https://`, and the server does not speak TLS on this port.
    NoTls,
    /// The URL begins with `http://`, and the response is not HTTP: usually the port speaks TLS only.
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
        if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
            return Some(Self::OnlyTls).filter(|_| error.url().is_some_and(|url| url.scheme() == "http"));
        }
        error.is_timeout().then_some(Self::TimedOut)
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
            Self::NoTls => "the server does not speak TLS on this port: use http://",
            Self::OnlyTls => "the response is not HTTP; if the port speaks TLS, use https://",
            Self::UnknownIssuer => "neither the certificate nor its issuer is trusted",
            Self::CertificateExpired => "the certificate has expired",
            Self::CertificateNotYetValid => "the certificate is not valid yet",
            Self::CertificateName => "the certificate is not valid for this host name",
            Self::OtherCertificate => "the certificate is not valid",
            Self::Handshake => "the TLS handshake failed",
            Self::TimedOut => "the request timed out",
        }
    }
}

/// The first error of this type among the causes. An error can be nested in one or more I/O errors, and
/// [`std::io::Error`] skips the inner error in `source`.
fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    if let Some(found) = error.downcast_ref() {
        return Some(found);
    }
    let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inside.and_then(|inside| find(inside)).or_else(|| error.source().and_then(find))
}
