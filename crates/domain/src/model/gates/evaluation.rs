//! The evaluation: rules and facts in, states, reasons and one verdict out.

use super::announced::{AnnouncedJobs, all_lists_at};
use super::facts::{AnnouncedJob, GateFacts, Override};
use super::patterns::{JobName, JobNames};
use super::permitted::{Counted, counted};
use super::results::{
    DECIDING_MAX, DecidingJob, Evaluation, Reason, RequirementResult, RequirementState, Subject, Verdict,
};
use super::rules::{ABSENT_AFTER_DEFAULT, GateRules, Requirement, SkippedAs};
use crate::model::status::Status;
use crate::model::trusted_time::TrustedTime;
use jiff::{SignedDuration, Timestamp};

/// The version of a verdict is the number of the changes of its facts times this, plus the number of periods that have
/// ended. It exceeds that number: a requirement has two, of which 1,000 apply, and the announced jobs have one.
const VERSION_STEP: i64 = 1 << 11;
/// The number of changes of facts that one version of the rules counts as. It exceeds the number of the reports of a
/// commit, which count only if the rules name reporters. With it, versions are exact in JavaScript (below 2^53) until
/// the rules have changed a million times.
const RULES_STEP: i64 = 1 << 22;

/// Evaluates the gate of a commit for a target branch, by its stored name. `rules`: the version in force.
pub fn evaluate<'a>(
    rules: Option<&'a GateRules>,
    target: &'a str,
    facts: &'a GateFacts,
    time: &TrustedTime,
) -> Evaluation<'a> {
    let changes =
        facts.changes.saturating_add(rules.map_or(0, |rules| rules.version).saturating_mul(RULES_STEP));
    let requirements: Vec<&Requirement> =
        rules.into_iter().flat_map(|rules| rules.set.requirements(target)).collect();
    // Without requirements the names are not read.
    let jobs = if requirements.is_empty() { &[] } else { facts.jobs.as_slice() };
    let mut evaluator = Evaluator {
        target,
        facts,
        names: jobs.iter().map(|job| JobName::new(&job.name, job.name_ignores_case)).collect(),
        announced: AnnouncedJobs::of(facts),
        periods: Periods { time, recorded: facts.recorded_time, ended: 0, next: None },
    };
    let mut results: Vec<RequirementResult> =
        requirements.iter().map(|requirement| evaluator.requirement(requirement)).collect();
    if !results.is_empty() {
        results.extend(evaluator.all_announced());
    }
    let Periods { ended, next, .. } = evaluator.periods;
    Evaluation {
        verdict: Verdict::of(&results),
        version: changes.saturating_mul(VERSION_STEP).saturating_add(ended.min(VERSION_STEP - 1)),
        requirements: results,
        next_due: next,
    }
}

/// Counts the periods that have ended, and finds the next end.
struct Periods<'a> {
    time: &'a TrustedTime,
    /// [`GateFacts::recorded_time`].
    recorded: Option<Timestamp>,
    ended: i64,
    next: Option<Timestamp>,
}

impl Periods<'_> {
    /// The end of the first of some periods of this length, and whether it has ended. The others change nothing.
    fn check(&mut self, since: Timestamp, length: SignedDuration) -> (Timestamp, bool) {
        let due = since.saturating_add(length).unwrap_or(Timestamp::MAX);
        let end = self.time.end_of(since, length);
        let ended = end <= self.time.wall() || self.recorded.is_some_and(|time| due <= time);
        if ended {
            self.ended += 1;
        } else {
            self.next = Some(self.next.map_or(end, |next| next.min(end)));
        }
        (due, ended)
    }
}

/// The effect of one job on a requirement, the most decisive last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    NotApplicable,
    Succeeded,
    Accepted,
    Queued,
    Running,
    Skipped,
    Failed,
}

impl Outcome {
    fn of(requirement: &Requirement, counted: &Counted) -> Self {
        match counted.status {
            Status::Success => Self::Succeeded,
            Status::Pending => Self::Queued,
            Status::Running => Self::Running,
            Status::Skipped => match requirement.skipped {
                SkippedAs::Failed => Self::Skipped,
                SkippedAs::Passed => Self::Accepted,
                SkippedAs::NotApplicable => Self::NotApplicable,
            },
            Status::Failed | Status::Canceled | Status::TimedOut => {
                if counted.allow_failure && requirement.allow_failure { Self::Accepted } else { Self::Failed }
            }
        }
    }
}

struct Evaluator<'a, 't> {
    target: &'a str,
    facts: &'a GateFacts,
    /// The name of each job.
    names: JobNames<'a>,
    announced: AnnouncedJobs<'a>,
    periods: Periods<'t>,
}

impl<'a> Evaluator<'a, '_> {
    fn requirement(&mut self, requirement: &'a Requirement) -> RequirementResult<'a> {
        let mut others = 0;
        let mut jobs: Vec<(usize, Counted, Outcome)> = Vec::new();
        for at in self.matching(requirement) {
            match counted(requirement, &self.facts.jobs[at]) {
                Some(counted) => jobs.push((at, counted, Outcome::of(requirement, &counted))),
                None => others += 1,
            }
        }
        let is_counted = |at: &usize| jobs.binary_search_by_key(at, |(at, ..)| *at).is_ok();
        let absent =
            self.announced.about(requirement).filter(|announced| !announced.jobs.iter().any(is_counted));
        let absent = absent.map(|announced| (announced.at, announced.job)).min();
        let announced = absent.map(|absent| self.first_absent(absent, requirement.absent_after));
        // The wait for a job matters only as long as there is none.
        let absence = match jobs.is_empty() && announced.is_none() {
            true => self.absence(requirement),
            false => Reason::Absent { period: None },
        };
        let worst = jobs.iter().map(|(.., outcome)| *outcome).max();
        let (reason, deciding) = match (worst, announced) {
            (Some(Outcome::Failed), _) => (Reason::Failed, Some(Outcome::Failed)),
            (Some(Outcome::Skipped), _) => (Reason::Skipped, Some(Outcome::Skipped)),
            (_, Some(missing @ Reason::AnnouncedMissing { .. })) => (missing, None),
            (Some(Outcome::Running), _) => (Reason::Running, Some(Outcome::Running)),
            (Some(Outcome::Queued), _) => (Reason::Queued, Some(Outcome::Queued)),
            (_, Some(waits)) => (waits, None),
            (Some(Outcome::Accepted), _) => (Reason::Accepted, None),
            (Some(Outcome::Succeeded), _) => (Reason::Succeeded, None),
            (Some(Outcome::NotApplicable), _) => (Reason::SkippedNotApplicable, None),
            (None, None) if others > 0 => {
                (Reason::OtherReporters { ended: !matches!(absence, Reason::Absent { .. }) }, None)
            }
            (None, None) => (absence, None),
        };
        let passed = matches!(reason.state(), RequirementState::Passed | RequirementState::NotApplicable);
        let deciding = |outcome: Outcome| deciding == Some(outcome) || (deciding.is_none() && passed);
        let deciding: Vec<DecidingJob> = match reason {
            Reason::OtherReporters { .. } => self.reported_by_others(requirement).collect(),
            _ => jobs
                .iter()
                .filter(|job| deciding(job.2))
                .map(|(at, counted, _)| self.deciding(*at, counted))
                .collect(),
        };
        let overridden = self.overriding(Some(requirement)).filter(|_| !passed);
        Self::result(Subject::Requirement(&requirement.name), reason, overridden, deciding)
    }

    fn result(
        subject: Subject<'a>,
        reason: Reason<'a>,
        overridden: Option<&'a Override>,
        mut jobs: Vec<DecidingJob<'a>>,
    ) -> RequirementResult<'a> {
        let job_count = jobs.len();
        jobs.truncate(DECIDING_MAX);
        RequirementResult { subject, reason, overridden, jobs, job_count }
    }

    fn deciding(&self, at: usize, counted: &Counted) -> DecidingJob<'a> {
        DecidingJob {
            id: counted.id,
            pipeline_id: counted.pipeline_id,
            status: counted.status,
            ..DecidingJob::of(&self.facts.jobs[at])
        }
    }

    /// The jobs that match the requirement, as all users reported them.
    fn reported_by_others(&self, requirement: &'a Requirement) -> impl Iterator<Item = DecidingJob<'a>> {
        self.matching(requirement).map(|at| DecidingJob::of(&self.facts.jobs[at]))
    }

    /// The indices of the jobs that match the requirement, ascending.
    fn matching(&self, requirement: &'a Requirement) -> impl Iterator<Item = usize> {
        let named = self.names.matching(&requirement.job);
        named.filter(|at| requirement.has_stage(&self.facts.jobs[*at].stage))
    }

    /// The result of the absence of all jobs of a requirement.
    fn absence(&mut self, requirement: &Requirement) -> Reason<'a> {
        let Some(first) = self.facts.first_at else { return Reason::Absent { period: None } };
        let (due, ended) = self.periods.check(first, requirement.absent_after);
        let meaning = requirement.absent;
        match all_lists_at(requirement, self.facts) {
            Some(since) => Reason::AbsentSince { since, meaning, by_lists: true },
            None if ended => Reason::AbsentSince { since: first, meaning, by_lists: false },
            None => Reason::Absent { period: Some((first, due)) },
        }
    }

    /// The reason for announced jobs that are absent: the one that was announced first, which is the first to be
    /// missing.
    fn first_absent(
        &mut self,
        (since, job): (Timestamp, &'a AnnouncedJob),
        length: SignedDuration,
    ) -> Reason<'a> {
        let (stage, name) = (job.stage.as_deref(), job.name.as_str());
        match self.periods.check(since, length) {
            (_, true) => Reason::AnnouncedMissing { stage, name, since },
            (due, false) => Reason::AnnouncedAbsent { stage, name, since, due },
        }
    }

    /// The result about the announced jobs; `None`: none was announced.
    fn all_announced(&mut self) -> Option<RequirementResult<'a>> {
        if self.announced.is_empty() {
            return None;
        }
        let absent = self.announced.iter().filter(|announced| announced.jobs.is_empty());
        let absent = absent.map(|announced| (announced.at, announced.job)).min();
        let absent = absent.map(|absent| self.first_absent(absent, ABSENT_AFTER_DEFAULT));
        let mut of_announced: Vec<usize> =
            self.announced.iter().flat_map(|announced| announced.jobs.iter().copied()).collect();
        of_announced.sort_unstable();
        of_announced.dedup();
        let with = |status: Status| {
            let jobs =
                of_announced.iter().map(|at| &self.facts.jobs[*at]).filter(move |job| job.status == status);
            jobs.map(DecidingJob::of).collect::<Vec<_>>()
        };
        let (running, queued) = (with(Status::Running), with(Status::Pending));
        let (reason, jobs) = match absent {
            Some(missing @ Reason::AnnouncedMissing { .. }) => (missing, Vec::new()),
            _ if !running.is_empty() => (Reason::Running, running),
            _ if !queued.is_empty() => (Reason::Queued, queued),
            Some(waits) => (waits, Vec::new()),
            None => (Reason::AnnouncedEnded, Vec::new()),
        };
        // A decision does not hold for jobs that are announced after it.
        let overridden = self.overriding(None).filter(|decision| {
            reason != Reason::AnnouncedEnded && self.last_outstanding().is_none_or(|last| decision.at >= last)
        });
        Some(Self::result(Subject::Announced, reason, overridden, jobs))
    }

    /// When the last of the announced jobs that have not ended was announced.
    fn last_outstanding(&self) -> Option<Timestamp> {
        let outstanding = self.announced.iter().filter(|announced| announced.is_outstanding(self.facts));
        outstanding.map(|announced| announced.at).max()
    }

    /// The last override that holds for the requirement, or for the announced jobs.
    fn overriding(&self, requirement: Option<&Requirement>) -> Option<&'a Override> {
        let holds = |decision: &&Override| {
            decision.withdrawn_at.is_none()
                && decision.target == self.target
                && match (&decision.requirement, requirement) {
                    (None, _) => true,
                    (Some(name), Some(requirement)) => *name == requirement.name,
                    (Some(_), None) => false,
                }
                && requirement.is_none_or(|requirement| decision.rules_version >= requirement.since)
        };
        self.facts.overrides.iter().filter(holds).max_by_key(|decision| decision.number)
    }
}
