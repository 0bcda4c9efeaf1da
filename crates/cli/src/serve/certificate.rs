//! The certificate that the server uses, and when it is read again: at SIGHUP, and when its files change.

use super::maintenance::wait_for;
use super::settings::Tls;
use edge::auth::secrets::SystemClock;
use edge::http::tls::{self, Certificate, TlsError};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How often the files are compared, at most.
const COMPARE_INTERVAL: Duration = Duration::from_secs(60);

/// The certificate of a server.
pub struct ServedCertificate {
    certificate: Arc<Certificate>,
    source: Tls,
    data: PathBuf,
    /// The digest of the files that were read last, also if they could not be used.
    seen: Mutex<Option<u64>>,
}

impl ServedCertificate {
    /// Reads the certificate, or creates a self-signed one.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(source: Tls, data: &Path) -> Result<Arc<Self>, TlsError> {
        let (cert, key) = files(&source, data)?;
        let seen = Mutex::new(digest(&cert, &key));
        let certificate = Certificate::load(&cert, &key)?;
        Ok(Arc::new(Self { certificate, source, data: data.to_owned(), seen }))
    }

    /// The configuration of a listener.
    ///
    /// # Errors
    /// [`TlsError::Configuration`].
    pub fn server_config(&self) -> Result<Arc<rustls::ServerConfig>, TlsError> {
        self.certificate.server_config()
    }

    /// Reads the certificate again. The present one stays if the new one cannot be used. A self-signed certificate that
    /// will expire soon is created again.
    pub fn reload(&self, why: &str) {
        let result = files(&self.source, &self.data).and_then(|(cert, key)| {
            // Before the files are read: a change meanwhile is found the next time.
            *self.lock_seen() = digest(&cert, &key);
            self.certificate.replace(&cert, &key)
        });
        record(why, result);
    }

    /// Reads the certificate again if the content of its files differs from what was read last.
    fn reload_if_changed(&self) {
        let (cert, key) = self.paths();
        let Some(now) = digest(&cert, &key) else { return };
        if self.lock_seen().replace(now) == Some(now) {
            return;
        }
        record("its files changed", self.certificate.replace(&cert, &key));
    }

    /// Compares the files until the server stops, at intervals of `interval` or a minute, whichever is shorter.
    pub async fn watch(self: Arc<Self>, interval: Duration, mut stopped: watch::Receiver<()>) {
        while wait_for(&mut stopped, interval.min(COMPARE_INTERVAL)).await {
            let this = Arc::clone(&self);
            // The files may be on a disk that does not respond.
            drop(tokio::task::spawn_blocking(move || this.reload_if_changed()).await);
        }
    }

    fn paths(&self) -> (PathBuf, PathBuf) {
        match &self.source {
            Tls::Files { cert, key } => (cert.clone(), key.clone()),
            Tls::SelfSigned => {
                let directory = self.data.join("tls");
                (directory.join("cert.pem"), directory.join("key.pem"))
            }
        }
    }

    fn lock_seen(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The digest of both files; `None` if one cannot be read, as while it is being replaced.
fn digest(cert: &Path, key: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for file in [cert, key] {
        std::fs::read(file).ok()?.hash(&mut hasher);
    }
    Some(hasher.finish())
}

fn record(why: &str, result: Result<bool, TlsError>) {
    let result = match result {
        Ok(true) => {
            tracing::info!(why, "the certificate was replaced; open connections keep the former one");
            "replaced"
        }
        Ok(false) => {
            tracing::info!(why, "the certificate is unchanged");
            "unchanged"
        }
        Err(error) => {
            tracing::error!(why, %error, "the certificate was not replaced; the former one stays in use");
            "failed"
        }
    };
    count(result, 1);
    let failed = if result == "failed" { 1.0 } else { 0.0 };
    metrics::gauge!("stagepost_certificate_reload_failed").set(failed);
}

fn count(result: &'static str, by: u64) {
    metrics::counter!("stagepost_certificate_reloads_total", "result" => result).increment(by);
}

/// Registers the metrics, so that the first failure is visible.
pub fn register_metric() {
    ["replaced", "unchanged", "failed"].into_iter().for_each(|result| count(result, 0));
    metrics::gauge!("stagepost_certificate_reload_failed").set(0.0);
}

/// The files of certificate and key. A self-signed pair is created, or created again shortly before it expires;
/// then clients must trust the new one.
fn files(source: &Tls, data: &Path) -> Result<(PathBuf, PathBuf), TlsError> {
    match source {
        Tls::Files { cert, key } => Ok((cert.clone(), key.clone())),
        Tls::SelfSigned => {
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            let dir = data.join("tls");
            let before = std::fs::read(dir.join("cert.pem")).ok();
            let files = tls::self_made(&dir, &[host], domain::ports::Clock::now(&SystemClock))?;
            // A server has used the directory before.
            let was_used = data.join("endpoints.toml").exists();
            if was_used && std::fs::read(&files.0).ok() != before {
                let path = files.0.display();
                tracing::warn!(%path, "created a new self-signed certificate: clients that trust the former one must trust this one");
            }
            Ok(files)
        }
    }
}
