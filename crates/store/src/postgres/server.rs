//! The URL of the database: its hosts, the parameters of the connection, and TLS.

use domain::Result;
use domain::ports::unavailable;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The timeout of a connection, unless the URL has another.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// A database. Of several hosts, the first suitable one is used.
#[derive(Clone)]
pub struct Server {
    pub config: Config,
    pub tls: Option<MakeRustlsConnect>,
}

impl Server {
    /// Parses `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with several hosts separated by commas and
    /// parameters like those of libpq. `sslmode` is `disable`, the default, or `require` or `verify-full`,
    /// which both check the certificate and the name of the server, with the authorities in the file
    /// `sslrootcert` or else with those of the system.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`] with the cause, but without the URL, which may contain a password.
    pub fn parse(url: &str) -> Result<Self> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut roots, mut rest) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", value)) => roots = Some(value.replace("%2F", "/").replace("%2f", "/")),
                _ => rest.push(pair),
            }
        }
        let parsed: std::result::Result<Config, _> = format!("{base}?{}", rest.join("&")).parse();
        let mut config = parsed.map_err(|e| unavailable(format!("the database URL cannot be read: {e}")))?;
        let tls = match mode {
            None | Some("disable") => None,
            Some("require" | "verify-full") => Some(tls(roots.as_deref().map(Path::new))?),
            Some(other) => {
                return Err(unavailable(format!("sslmode={other}: it is disable, require or verify-full")));
            }
        };
        config.ssl_mode(if tls.is_some() { SslMode::Require } else { SslMode::Disable });
        if config.get_application_name().is_none() {
            config.application_name("stagepost");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_MAX);
        }
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(Duration::from_secs(15));
        Ok(Self { config, tls })
    }

    /// The timeout of connecting to any of the hosts: each may have two addresses, each with a timeout of its
    /// own.
    pub fn connect_timeout(&self) -> Duration {
        let each = self.config.get_connect_timeout().copied().unwrap_or(CONNECT_MAX) + CONNECT_MAX;
        each * 2 * u32::try_from(self.config.get_hosts().len().max(1)).unwrap_or(1)
    }
}

fn tls(file: Option<&Path>) -> Result<MakeRustlsConnect> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(path) => {
            let bad =
                |e: &dyn std::fmt::Display| unavailable(format!("sslrootcert: {}: {e}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| bad(&e))? {
                roots.add(certificate.map_err(|e| bad(&e))?).map_err(|e| bad(&e))?;
            }
            if roots.is_empty() {
                return Err(bad(&"the file contains no certificate"));
            }
        }
        None => {
            // Certificates of the system that cannot be parsed are ignored.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| unavailable(format!("TLS: {e}")))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_parsed() {
        let server =
            Server::parse("postgres://me:secret@a:1,b:2/db?target_session_attrs=read-write").unwrap();
        assert_eq!((server.config.get_hosts().len(), server.tls.is_none()), (2, true));
        assert!(Server::parse("postgres://me@a/db?sslmode=verify-full").unwrap().tls.is_some());
        assert!(
            Server::parse("postgres://me@/db?host=%2Frun%2Fpostgresql&sslmode=disable")
                .unwrap()
                .tls
                .is_none()
        );
        for bad in [
            "postgres://me:secret@a:x/db",
            "postgres://me:secret@a/db?sslmode=prefer",
            "postgres://me:secret@a/db?sslmode=require&sslrootcert=/none",
        ] {
            let error = Server::parse(bad).err().unwrap().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
