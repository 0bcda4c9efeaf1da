//! Certificates of the listener: reads a given certificate and key, or generates a self-signed pair.

use std::{
    fmt,
    fs::{self, OpenOptions, Permissions},
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType,
    date_time_ymd, string::Ia5String,
};
use rustls::{
    CertificateError, RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer, ServerName, UnixTime,
        pem::{self, PemObject},
    },
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// 825 days: the longest lifetime that Apple's verifiers accept.
const LIFE: Duration = Duration::from_secs(825 * 24 * 3600);
/// A certificate that expires within 30 days is generated again at the next start.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Clients whose clock is up to an hour behind accept a new certificate.
const SKEW: Duration = Duration::from_secs(3600);
/// The subject of generated certificates. Only certificates with this subject are ever replaced.
const SUBJECT: &str = "Stagepost self-made certificate";

/// A certificate cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// The file is missing, unreadable, or not the PEM it should be.
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the reader.
        source: pem::Error,
    },
    /// The file is PEM without a certificate.
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// The pair cannot be used: the key belongs to another certificate, or its kind is not supported.
    Unusable {
        /// The certificate file.
        path: PathBuf,
        /// The error of rustls.
        source: rustls::Error,
    },
    /// The library does not support the versions of TLS.
    Configuration(rustls::Error),
    /// A certificate could not be generated.
    Make(rcgen::Error),
    /// A generated file could not be written.
    Write {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::Empty { path } => write!(f, "no certificate in {}", path.display()),
            Self::Unusable { path, source } => {
                write!(f, "the certificate {} and its key cannot be used: {source}", path.display())
            }
            Self::Configuration(source) => write!(f, "cannot configure TLS: {source}"),
            Self::Make(source) => write!(f, "cannot make a certificate: {source}"),
            Self::Write { path, source } => write!(f, "cannot write {}: {source}", path.display()),
        }
    }
}

impl std::error::Error for TlsError {}

/// A certificate chain and its key, which can be replaced while a listener uses them.
#[derive(Debug)]
pub struct Certificate(RwLock<Arc<CertifiedKey>>);

impl Certificate {
    /// Reads a certificate chain (leaf first) and a key (PKCS#8, PKCS#1 or SEC1), both PEM.
    ///
    /// # Errors
    /// [`TlsError::Read`], [`TlsError::Empty`] and [`TlsError::Unusable`], each with the file.
    pub fn load(cert_pem: &Path, key_pem: &Path) -> Result<Arc<Self>, TlsError> {
        Ok(Arc::new(Self(RwLock::new(Arc::new(read_pair(cert_pem, key_pem)?)))))
    }

    /// Reads the files again, for the handshakes from now on. Returns whether the chain differs from the former
    /// one.
    ///
    /// # Errors
    /// As [`Certificate::load`]; then nothing is replaced.
    pub fn replace(&self, cert_pem: &Path, key_pem: &Path) -> Result<bool, TlsError> {
        let new = Arc::new(read_pair(cert_pem, key_pem)?);
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let differs = current.cert != new.cert;
        *current = new;
        Ok(differs)
    }

    /// The server's configuration of TLS 1.2 and 1.3. It offers `h2` and `http/1.1` by ALPN, and uses the ring
    /// provider, whatever the default of the process.
    ///
    /// # Errors
    /// [`TlsError::Configuration`].
    pub fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Configuration)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read_pair(cert_pem: &Path, key_pem: &Path) -> Result<CertifiedKey, TlsError> {
    let unusable = |source| TlsError::Unusable { path: cert_pem.to_owned(), source };
    CertifiedKey::from_der(read_chain(cert_pem)?, read_key(key_pem)?, &ring::default_provider())
        .map_err(unusable)
}

/// The server's configuration of TLS for a certificate chain and a key that are not replaced.
///
/// # Errors
/// As [`Certificate::load`] and [`Certificate::server_config`].
pub fn server_config(cert_pem: &Path, key_pem: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    Certificate::load(cert_pem, key_pem)?.server_config()
}

/// Generates `dir/cert.pem` (0644) and `dir/key.pem` (0600), unless they exist, for 127.0.0.1, ::1, localhost
/// and `names` (host names or addresses; others are left out with a warning). The certificate is valid for 825
/// days from an hour before `now`.
///
/// The certificate is its own trust anchor: a client that trusts exactly this file accepts it. It is not a CA,
/// because rustls refuses a CA as a server's certificate, and has no key usage, because OpenSSL before 3.0
/// accepts only a certificate that may sign as self-signed.
///
/// It is generated again if one of the files is missing, if it expires within 30 days of `now`, or if the key
/// belongs to another certificate (a crash between the two renames). A certificate with another subject is the
/// operator's and never replaced. The replaced files are kept as `cert.pem.old` and `key.pem.old`. A new entry in `names` does not replace a certificate that clients trust.
///
/// # Errors
/// [`TlsError::Write`] and [`TlsError::Make`]; [`TlsError::Read`] and [`TlsError::Empty`] if an existing file is
/// not PEM, because it is not overwritten.
pub fn self_made(dir: &Path, names: &[String], now: jiff::Timestamp) -> Result<(PathBuf, PathBuf), TlsError> {
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    let now = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or(0));
    if !(cert.exists() && key.exists() && is_current(&cert, &key, now)?) {
        let (cert_text, key_text) = make(names, now).map_err(TlsError::Make)?;
        fs::create_dir_all(dir).map_err(|source| TlsError::Write { path: dir.to_owned(), source })?;
        // Kept under another name: the clock by which it expires may be wrong.
        for path in [&cert, &key] {
            if path.exists() {
                fs::rename(path, path.with_extension("pem.old"))
                    .map_err(|source| TlsError::Write { path: path.clone(), source })?;
            }
        }
        // The key is written first, so that a certificate never exists without its key.
        write(dir, &key, 0o600, &key_text).map_err(|source| TlsError::Write { path: key.clone(), source })?;
        write(dir, &cert, 0o644, &cert_text)
            .map_err(|source| TlsError::Write { path: cert.clone(), source })?;
    }
    Ok((cert, key))
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::Read { path: path.to_owned(), source };
    let chain = CertificateDer::pem_file_iter(path).map_err(failed)?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    if chain.is_empty() { Err(TlsError::Empty { path: path.to_owned() }) } else { Ok(chain) }
}

fn read_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
}

/// Whether the existing pair is used.
fn is_current(cert: &Path, key: &Path, now: Duration) -> Result<bool, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let chain = read_chain(cert)?;
    let unusable = |source| TlsError::Unusable { path: cert.to_owned(), source };
    let leaf = chain.first().ok_or_else(|| TlsError::Empty { path: cert.to_owned() })?.clone();
    let mut roots = RootCertStore::empty();
    roots.add(leaf.clone()).map_err(unusable)?;
    let ours = roots
        .roots
        .iter()
        .any(|root| root.subject.windows(SUBJECT.len()).any(|part| part == SUBJECT.as_bytes()));
    if !ours {
        return Ok(true);
    }
    match CertifiedKey::from_der(chain, read_key(key)?, &provider) {
        Ok(_) => Ok(!ends_before(&leaf, roots, provider, now + RENEW_BEFORE)),
        Err(rustls::Error::InconsistentKeys(_)) => Ok(false),
        Err(source) => Err(unusable(source)),
    }
}

/// Whether the certificate expires before a time, according to the verifier that clients use.
fn ends_before(
    leaf: &CertificateDer<'_>,
    roots: RootCertStore,
    provider: Arc<CryptoProvider>,
    at: Duration,
) -> bool {
    let Ok(verifier) = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build() else {
        return true;
    };
    let localhost = ServerName::IpAddress(IpAddr::from([127, 0, 0, 1]).into());
    let verdict = verifier.verify_server_cert(leaf, &[], &localhost, &[], UnixTime::since_unix_epoch(at));
    matches!(
        verdict,
        Err(rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. }
        ))
    )
}

/// Generates certificate and key as PEM, with ECDSA P-256, which every SDK supports and which signs quickly.
fn make(names: &[String], now: Duration) -> Result<(String, String), rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, SUBJECT);
    params.subject_alt_names = alternative_names(names);
    params.is_ca = IsCa::ExplicitNoCa;
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.not_before = date_time_ymd(1970, 1, 1) + now.saturating_sub(SKEW);
    params.not_after = params.not_before + LIFE;
    let key = KeyPair::generate()?;
    let cert = params.self_signed(&key)?;
    Ok((cert.pem(), key.serialize_pem()))
}

fn alternative_names(names: &[String]) -> Vec<SanType> {
    let always = ["127.0.0.1", "::1", "localhost"];
    let mut found = Vec::new();
    for name in always.into_iter().chain(names.iter().map(String::as_str)) {
        let san = match ServerName::try_from(name) {
            Ok(ServerName::IpAddress(address)) => Some(SanType::IpAddress(address.into())),
            Ok(ServerName::DnsName(dns)) => {
                Ia5String::try_from(dns.as_ref().to_ascii_lowercase()).ok().map(SanType::DnsName)
            }
            _ => None,
        };
        match san {
            Some(san) if !found.contains(&san) => found.push(san),
            Some(_) => {}
            None => tracing::warn!(name, "not a host name or address: left out of the certificate"),
        }
    }
    found
}

/// Writes a file atomically and durably.
fn write(dir: &Path, path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let temporary = path.with_extension("pem.new");
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // create_new sets the mode when the file is created.
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&temporary)?;
    // The exact mode, whatever the umask.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    fs::File::open(dir)?.sync_all()
}
