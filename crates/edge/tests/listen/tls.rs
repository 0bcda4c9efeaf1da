//! TLS on the listener: negotiated protocols, and peers that do not speak TLS.

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use edge::http::{
    listen::{Limits, bind},
    tls::{self_made, server_config},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{Raw, Server};

/// A client that trusts exactly the certificates of this file.
pub fn trusting(cert: &Path, alpn: &[&str]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    for cert in CertificateDer::pem_file_iter(cert).unwrap() {
        roots.add(cert.unwrap()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config))
}

/// The only place where a test needs the real time, because clients check certificates against it.
#[expect(clippy::disallowed_methods, reason = "TLS clients read the system clock themselves")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

pub async fn start(dir: &Path, limits: Limits) -> Server {
    let (cert, key) = self_made(dir, &["build.example.org".into()], now()).unwrap();
    let bound = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    Server::on(bound.with_tls(server_config(&cert, &key).unwrap()), limits)
}

async fn connect(
    server: &Server,
    cert: &Path,
    alpn: &[&str],
    name: &'static str,
) -> std::io::Result<Raw<TlsStream<TcpStream>>> {
    let Raw(stream) = server.connect().await;
    let name = ServerName::try_from(name).unwrap();
    Ok(Raw(trusting(cert, alpn).connect(name, stream).await?))
}

#[tokio::test]
async fn a_client_that_trusts_exactly_this_certificate_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), Limits::default()).await;
    let cert = dir.path().join("cert.pem");
    for name in ["localhost", "127.0.0.1", "::1", "build.example.org"] {
        let mut client = connect(&server, &cert, &["http/1.1"], name).await.unwrap();
        assert!(client.get("/peer").await.text().ends_with(" true"), "{name}");
    }
    assert!(connect(&server, &cert, &[], "other.example.org").await.is_err(), "another name");
    let other = tempfile::tempdir().unwrap();
    let (stranger, _) = self_made(other.path(), &[], now()).unwrap();
    assert!(
        connect(&server, &stranger, &[], "localhost").await.is_err(),
        "another certificate of the same name"
    );
}

#[tokio::test]
async fn the_protocol_is_agreed() {
    let dir = tempfile::tempdir().unwrap();
    let server = start(dir.path(), Limits::default()).await;
    let cert = dir.path().join("cert.pem");
    for (offered, agreed) in [
        (&["h2", "http/1.1"][..], Some("h2")),
        (&["http/1.1", "h2"][..], Some("h2")),
        (&["http/1.1"][..], Some("http/1.1")),
        (&[][..], None),
    ] {
        let client = connect(&server, &cert, offered, "localhost").await.unwrap();
        assert_eq!(client.0.get_ref().1.alpn_protocol(), agreed.map(str::as_bytes), "{offered:?}");
    }
    assert!(connect(&server, &cert, &["spdy/1"], "localhost").await.is_err(), "nothing in common");
}

#[tokio::test]
async fn what_is_not_tls_is_closed_and_disturbs_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let limits = Limits { handshake_timeout: Duration::from_millis(300), ..Limits::default() };
    let server = start(dir.path(), limits).await;
    let cert = dir.path().join("cert.pem");
    let mut good = connect(&server, &cert, &[], "localhost").await.unwrap();
    let (mut plain, mut silent) = (server.connect().await, server.connect().await);
    plain.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(!plain.rest().await.starts_with(b"HTTP"));
    assert_eq!(silent.rest().await, b"", "the handshake has its time");
    assert_eq!(good.get("/").await.status(), "200");
    assert_eq!(connect(&server, &cert, &[], "localhost").await.unwrap().get("/").await.status(), "200");
    let drained = server.end().await;
    assert_eq!(drained.cut, 0);
}
