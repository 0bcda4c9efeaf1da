//! Which certificates of a server are trusted: those of the system, and those that the caller names.
//!
//! A named certificate is trusted as an authority, and also as the certificate of the server itself. The
//! second is what `curl --cacert` accepts and webpki refuses: `openssl req -x509` creates a self-signed
//! certificate that is marked as an authority and used by a server.

mod validity;

use crate::error::{Error, ErrorKind};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// The configuration for connections to a server.
///
/// # Errors
/// [`ErrorKind::Invalid`] if `pem` has no certificate or an invalid one, and on a system without certificates.
pub fn client_config(pem: Option<&[u8]>, use_system: bool) -> Result<ClientConfig, Error> {
    let named = pem.map(certificates).transpose()?.unwrap_or_default();
    let verifier = NamedVerifier { chains: chain_verifier(&named, use_system)?, named };
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| invalid(&error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The certificates in a PEM file.
///
/// # Errors
/// [`ErrorKind::Invalid`] if there is none, or one cannot be parsed.
pub fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates =
        parsed.map_err(|error| invalid(&format!("the CA file is not a PEM certificate: {error}")))?;
    if certificates.is_empty() {
        return Err(invalid("the CA file has no certificate"));
    }
    Ok(certificates)
}

/// The verifier of chains that end at a certificate of the system or a named one.
fn chain_verifier(
    named: &[CertificateDer<'static>],
    use_system: bool,
) -> Result<Arc<dyn ServerCertVerifier>, Error> {
    let provider = Arc::new(ring::default_provider());
    if use_system {
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(named.to_vec(), provider);
        return Ok(Arc::new(verifier.map_err(|error| invalid(&error.to_string()))?));
    }
    let mut roots = RootCertStore::empty();
    for certificate in named {
        let added = roots.add(certificate.clone());
        added.map_err(|error| invalid(&format!("the CA file has an invalid certificate: {error}")))?;
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    Ok(verifier.map_err(|error| invalid(&error.to_string()))?)
}

fn invalid(message: &str) -> Error {
    Error::local(ErrorKind::Invalid, message)
}

/// Accepts a chain, and a certificate that is byte for byte a named one. The name and the period of validity
/// are checked in both cases, and the handshake proves that the server has the private key.
#[derive(Debug)]
struct NamedVerifier {
    chains: Arc<dyn ServerCertVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for NamedVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.named.iter().any(|named| named.as_ref() == end_entity.as_ref()) {
            return self.chains.verify_server_cert(
                end_entity,
                intermediates,
                server_name,
                ocsp_response,
                now,
            );
        }
        validity::check(end_entity, now)?;
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chains.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

fn bad_encoding() -> rustls::Error {
    rustls::Error::InvalidCertificate(CertificateError::BadEncoding)
}
