//! Reads the values of the settings. The errors name the flag or the variable.

use crate::messages::Text;
use crate::serve::audit_log::AuditLogTarget;
use crate::serve::systemd;
use crate::text_files::{self, trim_secret};
use crate::{durations, sizes};
use domain::model::memory::{self, MemoryLimits};
use domain::model::rate_limits::RateLimit;
use edge::http::public_url::{PublicUrl, PublicUrlProblem};
use jiff::tz::Offset;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub fn address(flag: &str, text: &str) -> Result<Option<SocketAddr>, String> {
    if text == "none" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Text::ServeAddress.with(&[("flag", &flag), ("text", &text)]))
}

pub fn proxies(text: &str) -> Result<Vec<IpAddr>, String> {
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    let bad = |address: &str| Text::ServeProxy.with(&[("text", &address)]);
    addresses.map(|address| address.parse().map_err(|_| bad(address))).collect()
}

/// The address that people and clients use.
pub fn public_url(text: &str) -> Result<Arc<PublicUrl>, String> {
    edge::public_url(text).map(Arc::new).map_err(|problem| {
        let reason = match problem {
            PublicUrlProblem::Scheme => Text::PublicUrlScheme.to_string(),
            PublicUrlProblem::UserInfo => Text::PublicUrlUserInfo.to_string(),
            PublicUrlProblem::QueryOrFragment => Text::PublicUrlQuery.to_string(),
            PublicUrlProblem::Host => Text::PublicUrlHost.to_string(),
            PublicUrlProblem::Path => Text::PublicUrlPath.to_string(),
            PublicUrlProblem::NotNormalized { normalized } => {
                Text::PublicUrlNotNormalized.with(&[("normalized", &normalized)])
            }
            PublicUrlProblem::Taken { route } => Text::PublicUrlTaken.with(&[("route", &route)]),
        };
        Text::ServePublicUrl.with(&[("text", &text), ("reason", &reason)])
    })
}

pub fn percent(flag: &str, value: u32) -> Result<u32, String> {
    if value <= 100 { Ok(value) } else { Err(Text::ServePercent.with(&[("flag", &flag), ("text", &value)])) }
}

/// A rate with a burst; `None`: no limit.
pub fn rate(flag: &str, text: Option<&str>) -> Result<Option<RateLimit>, String> {
    let bad = |text: &str| Text::ServeRate.with(&[("flag", &flag), ("text", &text)]);
    text.map(|text| RateLimit::parse(text).ok_or_else(|| bad(text))).transpose()
}

/// A size, divided among the caches and queues.
pub fn memory(text: &str) -> Result<MemoryLimits, String> {
    let total = sizes::parse(text).filter(|bytes| (memory::MIN..=memory::MAX).contains(bytes));
    total.map(MemoryLimits::of).ok_or_else(|| Text::ServeMemory.with(&[("text", &text)]))
}

/// A duration from `min` to `max`; `example` is for the message.
pub fn duration(flag: &str, text: &str, (min, max): (&str, &str), example: &str) -> Result<Duration, String> {
    let limit = |text| durations::parse_text(text).unwrap_or_default();
    durations::parse_text(text).filter(|duration| (limit(min)..=limit(max)).contains(duration)).ok_or_else(
        || {
            Text::ServeDuration.with(&[
                ("flag", &flag),
                ("text", &text),
                ("min", &min),
                ("max", &max),
                ("example", &example),
            ])
        },
    )
}

/// How long something is kept; `None`: forever.
pub fn retention(flag: &str, text: &str) -> Result<Option<Duration>, String> {
    if text == "none" {
        return Ok(None);
    }
    durations::require_unit(flag, text)?;
    duration(flag, text, ("1d", "3650d"), "400d").map(Some)
}

/// The destination of the lines of the audit log.
pub fn audit_log(text: &str) -> AuditLogTarget {
    if text == "-" { AuditLogTarget::Stdout } else { AuditLogTarget::File(text.into()) }
}

pub fn offset(text: &str) -> Result<Offset, String> {
    let bad = || Text::ServeTimeOffset.with(&[("text", &text)]);
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

pub fn database(url: Option<String>, file: Option<&Path>) -> Result<Option<String>, String> {
    // An empty URL would select SQLite: a server would start with an empty store.
    if url.as_ref().is_some_and(|url| url.trim().is_empty()) {
        return Err(Text::ServeDatabaseEmpty.to_string());
    }
    let url = match (url, file) {
        (Some(_), Some(_)) => return Err(Text::ServeDatabaseTwice.to_string()),
        (None, Some(file)) => Some(read_secret("--database-file", file)?),
        (None, None) => credential("STAGEPOST_DATABASE")?,
        (url, None) => url,
    };
    match url {
        Some(url) if !store::postgres::is_url(&url) => Err(Text::ServeDatabaseUrl.to_string()),
        url => Ok(url),
    }
}

pub fn read_secret(name: &str, file: &Path) -> Result<String, String> {
    let text = text_files::read(file).map_err(|error| {
        Text::ServeSecretFile.with(&[("name", &name), ("path", &file.display()), ("reason", &error)])
    })?;
    Ok(trim_secret(&text).to_owned())
}

/// A secret that systemd passes to the service.
fn credential(variable: &str) -> Result<Option<String>, String> {
    systemd::credential(variable).map(|file| read_secret(&file.display().to_string(), &file)).transpose()
}

/// An environment variable. One that is not UTF-8 is an error, because it must not count as absent.
pub fn variable(name: &str) -> Result<Option<String>, String> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Text::UnusableVariable.with(&[("name", &name)])),
    }
}

/// A secret from an environment variable, a file or a credential of systemd, without the line break at the end.
pub fn secret(variable: &str, file: Option<&Path>) -> Result<Option<String>, String> {
    let value = self::variable(variable)?.map(|value| trim_secret(&value).to_owned());
    match (value.filter(|value| !value.is_empty()), file) {
        (Some(_), Some(_)) => Err(Text::ServeSecretTwice.with(&[("variable", &variable)])),
        (None, Some(file)) => read_secret(&format!("{variable}_FILE"), file).map(Some),
        (None, None) => credential(variable),
        (value, None) => Ok(value),
    }
}
