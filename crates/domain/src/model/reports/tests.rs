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
        ("ref", ReportInput { git_ref: s("refs/heads/"), ..good() }),
        ("name", ReportInput { name: s(&"x".repeat(10_240)), ..good() }),
        ("name", ReportInput { name: s("a\u{1b}[2J"), ..good() }),
        ("stage", ReportInput { stage: s(" "), ..good() }),
        ("status", ReportInput { status: None, ..good() }),
        ("status", ReportInput { status: s("cancelled"), ..good() }),
        ("pipeline_id", ReportInput { pipeline_id: Some(2147483648), ..good() }),
        ("pipeline_key", ReportInput { pipeline_id: Some(1), pipeline_key: s("k"), ..good() }),
        ("third_build_id", ReportInput { third_build_id: s(""), ..good() }),
        ("source", ReportInput { source: s(""), ..good() }),
        ("source", ReportInput { source: s(&"x".repeat(256)), ..good() }),
    ];
    for (field, fields) in cases {
        let shown = format!("{fields:?}");
        assert_eq!(fields.check(now()).expect_err(&shown).field, field, "{shown}");
    }
}

#[test]
fn of_several_faults_the_first_field_is_named() {
    let s = |v: &str| Some(v.to_owned());
    let all_wrong = ReportInput {
        sha: None,
        git_ref: s(""),
        stage: s(""),
        name: s(""),
        status: s("x"),
        pipeline_id: Some(0),
        third_build_id: s(""),
        source: s(""),
        ..ReportInput::default()
    };
    let mut fields = all_wrong;
    let right = good();
    let mut named = Vec::new();
    loop {
        match fields.clone().check(now()) {
            Ok(_) => break,
            Err(invalid) => named.push(invalid.field.to_string()),
        }
        match named.last().unwrap().as_str() {
            "sha" => fields.sha.clone_from(&right.sha),
            "ref" => fields.git_ref.clone_from(&right.git_ref),
            "stage" => fields.stage = None,
            "name" => fields.name.clone_from(&right.name),
            "status" => fields.status.clone_from(&right.status),
            "pipeline_id" => fields.pipeline_id = Some(1),
            "third_build_id" => fields.third_build_id = None,
            _ => fields.source = None,
        }
    }
    let order = ["status", "pipeline_id", "third_build_id", "sha", "ref", "stage", "name", "source"];
    assert_eq!(named, order);
}

#[test]
fn both_names_of_a_branch_are_one_ref() {
    for git_ref in ["dev", "refs/heads/dev"] {
        let fields = ReportInput { git_ref: Some(git_ref.into()), ..good() };
        assert_eq!(fields.check(now()).unwrap().git_ref, "dev");
        let fields = ReportInput { git_ref: None, default_ref: Some(git_ref.into()), ..good() };
        assert_eq!(fields.check(now()).unwrap().git_ref, "dev");
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
        (FieldSet::CREATED_AT, 256),
        (FieldSet::NEWEST, 512),
        (FieldSet::STAGE_ORDER, 1024),
        (FieldSet::WEB_URL, 2048),
        (FieldSet::TRIGGER_USER, 4096),
        (FieldSet::DETAILS, 8192),
    ];
    for (field, bits) in fields {
        assert_eq!(field.bits(), bits);
    }
    assert_eq!(names(16383), FieldSet::NAMES);
    let unknown = FieldSet::from_bits(1 << 31 | 1);
    assert_eq!((unknown.bits(), unknown.names().collect::<Vec<_>>()), (1 << 31 | 1, vec!["status"]));
}
