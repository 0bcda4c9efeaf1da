//! Policies of a repository: when the watchdog closes an inactive job, and which pipelines are kept.

use super::retention::Expiry;
use super::text;
use super::trusted_time::TrustedTime;
use crate::error::{Invalid, Problem};
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The longest duration of a policy: ten years.
pub const DURATION_MAX: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);
/// The range of the durations of a policy.
pub const DURATION_RANGE: RangeInclusive<SignedDuration> = SignedDuration::from_secs(1)..=DURATION_MAX;
/// The greatest `keep_per_ref`.
pub const KEEP_MAX: u32 = 1_000_000;
/// Most stages with their own timeout.
const STAGES_MAX: usize = 100;

/// The policies of one repository. By default no job is closed and no pipeline is deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// The time without a report after which an unfinished job becomes `timedout`; `None`: no timeout.
    /// `silence_limit` on the wire.
    pub inactivity_timeout: Option<SignedDuration>,
    /// The inactivity timeouts of single stages, by name, instead of `inactivity_timeout`; `None`: no
    /// timeout. `stage_limits` on the wire.
    pub stage_timeouts: BTreeMap<String, Option<SignedDuration>>,
    /// Keeps pipelines that changed within this time; `None`: no pipeline is kept for its age.
    pub keep_for: Option<SignedDuration>,
    /// Keeps this number of the newest pipelines of each ref; `None`: only the newest one.
    pub keep_per_ref: Option<u32>,
}

impl Policies {
    /// Checks every value.
    ///
    /// # Errors
    /// The first invalid field, and its problem.
    pub fn check(&self) -> Result<(), Invalid> {
        let stages = self.stage_timeouts.iter().map(|(stage, time)| (format!("stage_limits.{stage}"), *time));
        let times =
            [("silence_limit".to_owned(), self.inactivity_timeout), ("keep_for".to_owned(), self.keep_for)];
        for (field, time) in times.into_iter().chain(stages) {
            if time.is_some_and(|time| !DURATION_RANGE.contains(&time)) {
                return Err(Invalid::new(field, Problem::OutOfRange { min: 1, max: DURATION_MAX.as_secs() }));
            }
        }
        if self.stage_timeouts.len() > STAGES_MAX {
            return Err(Invalid::new("stage_limits", Problem::TooMany { max: STAGES_MAX }));
        }
        for stage in self.stage_timeouts.keys() {
            text::single_line("stage_limits", stage, text::NAME_MAX)?;
        }
        if self.keep_per_ref.is_some_and(|keep| !(1..=KEEP_MAX).contains(&keep)) {
            return Err(Invalid::new("keep_per_ref", Problem::OutOfRange { min: 1, max: KEEP_MAX.into() }));
        }
        Ok(())
    }

    /// The inactivity timeout of the jobs of a stage.
    pub fn timeout_of_stage(&self, stage: &str) -> Option<SignedDuration> {
        self.stage_timeouts.get(stage).copied().unwrap_or(self.inactivity_timeout)
    }

    /// The shortest inactivity timeout of any stage; `None`: there is none.
    pub fn shortest_timeout(&self) -> Option<SignedDuration> {
        self.stage_timeouts.values().copied().chain([self.inactivity_timeout]).flatten().min()
    }

    /// Which pipelines are expired at this time; `None`: none.
    pub fn expiry(&self, time: &TrustedTime) -> Option<Expiry> {
        if self.keep_for.is_none() && self.keep_per_ref.is_none() {
            return None;
        }
        Some(Expiry {
            at: time.now(),
            unchanged_since: self.keep_for.map(|keep| time.cutoff(keep)),
            min_newer_on_ref: self.keep_per_ref.unwrap_or(1).max(1),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::status::Status;
    use jiff::Timestamp;

    fn hours(n: i64) -> Option<SignedDuration> {
        Some(SignedDuration::from_hours(n))
    }

    #[test]
    fn a_stage_has_its_own_timeout_or_that_of_the_repository() {
        let stage_limits = [("deploy".to_owned(), hours(6)), ("manual".to_owned(), None)].into();
        let policies =
            Policies { inactivity_timeout: hours(2), stage_timeouts: stage_limits, ..Policies::default() };
        assert_eq!(policies.timeout_of_stage("build"), hours(2));
        assert_eq!(policies.timeout_of_stage("deploy"), hours(6));
        assert_eq!(policies.timeout_of_stage("manual"), None, "off for one stage");
        assert_eq!(policies.shortest_timeout(), hours(2));
        assert_eq!(Policies::default().shortest_timeout(), None, "off by default");
    }

    #[test]
    fn a_pipeline_expires_only_when_no_rule_keeps_it() {
        let now: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
        let ago = |days: i64| now - SignedDuration::from_hours(24 * days);
        let policies = |days: Option<i64>, keep| Policies {
            keep_for: days.map(|d| SignedDuration::from_hours(24 * d)),
            keep_per_ref: keep,
            ..Policies::default()
        };
        let time = TrustedTime::new(now);
        assert_eq!(policies(None, None).expiry(&time), None);
        for (days, keep, status, age, newer, expires) in [
            (Some(90), None, Status::Success, 91, 1, true),
            (Some(90), None, Status::Success, 89, 500, false),
            (Some(90), None, Status::Success, 9_999, 0, false),
            (None, Some(10), Status::Failed, 0, 10, true),
            (None, Some(10), Status::Failed, 9_999, 9, false),
            (Some(90), Some(10), Status::Failed, 91, 9, false),
            (Some(90), Some(10), Status::Failed, 89, 10, false),
            (Some(90), Some(10), Status::Failed, 91, 10, true),
            (Some(90), None, Status::Running, 9_999, 10, false),
        ] {
            let expiry = policies(days, keep).expiry(&time).unwrap();
            assert_eq!(
                expiry.applies_to(status, ago(age), newer),
                expires,
                "{days:?} {keep:?} {status:?} {age} {newer}"
            );
        }
    }

    #[test]
    fn invalid_policies_are_refused() {
        let second = |n| Some(SignedDuration::from_secs(n));
        let stage =
            |limit| Policies { stage_timeouts: [("a".to_owned(), limit)].into(), ..Policies::default() };
        for (field, policies) in [
            ("silence_limit", Policies { inactivity_timeout: second(0), ..Policies::default() }),
            ("silence_limit", Policies { inactivity_timeout: second(i64::MAX), ..Policies::default() }),
            ("keep_for", Policies { keep_for: second(-1), ..Policies::default() }),
            ("keep_per_ref", Policies { keep_per_ref: Some(0), ..Policies::default() }),
            ("stage_limits.a", stage(second(0))),
        ] {
            assert_eq!(policies.check().unwrap_err().field, field);
        }
        assert!(stage(None).check().is_ok());
    }
}
