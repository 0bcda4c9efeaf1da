//! What a response means, what is sent, and the contexts.

use super::*;
use crate::model::destinations::{Choice, ForgeKind, ForgeToken, Selection};
use crate::model::ids::RepositoryId;
use crate::model::trusted_time::TrustedTime;
use jiff::SignedDuration;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn claimed(kind: ForgeKind, attempts: u32, target: Target) -> ClaimedState {
    let destination_id = DestinationId::new(3).unwrap();
    let wanted = WantedState {
        status: Status::Success,
        description: None,
        url: Some("https://ci.example/1".into()),
        git_ref: "main".into(),
        page: StatePage::Pipeline(PipelineId::new(6).unwrap()),
    };
    ClaimedState {
        state: ForwardedState {
            id: 7,
            destination_id,
            key: StateKey { sha: "a".repeat(40), target },
            progress: Progress::Pending(at(0), None),
            attempts,
            changed_at: at(0),
            sent: None,
            remote_id: Some("41".into()),
            last: None,
        },
        claim: 9,
        changes: 2,
        destination: Destination {
            id: destination_id,
            repository_id: RepositoryId::new(1).unwrap(),
            kind,
            url: "https://forge.example".into(),
            project: "acme/demo".into(),
            token: ForgeToken::new("t".into()).unwrap(),
            selection: Selection { choice: Choice::Pipeline, except_sources: Vec::new() },
            enabled: true,
            failing_since: None,
            paused_until: None,
            created_at: at(0),
        },
        wanted: Some(wanted),
    }
}

fn pipeline() -> Target {
    Target::Pipeline { source: "ci".into() }
}

fn response(status: u16, body: &str) -> ForgeResponse {
    ForgeResponse { status, body: body.into(), ..ForgeResponse::default() }
}

fn result(kind: ForgeKind, response: ForgeResponse) -> StateResult {
    let claimed = claimed(kind, 1, pipeline());
    let status = claimed.forge_status(false, None);
    claimed.result(status, ForgeOutcome::Responded(response), at(0), &TrustedTime::new(at(0)), 0)
}

#[test]
fn a_response_accepts_refuses_or_delays() {
    use ForgeKind::{Bitbucket, GitHub, GitLab, Gitea};
    let refused = Progress::Stopped(StopReason::Refused);
    let failing = Progress::Pending(at(4), Some(WaitReason::Failing));
    let limited = |second| Progress::Pending(at(second), Some(WaitReason::RateLimited));
    const TRANSITION: &str = r#"{"message":"Cannot transition status via :run from :running"}"#;
    for (kind, status, body, expected) in [
        (GitHub, 201, "", Progress::Sent),
        (GitLab, 201, "", Progress::Sent),
        (Gitea, 201, "", Progress::Sent),
        (Bitbucket, 204, "", Progress::Sent),
        // A login page, or another API.
        (GitHub, 200, "<html>", refused),
        (Bitbucket, 201, "", refused),
        (GitHub, 301, "", refused),
        (GitHub, 307, "", refused),
        (GitLab, 400, TRANSITION, Progress::Sent),
        (GitLab, 401, r#"{"message":"401 Unauthorized"}"#, refused),
        (GitHub, 400, TRANSITION, refused),
        (GitHub, 401, "Bad credentials", refused),
        (GitHub, 403, "Resource not accessible by personal access token", refused),
        (GitHub, 403, "You have exceeded a secondary rate limit.", limited(60)),
        (GitHub, 404, "Not Found", refused),
        (GitHub, 422, "No commit found for SHA", refused),
        (GitLab, 409, "", failing),
        (GitHub, 408, "", failing),
        (GitHub, 429, "", limited(60)),
        (Gitea, 500, "", failing),
        (Gitea, 502, "", failing),
        (Gitea, 503, "", failing),
    ] {
        let found = result(kind, response(status, body)).progress;
        assert_eq!(found, expected, "{kind:?} {status} {body}");
    }
}

#[test]
fn a_limit_of_the_rate_pauses_the_destination() {
    let seconds = |seconds| Some(SignedDuration::from_secs(seconds));
    let limited = |status, retry_after, rate_reset| {
        let response = ForgeResponse { retry_after, rate_reset, ..response(status, "") };
        let result = result(ForgeKind::GitHub, response);
        (result.progress, result.health)
    };
    let until = |second| {
        let progress = Progress::Pending(at(second), Some(WaitReason::RateLimited));
        (progress, DestinationHealth::PausedUntil(at(second)))
    };
    assert_eq!(limited(429, seconds(90), None), until(90));
    assert_eq!(
        limited(429, seconds(90), seconds(900)),
        until(90),
        "the forge requests the time of Retry-After"
    );
    assert_eq!(limited(403, None, seconds(900)), until(900));
    assert_eq!(limited(403, seconds(30), None), until(30));
    assert_eq!(limited(429, seconds(999_999), None), until(86_400), "one day at most");
    assert_eq!(limited(429, seconds(0), None).1, DestinationHealth::PausedUntil(at(1)));
    assert_eq!(limited(503, seconds(90), None).0, Progress::Pending(at(90), Some(WaitReason::Failing)));
    assert_eq!(limited(403, None, None).1, DestinationHealth::Good, "a refusal of one state");
}

#[test]
fn attempts_end_after_three_days_and_a_test_has_one() {
    let failed = || ForgeOutcome::Failed { error: "connection refused".into() };
    let later = at(72 * 3_600);
    let result = |attempts, now| {
        let claimed = claimed(ForgeKind::GitHub, attempts, pipeline());
        claimed.result(None, failed(), now, &TrustedTime::new(now), 0)
    };
    assert!(matches!(result(12, at(9)).progress, Progress::Pending(..)), "most of them were limited");
    assert!(matches!(result(11, later).progress, Progress::Pending(..)));
    let last = result(12, later);
    assert_eq!(last.progress, Progress::Stopped(StopReason::Exhausted));
    assert_eq!(last.health, DestinationHealth::Failing);
    assert_eq!(last.last.unwrap().error.as_deref(), Some("connection refused"));
    let test = ClaimedState { wanted: None, ..claimed(ForgeKind::GitHub, 1, Target::Test) };
    let result = test.result(None, failed(), at(0), &TrustedTime::new(at(0)), 0);
    assert_eq!(
        (result.progress, result.health),
        (Progress::Stopped(StopReason::Refused), DestinationHealth::Unknown)
    );
    let found = |status| {
        test.result(None, ForgeOutcome::Responded(response(status, "")), at(0), &TrustedTime::new(at(0)), 0)
            .progress
    };
    assert_eq!((found(200), found(201)), (Progress::Sent, Progress::Stopped(StopReason::Refused)));
    assert_eq!(found(429), Progress::Stopped(StopReason::Refused));
}

#[test]
fn the_pipeline_of_gitlab_is_sent_on_until_it_is_refused() {
    let named = ForgeResponse { remote_id: Some("77".into()), ..response(201, "") };
    assert_eq!(result(ForgeKind::GitLab, named).remote_id.as_deref(), Some("77"));
    assert_eq!(result(ForgeKind::GitLab, response(201, "")).remote_id.as_deref(), Some("41"));
    assert_eq!(result(ForgeKind::GitLab, response(502, "")).remote_id.as_deref(), Some("41"));
    let now = Progress::Pending(at(0), None);
    for status in [400, 404] {
        let refused = result(ForgeKind::GitLab, response(status, r#"{"message":"ref is invalid"}"#));
        assert_eq!((refused.remote_id, refused.progress), (None, now), "{status}: once more without it");
    }
    let refused = result(ForgeKind::GitLab, response(403, ""));
    assert_eq!((refused.remote_id, refused.progress), (None, Progress::Stopped(StopReason::Refused)));
    let mut unnamed = claimed(ForgeKind::GitLab, 2, pipeline());
    unnamed.state.remote_id = None;
    let outcome = ForgeOutcome::Responded(response(404, ""));
    let refused = unnamed.result(None, outcome, at(0), &TrustedTime::new(at(0)), 0);
    assert_eq!(refused.progress, Progress::Stopped(StopReason::Refused));
}

#[test]
fn a_state_that_the_forge_has_is_not_sent_again() {
    let mut claimed = claimed(ForgeKind::GitHub, 1, pipeline());
    let status = claimed.forge_status(false, None).unwrap();
    assert!(!claimed.is_sent(&status));
    let stored = claimed.result(
        Some(status.clone()),
        ForgeOutcome::Responded(response(201, "")),
        at(5),
        &TrustedTime::new(at(5)),
        0,
    );
    assert_eq!(stored.sent.as_ref(), Some(&status));
    let failed = claimed.result(
        Some(status.clone()),
        ForgeOutcome::Responded(response(502, "")),
        at(5),
        &TrustedTime::new(at(5)),
        0,
    );
    assert_eq!(failed.sent, None);
    claimed.state.sent = Some((status.clone(), at(5)));
    assert!(claimed.is_sent(&status));
    let page = claimed.forge_status(false, Some("https://stagepost.example/p".into())).unwrap();
    assert_eq!(page.url.as_deref(), Some("https://stagepost.example/p"), "the page here shows all jobs");
    claimed.wanted.as_mut().unwrap().page =
        StatePage::Job(PipelineId::new(6).unwrap(), JobId::new(1).unwrap());
    let of_job = claimed.forge_status(false, Some("https://stagepost.example/p".into())).unwrap();
    assert_eq!(of_job.url.as_deref(), Some("https://ci.example/1"));
    assert_eq!(
        claimed.result(None, ForgeOutcome::Unchanged, at(5), &TrustedTime::new(at(5)), 0).progress,
        Progress::Sent
    );
}

#[test]
fn no_two_targets_have_one_context() {
    let job = |source: &str, stage: &str, name: &str| {
        Target::Job { source: source.into(), stage: stage.into(), name: name.into() }.context()
    };
    assert_eq!(job("ci", "build", "linux/arm"), "stagepost/ci/build/linux/arm");
    assert_eq!(job("a/b", "c", "d"), "stagepost/a%2Fb/c/d");
    assert_ne!(job("a", "b/c", "d"), job("a", "b", "c/d"));
    assert_ne!(job("a%2Fb", "c", "d"), job("a/b", "c", "d"));
    assert_eq!(Target::Pipeline { source: "jenkins".into() }.context(), "stagepost/jenkins");
    let (one, other) = (job("ci", "s", &"长".repeat(300)), job("ci", "s", &"长".repeat(301)));
    assert_eq!((one.chars().count(), other.chars().count()), (255, 255));
    assert_ne!(one, other);
    assert!(is_forwarded(DEFAULT_STAGE, &one));
    let stage = job(&"s".repeat(200), &"t".repeat(100), "n");
    assert!(is_forwarded(DEFAULT_STAGE, &stage), "cut off in the stage: {stage}");
}

#[test]
fn contexts_at_github_differ_when_only_their_case_does() {
    let at = |name: &str, kind| {
        Target::Job { source: "ci".into(), stage: "s".into(), name: name.into() }.context_at(kind)
    };
    let github = |name: &str| at(name, ForgeKind::GitHub);
    assert_eq!(github("build"), "stagepost/ci/s/build");
    assert_eq!(at("Build", ForgeKind::Gitea), "stagepost/ci/s/Build");
    let (one, other) = (github("Build"), github("BUILD"));
    assert!(
        one.starts_with("stagepost/ci/s/Build~") && one.len() == "stagepost/ci/s/Build".len() + 9,
        "{one}"
    );
    assert_ne!(one.to_lowercase(), other.to_lowercase());
    assert_eq!(github("Build"), one, "it never changes");
    let long = github(&"A".repeat(300));
    assert_eq!(long.chars().count(), 255);
    assert!(is_forwarded(DEFAULT_STAGE, &one) && is_forwarded(DEFAULT_STAGE, &long));
}

#[test]
fn a_link_that_the_forge_refuses_is_not_sent() {
    let link = |length: usize| format!("https://ci.example/{}", "x".repeat(length - 19));
    let url = |kind, own: usize, page: Option<usize>, job: Option<i64>| {
        let mut claimed = claimed(kind, 1, pipeline());
        let wanted = claimed.wanted.as_mut().unwrap();
        wanted.url = Some(link(own));
        if let Some(job) = job {
            wanted.page = StatePage::Job(PipelineId::new(6).unwrap(), JobId::new(job).unwrap());
        }
        claimed.forge_status(false, page.map(link)).unwrap().url.map(|url| url.len())
    };
    for (kind, own, page, expected) in [
        (ForgeKind::GitHub, 2_048, Some(60), Some(2_048)),
        (ForgeKind::Gitea, 2_048, None, Some(2_048)),
        (ForgeKind::GitLab, 255, Some(60), Some(255)),
        (ForgeKind::GitLab, 256, Some(60), Some(60)),
        (ForgeKind::GitLab, 256, None, None),
        (ForgeKind::Bitbucket, 450, Some(60), Some(450)),
        (ForgeKind::Bitbucket, 451, Some(60), Some(60)),
    ] {
        assert_eq!(url(kind, own, page, Some(1)), expected, "{kind:?} {own} {page:?}");
    }
    assert_eq!(url(ForgeKind::GitLab, 60, Some(256), None), Some(60), "of a pipeline");
}

#[test]
fn forwarded_statuses_do_not_count() {
    let job = |name, status, allow_failure| CommitJob { stage: DEFAULT_STAGE, name, status, allow_failure };
    assert_eq!(composite([]), None);
    assert_eq!(composite([job("stagepost/ci", Status::Failed, false)]), None);
    let own = [job("stagepost/ci", Status::Failed, false), job("x", Status::Success, false)];
    assert_eq!(composite(own), Some(Status::Success));
    let lint = CommitJob { stage: "test", ..job("stagepost/lint", Status::Failed, false) };
    assert_eq!(composite([lint, job("x", Status::Success, false)]), Some(Status::Failed), "an own job");
    assert_eq!(composite([job("x", Status::Failed, true)]), Some(Status::Success));
    let both = [job("x", Status::Running, false), job("y", Status::Failed, false)];
    assert_eq!(composite(both), Some(Status::Running));
}

#[test]
fn the_progress_is_read_as_it_is_written() {
    for progress in [
        Progress::Pending(at(3), None),
        Progress::Pending(at(3), Some(WaitReason::Failing)),
        Progress::Pending(at(3), Some(WaitReason::RateLimited)),
        Progress::Sent,
        Progress::Stopped(StopReason::Refused),
        Progress::Stopped(StopReason::Exhausted),
    ] {
        assert_eq!(Progress::parse(progress.as_str(), progress.reason(), at(3)), Some(progress));
        assert!(progress.reason().is_none_or(|reason| Progress::REASONS.contains(&reason)));
    }
    assert_eq!(Progress::parse("stopped", None, at(3)), None);
}

fn verdict(verdict: Verdict) -> RecordedVerdict {
    RecordedVerdict {
        number: 1,
        target: "main".into(),
        at: at(0),
        last_report: 1,
        verdict,
        version: 1,
        rules_version: 1,
        results: Vec::new(),
        next_due: None,
    }
}

#[test]
fn a_verdict_is_a_status_with_its_sentence() {
    let gate = || Target::Gate { branch: "main".into() };
    let said = |kind, of: Verdict| {
        let mut claimed = claimed(kind, 1, gate());
        let wanted = claimed.wanted.as_mut().unwrap();
        wanted.status = status_of_verdict(of, false)?;
        (wanted.description, wanted.url) = (Some("style: it is missing.".into()), None);
        wanted.page = StatePage::Commit(Box::new(verdict(of)));
        let page = Some("https://ci.example/commits/a".into());
        let status = claimed.forge_status(false, page).unwrap();
        assert_eq!(status.url.as_deref(), Some("https://ci.example/commits/a"));
        assert_eq!(status.description, "style: it is missing.", "{of:?}");
        Some(status.state)
    };
    let words = |kind| {
        [Verdict::Passed, Verdict::Failed, Verdict::Missing, Verdict::Pending]
            .map(|verdict| said(kind, verdict).unwrap())
    };
    assert_eq!(words(ForgeKind::GitHub), ["success", "failure", "failure", "pending"]);
    assert_eq!(words(ForgeKind::GitLab), ["success", "failed", "failed", "pending"]);
    assert_eq!(words(ForgeKind::Gitea), ["success", "failure", "failure", "pending"]);
    assert_eq!(words(ForgeKind::Bitbucket), ["SUCCESSFUL", "FAILED", "FAILED", "INPROGRESS"]);
    assert_eq!(said(ForgeKind::GitHub, Verdict::Unset), None, "no rule says nothing");
}

#[test]
fn the_context_of_a_gate_names_its_branch_and_is_never_forwarded_again() {
    let context = |branch: &str| Target::Gate { branch: branch.into() }.context();
    assert_eq!(context("main"), "stagepost/gate/main");
    assert_eq!(context("release/1"), "stagepost/gate/release%2F1");
    for branch in ["main", "release/1", &"x".repeat(300)] {
        assert!(is_forwarded(DEFAULT_STAGE, &context(branch)), "{branch}");
    }
    assert!(!is_forwarded(DEFAULT_STAGE, "stagepost/gate/"));
    assert!(!is_forwarded(DEFAULT_STAGE, "stagepost/other/main"));
    // A source of this name has another context.
    let source = Target::Pipeline { source: "gate".into() };
    assert_eq!(source.context(), "stagepost/gate");
}
