//! The settings of `serve`. Each has a flag, an environment variable `STAGEPOST_*` and a key in the table
//! `[serve]` of the configuration file, in this order of priority. Secrets have no flag; they have `*_FILE`
//! variables.

use crate::text_files::{self, trim_secret};
use crate::{durations, sizes};
use domain::model::memory::{self, MemoryLimits};
use domain::model::webhooks::networks::Networks;
use jiff::tz::Offset;
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The settings as given. `None` means not given.
#[derive(Default, Clone, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServeArgs {
    /// PostgreSQL database: postgres://USER@HOST/NAME [default: SQLite in the data directory]
    #[arg(long, env = "STAGEPOST_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// File with the database URL, for a URL with a password
    #[arg(long, env = "STAGEPOST_DATABASE_FILE", value_name = "FILE")]
    #[serde(alias = "database_file")]
    pub database_file: Option<PathBuf>,
    /// Listen address for HTTP, or `none` [default: 127.0.0.1:8080]
    #[arg(long, env = "STAGEPOST_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// Listen address for HTTPS, or `none` [default: 127.0.0.1:8443]
    #[arg(long, env = "STAGEPOST_TLS_LISTEN", value_name = "ADDR")]
    #[serde(alias = "tls_listen")]
    pub tls_listen: Option<String>,
    /// Certificate chain (PEM) [default: a self-signed certificate in DATA/tls]
    #[arg(long, env = "STAGEPOST_TLS_CERT", value_name = "FILE")]
    #[serde(alias = "tls_cert")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, env = "STAGEPOST_TLS_KEY", value_name = "FILE")]
    #[serde(alias = "tls_key")]
    pub tls_key: Option<PathBuf>,
    /// Load the demo data, once per store
    #[arg(long, env = "STAGEPOST_DEMO", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub demo: Option<bool>,
    /// Time zone of the times in CodeArts responses [default: +08:00]
    #[arg(long, env = "STAGEPOST_TIME_OFFSET", value_name = "+HH:MM", allow_hyphen_values = true)]
    #[serde(alias = "time_offset")]
    pub time_offset: Option<String>,
    /// Name of the account (IAM domain) in IAM responses [default: stagepost]
    #[arg(long, env = "STAGEPOST_ACCOUNT", value_name = "NAME")]
    pub account: Option<String>,
    /// Log level: error, warn, info or debug, or a filter by module [default: info]
    #[arg(long, env = "STAGEPOST_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Format of the log on stderr: human or json [default: human]
    #[arg(long, env = "STAGEPOST_LOG_FORMAT", value_name = "FORMAT")]
    #[serde(alias = "log_format")]
    pub log_format: Option<String>,
    /// Maximum number of connections [default: 20000]
    #[arg(long, env = "STAGEPOST_CONNECTIONS", value_name = "N")]
    pub connections: Option<usize>,
    /// Addresses of reverse proxies, separated by commas: access keys are not locked for requests from them;
    /// loopback addresses are always included
    #[arg(long, env = "STAGEPOST_PROXIES", value_name = "ADDR,...")]
    pub proxies: Option<String>,
    /// Maximum number of queued writes, one repository at most half of it; further ones get status 503
    /// [default: 10000]
    #[arg(long, env = "STAGEPOST_QUEUE", value_name = "N")]
    pub queue: Option<usize>,
    /// Memory for caches and for what waits, 96MiB or more: 192MiB, 1G [default: 192MiB]
    #[arg(long, env = "STAGEPOST_MEMORY", value_name = "SIZE")]
    #[serde(deserialize_with = "text_or_number")]
    pub memory: Option<String>,
    /// Start although files of the data directory are missing, damaged or older than before: reports that
    /// were acknowledged may be lost. For one start
    #[arg(long, env = "STAGEPOST_ACCEPT_DATA_LOSS", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    #[serde(alias = "accept_data_loss")]
    pub accept_data_loss: Option<bool>,
    /// Interval of the watchdog, 1s to 1d: 30, 30s, 1h30m [default: 30s]
    #[arg(long, env = "STAGEPOST_UPKEEP_EVERY", value_name = "DURATION")]
    #[serde(deserialize_with = "text_or_number")]
    #[serde(alias = "upkeep_every")]
    pub upkeep_every: Option<String>,
    /// How long events are kept for clients that reconnect, 1m to 365d: 3d, 1w [default: 3d]
    #[arg(long, env = "STAGEPOST_EVENTS_KEPT", value_name = "DURATION")]
    #[serde(deserialize_with = "text_or_number")]
    #[serde(alias = "events_kept")]
    pub events_kept: Option<String>,
    /// Private networks to which webhooks may be sent, such as 10.0.0.0/8,fd00::/8 [default: none]
    #[arg(long, env = "STAGEPOST_WEBHOOK_ALLOW", value_name = "CIDR,...")]
    #[serde(alias = "webhook_allow")]
    pub webhook_allow: Option<String>,
    /// Name of the administrator created by the first start [default: admin]
    #[arg(long, env = "STAGEPOST_ADMIN_USER", value_name = "NAME")]
    #[serde(alias = "admin_user")]
    pub admin_user: Option<String>,
    /// Access key of the administrator [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_AK", value_name = "AK")]
    #[serde(alias = "admin_ak")]
    pub admin_ak: Option<String>,
    /// File with the administrator's password (or STAGEPOST_ADMIN_PASSWORD) [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_PASSWORD_FILE", value_name = "FILE")]
    #[serde(alias = "admin_password_file")]
    pub admin_password_file: Option<PathBuf>,
    /// File with the secret key of the access key (or STAGEPOST_ADMIN_SK) [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_SK_FILE", value_name = "FILE")]
    #[serde(alias = "admin_sk_file")]
    pub admin_sk_file: Option<PathBuf>,
    /// File with the administrator's token (or STAGEPOST_ADMIN_TOKEN) [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_TOKEN_FILE", value_name = "FILE")]
    #[serde(alias = "admin_token_file")]
    pub admin_token_file: Option<PathBuf>,
    /// The data directory, from the global flag `--data`.
    #[arg(skip)]
    #[serde(skip)]
    pub data: PathBuf,
}

impl fmt::Debug for ServeArgs {
    /// Without values: the URL of a database may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeArgs").finish_non_exhaustive()
    }
}

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
    pub connections: usize,
    pub proxies: Vec<IpAddr>,
    pub queue: usize,
    pub memory: MemoryLimits,
    pub accept_data_loss: bool,
    pub maintenance_interval: Duration,
    pub event_retention: Duration,
    pub webhook_allow: Networks,
    pub admin_user: String,
    pub admin: AdminSecrets,
}

impl ServeArgs {
    /// These settings, completed by those of the file.
    pub fn or(self, file: Self) -> Self {
        macro_rules! merge {
            ($($field:ident)*) => { Self { data: self.data, $($field: self.$field.or(file.$field)),* } };
        }
        merge!(database database_file listen tls_listen tls_cert tls_key demo time_offset account log log_format
            connections proxies queue memory accept_data_loss upkeep_every events_kept webhook_allow admin_user admin_ak
            admin_password_file admin_sk_file admin_token_file)
    }

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
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(cert), Some(key)) => Tls::Files { cert, key },
            (None, None) => Tls::SelfSigned,
            _ => return Err("--tls-cert and --tls-key must be used together".into()),
        };
        let log_format = match self.log_format.as_deref().unwrap_or("human") {
            "human" => LogFormat::Human,
            "json" => LogFormat::Json,
            other => return Err(format!("--log-format: '{other}' is neither human nor json")),
        };
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
            connections: self.connections.unwrap_or(20_000).max(1),
            proxies: proxies(self.proxies.as_deref().unwrap_or_default())?,
            queue: self.queue.unwrap_or(10_000).max(1),
            memory: self.memory.as_deref().map_or(Ok(MemoryLimits::default()), memory_limits)?,
            accept_data_loss: self.accept_data_loss.unwrap_or_default(),
            maintenance_interval: duration(
                "--upkeep-every",
                self.upkeep_every.as_deref().unwrap_or("30s"),
                (1, 86_400),
                "1s to 1d such as 30s",
            )?,
            event_retention: duration(
                "--events-kept",
                self.events_kept.as_deref().unwrap_or("3d"),
                (60, 365 * 86_400),
                "1m to 365d such as 3d",
            )?,
            webhook_allow: Networks::parse(self.webhook_allow.as_deref().unwrap_or_default())
                .map_err(|bad| format!("--webhook-allow: '{bad}' is not a network such as 10.0.0.0/8"))?,
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

fn address(flag: &str, text: &str) -> Result<Option<SocketAddr>, String> {
    if text == "none" {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| format!("{flag}: '{text}' is not an address such as 127.0.0.1:8080, nor none"))
}

fn proxies(text: &str) -> Result<Vec<IpAddr>, String> {
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    let bad = |address| format!("--proxies: '{address}' is not an address such as 10.0.0.7");
    addresses.map(|address| address.parse().map_err(|_| bad(address))).collect()
}

fn duration(flag: &str, text: &str, (min, max): (u64, u64), range: &str) -> Result<Duration, String> {
    durations::parse_text(text)
        .filter(|duration| (min..=max).contains(&duration.as_secs()))
        .ok_or_else(|| format!("{flag}: '{text}' is not a duration from {range}"))
}

fn memory_limits(text: &str) -> Result<MemoryLimits, String> {
    let total = sizes::parse(text).filter(|bytes| (memory::MIN..=memory::MAX).contains(bytes));
    total
        .map(MemoryLimits::of)
        .ok_or_else(|| format!("--memory: '{text}' is not a size from 96MiB such as 192MiB"))
}

/// Reads a key of the file that is a text or a number.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    Ok(Some(match Either::deserialize(deserializer)? {
        Either::Number(number) => number.to_string(),
        Either::Text(text) => text,
    }))
}

fn offset(text: &str) -> Result<Offset, String> {
    let bad = || format!("--time-offset: '{text}' is not an offset such as +08:00");
    let (sign, rest) = match text.split_at_checked(1).ok_or_else(bad)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return Err(bad()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(bad)?;
    let two_digits = |digits: &str, max: i32| {
        let number = (digits.len() == 2).then(|| digits.parse::<i32>().ok()).flatten();
        number.filter(|n| (0..=max).contains(n)).ok_or_else(bad)
    };
    Offset::from_seconds(sign * (two_digits(hours, 18)? * 3600 + two_digits(minutes, 59)? * 60))
        .map_err(|_| bad())
}

fn database(url: Option<String>, file: Option<&Path>) -> Result<Option<String>, String> {
    // An empty URL would select SQLite: a server would start with an empty store.
    if url.as_ref().is_some_and(|url| url.trim().is_empty()) {
        return Err("--database (STAGEPOST_DATABASE) is empty".into());
    }
    let url = match (url, file) {
        (Some(_), Some(_)) => return Err("--database and --database-file are both given".into()),
        (None, Some(file)) => Some(read_secret("--database-file", file)?),
        (url, None) => url,
    };
    match url {
        Some(url) if !store::postgres::is_url(&url) => {
            Err("--database: not a URL such as postgres://USER@HOST/NAME".into())
        }
        url => Ok(url),
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

fn read_secret(name: &str, file: &Path) -> Result<String, String> {
    let text = text_files::read(file).map_err(|e| format!("{name}: {}: {e}", file.display()))?;
    Ok(trim_secret(&text).to_owned())
}

/// An environment variable. One that is not UTF-8 is an error, because it must not count as absent.
fn variable(name: &str) -> Result<Option<String>, String> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
    }
}

/// A secret from an environment variable or a file, without the line break at the end.
fn secret(variable: &str, file: Option<&Path>) -> Result<Option<String>, String> {
    let value = self::variable(variable)?.map(|value| trim_secret(&value).to_owned());
    match (value.filter(|value| !value.is_empty()), file) {
        (Some(_), Some(_)) => Err(format!("{variable} and {variable}_FILE are both given")),
        (None, Some(file)) => read_secret(&format!("{variable}_FILE"), file).map(Some),
        (value, None) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args as _, Command};

    #[test]
    fn every_flag_has_a_variable_and_a_key() {
        let command = ServeArgs::augment_args(Command::new("serve"));
        let mut flags = 0;
        for arg in command.get_arguments().filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version"))
        {
            let long = arg.get_long().expect("a long flag");
            let variable = format!("STAGEPOST_{}", long.replace('-', "_").to_uppercase());
            assert_eq!(arg.get_env().and_then(|v| v.to_str()), Some(variable.as_str()), "{long}");
            let value = match long {
                "demo" | "accept-data-loss" => "true",
                "connections" | "queue" | "memory" | "upkeep-every" | "events-kept" => "7",
                _ => "'x'",
            };
            for key in [long.to_owned(), long.replace('-', "_")] {
                let parsed: Result<ServeArgs, _> = toml::from_str(&format!("{key} = {value}"));
                assert!(parsed.is_ok(), "{key}: {parsed:?}: add an alias with underscores");
            }
            flags += 1;
        }
        assert!(flags >= 16, "{flags}");
        assert!(toml::from_str::<ServeArgs>("listn = 'x'").is_err(), "a mistyped key is an error");
    }

    #[test]
    fn a_password_in_an_argument_is_noticed_and_is_not_printed() {
        let found = |argument: &str| password_in_arguments([argument.to_owned()].into_iter());
        assert!(found("postgres://u:secret@h/d") && found("--database=postgres://u:secret@h/d"));
        for other in ["postgres://u@h/d", "postgres://h:5432/d", "--listen", "postgres://h/d?x=a:b@c"] {
            assert!(!found(other), "{other}");
        }
        let args = ServeArgs { database: Some("postgres://u:secret@h/d".into()), ..Default::default() };
        assert!(!format!("{args:?}").contains("secret"));
    }

    #[test]
    fn flags_override_the_file() {
        let flags = ServeArgs { listen: Some("127.0.0.1:1".into()), ..Default::default() };
        let file = ServeArgs { listen: Some("127.0.0.1:2".into()), demo: Some(true), ..Default::default() };
        let both = flags.or(file).resolve().map_err(|e| panic!("{e}")).unwrap();
        assert_eq!((both.listen.unwrap().port(), both.demo), (1, true));
    }

    #[test]
    fn the_watchdog_interval_is_a_duration_or_a_number_of_seconds() {
        let seconds_of = |line: &str| {
            let args: ServeArgs = toml::from_str(line).unwrap();
            args.resolve().map_err(|e| panic!("{line}: {e}")).unwrap().maintenance_interval.as_secs()
        };
        for (line, seconds) in [
            ("", 30),
            ("upkeep-every = 7", 7),
            ("upkeep-every = '7'", 7),
            ("upkeep-every = '45s'", 45),
            ("upkeep-every = '5m'", 300),
            ("upkeep_every = '1h30m'", 5_400),
            ("upkeep-every = '1d'", 86_400),
        ] {
            assert_eq!(seconds_of(line), seconds, "{line}");
        }
        for invalid in ["-1", "1.5", "true", "[]"] {
            assert!(toml::from_str::<ServeArgs>(&format!("upkeep-every = {invalid}")).is_err(), "{invalid}");
        }
    }

    #[test]
    fn an_error_names_the_invalid_setting() {
        let error = |args: ServeArgs| args.resolve().err().unwrap();
        assert!(error(ServeArgs { listen: Some("8080".into()), ..Default::default() }).contains("--listen"));
        assert!(error(ServeArgs { tls_cert: Some("x".into()), ..Default::default() }).contains("--tls-key"));
        for bad in ["8", "+8", "+08", "+19:00", "+08:60", "08:00", "+é:00"] {
            assert!(
                error(ServeArgs { time_offset: Some(bad.into()), ..Default::default() })
                    .contains("--time-offset"),
                "{bad}"
            );
        }
        for bad in ["0", "0s", "86401", "25h", "2d", "soon", "", "-1", "1.5s"] {
            let args = ServeArgs { upkeep_every: Some(bad.into()), ..Default::default() };
            assert!(error(args).contains("--upkeep-every"), "{bad}");
        }
        for (url, file) in [(Some(""), None), (Some(" "), None), (Some(""), Some("f"))] {
            let args = ServeArgs {
                database: url.map(str::to_owned),
                database_file: file.map(PathBuf::from),
                ..Default::default()
            };
            assert!(error(args).contains("--database (STAGEPOST_DATABASE) is empty"), "{url:?}");
        }
        for bad in ["59s", "366d", "never"] {
            let args = ServeArgs { events_kept: Some(bad.into()), ..Default::default() };
            assert!(error(args).contains("--events-kept"), "{bad}");
        }
        for bad in ["95MiB", "192", "lots", "", "-1", "1.5G"] {
            let args = ServeArgs { memory: Some(bad.into()), ..Default::default() };
            assert!(error(args).contains("--memory"), "{bad}");
        }
        let args = ServeArgs { memory: Some("1GiB".into()), ..Default::default() };
        assert_eq!(args.resolve().map_err(|e| panic!("{e}")).unwrap().memory, MemoryLimits::of(1 << 30));
        for bad in ["proxy", "10.0.0.7:80", "10.0.0.0/8"] {
            let args = ServeArgs { proxies: Some(bad.into()), ..Default::default() };
            assert!(error(args).contains("--proxies"), "{bad}");
        }
        assert_eq!(proxies("10.0.0.7, ::2,").unwrap().len(), 2);
        for bad in ["10.0.0.0/8,localhost", "10.0.0.0/33", "*"] {
            let args = ServeArgs { webhook_allow: Some(bad.into()), ..Default::default() };
            assert!(error(args).contains("--webhook-allow"), "{bad}");
        }
        assert_eq!(offset("-03:30").unwrap().seconds(), -12_600);
    }
}
