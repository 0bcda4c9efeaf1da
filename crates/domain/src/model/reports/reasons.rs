//! Why a report has its effect: the decision of the reducer as a value.

use super::{Authority, Effect, FieldSet, ReportedState};
use crate::model::status::Status;

/// The criterion that decided between a report and the state before it. The reducer compares the criteria in
/// the order of the variants, up to the first one that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The rank of the status: pending < running < finished.
    Rank,
    /// The authority: watchdog < operator < reporter.
    Authority,
    /// Only one of the two has a time of the reporter; that one wins.
    TimePresence,
    /// The time of the reporter; the later one wins.
    Time,
    /// The order of arrival; the later one wins. A report with `third_build_id` has the first position.
    Arrival,
    /// The severity of the status; the more severe one wins.
    Severity,
    /// [`Rule::Time`] or [`Rule::Severity`]. Only for reports that an older version recorded without a
    /// reason.
    TimeOrSeverity,
    /// Unknown. Only for reports that an older version recorded without a reason.
    Unrecorded,
}

/// Why a report has its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It is the first report of its attempt.
    Created,
    /// It won by this rule and changed the attempt.
    Won(Rule),
    /// It has the known status, or adds the build id, and changed other fields.
    FieldsUpdated,
    /// It repeats the known state and changed nothing.
    Repeated,
    /// It has the known status; its other values differ from values that take precedence. It changed nothing.
    Superseded,
    /// It lost by this rule: the status stays. It may have changed other fields.
    Late(Rule),
}

/// The reasons that are stored, with their names. Neither a name nor a position ever gets another meaning; a new
/// reason is the last one.
const NAMES: [(Reason, &str); 20] = [
    (Reason::Created, "created"),
    (Reason::FieldsUpdated, "fields_updated"),
    (Reason::Repeated, "repeated"),
    (Reason::Superseded, "superseded"),
    (Reason::Won(Rule::Rank), "won_by_rank"),
    (Reason::Won(Rule::Authority), "won_by_authority"),
    (Reason::Won(Rule::TimePresence), "won_by_time_presence"),
    (Reason::Won(Rule::Time), "won_by_time"),
    (Reason::Won(Rule::Arrival), "won_by_arrival"),
    (Reason::Won(Rule::Severity), "won_by_severity"),
    (Reason::Won(Rule::TimeOrSeverity), "won_by_time_or_severity"),
    (Reason::Won(Rule::Unrecorded), "won"),
    (Reason::Late(Rule::Rank), "late_by_rank"),
    (Reason::Late(Rule::Authority), "late_by_authority"),
    (Reason::Late(Rule::TimePresence), "late_by_time_presence"),
    (Reason::Late(Rule::Time), "late_by_time"),
    (Reason::Late(Rule::Arrival), "late_by_arrival"),
    (Reason::Late(Rule::Severity), "late_by_severity"),
    (Reason::Late(Rule::TimeOrSeverity), "late_by_time_or_severity"),
    (Reason::Late(Rule::Unrecorded), "late"),
];

impl Reason {
    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(|(reason, _)| reason)
    }

    /// The name that the store saves.
    pub fn as_str(self) -> &'static str {
        NAMES.into_iter().find(|(reason, _)| *reason == self).map_or("", |(_, name)| name)
    }

    /// The reason with this name.
    pub fn parse(name: &str) -> Option<Self> {
        NAMES.into_iter().find(|(_, known)| *known == name).map(|(reason, _)| reason)
    }

    /// The effect of a report with this reason.
    pub const fn effect(self) -> Effect {
        match self {
            Self::Created => Effect::Created,
            Self::Won(_) | Self::FieldsUpdated => Effect::Changed,
            Self::Repeated => Effect::Repeated,
            Self::Late(_) | Self::Superseded => Effect::Late,
        }
    }

    /// The reason of the whole report, from that of its attempt. `changed`: the report changed something, also
    /// outside of its attempt. `differs`: it has other values than those there.
    pub const fn with_changes(self, changed: bool, differs: bool) -> Self {
        match self {
            Self::Repeated | Self::Superseded if changed => Self::FieldsUpdated,
            Self::Repeated if differs => Self::Superseded,
            reason => reason,
        }
    }

    /// The reason of a report of which only the effect is stored.
    pub const fn unrecorded(effect: Effect) -> Self {
        match effect {
            Effect::Created => Self::Created,
            Effect::Changed => Self::Won(Rule::Unrecorded),
            Effect::Repeated => Self::Repeated,
            Effect::Late => Self::Late(Rule::Unrecorded),
        }
    }

    /// The reason of a stored report: the one with the stored name, else [`Reason::derive`].
    pub fn stored_or_derived(
        name: Option<&str>,
        state: &ReportedState,
        effect: Effect,
        changed: FieldSet,
        status_after: Option<Status>,
    ) -> Self {
        let stored = name.and_then(Self::parse).filter(|reason| reason.effect() == effect);
        stored.unwrap_or_else(|| Self::derive(state, effect, changed, status_after))
    }

    /// The reason as far as it follows from a report, its effect, and the status of the attempt after it, for
    /// reports that were recorded without a reason. The report that it lost against is not known.
    pub fn derive(
        state: &ReportedState,
        effect: Effect,
        changed: FieldSet,
        status_after: Option<Status>,
    ) -> Self {
        match effect {
            Effect::Created => Self::Created,
            Effect::Changed if changed.contains(FieldSet::STATUS) => Self::Won(Rule::Unrecorded),
            Effect::Changed => Self::FieldsUpdated,
            Effect::Repeated => Self::Repeated,
            Effect::Late => Self::Late(derive_late(state, status_after)),
        }
    }
}

/// The rule by which a report lost, as far as it follows from the report and the status of the attempt after
/// it.
fn derive_late(state: &ReportedState, status_after: Option<Status>) -> Rule {
    if state.authority != Authority::Reporter {
        return Rule::Authority;
    }
    let Some(after) = status_after else { return Rule::Unrecorded };
    if state.status.rank() < after.rank() {
        return Rule::Rank;
    }
    // Without `third_build_id`, the last to arrive wins before the severity is compared.
    let maybe_severity = state.status.severity() < after.severity() && state.third_build_id.is_some();
    match (state.occurred_at, maybe_severity) {
        (Some(_), true) => Rule::TimeOrSeverity,
        (Some(_), false) => Rule::Time,
        (None, true) => Rule::Severity,
        (None, false) => Rule::Unrecorded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Rule::*;

    #[test]
    fn names_round_trip_and_are_unique() {
        for reason in Reason::all() {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
        }
        for rule in [Rank, Authority, TimePresence, Time, Arrival, Severity, TimeOrSeverity, Unrecorded] {
            assert_ne!(Reason::Won(rule).as_str(), "", "{rule:?}");
            assert_ne!(Reason::Late(rule).as_str(), "", "{rule:?}");
        }
        assert_eq!(Reason::parse(""), None);
    }

    #[test]
    fn a_reason_is_derived_from_an_old_report() {
        use crate::model::reports::Authority::{Operator, Reporter, Watchdog};
        use Status::*;
        let (build, time) = (Some("b"), Some("2026-11-24T00:00:03Z"));
        let late = |status, authority, build: Option<&str>, time: Option<&str>, after| {
            let state = ReportedState {
                third_build_id: build.map(str::to_owned),
                occurred_at: time.map(|time| time.parse().unwrap()),
                ..ReportedState::with_status(status, authority)
            };
            Reason::derive(&state, Effect::Late, FieldSet::default(), after)
        };
        for (status, authority, build, time, after, rule) in [
            (Running, Reporter, None, time, Some(Success), Rank),
            (Pending, Reporter, build, None, Some(Running), Rank),
            (Canceled, Operator, None, None, Some(Success), Authority),
            (TimedOut, Watchdog, None, None, Some(Canceled), Authority),
            (TimedOut, Watchdog, None, None, None, Authority),
            (Failed, Reporter, build, time, Some(Success), Time),
            (Success, Reporter, None, time, Some(Failed), Time),
            (Success, Reporter, build, time, Some(Failed), TimeOrSeverity),
            (Success, Reporter, build, None, Some(Failed), Severity),
            (Failed, Reporter, build, None, Some(Success), Unrecorded),
            (Success, Reporter, None, None, Some(Failed), Unrecorded),
            (Success, Reporter, build, time, None, Unrecorded),
        ] {
            let reason = late(status, authority, build, time, after);
            assert_eq!(reason, Reason::Late(rule), "{status:?} {authority:?} {build:?} {time:?} {after:?}");
        }
        let state = ReportedState::with_status(Success, Reporter);
        for (effect, changed, reason) in [
            (Effect::Created, FieldSet::STATUS, Reason::Created),
            (Effect::Changed, FieldSet::STATUS, Reason::Won(Unrecorded)),
            (Effect::Changed, FieldSet::COVERAGE, Reason::FieldsUpdated),
            (Effect::Repeated, FieldSet::default(), Reason::Repeated),
        ] {
            assert_eq!(Reason::derive(&state, effect, changed, None), reason);
        }
    }

    #[test]
    fn a_stored_name_is_used_only_when_it_fits_the_effect() {
        let state = ReportedState::with_status(Status::Running, Default::default());
        let reason = |name, effect| {
            Reason::stored_or_derived(name, &state, effect, FieldSet::default(), Some(Status::Success))
        };
        assert_eq!(reason(Some("late_by_arrival"), Effect::Late), Reason::Late(Arrival));
        assert_eq!(reason(None, Effect::Late), Reason::Late(Rank));
        assert_eq!(reason(Some("of_a_later_version"), Effect::Late), Reason::Late(Rank));
        assert_eq!(reason(Some("created"), Effect::Late), Reason::Late(Rank));
    }
}
