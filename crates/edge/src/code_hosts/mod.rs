//! The common parts of the dialects of code hosts: the paths of repositories, the fields of a report, the statuses
//! of a commit and their pages. It knows no dialect.

mod commits;
mod contexts;
mod fields;
pub mod forwarding;
mod paging;
mod paths;
mod times;

pub use commits::{
    Combined, NO_COMMIT, all_attempts, all_jobs, combined, commit, details_of, known_since, page,
    shown_commit,
};
pub use contexts::{context, jobs_of_context};
pub use fields::Fields;
pub use paging::{Paging, page_url};
pub use paths::{in_url, path, repository, with_encoded_ref};
pub use times::time;

use crate::http::reply::Reply;
use crate::http::time_text::TimeText;
use domain::Timestamp;
use domain::model::reports::Adjustments;

/// A time in UTC with seconds: `2016-01-19T09:05:50Z`.
pub fn seconds(at: Timestamp) -> String {
    TimeText::utc_seconds(at).as_str().to_owned()
}

/// The picture of every user. Typed clients such as octocrab require an address.
pub fn picture(base: &str) -> String {
    [base, pages::assets::address("favicon.svg")].concat()
}

/// Adds the header that lists the adjustments of a report: `description=truncated, target_url=dropped`.
pub fn with_adjustments(reply: Reply, adjusted: Adjustments) -> Reply {
    if adjusted.is_empty() {
        return reply;
    }
    let pairs: Vec<String> =
        adjusted.iter().map(|(field, kind)| format!("{field}={}", kind.as_str())).collect();
    reply.header("x-stagepost-adjusted", &pairs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_no_fraction() {
        for (millisecond, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_764_000_000_999, "2025-11-24T16:00:00Z"),
            (1_764_000_001_000, "2025-11-24T16:00:01Z"),
        ] {
            assert_eq!(seconds(Timestamp::from_millisecond(millisecond).unwrap()), text);
        }
    }
}
