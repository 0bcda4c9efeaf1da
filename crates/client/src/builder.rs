//! How a [`Client`] is made: where the server is, whom it trusts, who asks, and how patient it is.
//!
//! Must not know: configuration files, environment variables, what is asked later.

use crate::clock::{Clock, system_clock};
use crate::credentials::Credentials;
use crate::error::{Error, Kind};
use crate::transport::{Authorize, Client, Parts};
use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Url, redirect};
use std::net::IpAddr;
use std::time::Duration;

/// The language of the server's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Chinese,
    /// English
    English,
}

/// Makes a [`Client`]; from [`Client::builder`].
#[derive(Debug, Clone)]
pub struct Builder {
    base: String,
    credentials: Option<Credentials>,
    extra_ca: Option<Vec<u8>>,
    only_extra: bool,
    language: Language,
    timeout: Duration,
    connect_timeout: Duration,
    tries: u32,
    clock: Clock,
}

impl Builder {
    pub(crate) fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            credentials: None,
            extra_ca: None,
            only_extra: false,
            language: Language::English,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            tries: 3,
            clock: system_clock,
        }
    }

    /// Who asks. Without it, only what is open to everyone answers.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Option<Credentials>>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// Certificates (PEM, one or more) to trust besides those of the machine.
    #[must_use]
    pub fn extra_ca(mut self, pem: impl Into<Option<Vec<u8>>>) -> Self {
        self.extra_ca = pem.into();
        self
    }

    /// Certificates (PEM, one or more) to trust and no others, as programs do that are given a file of their own.
    #[must_use]
    pub fn only_ca(mut self, pem: Vec<u8>) -> Self {
        (self.extra_ca, self.only_extra) = (Some(pem), true);
        self
    }

    /// The language of the server's texts; English by default.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// How long one try may take from the first byte sent to the last one received; 30 s by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection may take to come about; 5 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How often a call is tried where a repeat is safe; 3 by default, 1 for no retries.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries.max(1);
        self
    }

    /// The clock that dates signatures; the machine's by default.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// # Errors
    /// [`Kind::Invalid`] for a base URL, certificate or token that cannot be used, or if there is an https URL
    /// and not one certificate to trust on this machine.
    pub fn build(self) -> Result<Client, Error> {
        let base = parse_base(&self.base)?;
        let http = self.http_client(&base)?;
        let authorize = match self.credentials {
            None => None,
            Some(Credentials::Token(token)) => {
                let mut value = HeaderValue::from_str(token.trim())
                    .map_err(|_| invalid("the token has characters that no header can carry"))?;
                value.set_sensitive(true);
                Some(Authorize::Token(value))
            }
            Some(Credentials::AccessKey { access, secret }) => Some(Authorize::Sign { access, secret }),
        };
        Ok(Client::new(Parts { http, base, authorize, tries: self.tries, clock: self.clock }))
    }

    fn http_client(&self, base: &Url) -> Result<reqwest::Client, Error> {
        // Refused only if there is one already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut headers = HeaderMap::new();
        headers.insert(
            ACCEPT_LANGUAGE,
            HeaderValue::from_static(match self.language {
                Language::Chinese => "zh-CN",
                Language::English => "en",
            }),
        );
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("stagepost/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .timeout(self.timeout)
            .connect_timeout(self.connect_timeout)
            // A signature is good for one address only, and a token must not follow to another host.
            .redirect(redirect::Policy::none());
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        let extra = match &self.extra_ca {
            Some(pem) => Certificate::from_pem_bundle(pem)
                .map_err(|error| invalid(format!("the CA file is no PEM certificate: {error}")))?,
            None => Vec::new(),
        };
        // Loading the machine's certificates takes time and fails where there are none: only for https.
        builder = if base.scheme() == "https" && !self.only_extra {
            builder.tls_certs_merge(extra)
        } else {
            builder.tls_certs_only(extra)
        };
        builder.build().map_err(|error| {
            let error = Error::from_transport(&error);
            Error { kind: Kind::Invalid, ..error }
        })
    }
}

fn parse_base(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text.trim())
        .map_err(|error| invalid(format!("the server's address '{text}' is no URL: {error}")))?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if usable {
        Ok(url)
    } else {
        Err(invalid(format!("the server's address must be http(s)://HOST[:PORT], not '{text}'")))
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::local(Kind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, parse_base};
    use crate::{Client, Credentials, Kind};

    #[test]
    fn refuses_addresses_that_are_none() {
        for good in ["http://127.0.0.1:8080", "https://ci.example.com/", "http://[::1]:80/prefix/"] {
            assert!(parse_base(good).is_ok(), "{good}");
        }
        for bad in ["127.0.0.1:8080", "ftp://x", "http://", "http://x/?a=b", "http://u:p@x/", ""] {
            assert_eq!(parse_base(bad).unwrap_err().kind, Kind::Invalid, "{bad}");
        }
    }

    #[test]
    fn knows_the_machine_itself() {
        for (url, expected) in [
            ("http://localhost:1", true),
            ("http://127.3.2.1", true),
            ("https://[::1]:8443", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(is_loopback(&parse_base(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn refuses_tokens_and_certificates_that_cannot_be_used() {
        let base = "http://127.0.0.1:1";
        assert!(Client::builder(base).credentials(Credentials::token("a\nb")).build().is_err());
        // A file that ends in a line break is the usual case.
        assert!(Client::builder(base).credentials(Credentials::token("ab\n")).build().is_ok());
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_vec();
        assert!(Client::builder(base).extra_ca(broken).build().is_err());
    }
}
