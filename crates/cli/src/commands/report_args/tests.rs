//! The report that flags and environment give.

use super::super::ci::CiRun;
use super::*;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

fn flags(name: Option<&str>, leg: Option<&str>) -> ReportArgs {
    ReportArgs { name: name.map(str::to_owned), leg: leg.map(str::to_owned), ..ReportArgs::default() }
}

fn job(name: &str, leg: Option<&str>) -> CiJob {
    CiJob {
        sha: Some(SHA.into()),
        git_ref: Some("main".into()),
        name: Some(name.into()),
        leg: leg.map(str::to_owned),
        build_id: Some("9".into()),
        source: Some("buildkite"),
        run: Some(CiRun { id: "9".into(), job: "j".into(), hint: None, is_partial: false }),
        ..CiJob::default()
    }
}

fn plan(flags: &ReportArgs, ci: &CiJob) -> ReportPlan {
    flags.plan("running", ci, &|_| None).unwrap()
}

#[test]
fn what_distinguishes_parallel_jobs_is_part_of_the_name() {
    let name = |flags: &ReportArgs, ci: &CiJob| plan(flags, ci).report.name;
    let parallel = job("unit", Some("1/5"));
    assert_eq!(name(&flags(None, None), &job("unit", None)), "unit");
    assert_eq!(name(&flags(None, None), &parallel), "unit (1/5)");
    assert_eq!(name(&flags(Some("test"), None), &parallel), "test (1/5)");
    assert_eq!(name(&flags(None, Some("linux, 20")), &parallel), "unit (linux, 20)");
    assert_eq!(name(&flags(None, Some("none")), &parallel), "unit");
    let variable = |name: &str| (name == "STAGEPOST_LEG").then(|| "mac".to_owned());
    assert_eq!(flags(None, None).plan("running", &parallel, &variable).unwrap().report.name, "unit (mac)");
    // The name of the build system has the leg already, another name does not.
    let named = CiJob { name_has_leg: true, ..job("unit 1/5", Some("1/5")) };
    assert_eq!(name(&flags(None, None), &named), "unit 1/5");
    assert_eq!(name(&flags(Some("test"), None), &named), "test (1/5)");
}

#[test]
fn a_name_is_claimed_unless_something_else_identifies_the_job() {
    let claims = |flags: &ReportArgs, ci: &CiJob| plan(flags, ci).claim.is_some();
    assert!(claims(&flags(None, None), &job("unit", None)));
    assert!(claims(&flags(Some("unit"), Some("linux")), &job("unit", None)));
    assert!(!claims(&flags(None, Some("none")), &job("unit", None)));
    assert!(!claims(&flags(None, None), &job("j", None)), "the name is the job of the run");
    assert!(!claims(&flags(None, None), &CiJob { run: None, ..job("unit", None) }));
    let build_id = ReportArgs { build_id: Some("7".into()), ..flags(None, None) };
    assert!(!claims(&build_id, &job("unit", None)));
}

#[test]
fn only_a_full_commit_id_is_sent() {
    let sha = |sha: &str| {
        let flags = ReportArgs { sha: Some(sha.into()), ..flags(None, None) };
        flags.plan("running", &job("unit", None), &|_| None)
    };
    for good in [SHA.to_owned(), SHA.to_uppercase(), "0".repeat(64)] {
        assert_eq!(sha(&good).unwrap().report.sha, good);
    }
    for bad in ["HEAD", "main", "1c46c505", &"g".repeat(40), &"0".repeat(41)] {
        let failure = sha(bad).unwrap_err();
        assert_eq!(failure.code(), 2, "{bad}");
        assert!(failure.message().unwrap().contains("git rev-parse HEAD"), "{failure:?}");
    }
    let unresolved = CiJob { sha: Some("HEAD".into()), ..job("unit", None) };
    assert_eq!(flags(None, None).plan("running", &unresolved, &|_| None).unwrap_err().code(), 2);
}

#[test]
fn an_empty_or_missing_value_is_a_usage_error_that_names_the_flag() {
    let empty = || Some(" ".to_owned());
    for (flag, args) in [
        ("--sha", ReportArgs { sha: empty(), ..ReportArgs::default() }),
        ("--ref", ReportArgs { git_ref: empty(), ..ReportArgs::default() }),
        ("--name", ReportArgs { name: empty(), ..ReportArgs::default() }),
        ("--stage", ReportArgs { stage: empty(), ..ReportArgs::default() }),
        ("--leg", ReportArgs { leg: empty(), ..ReportArgs::default() }),
        ("--build-id", ReportArgs { build_id: empty(), ..ReportArgs::default() }),
        ("--source", ReportArgs { source: empty(), ..ReportArgs::default() }),
    ] {
        let failure = args.plan("running", &job("unit", None), &|_| None).unwrap_err();
        assert_eq!((failure.code(), failure.message()), (2, Some(format!("{flag} is empty").as_str())));
    }
    let unnamed = CiJob { name: None, title: Some("Bitbucket Pipelines"), ..job("unit", None) };
    let failure = flags(None, None).plan("running", &unnamed, &|_| None).unwrap_err();
    assert_eq!(failure.code(), 2);
    let message = failure.message().unwrap();
    assert!(message.contains("--name") && message.contains("Bitbucket Pipelines"), "{message}");
    assert_eq!(flags(None, None).plan("running", &CiJob::default(), &|_| None).unwrap_err().code(), 2);
}

#[test]
fn the_time_for_retries_is_configurable_and_short_with_best_effort() {
    let seconds = |flag: Option<&str>, variable: Option<&str>, best_effort: bool| {
        let variable = variable.map(str::to_owned);
        let env = move |name: &str| variable.clone().filter(|_| name == "STAGEPOST_RETRY_FOR");
        let args = ReportArgs { retry_for: flag.map(str::to_owned), best_effort, ..ReportArgs::default() };
        args.retry_for(&env).map(|limit| limit.as_secs()).map_err(|failure| failure.code())
    };
    assert_eq!(seconds(None, None, false), Ok(300));
    assert_eq!(seconds(None, None, true), Ok(30));
    assert_eq!(seconds(Some("10m"), Some("1h"), false), Ok(600));
    assert_eq!(seconds(None, Some("1h"), false), Ok(3_600));
    assert_eq!(seconds(Some("10s"), None, true), Ok(10));
    assert_eq!(seconds(Some("10m"), None, true), Ok(30));
    assert_eq!(seconds(Some("soon"), None, false), Err(2));
}
