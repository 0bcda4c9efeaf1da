//! The verdicts of gates. A case is written as rules, facts and an age of the commit, in a short form ([`facts`]).

mod cases;
mod input;
mod properties;
mod recorded;
mod rules;

use super::*;
use crate::model::attempts::Attempt;
use crate::model::credentials::ReportCredential;
use crate::model::ids::{JobId, PipelineId, UserId};
use crate::model::jobs::newest_by_start;
use crate::model::reports::{Arrival, Authority, ReportedState};
use crate::model::status::Status;
use crate::model::text;
use crate::model::trusted_time::TrustedTime;
use jiff::{SignedDuration, Timestamp};

/// The first fact about every commit is received at minute 0.
pub(super) fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minute * 60).unwrap()
}

fn user(id: i64) -> UserId {
    UserId::new(id).unwrap()
}

/// A rule for `main`, in version 1. Requirements are separated by `;`, words by spaces: the pattern `[stage/]job`, then
/// `by=user,#token`, `skipped=`, `absent=`, `after=minutes` and `allow_failure`.
pub(super) fn rules(text: &str) -> GateRules {
    rules_for(&[("main", text)])
}

/// As [`rules`], for several targets.
fn rules_for(rules: &[(&str, &str)]) -> GateRules {
    let rules = rules.iter().map(|(target, text)| RuleInput {
        targets: target.split(',').map(str::to_owned).collect(),
        requirements: text.split(';').map(|text| requirement(text.trim())).collect(),
        overriders: None,
    });
    let input = RuleSetInput { rules: rules.collect(), merge_queues: None };
    let users = input.user_names().into_iter().map(|name| (name.clone(), user(name.parse().unwrap())));
    let known = KnownMentions { users: users.collect(), tokens: input.tokens(), keys: input.keys() };
    let set = input.check(&known).unwrap();
    GateRules { version: 1, changed_by: None, changed_at: minute(-60), set: set.following(None, 1) }
}

fn requirement(text: &str) -> RequirementInput {
    let mut words = text.split(' ');
    let pattern = words.next().unwrap();
    let (stage, job) = pattern.split_once('/').map_or((None, pattern), |(stage, job)| (Some(stage), job));
    let mut input = RequirementInput {
        stage: stage.map(str::to_owned),
        job: Some(job.to_owned()),
        ..RequirementInput::default()
    };
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "by" => input.reporters = Some(value.split(',').map(reporter).collect()),
            "skipped" => input.skipped = Some(value.to_owned()),
            "absent" => input.absent = Some(value.to_owned()),
            "after" => input.absent_after = Some(SignedDuration::from_mins(value.parse().unwrap())),
            "allow_failure" => input.allow_failure = true,
            other => panic!("{other}"),
        }
    }
    input
}

fn reporter(text: &str) -> ReporterInput {
    match text.strip_prefix('#') {
        Some(token) => ReporterInput { token: Some(token.parse().unwrap()), ..ReporterInput::default() },
        None if text.starts_with("AK") => {
            ReporterInput { key: Some(text.to_owned()), ..ReporterInput::default() }
        }
        None => ReporterInput { user: Some(text.to_owned()), ..ReporterInput::default() },
    }
}

/// The lists of reporters that requirements of the tests name.
const REPORTERS: &[&str] = &["7", "7,8", "#5", "AKCI", "7,#5"];

fn permitted_by(list: &str) -> Vec<Permitted> {
    rules(&format!("unit by={list}")).set.rules.remove(0).requirements.remove(0).reporters
}

/// Facts, one after the other, each received a second after the one before. A fact is one of
///
/// - `[minute:][@user][#token or AK ]stage/name=status`: a report; `source|` before the stage, `~` after the status for
///   `allow_failure`, and `^n` for attempt n. `@0` is the watchdog. `%` before the name: it ignores case, and the job
///   has the spelling of its first report.
/// - `[minute:]+user[#token or AK][|source]:stage/name,name`: announced jobs; `!` instead of `+`: a complete list;
/// - `[minute:]override name` or `override *`, and `withdrawn name`, by user 9.
pub(super) fn facts(list: &[&str]) -> GateFacts {
    let mut facts = GateFacts::default();
    let mut reports: Vec<(String, String, String, usize, ReportFact)> = Vec::new();
    for (at, text) in list.iter().enumerate() {
        let (time, text) = match text.split_once("m:") {
            Some((time, rest)) => (minute(time.parse().unwrap()), rest),
            None => (minute(0) + SignedDuration::from_secs(at as i64), *text),
        };
        match text.as_bytes()[0] {
            b'+' | b'!' => facts.expectations.push(expectation(text, time)),
            b'o' | b'w' if text.starts_with("override ") || text.starts_with("withdrawn ") => {
                facts.overrides.push(override_of(text, time, at as i64 + 1));
                continue;
            }
            _ => reports.push(report(text, Arrival { received_at: time, seq: at as i64 + 1 })),
        }
        facts.first_at = Some(facts.first_at.map_or(time, |first| first.min(time)));
    }
    facts.jobs = jobs(reports);
    facts.changes = list.len() as i64;
    facts
}

fn report(text: &str, arrival: Arrival) -> (String, String, String, usize, ReportFact) {
    let (by, job) = match text.split_once(' ') {
        Some((by, job)) => (by, job),
        None => ("", text),
    };
    let (by_user, token) = by.split_once('#').unwrap_or((by, ""));
    let by_user: Option<i64> = by_user.strip_prefix('@').map(|id| id.parse().unwrap());
    let authority = if by_user == Some(0) { Authority::Watchdog } else { Authority::Reporter };
    let (job, status) = job.split_once('=').unwrap();
    let (status, attempt) = status.split_once('^').unwrap_or((status, "1"));
    let mut state =
        ReportedState::with_status(Status::parse(status.trim_end_matches('~')).unwrap(), authority);
    state.allow_failure = status.ends_with('~').then_some(true);
    state.third_build_id = Some(attempt.to_owned());
    let (source, job) = job.split_once('|').unwrap_or(("ci", job));
    let (stage, name) = job.split_once('/').unwrap_or(("external", job));
    let reporter = by_user.filter(|id| *id > 0).map(user);
    let fact = ReportFact { user: reporter, credential: credential(token), arrival, state };
    (source.to_owned(), stage.to_owned(), name.to_owned(), attempt.parse().unwrap(), fact)
}

/// The jobs after their reports. The pipeline of a job is that of its source; attempt n of job k has id 100 k + n.
fn jobs(reports: Vec<(String, String, String, usize, ReportFact)>) -> Vec<JobFact> {
    let mut jobs: Vec<JobFact> = Vec::new();
    let mut of_jobs: Vec<Vec<(JobId, Vec<ReportFact>)>> = Vec::new();
    for (source, stage, name, attempt, fact) in reports {
        let (name, name_ignores_case) =
            name.strip_prefix('%').map_or((name.clone(), false), |name| (name.to_owned(), true));
        let is = |job: &JobFact| {
            job.source == source
                && job.stage == stage
                && match name_ignores_case && job.name_ignores_case {
                    true => text::same_ignoring_case(&job.name, &name),
                    false => job.name == name,
                }
        };
        let at = jobs.iter().position(is).unwrap_or_else(|| {
            let pipeline_id = PipelineId::new(source.len() as i64).unwrap();
            jobs.push(JobFact {
                id: JobId::new(1).unwrap(),
                pipeline_id,
                source,
                stage,
                name,
                name_ignores_case,
                status: Status::Pending,
                allow_failure: false,
                attempts: Vec::new(),
            });
            jobs.len() - 1
        });
        let id = JobId::new(100 * at as i64 + attempt as i64).unwrap();
        of_jobs.resize_with(jobs.len(), Vec::new);
        match of_jobs[at].iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => known.push(fact),
            None => of_jobs[at].push((id, vec![fact])),
        }
    }
    let lists: Vec<Vec<Permitted>> = REPORTERS.iter().map(|list| permitted_by(list)).collect();
    let lists: Vec<&[Permitted]> = lists.iter().map(Vec::as_slice).collect();
    for (job, attempts) in jobs.iter_mut().zip(of_jobs) {
        for (id, reports) in &attempts {
            let mut attempt = PermittedAttempt::new(*id, job.pipeline_id, &lists);
            reports.iter().for_each(|report| attempt.add(report));
            job.attempts.push(attempt);
        }
        let folded: Vec<(JobId, Attempt)> =
            attempts.iter().map(|(id, reports)| (*id, fold(reports))).collect();
        let newest = newest_by_start(folded.iter().map(|(_, attempt)| attempt.effective_start())).unwrap();
        (job.id, job.status) = (folded[newest].0, folded[newest].1.status);
        job.allow_failure = folded[newest].1.allow_failure;
    }
    jobs
}

fn fold(reports: &[ReportFact]) -> Attempt {
    let mut attempt = Attempt::new(&reports[0].state, reports[0].arrival);
    for report in &reports[1..] {
        attempt.reduce(&report.state, report.arrival);
    }
    attempt
}

fn expectation(text: &str, at: Timestamp) -> Expectation {
    let (by, jobs) = text[1..].split_once(':').unwrap();
    let (by, source) = by.split_once('|').map_or((by, None), |(by, source)| (by, Some(source.to_owned())));
    let (by, token) = by.split_once('#').unwrap_or((by, ""));
    let jobs = jobs.split(',').filter(|job| !job.is_empty()).map(|job| {
        let (stage, name) = job.split_once('/').map_or((None, job), |(stage, name)| (Some(stage), name));
        (stage.map(str::to_owned), Some(name.to_owned()))
    });
    let input = ExpectInput { source, jobs: jobs.collect(), complete: text.starts_with('!') };
    input.check(user(by.parse().unwrap()), credential(token), at).unwrap()
}

/// A token by its number, or an access key by its AK.
fn credential(text: &str) -> Option<ReportCredential> {
    match text.parse() {
        Ok(token) => Some(ReportCredential::Token(token)),
        Err(_) if text.is_empty() => Some(ReportCredential::Password),
        Err(_) => Some(ReportCredential::Key(text.into())),
    }
}

fn override_of(text: &str, at: Timestamp, number: i64) -> Override {
    let (word, name) = text.split_once(' ').unwrap();
    Override {
        number,
        target: "main".into(),
        requirement: (name != "*").then(|| name.to_owned()),
        by: Some(user(9)),
        by_name: Some("nina".into()),
        reason: "known".into(),
        at,
        rules_version: 1,
        withdrawn_at: (word == "withdrawn").then_some(at),
        withdrawn_by: None,
        withdrawn_by_name: None,
    }
}

/// The verdict and the states, such as `pending: passed waiting`.
pub(super) fn outcome(evaluation: &Evaluation) -> String {
    let states = evaluation.requirements.iter().map(|result| match result.subject {
        Subject::Requirement(_) => result.state().as_str().to_owned(),
        Subject::Announced => format!("[{}]", result.state().as_str()),
    });
    format!("{}: {}", evaluation.verdict.as_str(), states.collect::<Vec<_>>().join(" ")).trim_end().to_owned()
}

/// The outcome for `main`, so many minutes after the first fact.
fn outcome_at(rules: &GateRules, list: &[&str], age: i64) -> String {
    outcome(&evaluate(Some(rules), "main", &facts(list), &TrustedTime::new(minute(age))))
}
