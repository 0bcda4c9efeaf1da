//! Values of flags and arguments that are checked before any request. The shell completes those with names.
//!
//! Must not know: the commands.

use crate::durations::before_now;
use crate::exit::Failure;
use crate::messages::Text;
use clap::builder::{PossibleValuesParser, RangedI64ValueParser};
use clap::value_parser;
use domain::model::as_of::AsOf;
use domain::model::audit::{Action, Kind};
use domain::model::destinations::ForgeKind;
use domain::model::forwarded_states::Progress;
use domain::model::ids::MAX_ID;
use domain::model::insights::{InsightFilter, InsightOrder};
use domain::model::repositories::Visibility;
use domain::model::roles::{Role, Scope};
use domain::model::status::Status;
use domain::model::webhooks::EventTopics;

/// The seven statuses.
pub fn status() -> PossibleValuesParser {
    PossibleValuesParser::new(Status::NAMES)
}

/// The statuses of a finished job.
pub fn final_status() -> PossibleValuesParser {
    PossibleValuesParser::new(Status::FINISHED_NAMES)
}

/// The actions of the audit log, and their nouns.
pub fn audit_action() -> PossibleValuesParser {
    let mut names: Vec<&'static str> = Vec::new();
    for name in Action::NAMES {
        let noun = name.split('.').next().unwrap_or(name);
        if !names.contains(&noun) {
            names.push(noun);
        }
        names.push(name);
    }
    PossibleValuesParser::new(names)
}

/// Changes or refusals.
pub fn audit_kind() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::NAMES)
}

/// The scopes of a token.
pub fn scope() -> PossibleValuesParser {
    PossibleValuesParser::new(Scope::NAMES)
}

/// The roles of a member.
pub fn role() -> PossibleValuesParser {
    PossibleValuesParser::new(Role::NAMES)
}

/// The visibilities of a repository.
pub fn visibility() -> PossibleValuesParser {
    PossibleValuesParser::new(Visibility::NAMES)
}

/// The topics of a webhook.
pub fn topic() -> PossibleValuesParser {
    PossibleValuesParser::new(EventTopics::NAMES)
}

/// The APIs of forges.
pub fn forge() -> PossibleValuesParser {
    PossibleValuesParser::new(ForgeKind::NAMES)
}

/// The progress of a forwarded state.
pub fn progress() -> PossibleValuesParser {
    PossibleValuesParser::new(Progress::NAMES)
}

/// The periods of insights, in days.
pub fn period() -> PossibleValuesParser {
    PossibleValuesParser::new(InsightFilter::PERIOD_NAMES)
}

/// The orders of insights.
pub fn order() -> PossibleValuesParser {
    PossibleValuesParser::new(InsightOrder::NAMES)
}

/// An id: 1 to 2147483647.
pub fn id() -> RangedI64ValueParser<i32> {
    value_parser!(i32).range(1..=i64::from(MAX_ID))
}

/// The moment of `--as-of`: `report:` and the id of a report, a time, or a duration before now.
pub fn as_of(text: &str) -> Result<String, Failure> {
    match text.starts_with(AsOf::REPORT) {
        true => Ok(text.to_owned()),
        false => before_now("--as-of", text),
    }
}

/// A commit id or a prefix of one, for filters, in lower case.
pub fn sha_prefix(flag: &str, text: &str) -> Result<String, Failure> {
    if (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Failure::usage(Text::NotShaPrefix.with(&[("flag", &flag), ("text", &text)])))
}

/// A full commit id, in lower case. Commands that decide about a commit accept nothing shorter: a variable that
/// is not set, or cut, would select another commit.
pub fn full_sha(flag: &str, text: &str) -> Result<String, Failure> {
    domain::model::text::sha("sha", text)
        .map_err(|_| Failure::usage(Text::NotFullSha.with(&[("flag", &flag), ("text", &text)])))
}

#[cfg(test)]
mod tests {
    use super::{full_sha, sha_prefix};

    #[test]
    fn a_decision_needs_a_full_commit_id() {
        assert_eq!(full_sha("--sha", &"AB".repeat(20)).unwrap(), "ab".repeat(20));
        assert!(full_sha("--sha", &"ab".repeat(32)).is_ok());
        for bad in ["", "1", "main", &"a".repeat(39), &"g".repeat(40), &"a".repeat(63)] {
            let failure = full_sha("--sha", bad).unwrap_err();
            assert_eq!(failure.code(), 2, "{bad}");
            assert!(failure.message().unwrap().starts_with(&format!("--sha: '{bad}' is not")), "{failure:?}");
        }
        assert_eq!(sha_prefix("--sha", "1C46").unwrap(), "1c46");
        for bad in ["", "main", &"a".repeat(65)] {
            assert_eq!(sha_prefix("--sha", bad).unwrap_err().code(), 2, "{bad}");
        }
    }
}
