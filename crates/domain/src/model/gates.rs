//! Merge gates: whether a commit may be merged into a target branch.
//!
//! A repository has rules for its target branches ([`RuleSet`]). A rule has requirements: each names the jobs that
//! must pass, their accepted reporters, and the result when they stay absent. The rules of every pattern that matches
//! the target apply together. [`evaluate`] compares them with what is known about a commit ([`GateFacts`]) and
//! returns a state and a reason for each requirement, and one verdict.
//!
//! **Jobs.** A job counts with its newest attempt, as in the status of a commit: by source, stage and name. If the
//! patterns of a requirement match several jobs, all of them must pass. A job that the build system marks with
//! `allow_failure` must pass too, unless the requirement accepts that: what a report claims about itself does not
//! weaken a rule.
//!
//! **Reporters.** If a requirement names reporters, the state of each job follows from their reports only, by the rules
//! of all reports. A job that only others reported does not pass, and is not absent either: its requirement is
//! [`RequirementState::WrongSource`].
//!
//! **Absence.** A requirement that matches no job is absent. It waits for a period that begins with the first fact
//! about the commit, a report or an announcement; then the requirement decides what absence means. The period ends by
//! the trusted time (ARCHITECTURE.md, invariant 8). A commit without any fact waits, however old it is.
//!
//! **Announcements.** A build system may announce the jobs that it will report ([`Expectation`]). Until each of them
//! has ended the gate does not pass, whether a requirement matches the job or not. An announced job that is absent goes
//! before the meaning of absence. If every permitted reporter of a requirement has given a complete list for all
//! sources and none contains a matching job, the requirement is absent at once.
//!
//! **Overrides.** A person may override one requirement or the whole gate for one commit and one target ([`Override`]).
//! An override holds for requirements that have not changed since ([`Requirement::since`]), so a stricter rule is never
//! satisfied by an earlier decision.
//!
//! **Records.** What a commit changes, and what time alone changes, is recorded as a [`RecordedVerdict`] with an event.
//!
//! **Without a rule** for the target the verdict is [`Verdict::Unset`], which is never success.

mod announced;
mod evaluation;
mod facts;
mod input;
mod patterns;
mod permitted;
mod recorded;
mod replaced;
mod results;
mod rules;
mod targets;

pub use announced::{OutstandingJob, outstanding};
pub use evaluation::evaluate;
pub use facts::{
    ANNOUNCED_JOBS_MAX, ANNOUNCED_JOBS_OF_ALL_MAX, ANNOUNCEMENTS_MAX, AnnouncedJob, ExpectInput, Expectation,
    GateFacts, JobFact, OVERRIDES_MAX, Override, OverrideInput, ReportFact,
};
pub use input::{
    KnownMentions, MergeQueueInput, OverridersInput, ReporterInput, RequirementInput, RuleInput, RuleSetInput,
};
pub use patterns::Pattern;
pub use permitted::PermittedAttempt;
pub use recorded::{
    MARKED_AGE, RECORDED_JOBS_MAX, RECORDS_MAX, RecordedJob, RecordedResult, RecordedVerdict,
};
pub use replaced::{Numbered, REPLACED_MAX, announcements_kept_since, split_replaced, surplus_replaced};
pub use results::{
    DECIDING_MAX, DecidingJob, Evaluation, Reason, ReasonOf, RequirementResult, RequirementState, Subject,
    Verdict,
};
pub use rules::{
    ABSENT_AFTER_DEFAULT, Absent, GateRules, MergeQueue, Overriders, Permitted, Requirement, Rule, RuleSet,
    SkippedAs,
};
pub use targets::{TargetHints, choose_target, recorded_targets, targets};

#[cfg(test)]
mod tests;
