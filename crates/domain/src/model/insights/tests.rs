//! The definitions of the numbers of insights.

use super::*;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-11-28T09:30:00Z".parse().unwrap()
}

/// An attempt `stage/name status sha[@source] seconds` that ended `hours` ago; `!` before it: retried; `?` seconds:
/// the start is not known.
fn ended(line: &str, hours: i64) -> EndedAttempt {
    let (line, newest) = line.strip_prefix('!').map_or((line, true), |line| (line, false));
    let [job, status, sha, seconds] = <[&str; 4]>::try_from(line.split(' ').collect::<Vec<_>>()).unwrap();
    let (stage, name) = job.split_once('/').unwrap();
    let (sha, source) = sha.split_once('@').unwrap_or((sha, "external"));
    let finished_at = now() - SignedDuration::from_hours(hours);
    EndedAttempt {
        stage: stage.into(),
        name: name.into(),
        sha: sha.into(),
        source: source.into(),
        status: Status::parse(status).unwrap(),
        newest,
        started_at: seconds.parse().ok().map(|seconds| finished_at - SignedDuration::from_secs(seconds)),
        finished_at,
    }
}

fn compute(lines: &[(&str, i64)], order: InsightOrder) -> Insights {
    let attempts = lines.iter().map(|(line, hours)| ended(line, *hours)).collect();
    Insights::compute(Period::last(7, now()), None, attempts, order)
}

#[test]
fn a_period_is_days_of_utc_with_the_current_day() {
    let week = Period::last(7, now());
    assert_eq!(week.since.to_string(), "2026-11-22T00:00:00Z");
    assert_eq!(week.until, now());
    let midnight = "2026-11-28T00:00:00Z".parse().unwrap();
    assert_eq!(Period::last(7, midnight).since, week.since, "a day includes its first moment");
    let days = |text| InsightFilter::parse(text, None, None).map(|filter| filter.days);
    assert_eq!((days(None), days(Some("90"))), (Ok(30), Ok(90)));
    for bad in ["0", "8", "-7", "", "07", "seven", "7 "] {
        assert_eq!(days(Some(bad)).unwrap_err().field, "days", "{bad:?}");
    }
    let insights = compute(&[], InsightOrder::Runs);
    let days: Vec<String> = insights.days.iter().map(|day| day.date.to_string()).collect();
    assert_eq!((days.len(), days[0].as_str(), days[6].as_str()), (7, "2026-11-22", "2026-11-28"));
    assert_eq!(insights.days[6].outcomes.success_rate(), None, "no rate without runs");
}

#[test]
fn a_rate_counts_runs_only() {
    let insights = compute(
        &[
            ("s/a success 1 10", 1),
            ("s/a success 2 20", 1),
            ("!s/a failed 3 30", 1),
            ("s/a timedout 4 3600", 25),
            ("s/a canceled 5 1", 25),
            ("!s/a skipped 6 ?", 25),
        ],
        InsightOrder::Runs,
    );
    let job = &insights.jobs[0];
    let outcomes = OutcomeCounts { success: 2, failed: 1, timedout: 1, canceled: 1, skipped: 1 };
    assert_eq!((job.outcomes, insights.outcomes), (outcomes, outcomes));
    assert_eq!((job.outcomes.runs(), job.outcomes.success_rate()), (4, Some(0.5)));
    assert_eq!((job.retried, insights.retried), (2, 2));
    assert_eq!(
        job.median,
        Some(SignedDuration::from_secs(20)),
        "the duration of a canceled attempt is not counted"
    );
    assert_eq!(job.p95, Some(SignedDuration::from_secs(3600)));
    assert_eq!(insights.days[6].outcomes.success_rate(), Some(2.0 / 3.0));
    assert_eq!(
        insights.days[5].outcomes,
        OutcomeCounts { timedout: 1, canceled: 1, skipped: 1, ..OutcomeCounts::default() }
    );
}

#[test]
fn a_job_that_fails_and_succeeds_on_one_commit_is_flaky() {
    for (lines, flaky) in [
        (&["!s/a failed 1 1", "s/a success 1 1"][..], 1),
        (&["s/a success 1 1", "s/a timedout 1 1"], 1),
        (&["s/a success 1 1", "!s/a failed 1 1", "s/a success 1 1", "s/a failed 2 1"], 1),
        (&["s/a success 1 1", "s/a failed 1 1", "s/a success 2 1", "s/a failed 2 1"], 2),
        // Fixed by another commit; another job; canceled.
        (&["s/a failed 1 1", "s/a success 2 1"], 0),
        (&["s/a failed 1 1", "s/b success 1 1", "t/a success 1 1"], 0),
        (&["s/a canceled 1 1", "s/a success 1 1", "s/a skipped 1 1"], 0),
        // Another source has a job of its own.
        (&["s/a failed 1@jenkins 1", "s/a success 1@buildbot 1"], 0),
        (&["s/a failed 1@jenkins 1", "s/a success 1@jenkins 1", "s/a success 1@buildbot 1"], 1),
        (
            &[
                "s/a failed 1@jenkins 1",
                "s/a success 1@jenkins 1",
                "s/a failed 1@buildbot 1",
                "s/a success 1@buildbot 1",
            ],
            2,
        ),
    ] {
        let lines: Vec<(&str, i64)> = lines.iter().map(|line| (*line, 1)).collect();
        let insights = compute(&lines, InsightOrder::Name);
        assert_eq!(insights.jobs[0].flaky_commits, flaky, "{lines:?}");
    }
}

#[test]
fn jobs_have_the_requested_order() {
    let lines = [
        ("b/x success 1 50", 1),
        ("b/x success 2 50", 1),
        ("b/x success 3 50", 1),
        ("a/z failed 1 90", 1),
        ("a/z success 1 10", 1),
        ("!a/y success 1 ?", 1),
        ("!a/y success 2 70", 1),
        ("c/w skipped 1 ?", 1),
    ];
    for (order, want) in [
        (InsightOrder::Runs, "b/x a/y a/z c/w"),
        (InsightOrder::Name, "a/y a/z b/x c/w"),
        (InsightOrder::SuccessRate, "a/z a/y b/x c/w"),
        (InsightOrder::Median, "a/y b/x a/z c/w"),
        (InsightOrder::P95, "a/z a/y b/x c/w"),
        (InsightOrder::Retried, "a/y a/z b/x c/w"),
        (InsightOrder::Flaky, "a/z a/y b/x c/w"),
    ] {
        let jobs = compute(&lines, order).jobs;
        let names: Vec<String> = jobs.iter().map(|job| format!("{}/{}", job.stage, job.name)).collect();
        assert_eq!(names.join(" "), want, "{order:?}");
        assert_eq!(InsightOrder::parse(Some(order.as_str())), Ok(order));
    }
    assert_eq!(InsightOrder::parse(Some("speed")).unwrap_err().field, "sort");
}

#[test]
fn jobs_beyond_the_limit_are_counted_and_omitted() {
    let attempts = (0..JOBS_MAX + 5).map(|n| ended(&format!("s/{n:05} success 1 {n}"), 1)).collect();
    let insights = Insights::compute(Period::last(7, now()), None, attempts, InsightOrder::Median);
    assert_eq!((insights.jobs.len(), insights.job_count), (JOBS_MAX, JOBS_MAX + 5));
    assert_eq!(insights.jobs[0].name, "01004", "the slowest job is not omitted");
}

#[test]
fn a_percentile_is_one_of_the_values() {
    let ten: Vec<u32> = (1..=10).collect();
    let hundred: Vec<u32> = (1..=100).collect();
    for (sorted, percent, want) in [
        (&[][..], 50, None),
        (&[7], 50, Some(7)),
        (&[7], 95, Some(7)),
        (&[1, 9], 50, Some(1)),
        (&[1, 5, 9], 50, Some(5)),
        (&ten, 95, Some(10)),
        (&ten, 90, Some(9)),
        (&ten, 0, Some(1)),
        (&hundred, 95, Some(95)),
        (&hundred, 50, Some(50)),
    ] {
        assert_eq!(percentile(sorted, percent), want, "{percent} of {sorted:?}");
    }
}

proptest! {
    /// The definition: enough values do not exceed it, and too few values do not exceed the next smaller one.
    #[test]
    fn a_percentile_is_the_least_value_that_enough_values_do_not_exceed(
        mut values in prop::collection::vec(0_u32..50, 1..200),
        percent in 1_usize..=100,
    ) {
        values.sort_unstable();
        let enough = |limit: u32| values.iter().filter(|v| **v <= limit).count() * 100 >= percent * values.len();
        let found = percentile(&values, percent).unwrap();
        prop_assert!(enough(found));
        prop_assert!(values.iter().filter(|v| **v < found).all(|v| !enough(*v)));
    }

    /// The result is the same for every order of the attempts, and every attempt is in one job and one day.
    #[test]
    fn the_order_of_attempts_does_not_matter(
        rows in prop::collection::vec((0_usize..3, 0_usize..5, 0_u8..4, 0_i64..200, any::<bool>()), 0..60),
        shift in 0_usize..60,
    ) {
        let attempts: Vec<EndedAttempt> = rows
            .iter()
            .map(|(job, status, sha, hours, newest)| EndedAttempt {
                newest: *newest,
                ..ended(&format!("s/{job} {} {sha} {}", Status::FINISHED_NAMES[*status], hours + 1), *hours)
            })
            .collect();
        let mut reordered = attempts.clone();
        reordered.rotate_left(shift.min(attempts.len()));
        reordered.reverse();
        let compute = |attempts| Insights::compute(Period::last(7, now()), None, attempts, InsightOrder::P95);
        let insights = compute(attempts);
        prop_assert_eq!(&compute(reordered), &insights);
        let add = |a: OutcomeCounts, b: OutcomeCounts| OutcomeCounts {
            success: a.success + b.success,
            failed: a.failed + b.failed,
            timedout: a.timedout + b.timedout,
            canceled: a.canceled + b.canceled,
            skipped: a.skipped + b.skipped,
        };
        let sum = |outcomes: &mut dyn Iterator<Item = OutcomeCounts>| outcomes.fold(OutcomeCounts::default(), add);
        prop_assert_eq!(sum(&mut insights.days.iter().map(|day| day.outcomes)), insights.outcomes);
        prop_assert_eq!(sum(&mut insights.jobs.iter().map(|job| job.outcomes)), insights.outcomes);
        prop_assert!(insights.jobs.iter().all(|job| job.median <= job.p95));
    }
}
