//! A list is written as `serde_json` writes the types of `wire` with owned texts.

use super::*;
use crate::http::json_writer;
use domain::model::ids::{JobId, PipelineId, RepositoryId, StageId};
use domain::model::jobs::ListedJobs;
use domain::model::pipelines::{LabelTimes, PipelineIdentity};
use domain::model::status::Status;
use proptest::prelude::*;
use std::sync::Arc;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z0-9-]{0,30}", "[\"\\\\/\u{1}\n\té任\u{1f600}<>&]{0,12}", "\\PC{0,20}"]
}

fn times() -> impl Strategy<Value = Timestamp> {
    (0..253_370_764_800_000_i64).prop_map(|millis| Timestamp::from_millisecond(millis).unwrap())
}

/// Fields of an attempt: name, the three optional texts, created and updated, started and finished, status.
type Fields = (String, [Option<String>; 3], [Timestamp; 2], [Option<Timestamp>; 2], usize);

fn fields() -> impl Strategy<Value = Fields> {
    let text = || proptest::option::of(texts());
    let time = || proptest::option::of(times());
    (texts(), [text(), text(), text()], [times(), times()], [time(), time()], 0..Status::ALL.len())
}

fn list(sha: &str, git_ref: &str, fields: &[Fields]) -> JobList {
    let at = Timestamp::UNIX_EPOCH;
    let pipeline = Pipeline {
        id: PipelineId::new(6).unwrap(),
        repository_id: RepositoryId::new(1).unwrap(),
        identity: Arc::new(PipelineIdentity {
            sha: sha.into(),
            git_ref: git_ref.into(),
            source: "native".into(),
            key: String::new(),
        }),
        status: Status::Success,
        web_url: None,
        trigger_user: None,
        label_times: LabelTimes::default(),
        created_at: at,
        updated_at: at,
        started_at: None,
        finished_at: None,
        job_count: 0,
        version: 1,
    };
    let stage = |id, name: &str| Stage {
        id: StageId::new(id).unwrap(),
        name: name.into(),
        sort_id: 1,
        sort_id_reported: false,
        status: Status::Success,
    };
    let mut jobs = ListedJobs::default();
    for (number, (name, texts, [created_at, updated_at], [started_at, finished_at], status)) in
        (1..).zip(fields)
    {
        let [third_build_id, target_url, description] = texts.each_ref().map(Option::as_deref);
        jobs.push(ListedJob {
            id: JobId::new(number).unwrap(),
            // Every third one is in no known stage.
            stage_id: StageId::new(number % 3 + 1).unwrap(),
            name,
            attempt_number: 1,
            newest: true,
            status: Status::ALL[*status],
            third_build_id,
            target_url,
            description,
            coverage: None,
            allow_failure: false,
            created_at: *created_at,
            updated_at: *updated_at,
            started_at: *started_at,
            finished_at: *finished_at,
        });
    }
    JobList { pipeline, stages: vec![stage(1, "构建"), stage(2, git_ref)], jobs }
}

proptest! {
    #[test]
    fn a_list_has_the_bytes_of_the_wire_types(
        sha in "[0-9a-f]{40}", git_ref in texts(), fields in prop::collection::vec(fields(), 0..6),
        minutes in -1_080..1_080_i32,
    ) {
        let offset = Offset::from_seconds(minutes * 60).unwrap();
        let time = |at: Timestamp| {
            let local = offset.to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string();
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{local}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
        };
        let list = list(&sha, &git_ref, &fields);
        let expected: Vec<_> = (1..).zip(&fields).map(|(id, (name, texts, always, sometimes, status))| {
            let [third_build_id, target_url, _] = texts.each_ref().map(|text| text.as_deref().map(Cow::from));
            JobWithStage::<String> {
                id,
                sha: sha.as_str().into(),
                git_ref: git_ref.as_str().into(),
                status: Status::ALL[*status].as_str().into(),
                name: name.as_str().into(),
                target_url,
                created_at: Some(time(always[0])),
                started_at: sometimes[0].map(time),
                finished_at: sometimes[1].map(time),
                updated_at: Some(time(always[1])),
                third_build_id,
                stage_id: id % 3 + 1,
                stage: match id % 3 { 0 => "构建".into(), 1 => git_ref.as_str().into(), _ => "".into() },
            }
        }).collect();
        let written = json_writer::to_vec(&jobs(&list, offset), 0).unwrap();
        let expected = serde_json::to_string(&expected).unwrap();
        prop_assert_eq!(String::from_utf8(written).unwrap(), expected);
    }
}
