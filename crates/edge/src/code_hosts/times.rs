//! Times in the parameters of requests.

use domain::Timestamp;
use domain::error::{Invalid, Problem};
use domain::model::reports::is_unset;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A time in ISO 8601. Without a zone it is UTC; without a time of day it is midnight. An unset time is absent.
///
/// # Errors
/// [`Problem::NotTimestamp`], on `name`.
pub fn time(name: &str, text: &str) -> Result<Option<Timestamp>, Invalid> {
    // The `+` of an offset that was not encoded is decoded as a space.
    let text = match text.rsplit_once(' ') {
        Some((time, zone)) if time.contains(':') => format!("{time}+{zone}"),
        _ => text.to_owned(),
    };
    let in_utc = |at: DateTime| TimeZone::UTC.to_timestamp(at).ok();
    let time = text.parse().ok();
    let time = time.or_else(|| in_utc(text.parse::<DateTime>().ok()?));
    let time = time.or_else(|| in_utc(text.parse::<Date>().ok()?.into()));
    let time = time.ok_or_else(|| Invalid::new(name, Problem::NotTimestamp))?;
    // Clients send the zero time of their language where no time is set.
    Ok(Some(time).filter(|time| !is_unset(*time)))
}
