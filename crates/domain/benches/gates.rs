//! The time of an evaluation: `cargo bench -p domain --bench gates`. Prints the time per commit with 50 requirements
//! and 1,000 jobs, of which the reporters of none, or of all, are restricted.
#![expect(clippy::unwrap_used, reason = "a measurement fails by a panic")]

use domain::model::gates::{
    ExpectInput, GateFacts, GateRules, JobFact, KnownMentions, Permitted, PermittedAttempt, ReportFact,
    ReporterInput, RequirementInput, RuleInput, RuleSetInput, Verdict, evaluate,
};
use domain::model::ids::{JobId, PipelineId, UserId};
use domain::model::reports::{Arrival, Authority, ReportedState};
use domain::model::status::Status;
use domain::model::trusted_time::TrustedTime;
use jiff::Timestamp;
use std::hint::black_box;
use std::time::Instant;

const REQUIREMENTS: usize = 50;
const JOBS: usize = 1_000;
const COMMITS: u32 = 10_000;

fn main() {
    println!("{REQUIREMENTS} requirements, {JOBS} jobs, {COMMITS} evaluations");
    let every_twentieth = |at: usize| format!("unit-{at}-*");
    measure("one pattern for 20 jobs each", &every_twentieth, false);
    measure("the same, announced", &every_twentieth, true);
    measure("stars on both ends", &|at| format!("*-{at}-*"), false);
    measure_restricted(&every_twentieth);
}

fn rules(pattern: &dyn Fn(usize) -> String, reporters: Option<&[ReporterInput]>) -> GateRules {
    let requirement = |at| RequirementInput {
        job: Some(pattern(at)),
        reporters: reporters.map(<[ReporterInput]>::to_vec),
        ..RequirementInput::default()
    };
    let rule = RuleInput {
        targets: vec!["main".into()],
        requirements: (0..REQUIREMENTS).map(requirement).collect(),
        overriders: None,
    };
    let users = [("ci".to_owned(), UserId::new(7).unwrap())].into();
    let known = KnownMentions { users, ..KnownMentions::default() };
    let set = RuleSetInput { rules: vec![rule], merge_queues: None }.check(&known).unwrap();
    GateRules { version: 1, changed_by: None, changed_at: Timestamp::UNIX_EPOCH, set: set.following(None, 1) }
}

fn facts(with_reports: bool) -> GateFacts {
    let job = |at: usize| {
        let id = JobId::new(at as i64 + 1).unwrap();
        let pipeline_id = PipelineId::new(1).unwrap();
        let report = |seq, status| ReportFact {
            user: Some(UserId::new(7).unwrap()),
            credential: None,
            arrival: Arrival { received_at: Timestamp::UNIX_EPOCH, seq },
            state: ReportedState::with_status(status, Authority::Reporter),
        };
        let reports = [report(1, Status::Pending), report(2, Status::Running), report(3, Status::Success)];
        let mut attempt =
            PermittedAttempt::new(id, pipeline_id, &[&[Permitted::User(UserId::new(7).unwrap())]]);
        reports.iter().for_each(|report| attempt.add(report));
        let attempts = vec![attempt];
        JobFact {
            id,
            pipeline_id,
            source: "external".into(),
            stage: "test".into(),
            name: format!("unit-{}-{}", at % REQUIREMENTS, at / REQUIREMENTS),
            name_ignores_case: false,
            status: Status::Success,
            allow_failure: false,
            attempts: if with_reports { attempts } else { Vec::new() },
        }
    };
    let first_at = Some(Timestamp::UNIX_EPOCH);
    GateFacts { jobs: (0..JOBS).map(job).collect(), first_at, ..GateFacts::default() }
}

fn measure(name: &str, pattern: &dyn Fn(usize) -> String, announced: bool) {
    let (rules, mut facts) = (rules(pattern, None), facts(false));
    if announced {
        let jobs = facts.jobs.iter().map(|job| (None, Some(job.name.clone()))).collect();
        let input = ExpectInput { source: None, jobs, complete: true };
        let list = input.check(UserId::new(7).unwrap(), None, Timestamp::UNIX_EPOCH);
        facts.expectations.push(list.unwrap());
    }
    run(name, &rules, &facts);
}

fn measure_restricted(pattern: &dyn Fn(usize) -> String) {
    let reporter = ReporterInput { user: Some("ci".into()), ..ReporterInput::default() };
    run("3 reports per job, reporters named", &rules(pattern, Some(&[reporter])), &facts(true));
}

fn run(name: &str, rules: &GateRules, facts: &GateFacts) {
    let time = TrustedTime::new(Timestamp::UNIX_EPOCH);
    let start = Instant::now();
    for _ in 0..COMMITS {
        let evaluation = evaluate(Some(black_box(rules)), "main", black_box(facts), &time);
        assert_eq!(evaluation.verdict, Verdict::Passed);
    }
    println!("{name:<40} {:>8.1} µs", start.elapsed().as_secs_f64() * 1e6 / f64::from(COMMITS));
}
