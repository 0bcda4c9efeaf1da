//! Displayed fields of reports: what is kept of a value, and what the receipt says about it.

use super::super::{Report, ReportInput};
use super::*;
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn input(status: &str) -> ReportInput {
    ReportInput {
        sha: Some("ab".repeat(20)),
        git_ref: Some("dev".into()),
        name: Some("build".into()),
        status: Some(status.into()),
        ..ReportInput::default()
    }
}

fn accept(input: ReportInput) -> Report {
    let shown = format!("{input:?}");
    input.check(now()).unwrap_or_else(|refused| panic!("{refused}: {shown}"))
}

/// The adjustments, each as `field=kind`.
fn adjusted(report: &Report) -> String {
    let pairs = report.state.adjusted.iter().map(|(field, kind)| format!("{field}={}", kind.as_str()));
    pairs.collect::<Vec<_>>().join(" ")
}

#[test]
fn texts_are_sanitized_and_truncated() {
    let long = "长".repeat(2_000);
    let cut = format!("{}…", "长".repeat(1_023));
    let cut_line = format!("{}…", "x".repeat(1_023));
    for (given, kept, changes) in [
        ("passed", "passed", ""),
        ("", "", ""),
        ("  done\n", "done", ""),
        (&*"长".repeat(1_024), &*"长".repeat(1_024), ""),
        (&*long, &*cut, "description=truncated"),
        ("line 1\r\nline 2", "line 1 line 2", "description=sanitized"),
        ("a  \n\n   b  c", "a b  c", "description=sanitized"),
        ("a\tb\0c\u{7f}d\u{85}e\u{2028}f", "a b c d e f", "description=sanitized"),
        ("\u{1b}[31;1mred\u{1b}[0m text", "red text", "description=sanitized"),
        ("\u{1b}[", "", "description=sanitized"),
        (&*format!("{}\nx", "x".repeat(2_000)), &*cut_line, "description=truncated description=sanitized"),
    ] {
        let report = accept(ReportInput { description: Some(given.into()), ..input("failed") });
        assert_eq!(
            (report.state.description.as_deref(), &*adjusted(&report)),
            (Some(kept), changes),
            "{given:?}"
        );
    }
    let user = |name: &str| accept(ReportInput { trigger_user: Some(name.into()), ..input("failed") });
    assert_eq!(user("张\n三").trigger_user.as_deref(), Some("张 三"));
    assert_eq!((user(" ").trigger_user, &*adjusted(&user(" "))), (None, ""));
    assert_eq!(user(&"x".repeat(300)).trigger_user.unwrap().chars().count(), 255);
}

#[test]
fn links_are_truncated_or_dropped() {
    let longest = format!("http://ci/{}", "x".repeat(2_038));
    let escaped = format!("http://ci/{}%25/y", "x".repeat(2_036));
    for (given, kept, changes) in [
        ("https://ci/1", Some("https://ci/1"), ""),
        (" https://ci/1\n", Some("https://ci/1"), ""),
        ("", None, ""),
        (" ", None, ""),
        (&*longest, Some(&*longest), ""),
        (&*format!("{longest}y"), Some(&*longest), "truncated"),
        (&*escaped, Some(&escaped[..2_046]), "truncated"),
        ("nulljob/acme/job/demo/30/", None, "dropped"),
        ("{{workflow.url}}", None, "dropped"),
        ("ci.example/job/1", None, "dropped"),
        ("javascript:alert(1)", None, "dropped"),
        ("ftp://ci/1", None, "dropped"),
        ("http://ci/a b", None, "dropped"),
        ("http://ci/\u{1b}[2J", None, "dropped"),
        (&*"x".repeat(9_000), None, "dropped"),
    ] {
        let report = accept(ReportInput {
            target_url: Some(given.into()),
            web_url: Some(given.into()),
            ..input("failed")
        });
        let links = [report.state.target_url.as_deref(), report.web_url.as_deref()];
        assert_eq!(links, [kept; 2], "{given:?}");
        let both = format!("target_url={changes} web_url={changes}");
        assert_eq!(adjusted(&report), if changes.is_empty() { "" } else { &both }, "{given:?}");
    }
}

#[test]
fn a_link_names_its_attempt_as_it_was_sent() {
    let digest = |url: &str| {
        accept(ReportInput { target_url: Some(url.into()), ..input("failed") }).state.url_digest()
    };
    let long = format!("http://ci/{}", "x".repeat(3_000));
    let urls = ["http://ci/1", "nulljob/1", "nulljob/2", &*format!("{long}/1"), &*format!("{long}/2")];
    let digests: std::collections::HashSet<_> = urls.iter().map(|url| digest(url).unwrap()).collect();
    assert_eq!(digests.len(), urls.len());
    assert_eq!(digest("http://ci/1\n"), digest("http://ci/1"), "white space around it is not part of it");
    assert_eq!(digest(" "), None);
}

#[test]
fn numbers_are_clamped() {
    for (given, kept, changes) in [
        (99.5, Some(99.5), ""),
        (-0.0, Some(0.0), ""),
        (100.000_1, Some(100.0), "coverage=clamped"),
        (-1.0, Some(0.0), "coverage=clamped"),
        (f64::INFINITY, Some(100.0), "coverage=clamped"),
        (f64::NAN, None, "coverage=dropped"),
    ] {
        let report = accept(ReportInput { coverage: Some(given), ..input("failed") });
        assert_eq!((report.state.coverage, &*adjusted(&report)), (kept, changes), "{given}");
        assert!(report.state.coverage.is_none_or(|percent| percent.is_sign_positive()));
    }
    for (given, kept, changes) in [
        (1, 1, ""),
        (0, 1, "stage_order=clamped"),
        (-5, 1, "stage_order=clamped"),
        (i64::MAX, i32::MAX, "stage_order=clamped"),
    ] {
        let report = accept(ReportInput { stage_order: Some(given), ..input("failed") });
        assert_eq!((report.stage_order, &*adjusted(&report)), (Some(kept), changes), "{given}");
    }
}

#[test]
fn unset_times_are_unknown_and_unusable_ones_are_dropped() {
    let time = "2026-11-23T10:00:00Z";
    for unset in [
        "",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T08:05:43+08:05",
        "0001-01-01 00:00:00 +0000 UTC",
        "0000-00-00T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "1970-01-01T08:00:00+08:00",
        "1970-01-01T00:00:00-08:00",
        "1969-12-31T16:00:00-08:00",
        "1970-01-01T00:00:00.000Z",
    ] {
        let report = accept(ReportInput {
            occurred_at: Some(unset.into()),
            started_at: Some(unset.into()),
            finished_at: Some(time.into()),
            ..input("failed")
        });
        let state = &report.state;
        assert_eq!((state.occurred_at, state.started_at), (None, None), "{unset}");
        assert_eq!((state.finished_at, &*adjusted(&report)), (time.parse().ok(), ""), "{unset}");
        // The status need not be one that has such a time.
        let all = [Some(unset.to_owned()), Some(unset.to_owned())];
        let [started_at, finished_at] = all;
        assert_eq!(adjusted(&accept(ReportInput { started_at, finished_at, ..input("pending") })), "");
    }
    for bad in ["yesterday", "2026-11-23T00:00:00", "2026-11-25T00:00:01Z", "9999-12-31T00:00:00Z", "1e9"] {
        let report = accept(ReportInput {
            occurred_at: Some(bad.into()),
            started_at: Some(bad.into()),
            finished_at: Some(bad.into()),
            ..input("failed")
        });
        let dropped = "occurred_at=dropped started_at=dropped finished_at=dropped";
        assert_eq!(adjusted(&report), dropped, "{bad}");
        let state = &report.state;
        assert_eq!([state.occurred_at, state.started_at, state.finished_at], [None; 3], "{bad}");
    }
    let ahead = ReportInput { occurred_at: Some("2026-11-25T00:00:00Z".into()), ..input("failed") };
    assert!(accept(ahead).state.occurred_at.is_some(), "clocks may differ by a day");
}

#[test]
fn times_fit_the_status_and_each_other() {
    let (early, late) = ("2026-11-23T10:00:00Z", "2026-11-23T10:00:05Z");
    for (status, started, finished, kept, changes) in [
        ("success", early, late, [Some(early), Some(late)], ""),
        ("success", late, early, [Some(early), Some(early)], "started_at=clamped"),
        ("running", early, late, [Some(early), None], "finished_at=dropped"),
        ("pending", early, late, [None, None], "started_at=dropped finished_at=dropped"),
    ] {
        let report = accept(ReportInput {
            started_at: Some(started.into()),
            finished_at: Some(finished.into()),
            ..input(status)
        });
        let times = [report.state.started_at, report.state.finished_at];
        assert_eq!(times, kept.map(|time| time.map(|time| time.parse().unwrap())), "{status} {started}");
        assert_eq!(adjusted(&report), changes, "{status} {started}");
    }
}

#[test]
fn stored_adjustments_keep_their_meaning() {
    let mut seen = Vec::new();
    for (at, field) in Adjustments::FIELDS.iter().enumerate() {
        for (n, kind) in AdjustmentKind::ALL.into_iter().enumerate() {
            let mut one = Adjustments::default();
            one.add(field, kind);
            assert_eq!(one.bits(), 1 << (4 * at + n), "{field} {kind:?}");
            seen.extend(Adjustments::from_bits(one.bits()).iter());
        }
    }
    assert_eq!(seen.len(), 56);
    assert_eq!(seen[0], ("target_url", AdjustmentKind::Truncated));
    assert_eq!(seen[43], ("sort_id", AdjustmentKind::Dropped));
    assert_eq!(seen[51], ("details.annotations", AdjustmentKind::Dropped));
    assert_eq!(seen[55], ("name", AdjustmentKind::Dropped));
    let mut none = Adjustments::default();
    none.add("sha", AdjustmentKind::Dropped);
    assert!(none.is_empty(), "what identifies is never adjusted");
    assert_eq!(Adjustments::from_bits(1 << 63).iter().count(), 0);
}

proptest! {
    /// No value of a displayed field costs a report, and what is kept is valid: the same report with the kept
    /// values is accepted without an adjustment.
    #[test]
    fn no_displayed_value_costs_a_report(
        texts in prop::array::uniform4(prop::option::of("(?s)(http://|https://|\\x1b\\[)?.{0,40}")),
        times in prop::array::uniform3(prop::option::of("(-)?[0-9]{1,5}-[0-9]{2}-[0-9]{2}T[0-9]{2}:00:00(Z|[+-][0-9]{2}:[0-9]{2})|.{0,9}")),
        repeat in 1_usize..120,
        coverage in prop::option::of(prop::num::f64::ANY),
        stage_order in prop::option::of(any::<i64>()),
        status in prop::sample::select(&["pending", "running", "success", "failed"][..]),
    ) {
        let [target_url, description, web_url, trigger_user] =
            texts.map(|text| text.map(|text| text.repeat(repeat)));
        let [occurred_at, started_at, finished_at] = times;
        let report = accept(ReportInput {
            target_url, description, web_url, trigger_user, occurred_at, started_at, finished_at, coverage,
            stage_order, ..input(status)
        });
        let state = &report.state;
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let again = accept(ReportInput {
            target_url: state.target_url.clone(),
            description: state.description.clone(),
            web_url: report.web_url.clone(),
            trigger_user: report.trigger_user.clone(),
            occurred_at: text(state.occurred_at),
            started_at: text(state.started_at),
            finished_at: text(state.finished_at),
            coverage: state.coverage,
            stage_order: report.stage_order.map(i64::from),
            ..input(status)
        });
        prop_assert_eq!(adjusted(&again), "");
        let mut expected = report.clone();
        (expected.state.adjusted, expected.state.sent_url) = Default::default();
        prop_assert_eq!(again, expected);
    }
}
