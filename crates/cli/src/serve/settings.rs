//! The settings of `serve`. Each has a flag, an environment variable `STAGEPOST_*` and a key in the table
//! `[serve]` of the configuration file, in this order of priority. Secrets have no flag; they have `*_FILE`
//! variables.

mod args;
mod sign_in;
mod values;

pub use args::ServeArgs;
pub use sign_in::{OidcSettings, SignInSettings};

use crate::durations;
use crate::messages::Text;
use crate::serve::audit_log::AuditLogTarget;
use crate::serve::systemd;
use domain::model::memory::MemoryLimits;
use domain::model::webhooks::networks::Networks;
use edge::auth::RateLimitSettings;
use edge::http::public_url::PublicUrl;
use jiff::tz::Offset;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use values::{
    address, audit_log, database, duration, memory, offset, percent, proxies, public_url, rate, retention,
    secret, variable,
};

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text.
    Human,
    /// One JSON object per line.
    Json,
}

/// The source of the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Files of the operator.
    Files {
        /// The certificate chain.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// A self-signed certificate in the data directory.
    SelfSigned,
}

/// The given secrets of the first administrator.
#[derive(Clone, Default)]
pub struct AdminSecrets {
    pub password: Option<String>,
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
    pub token: Option<String>,
}

/// The resolved settings.
pub struct Settings {
    pub data: PathBuf,
    pub database: Option<String>,
    pub listen: Option<SocketAddr>,
    pub tls_listen: Option<SocketAddr>,
    pub tls: Tls,
    pub demo: bool,
    pub time_offset: Offset,
    pub account: String,
    pub log: String,
    pub log_format: LogFormat,
    /// `None`: stderr.
    pub log_file: Option<PathBuf>,
    pub connections: usize,
    pub proxies: Vec<IpAddr>,
    pub public_url: Option<Arc<PublicUrl>>,
    pub queue: usize,
    pub memory: MemoryLimits,
    pub accept_data_loss: bool,
    /// In percent.
    pub integrity_check_share: u32,
    pub maintenance_interval: Duration,
    pub event_retention: Duration,
    pub rate_limits: RateLimitSettings,
    pub metrics_listen: Option<SocketAddr>,
    pub metrics_token: Option<String>,
    pub metrics_repositories: u32,
    /// `None`: forever.
    pub audit_retention: Option<Duration>,
    pub audit_log: Option<AuditLogTarget>,
    pub webhook_allow: Networks,
    pub sign_in: SignInSettings,
    pub admin_user: String,
    pub admin: AdminSecrets,
}

impl Settings {
    /// Whether programs of this machine read the metrics without a credential. A reverse proxy of this machine may send
    /// requests of others without headers, and a public URL shows that there is one.
    pub fn metrics_on_loopback(&self) -> bool {
        self.metrics_token.is_none() && self.metrics_listen.is_none() && self.public_url.is_none()
    }
}

impl ServeArgs {
    /// The settings for a command that opens the store itself: only the location of the store. Environment
    /// variables have the same priority as for a server.
    ///
    /// # Errors
    /// As [`ServeArgs::resolve`].
    pub fn resolve_store(self, data: &Path) -> Result<Settings, String> {
        let url = variable("STAGEPOST_DATABASE")?;
        let file = std::env::var_os("STAGEPOST_DATABASE_FILE").map(PathBuf::from);
        let in_environment = url.is_some() || file.is_some();
        let (database, database_file) =
            if in_environment { (url, file) } else { (self.database, self.database_file) };
        Self { data: data.to_owned(), database, database_file, ..Self::default() }.resolve()
    }

    /// Parses and checks every value.
    ///
    /// # Errors
    /// A message that names the setting and the problem.
    pub fn resolve(self) -> Result<Settings, String> {
        let sign_in = sign_in::resolve(&self)?;
        let credentials =
            || (systemd::credential("STAGEPOST_TLS_CERT"), systemd::credential("STAGEPOST_TLS_KEY"));
        let given = (self.tls_cert, self.tls_key);
        let tls = match if given == (None, None) { credentials() } else { given } {
            (Some(cert), Some(key)) => Tls::Files { cert, key },
            (None, None) => Tls::SelfSigned,
            _ => return Err(Text::ServeTlsFiles.to_string()),
        };
        let log_format = match self.log_format.as_deref().unwrap_or("human") {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            other => return Err(Text::ServeLogFormat.with(&[("text", &other)])),
        };
        let event_retention = self.events_kept.as_deref().unwrap_or("3d");
        durations::require_unit("--events-kept", event_retention)?;
        Ok(Settings {
            data: self.data,
            database: database(self.database, self.database_file.as_deref())?,
            listen: address("--listen", self.listen.as_deref().unwrap_or("127.0.0.1:8080"))?,
            tls_listen: address("--tls-listen", self.tls_listen.as_deref().unwrap_or("127.0.0.1:8443"))?,
            tls,
            demo: self.demo.unwrap_or_default(),
            time_offset: offset(self.time_offset.as_deref().unwrap_or("+08:00"))?,
            account: self.account.unwrap_or_else(|| "stagepost".into()),
            log: self.log.unwrap_or_else(|| "info".into()),
            log_format,
            log_file: self.log_file,
            connections: self.connections.unwrap_or(20_000).max(1),
            proxies: proxies(self.proxies.as_deref().unwrap_or_default())?,
            public_url: self.public_url.as_deref().map(public_url).transpose()?,
            queue: self.queue.unwrap_or(10_000).max(1),
            memory: self.memory.as_deref().map_or(Ok(MemoryLimits::default()), memory)?,
            accept_data_loss: self.accept_data_loss.unwrap_or_default(),
            integrity_check_share: percent(
                "--integrity-check-share",
                self.integrity_check_share.unwrap_or(10),
            )?,
            maintenance_interval: duration(
                "--upkeep-every",
                self.upkeep_every.as_deref().unwrap_or("30s"),
                ("1s", "1d"),
                "30s",
            )?,
            event_retention: duration("--events-kept", event_retention, ("1m", "365d"), "3d")?,
            rate_limits: RateLimitSettings {
                requests: rate("--limit-requests", self.limit_requests.as_deref())?,
                reports: rate("--limit-reports", self.limit_reports.as_deref())?,
                address: rate("--limit-address", self.limit_address.as_deref())?,
            },
            metrics_listen: address("--metrics-listen", self.metrics_listen.as_deref().unwrap_or("none"))?,
            metrics_token: secret("STAGEPOST_METRICS_TOKEN", self.metrics_token_file.as_deref())?,
            metrics_repositories: self.metrics_repositories.unwrap_or(20),
            audit_retention: retention(
                "--audit-retention",
                self.audit_retention.as_deref().unwrap_or("400d"),
            )?,
            audit_log: self.audit_log.as_deref().map(audit_log),
            webhook_allow: Networks::parse(self.webhook_allow.as_deref().unwrap_or_default())
                .map_err(|bad| Text::ServeWebhookAllow.with(&[("text", &bad)]))?,
            sign_in,
            admin_user: self.admin_user.unwrap_or_else(|| "admin".into()),
            admin: AdminSecrets {
                password: secret("STAGEPOST_ADMIN_PASSWORD", self.admin_password_file.as_deref())?,
                access_key: self.admin_ak,
                secret_key: secret("STAGEPOST_ADMIN_SK", self.admin_sk_file.as_deref())?,
                token: secret("STAGEPOST_ADMIN_TOKEN", self.admin_token_file.as_deref())?,
            },
        })
    }
}

/// Whether an argument of this process contains the password of a database: other users of the machine can read it
/// in the list of processes.
pub fn password_in_arguments(arguments: impl Iterator<Item = String>) -> bool {
    let has_password = |argument: &String| {
        let user = argument.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
        user.is_some_and(|(user, _)| user.contains(':') && !user.contains('/'))
    };
    arguments.into_iter().any(|argument| has_password(&argument))
}

#[cfg(test)]
mod tests;
