//! The filters of lists in the query. Errors name the parameter. An empty one is refused: programs decide by
//! these lists whether a commit may be merged, and a variable that is not set must not select everything.

use crate::http::query::Query;
use domain::Timestamp;
use domain::error::{Invalid, Problem};
use domain::model::as_of::AsOf;
use domain::model::ids::{JobId, integer};
use domain::model::page::{Page, Start, TimeRange, Window};
use domain::model::reports::is_unset;
use domain::model::status::Status;
use domain::model::text as text_rules;

/// Greatest length of a commit id.
const SHA_MAX: usize = 64;

/// A text that is not empty.
pub fn text(query: &Query, name: &str) -> Result<Option<String>, Invalid> {
    match query.get(name)? {
        Some(value) if value.trim().is_empty() => Err(Invalid::new(name, Problem::Blank)),
        value => Ok(value.map(str::to_owned)),
    }
}

/// A text of a form, which sends its empty fields. An empty one counts as absent.
pub fn form_text(query: &Query, name: &str) -> Result<Option<String>, Invalid> {
    Ok(query.get(name)?.filter(|value| !value.is_empty()).map(str::to_owned))
}

/// `true` or `false`.
pub fn flag(query: &Query, name: &str) -> Result<Option<bool>, Invalid> {
    text(query, name)?;
    query.flag(name)
}

/// The number of items on a page: 1 to `max`, by default `max`.
///
/// # Errors
/// [`Invalid`] on `limit`.
pub fn limit(query: &Query, max: u32) -> Result<u32, Invalid> {
    let Some(text) = query.get("limit")? else { return Ok(max) };
    let limit = u32::try_from(integer("limit", text)?).ok();
    let outside = || Invalid::new("limit", Problem::OutOfRange { min: 1, max: max.into() });
    limit.filter(|limit| (1..=max).contains(limit)).ok_or_else(outside)
}

/// One status or several, separated by commas.
pub fn statuses(query: &Query) -> Result<Vec<Status>, Invalid> {
    each_status(query.get("status")?.into_iter().flat_map(|names| names.split(',')))
}

/// The statuses with these names, each once.
pub fn each_status<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<Status>, Invalid> {
    let mut statuses = Vec::new();
    for name in names {
        let status = Status::parse(name)
            .ok_or_else(|| Invalid::new("status", Problem::NotOneOf { allowed: Status::NAMES }))?;
        if !statuses.contains(&status) {
            statuses.push(status);
        }
    }
    Ok(statuses)
}

/// A commit id or a prefix of one, in lower case.
pub fn sha(query: &Query) -> Result<Option<String>, Invalid> {
    read_sha(text(query, "sha")?)
}

/// The commit id, or the prefix of one, of a form.
pub fn form_sha(query: &Query) -> Result<Option<String>, Invalid> {
    read_sha(form_text(query, "sha")?)
}

fn read_sha(text: Option<String>) -> Result<Option<String>, Invalid> {
    let sha = text.map(|sha| sha.to_ascii_lowercase());
    if sha.as_ref().is_some_and(|sha| sha.len() > SHA_MAX || !sha.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(Invalid::new("sha", Problem::NotShaPrefix { min: 1 }));
    }
    Ok(sha)
}

/// The text of a time. The `+` of an offset that was not encoded is decoded as a space.
fn time_text(query: &Query, name: &str) -> Result<Option<String>, Invalid> {
    let Some(mut text) = text(query, name)? else { return Ok(None) };
    if let Some(at) = text.rfind(' ').filter(|at| at + "+08:00".len() == text.len()) {
        text.replace_range(at..=at, "+");
    }
    Ok(Some(text))
}

/// The requested moment; `None`: the present. It contradicts a wait for a change.
pub fn as_of(query: &Query, now: Timestamp) -> Result<Option<AsOf>, Invalid> {
    let found = moment(query, now)?;
    for other in ["wait", "after"] {
        if found.is_some() && query.get(other)?.is_some() {
            return Err(Invalid::new(AsOf::FIELD, Problem::Contradicts { other }));
        }
    }
    Ok(found)
}

/// The moment that a list ends with; `None`: the present.
pub fn moment(query: &Query, now: Timestamp) -> Result<Option<AsOf>, Invalid> {
    time_text(query, AsOf::FIELD)?.map(|text| AsOf::parse(&text, now)).transpose()
}

/// A time.
pub fn time(query: &Query, name: &str) -> Result<Option<Timestamp>, Invalid> {
    time_text(query, name)?.map(|text| text_rules::time(name, &text)).transpose()
}

/// The time from one parameter up to, but not including, that of another.
pub fn span(query: &Query, since: &str, until: &str) -> Result<TimeRange, Invalid> {
    let time = |name| {
        let Some(text) = time_text(query, name)? else { return Ok(None) };
        let time = text_rules::time(name, &text)?;
        // Clients send the zero time of their language where no time is set.
        Ok(Some(time).filter(|time| !is_unset(*time)))
    };
    Ok(TimeRange { since: time(since)?, until: time(until)? })
}

/// The part of a list, newest first, before the id `before`, at most `limit` items.
pub fn window<O>(query: &Query, order: O) -> Result<Window<O>, Invalid> {
    let before = query.get("before")?.map(JobId::parse).transpose();
    let before = before.map_err(|e| Invalid::new("before", e.problem))?;
    let limit = Page::parse(None, query.get("limit")?)?.limit;
    Ok(Window { order, descending: true, start: Start::After(before.map(JobId::get)), limit })
}

/// Whether the response has the exact total.
pub fn total(query: &Query) -> Result<bool, Invalid> {
    Ok(flag(query, "total")?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plus_of_an_offset_need_not_be_encoded() {
        let span = |query: &str| span(&Query::parse(query.as_bytes()).0, "since", "until");
        let whole = span("since=2026-11-24T08:00:00%2B08:00").unwrap();
        assert_eq!(whole.since.unwrap().to_string(), "2026-11-24T00:00:00Z");
        assert_eq!(span("since=2026-11-24T08:00:00+08:00").unwrap(), whole);
        assert_eq!(span("until=2026-11-24T00:00:00").unwrap_err().field, "until");
        assert_eq!(span("since=&until=").unwrap_err().field, "since");
        assert_eq!(span("").unwrap(), TimeRange::default());
    }

    #[test]
    fn an_empty_filter_is_refused() {
        let parse = |query: &str| Query::parse(query.as_bytes()).0;
        for query in ["sha=", "sha", "sha=%20", "sha=+"] {
            let error = sha(&parse(query)).unwrap_err();
            assert_eq!((error.field.as_ref(), error.problem), ("sha", Problem::Blank), "{query}");
            assert_eq!(text(&parse(&query.replace("sha", "name")), "name").unwrap_err().field, "name");
        }
        assert_eq!(flag(&parse("newest="), "newest").unwrap_err().field, "newest");
        assert_eq!(total(&parse("total=")).unwrap_err().field, "total");
        assert_eq!(sha(&parse("")).unwrap(), None);
        assert_eq!(form_sha(&parse("sha=")).unwrap(), None, "a form sends its empty fields");
    }

    #[test]
    fn statuses_are_separated_by_commas() {
        let read = |query: &str| statuses(&Query::parse(query.as_bytes()).0);
        assert_eq!(read("").unwrap(), []);
        assert_eq!(read("status=failed").unwrap(), [Status::Failed]);
        assert_eq!(read("status=failed,timedout,failed").unwrap(), [Status::Failed, Status::TimedOut]);
        for bad in ["status=", "status=failed,", "status=cancelled", "status=failed&status=running"] {
            assert_eq!(read(bad).unwrap_err().field, "status", "{bad}");
        }
    }
}
