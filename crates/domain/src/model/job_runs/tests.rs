//! Tests of one job in all pipelines.

use super::*;

/// Attempts, newest first: `commit:status[:seconds][!]`, with the numbers 100, 99... `!` is a retried attempt.
fn attempts(text: &str) -> JobAttempts {
    let attempt = |(number, text): (i64, &str)| {
        let (text, retried) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
        let mut parts = text.split(':');
        let (sha, status) = (parts.next().unwrap().to_owned(), Status::parse(parts.next().unwrap()).unwrap());
        let start = Timestamp::from_second(1_000 * number).unwrap();
        let seconds = parts.next().map(|seconds| SignedDuration::from_secs(seconds.parse().unwrap()));
        JobAttempt {
            id: JobId::new(number).unwrap(),
            pipeline: PipelineId::new(number).unwrap(),
            sha,
            git_ref: "main".into(),
            source: "external".into(),
            status,
            newest: !retried,
            created_at: start,
            started_at: seconds.map(|_| start),
            finished_at: status.is_finished().then(|| start + seconds.unwrap_or_default()),
        }
    };
    let attempts = (1..=100).rev().zip(text.split_whitespace()).map(attempt).collect();
    JobAttempts { attempts, truncated: false }
}

fn number(attempt: Option<&JobAttempt>) -> i32 {
    attempt.map_or(0, |attempt| attempt.id.get())
}

#[test]
fn a_job_fails_since_its_last_success() {
    // attempts, newest first | last passed | failing since
    for (text, passed, since) in [
        ("", 0, 0),
        ("a:success", 100, 0),
        ("a:failed b:success", 99, 100),
        ("a:failed b:timedout c:success d:failed", 98, 99),
        ("a:running b:failed c:failed d:success", 97, 98),
        ("a:failed b:canceled c:failed d:success", 97, 98),
        ("a:success b:failed", 100, 0),
        ("a:failed b:failed", 0, 99),
        ("a:skipped b:pending", 0, 0),
    ] {
        let summary = JobSummary::of(attempts(text), true);
        let found = (number(summary.last_passed.as_ref()), number(summary.failing_since.as_ref()));
        assert_eq!(found, (passed, since), "{text}");
        assert_eq!(JobSummary::of(attempts(text), false).failing_since, None, "{text}: refs are mixed");
    }
}

#[test]
fn runs_of_two_sources_do_not_say_since_when_a_job_fails() {
    let mut found = attempts("a:failed b:failed c:success");
    assert_eq!(number(JobSummary::of(found.clone(), true).failing_since.as_ref()), 99);
    found.attempts[2].source = "jenkins".into();
    let summary = JobSummary::of(found, true);
    assert_eq!((number(summary.last_passed.as_ref()), summary.failing_since), (98, None));
}

#[test]
fn a_job_may_fail_for_longer_if_older_attempts_were_not_read() {
    // attempts | truncated | may fail longer | unknown
    for (text, truncated, longer, unknown) in [
        ("a:failed b:failed", true, true, false),
        ("a:failed b:failed", false, false, false),
        ("a:failed b:success", true, false, false),
        ("a:success", true, false, false),
        ("", true, false, true),
        ("", false, false, false),
    ] {
        let summary = JobSummary::of(JobAttempts { truncated, ..attempts(text) }, true);
        assert_eq!(
            (summary.may_fail_longer(), summary.is_unknown()),
            (longer, unknown),
            "{text} {truncated}"
        );
    }
}

#[test]
fn rates_and_durations_count_runs_only() {
    let text = "a:success:10 a:failed:30! b:timedout:20 c:canceled:900 d:running e:skipped";
    let summary = JobSummary::of(attempts(text), true);
    assert_eq!((summary.outcomes.runs(), summary.retried), (3, 1));
    assert_eq!(summary.outcomes.success_rate(), Some(1.0 / 3.0));
    assert_eq!(
        (summary.median, summary.p95),
        (Some(SignedDuration::from_secs(20)), Some(SignedDuration::from_secs(30)))
    );
    let none = JobSummary::of(attempts("a:success b:running"), true);
    assert_eq!((none.median, none.outcomes.success_rate()), (None, Some(1.0)));
}

#[test]
fn a_commit_with_both_results_is_flaky() {
    let text = "b:failed a:success b:success a:failed! c:failed c:canceled b:timedout d:success";
    let summary = JobSummary::of(attempts(text), false);
    let found: Vec<_> = summary
        .flaky_commits
        .iter()
        .map(|c| (c.sha.as_str(), c.passed, c.failed, c.last_passed.id.get(), c.last_failed.id.get()))
        .collect();
    assert_eq!(found, [("b", 1, 2, 98, 100), ("a", 1, 1, 99, 97)]);
    assert_eq!(summary.flaky_count, 2);
    let mut of_two_sources = attempts("a:success a:failed");
    of_two_sources.attempts[0].source = "jenkins".into();
    assert_eq!(JobSummary::of(of_two_sources, false).flaky_count, 0, "each source has its own commits");
}
