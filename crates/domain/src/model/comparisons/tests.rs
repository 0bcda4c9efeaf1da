//! Tests of the comparison of pipelines.

use super::*;

/// A job of stage `test`: `name:status[:seconds][?]`; `?` may fail.
fn job(text: &str) -> ComparedJob {
    let (text, allow_failure) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
    let mut parts = text.split(':');
    let (name, status) = (parts.next().unwrap(), parts.next().unwrap());
    ComparedJob {
        stage: "test".into(),
        name: name.into(),
        id: JobId::new(1).unwrap(),
        status: Status::parse(status).unwrap(),
        allow_failure,
        duration: parts.next().map(|seconds| SignedDuration::from_secs(seconds.parse().unwrap())),
    }
}

fn jobs(text: &str) -> Vec<ComparedJob> {
    text.split_whitespace().map(job).collect()
}

fn id(id: i64) -> PipelineId {
    PipelineId::new(id).unwrap()
}

/// Pipelines before number 10, newest first: 9, 8...
fn earlier(texts: &[&str]) -> Vec<Earlier> {
    (0..).zip(texts).map(|(at, text)| (id(9 - at), jobs(text))).collect()
}

fn names<'a>(jobs: impl IntoIterator<Item = &'a ComparedJob>) -> String {
    jobs.into_iter().map(|job| job.name.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn two_pipelines_are_compared() {
    // base | head | newly failed | still failed | fixed | added | removed | other
    let cases = [
        "a:success            | a:success            |   |   |   |   |   | ",
        "a:success            | a:failed             | a |   |   |   |   | ",
        "a:success            | a:timedout           | a |   |   |   |   | ",
        "a:success            | a:failed?            |   |   |   |   |   | a",
        "a:success            | a:canceled           |   |   |   |   |   | a",
        "a:success            | a:skipped            |   |   |   |   |   | a",
        "a:success            | a:running            |   |   |   |   |   | a",
        "a:skipped            | a:success            |   |   |   |   |   | a",
        "a:canceled           | a:canceled           |   |   |   |   |   | ",
        "a:failed?            | a:failed?            |   |   |   |   |   | ",
        "a:failed             | a:failed             |   | a |   |   |   | ",
        "a:timedout           | a:failed             |   | a |   |   |   | ",
        "a:failed             | a:success            |   |   | a |   |   | ",
        "a:failed?            | a:success            |   |   |   |   |   | a",
        "a:failed?            | a:failed             | a |   |   |   |   | ",
        "a:failed             | a:failed?            |   |   |   |   |   | a",
        "a:failed             | a:running            |   |   |   |   |   | a",
        "a:failed             | a:skipped            |   |   |   |   |   | a",
        "a:failed             | a:canceled           |   |   |   |   |   | a",
        "a:running            | a:failed             | a |   |   |   |   | ",
        "a:success            | a:success b:failed   | b |   |   | b |   | ",
        "a:success            | a:success b:success  |   |   |   | b |   | ",
        "a:success            | a:success b:canceled |   |   |   | b |   | ",
        "a:failed b:success   | b:success            |   |   |   |   | a | ",
        "a:success b:failed   | c:failed b:success   | c |   | b | c | a | ",
        "                     | b:failed a:failed    | b a |  |   | b a |  | ",
    ];
    for case in cases {
        let parts: Vec<&str> = case.split('|').map(str::trim).collect();
        let found = compare(&jobs(parts[0]), &jobs(parts[1]), &[]);
        let heads = |changes: &[JobChange]| {
            changes.iter().map(|change| change.head.name.clone()).collect::<Vec<_>>().join(" ")
        };
        let result = [
            heads(&found.newly_failed),
            heads(&found.still_failed),
            heads(&found.fixed),
            names(&found.added),
            names(&found.removed),
            heads(&found.other),
        ];
        assert_eq!(result.iter().map(String::as_str).collect::<Vec<_>>(), parts[2..], "{case}");
    }
}

#[test]
fn jobs_of_one_name_in_two_stages_are_two_jobs() {
    let mut elsewhere = job("a:failed");
    elsewhere.stage = "build".into();
    let found = compare(&[elsewhere], &jobs("a:failed"), &[]);
    assert_eq!((found.newly_failed.len(), found.still_failed.len(), found.removed.len()), (1, 0, 1));
}

#[test]
fn a_job_is_slower_beyond_twice_the_median_and_ten_seconds() {
    let runs = |seconds: [i64; 4]| seconds.map(|s| format!("a:success:{s}"));
    for (known, now, slower) in [
        ([30, 40, 50, 900], "a:success:81", true),
        ([30, 40, 50, 900], "a:success:80", false),
        ([1, 2, 3, 4], "a:success:11", false),
        ([1, 2, 3, 4], "a:success:12", true),
        ([30, 40, 50, 900], "a:failed:500", false),
        ([30, 40, 50, 900], "a:running", false),
        ([30, 40, 50, 900], "b:success:500", false),
    ] {
        let known = runs(known);
        let texts: Vec<&str> = known.iter().map(String::as_str).collect();
        let found = compare(&[], &jobs(now), &earlier(&texts)).slower;
        assert_eq!(!found.is_empty(), slower, "{known:?} {now}");
    }
    let found = slower(&jobs("a:success:100"), &earlier(&["a:success:30", "a:success:50", "a:success:40"]));
    assert_eq!(found[0].usual, SignedDuration::from_secs(40));
    let few = earlier(&["a:success:10", "a:success:10", "a:failed:10", "a:success"]);
    assert!(
        slower(&jobs("a:success:100"), &few).is_empty(),
        "two successful runs with a duration are too few"
    );
}

#[test]
fn a_job_fails_since_the_first_failure_without_a_success_in_between() {
    // head | earlier pipelines 9, 8, 7... | since | or earlier
    for (head, before, since, or_earlier) in [
        ("a:failed", &["a:success", "a:failed"][..], 10, false),
        ("a:failed", &["a:failed", "a:timedout", "a:success"], 8, false),
        ("a:failed", &["a:running", "a:failed", "a:success"], 8, false),
        ("a:failed", &["b:success", "a:failed", "a:success"], 8, false),
        ("a:failed", &["a:canceled", "a:success", "a:failed"], 10, false),
        ("a:failed", &["a:failed?", "a:success"], 10, false),
        ("a:failed", &["a:failed", "a:failed"], 8, true),
        ("a:failed", &[], 10, false),
        ("a:failed", &["b:success", "a:canceled"], 10, false),
        ("a:failed", &["a:canceled", "a:failed"], 8, true),
    ] {
        let found = Changes::of_jobs(id(10), &jobs(head), &earlier(before), false);
        assert_eq!(
            (found.failed[0].since, found.failed[0].since_or_earlier),
            (id(since), or_earlier),
            "{before:?}"
        );
        let complete = Changes::of_jobs(id(10), &jobs(head), &earlier(before), true);
        assert!(!complete.failed[0].since_or_earlier, "{before:?}");
    }
}

#[test]
fn a_job_is_fixed_if_its_last_result_was_a_failure() {
    for (head, before, fixed) in [
        ("a:success", &["a:failed"][..], true),
        ("a:success", &["a:running", "b:success", "a:timedout"], true),
        ("a:success", &["a:success", "a:failed"], false),
        ("a:success", &["a:failed?", "a:success"], false),
        ("a:running", &["a:failed"], false),
        ("a:success", &[], false),
    ] {
        let found = Changes::of_jobs(id(10), &jobs(head), &earlier(before), true);
        assert_eq!(!found.fixed.is_empty(), fixed, "{head} {before:?}");
    }
}
