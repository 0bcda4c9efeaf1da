//! Which reports are valid, and the sets of changed fields.

use super::*;
use crate::model::status::Status;

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn good() -> ReportInput {
    ReportInput {
        sha: Some("1c46c505c84853887efe2ea9ea02a1333bae2237".into()),
        git_ref: Some("dev".into()),
        name: Some("任务1".into()),
        status: Some("running".into()),
        ..ReportInput::default()
    }
}

#[test]
fn the_least_report_is_enough() {
    let report = good().check(now()).unwrap();
    assert_eq!((report.stage.as_str(), report.source.as_str()), ("external", "external"));
    assert_eq!(report.pipeline, PipelineChoice::Key(String::new()));
    assert_eq!(report.state.status, Status::Running);
}

#[test]
fn every_refusal_names_its_field() {
    let s = |v: &str| Some(v.to_owned());
    let cases: Vec<(&str, ReportInput)> = vec![
        ("sha", ReportInput { sha: None, ..good() }),
        ("sha", ReportInput { sha: s("abc"), ..good() }),
        ("ref", ReportInput { git_ref: None, ..good() }),
        ("ref", ReportInput { git_ref: s(""), ..good() }),
        ("name", ReportInput { name: s(&"x".repeat(10_240)), ..good() }),
        ("name", ReportInput { name: s("a\u{1b}[2J"), ..good() }),
        ("stage", ReportInput { stage: s(" "), ..good() }),
        ("stage_order", ReportInput { stage_order: Some(0), ..good() }),
        ("status", ReportInput { status: None, ..good() }),
        ("status", ReportInput { status: s("cancelled"), ..good() }),
        ("pipeline_id", ReportInput { pipeline_id: Some(2147483648), ..good() }),
        ("pipeline_key", ReportInput { pipeline_id: Some(1), pipeline_key: s("k"), ..good() }),
        ("third_build_id", ReportInput { third_build_id: s(""), ..good() }),
        ("target_url", ReportInput { target_url: s("javascript:alert(1)"), ..good() }),
        ("web_url", ReportInput { web_url: s("ftp://x"), ..good() }),
        ("coverage", ReportInput { coverage: Some(100.1), ..good() }),
        ("coverage", ReportInput { coverage: Some(f64::NAN), ..good() }),
        ("occurred_at", ReportInput { occurred_at: s("yesterday"), ..good() }),
        ("occurred_at", ReportInput { occurred_at: s("2026-11-24T00:00:00"), ..good() }),
        ("occurred_at", ReportInput { occurred_at: s("1969-12-31T23:59:59Z"), ..good() }),
        ("occurred_at", ReportInput { occurred_at: s("2026-11-25T00:00:01Z"), ..good() }),
        ("started_at", ReportInput { started_at: s("2026-11-23T00:00:00Z"), status: s("pending"), ..good() }),
        ("finished_at", ReportInput { finished_at: s("2026-11-23T00:00:00Z"), ..good() }),
        (
            "finished_at",
            ReportInput {
                status: s("success"),
                started_at: s("2026-11-23T00:00:01Z"),
                finished_at: s("2026-11-23T00:00:00Z"),
                ..good()
            },
        ),
    ];
    for (field, fields) in cases {
        let shown = format!("{fields:?}");
        assert_eq!(fields.check(now()).expect_err(&shown).field, field, "{shown}");
    }
}

#[test]
fn times_keep_milliseconds_and_their_instant() {
    let fields = ReportInput { occurred_at: Some("2025-05-17T11:02:25.123987+08:00".into()), ..good() };
    let at = fields.check(now()).unwrap().state.occurred_at.unwrap();
    assert_eq!(at.to_string(), "2025-05-17T03:02:25.123Z");
}

#[test]
fn changed_fields_are_named() {
    let mut fields = FieldSet::default();
    fields.set(FieldSet::STATUS, true);
    fields.set(FieldSet::COVERAGE, false);
    fields.set(FieldSet::FINISHED_AT, true);
    assert_eq!(fields.names().collect::<Vec<_>>(), ["status", "finished_at"]);
    assert!(fields.contains(FieldSet::STATUS) && !fields.contains(FieldSet::COVERAGE));
}

#[test]
fn stored_field_sets_keep_their_meaning() {
    let names = |bits| FieldSet::from_bits(bits).names().collect::<Vec<_>>();
    for (bit, name) in FieldSet::NAMES.iter().enumerate() {
        assert_eq!(names(1 << bit), [*name]);
    }
    let fields = [
        (FieldSet::STATUS, 1),
        (FieldSet::TARGET_URL, 2),
        (FieldSet::DESCRIPTION, 4),
        (FieldSet::COVERAGE, 8),
        (FieldSet::ALLOW_FAILURE, 16),
        (FieldSet::STARTED_AT, 32),
        (FieldSet::FINISHED_AT, 64),
        (FieldSet::THIRD_BUILD_ID, 128),
    ];
    for (field, bits) in fields {
        assert_eq!(field.bits(), bits);
    }
    assert_eq!(names(255), FieldSet::NAMES);
    let unknown = FieldSet::from_bits(1 << 31 | 1);
    assert_eq!((unknown.bits(), unknown.names().collect::<Vec<_>>()), (1 << 31 | 1, vec!["status"]));
}
