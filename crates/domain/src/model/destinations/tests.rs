//! The settings of a destination, and what it receives.

use super::*;
use crate::model::events::{JobSnapshot, PipelineSnapshot, VerdictSnapshot};
use crate::model::gates::Verdict;
use crate::model::ids::{JobId, PipelineId};
use crate::model::pipelines::PipelineIdentity;
use crate::model::status::Status;
use std::sync::Arc;

fn input(kind: &str, url: &str, project: &str) -> DestinationInput {
    DestinationInput {
        kind: kind.into(),
        url: url.into(),
        project: project.into(),
        token: "t0ken".into(),
        choice: None,
        jobs: None,
        except_sources: Vec::new(),
        enabled: true,
    }
}

fn check(input: DestinationInput) -> Result<Destination, Invalid> {
    let ids = (DestinationId::new(1).unwrap(), RepositoryId::new(1).unwrap());
    input.check(ids, &Networks::default(), Timestamp::UNIX_EPOCH)
}

fn problem(input: DestinationInput) -> Option<(String, Problem)> {
    check(input).err().map(|invalid| (invalid.field.into_owned(), invalid.problem))
}

#[test]
fn a_destination_has_the_project_of_its_forge() {
    const URL: &str = "https://forge.example.com";
    for (kind, project, expected) in [
        ("github", "acme/demo", true),
        ("github", "/acme/demo/", true),
        ("github", "acme", false),
        ("github", "acme/demo/x", false),
        ("github", "acme/..", false),
        ("github", "acme/de mo", false),
        ("github", "acme/demo?x", false),
        ("github", "acme//demo", false),
        ("gitlab", "17", true),
        ("gitlab", "acme/team/demo", true),
        ("gitlab", "acme", false),
        ("gitea", "acme/任务", true),
        ("bitbucket", "~lin/demo", true),
        ("bitbucket", "17", false),
    ] {
        assert_eq!(check(input(kind, URL, project)).is_ok(), expected, "{kind} {project}");
    }
    let not_project = Some(("project".into(), Problem::NotProject));
    assert_eq!(problem(input("github", URL, "acme")), not_project);
    let unknown = Some(("kind".into(), Problem::NotOneOf { allowed: ForgeKind::NAMES }));
    assert_eq!(problem(input("svn", URL, "a/b")), unknown);
    assert_eq!(
        check(input("github", "https://x.example/api/v3/", "a/b")).unwrap().url,
        "https://x.example/api/v3"
    );
    assert_eq!(
        problem(input("github", "https://x.example/?a", "a/b")),
        Some(("url".into(), Problem::HasQuery))
    );
    assert_eq!(
        problem(input("github", "http://127.0.0.1/", "a/b")),
        Some(("url".into(), Problem::NotPublic))
    );
    for (token, expected) in [
        ("", Problem::Blank),
        ("a b", Problem::ControlCharacter),
        ("a\n", Problem::ControlCharacter),
        ("令牌", Problem::ControlCharacter),
    ] {
        let wrong = DestinationInput { token: token.into(), ..input("github", URL, "a/b") };
        assert_eq!(problem(wrong), Some(("token".into(), expected)), "{token:?}");
    }
    assert_eq!(format!("{:?}", ForgeToken::new("s3cret".into()).unwrap()), "ForgeToken(..)");
}

#[test]
fn patterns_mean_jobs() {
    let choice = |choice: Option<&str>, jobs: Option<&[&str]>| {
        let jobs = jobs.map(|jobs| jobs.iter().map(|job| (*job).to_owned()).collect());
        Choice::check(choice, jobs).map_err(|invalid| invalid.field.into_owned())
    };
    let jobs = || Ok(Choice::Jobs(vec!["a/*".into()]));
    assert_eq!(choice(None, None), Ok(Choice::Pipeline));
    assert_eq!(choice(Some("pipeline"), Some(&[])), Ok(Choice::Pipeline));
    assert_eq!(choice(Some("gate"), None), Ok(Choice::Gate));
    assert_eq!(choice(Some("gate"), Some(&["a/*"])), Err("jobs".to_owned()));
    assert_eq!(choice(None, Some(&["a/*"])), jobs());
    assert_eq!(choice(Some("jobs"), Some(&["a/*"])), jobs());
    assert_eq!(choice(Some("pipeline"), Some(&["a/*"])), Err("jobs".into()));
    assert_eq!(choice(Some("jobs"), None), Err("jobs".into()));
    assert_eq!(choice(None, Some(&[])), Err("jobs".into()));
    assert_eq!(choice(None, Some(&["a\nb"])), Err("jobs".into()));
    assert_eq!(choice(None, Some(&["x"; PATTERNS_MAX + 1])), Err("jobs".into()));
    assert_eq!(choice(Some("all"), None), Err("choice".into()));
}

#[test]
fn a_new_url_needs_the_token() {
    let before = Destination {
        failing_since: Some(Timestamp::UNIX_EPOCH),
        paused_until: Some(Timestamp::UNIX_EPOCH),
        ..check(input("gitlab", "https://a.example", "1")).unwrap()
    };
    let apply = |change: DestinationChange| change.apply(&before, &Networks::default());
    let url = |url: &str| DestinationChange { url: Some(url.into()), ..DestinationChange::default() };
    assert_eq!(apply(url("https://b.example")), Err(Invalid::new("token", Problem::Missing)));
    assert_eq!(apply(url("https://a.example/")).unwrap().url, "https://a.example", "the same URL");
    let both = DestinationChange { token: Some("new".into()), ..url("https://b.example") };
    let after = apply(both).unwrap();
    assert_eq!((after.url.as_str(), after.token.as_str()), ("https://b.example", "new"));
    assert_eq!((after.failing_since, after.paused_until), (None, None), "it is tried again at once");
    let jobs = DestinationChange { jobs: Some(vec!["a/b".into()]), ..DestinationChange::default() };
    let after = apply(jobs).unwrap();
    assert_eq!(after.selection.choice, Choice::Jobs(vec!["a/b".into()]));
    let same = DestinationChange { choice: Some("jobs".into()), ..DestinationChange::default() };
    assert_eq!(same.clone().apply(&after, &Networks::default()).unwrap().selection, after.selection);
    assert_eq!(apply(same), Err(Invalid::new("jobs", Problem::Missing)));
}

/// The event of a job whose status was `before`.
fn event(source: &str, job: &str, before: Option<Status>, pipeline_before: Option<Status>) -> Event {
    let (stage, name) = job.split_once('/').unwrap();
    let identity = PipelineIdentity {
        sha: "a".repeat(40),
        git_ref: "main".into(),
        source: source.into(),
        key: String::new(),
    };
    Event {
        repository_id: RepositoryId::new(1).unwrap(),
        number: 1,
        at: Timestamp::UNIX_EPOCH,
        change: Change::Pipeline(
            PipelineSnapshot {
                id: PipelineId::new(1).unwrap(),
                version: 1,
                identity: Arc::new(identity),
                web_url: None,
                status: Status::Running,
                previous_status: pipeline_before,
                job_count: 1,
            },
            PipelineChange::Job(JobSnapshot {
                id: JobId::new(1).unwrap(),
                stage: stage.into(),
                name: name.into(),
                attempt: 1,
                status: Status::Running,
                previous_status: before,
                third_build_id: None,
                target_url: None,
            }),
        ),
    }
}

#[test]
fn a_change_of_a_selected_status_is_forwarded() {
    let running = Some(Status::Running);
    let selection = |choice| Selection { choice, except_sources: vec!["github".into()] };
    let pipeline = selection(Choice::Pipeline);
    let context = |selection: &Selection, event: &Event| selection.key(event).map(|key| key.target.context());
    let changed = event("ci", "build/linux", None, None);
    assert_eq!(context(&pipeline, &changed).as_deref(), Some("stagepost/ci"));
    assert_eq!(pipeline.key(&changed).unwrap().sha, "a".repeat(40));
    assert_eq!(
        context(&pipeline, &event("ci", "a/b", running, running)),
        None,
        "progress without a new status"
    );
    let of_pipeline = event("ci", "a/b", running, Some(Status::Pending));
    assert_eq!(context(&pipeline, &of_pipeline).as_deref(), Some("stagepost/ci"));
    assert_eq!(context(&pipeline, &event("github", "a/b", None, None)), None, "an excepted source");
    let mut imported = changed.clone();
    let Change::Pipeline(_, change) = &mut imported.change else { panic!() };
    *change = PipelineChange::Imported;
    assert_eq!(context(&pipeline, &imported), None);

    let jobs = selection(Choice::Jobs(vec!["build/*".into(), "external/*".into(), "*/lint".into()]));
    for (job, expected) in [
        ("build/linux", Some("stagepost/ci/build/linux")),
        ("test/lint", Some("stagepost/ci/test/lint")),
        ("test/unit", None),
        // What another Stagepost forwarded is in the stage of reports without a stage.
        ("external/stagepost/ci", None),
        ("external/Stagepost/ci", None),
        ("external/stagepost/lint/fast", Some("stagepost/ci/external/stagepost/lint/fast")),
        ("build/stagepost/ci", Some("stagepost/ci/build/stagepost/ci")),
        ("build/stagepost", Some("stagepost/ci/build/stagepost")),
    ] {
        assert_eq!(context(&jobs, &event("ci", job, None, None)).as_deref(), expected, "{job}");
    }
}

#[test]
fn a_target_of_an_earlier_choice_is_not_selected() {
    let selection = |choice| Selection { choice, except_sources: vec!["github".into()] };
    let of_pipeline = |source: &str| Target::Pipeline { source: source.into() };
    let of_job = |source: &str, name: &str| Target::Job {
        source: source.into(),
        stage: "build".into(),
        name: name.into(),
    };
    let pipeline = selection(Choice::Pipeline);
    let jobs = selection(Choice::Jobs(vec!["build/a*".into()]));
    for (target, by_pipeline, by_jobs) in [
        (of_pipeline("ci"), true, false),
        (of_pipeline("github"), false, false),
        (of_job("ci", "arm"), false, true),
        (of_job("ci", "linux"), false, false),
        (of_job("github", "arm"), false, false),
        (Target::Test, true, true),
    ] {
        assert_eq!((pipeline.has(&target), jobs.has(&target)), (by_pipeline, by_jobs), "{target:?}");
    }
}

#[test]
fn a_changed_verdict_is_forwarded_to_who_chose_it() {
    let verdict = VerdictSnapshot {
        sha: "b".repeat(40),
        target: "main".into(),
        number: 2,
        verdict: Verdict::Passed,
        previous_verdict: Some(Verdict::Pending),
        version: 9,
        rules_version: 1,
        changed: Vec::new(),
        changed_count: 0,
    };
    let reported = event("ci", "a/b", None, None);
    let recorded = Event { change: Change::Verdict(verdict), ..reported.clone() };
    let of = |choice: Choice| Selection { choice, except_sources: vec!["ci".into()] };
    let gate = of(Choice::Gate);
    let key = gate.key(&recorded).unwrap();
    assert_eq!((key.sha, key.target.context()), ("b".repeat(40), "stagepost/gate/main".to_owned()));
    assert_eq!(gate.key(&reported), None);
    assert_eq!(of(Choice::Pipeline).key(&recorded), None);
    assert_eq!(of(Choice::Jobs(vec!["*".into()])).key(&recorded), None);
}
