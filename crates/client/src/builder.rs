//! Builds a [`Client`]: base URL, trusted certificates, credential, timeouts and retries.
//!
//! Must not know: configuration files, environment variables, the calls of the client.

use crate::clock::{Clock, system_clock};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::tls;
use crate::transport::{Authentication, Client, ClientInner};
use reqwest::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
use reqwest::{Url, redirect};
use rustls::crypto::ring;
use std::net::IpAddr;
use std::time::Duration;

/// The language of the server's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 中文
    Chinese,
    /// English
    English,
}

/// Builds a [`Client`]; from [`Client::builder`].
#[derive(Debug, Clone)]
pub struct ClientBuilder {
    base_url: String,
    credentials: Option<Credentials>,
    extra_ca: Option<Vec<u8>>,
    use_system_ca: bool,
    language: Language,
    timeout: Duration,
    connect_timeout: Duration,
    max_tries: u32,
    clock: Clock,
    read_only: Option<String>,
}

impl Client {
    /// Starts to build a client for the server at `base_url`, for example `https://127.0.0.1:8443`.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(base_url)
    }
}

impl ClientBuilder {
    fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            credentials: None,
            extra_ca: None,
            use_system_ca: true,
            language: Language::English,
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(5),
            max_tries: 3,
            clock: system_clock,
            read_only: None,
        }
    }

    /// The credential. Without one, only public resources are accessible.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Option<Credentials>>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// Certificates (PEM, one or more) to trust in addition to those of the system: as authorities, and
    /// each also as the certificate of the server itself.
    #[must_use]
    pub fn extra_ca(mut self, pem: impl Into<Option<Vec<u8>>>) -> Self {
        self.extra_ca = pem.into();
        self
    }

    /// Certificates (PEM, one or more) to trust instead of those of the system, as with
    /// [`ClientBuilder::extra_ca`].
    #[must_use]
    pub fn only_ca(mut self, pem: Vec<u8>) -> Self {
        (self.extra_ca, self.use_system_ca) = (Some(pem), false);
        self
    }

    /// The language of the server's messages; English by default.
    #[must_use]
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// How long one try may take, from connecting to the last byte of the response; 30 s by default.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long connecting may take; 5 s by default.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How often a call is tried where a retry is safe; 3 by default, 1 for no retries.
    #[must_use]
    pub fn max_tries(mut self, tries: u32) -> Self {
        self.max_tries = tries.max(1);
        self
    }

    /// The clock that dates signatures; the system clock by default.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Refuses, with this message, every call that may change something, without sending it.
    #[must_use]
    pub fn read_only(mut self, message: impl Into<Option<String>>) -> Self {
        self.read_only = message.into();
        self
    }

    /// Builds the client. It does not connect.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for an invalid base URL, certificate or token, and for an https URL on a system
    /// without CA certificates.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = parse_base_url(&self.base_url)?;
        let http = self.http_client(&base_url)?;
        let authentication = match self.credentials {
            None => None,
            Some(Credentials::Token(token)) => {
                let mut value = HeaderValue::from_str(token.trim())
                    .map_err(|_| invalid("the token contains characters that are not allowed in a header"))?;
                value.set_sensitive(true);
                Some(Authentication::Token(value))
            }
            Some(Credentials::AccessKey { access, secret }) => Some(Authentication::Sign { access, secret }),
        };
        let (max_tries, clock, read_only) = (self.max_tries, self.clock, self.read_only);
        Ok(Client::from_inner(ClientInner { http, base_url, authentication, max_tries, clock, read_only }))
    }

    fn http_client(&self, base_url: &Url) -> Result<reqwest::Client, Error> {
        // An error means that a provider is installed already, and that one is used.
        let _ = ring::default_provider().install_default();
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
            // A signature is valid for one URL only, and a token must not be sent to another host.
            .redirect(redirect::Policy::none());
        if is_loopback(base_url) {
            builder = builder.no_proxy();
        }
        let pem = self.extra_ca.as_deref();
        // Loading the system's certificates takes time and fails if there are none, so only https does it.
        builder = if base_url.scheme() == "https" {
            builder.tls_backend_preconfigured(tls::client_config(pem, self.use_system_ca)?)
        } else {
            pem.map(tls::certificates).transpose()?;
            builder.tls_certs_only([])
        };
        builder.build().map_err(|error| {
            let error = Error::from_transport(&error);
            Error { kind: ErrorKind::Invalid, ..error }
        })
    }
}

fn parse_base_url(text: &str) -> Result<Url, Error> {
    let url =
        Url::parse(text.trim()).map_err(|error| invalid(format!("invalid server URL '{text}': {error}")))?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if usable {
        Ok(url)
    } else {
        Err(invalid(format!("the server URL must be http(s)://HOST[:PORT][/PATH], not '{text}'")))
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn invalid(message: impl Into<String>) -> Error {
    Error::local(ErrorKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::{is_loopback, parse_base_url};
    use crate::{Client, Credentials, ErrorKind};

    #[test]
    fn rejects_invalid_base_urls() {
        for good in ["http://127.0.0.1:8080", "https://ci.example.com/", "http://[::1]:80/prefix/"] {
            assert!(parse_base_url(good).is_ok(), "{good}");
        }
        for bad in ["127.0.0.1:8080", "ftp://x", "http://", "http://x/?a=b", "http://u:p@x/", ""] {
            assert_eq!(parse_base_url(bad).unwrap_err().kind, ErrorKind::Invalid, "{bad}");
        }
    }

    #[test]
    fn requests_go_below_the_path_of_the_server() {
        for base in ["https://ci.example/stagepost", "https://ci.example/stagepost/"] {
            let client = Client::builder(base).build().unwrap();
            let url = client.url(&["native", "v1", "jobs"], &[("q", Some("a b".into()))]);
            assert_eq!(url.as_str(), "https://ci.example/stagepost/native/v1/jobs?q=a%20b");
        }
    }

    #[test]
    fn recognizes_loopback_urls() {
        for (url, expected) in [
            ("http://localhost:1", true),
            ("http://127.3.2.1", true),
            ("https://[::1]:8443", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(is_loopback(&parse_base_url(url).unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn rejects_invalid_tokens_and_certificates() {
        let base = "http://127.0.0.1:1";
        assert!(Client::builder(base).credentials(Credentials::token("a\nb")).build().is_err());
        // Token files usually end with a line break.
        assert!(Client::builder(base).credentials(Credentials::token("ab\n")).build().is_ok());
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n".to_vec();
        assert!(Client::builder(base).extra_ca(broken).build().is_err());
    }
}
