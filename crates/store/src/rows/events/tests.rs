//! Tests of the binary form of events.

use super::*;
use crate::sql::Value;
use domain::model::events::{
    Change, ChangedRequirement, JobSnapshot, PipelineChange, PipelineSnapshot, VerdictSnapshot,
};
use domain::model::gates::{RequirementState, Verdict};
use domain::model::ids::{JobId, PipelineId};
use domain::model::pipelines::PipelineIdentity;
use domain::model::status::Status;
use proptest::option;
use proptest::prelude::*;

fn repository() -> RepositoryId {
    RepositoryId::new(7).unwrap()
}

fn status() -> impl Strategy<Value = Status> {
    (0..7_usize).prop_map(|at| Status::ALL[at])
}

fn pipeline_change() -> impl Strategy<Value = PipelineChange> {
    let texts = (".*", ".*", option::of(".*"), option::of(".*"));
    let job = (1..i64::from(i32::MAX), any::<i32>(), texts, status(), option::of(status())).prop_map(
        |(id, attempt, (stage, name, third_build_id, target_url), status, previous_status)| {
            let id = JobId::new(id).unwrap();
            PipelineChange::Job(JobSnapshot {
                id,
                stage,
                name,
                attempt,
                status,
                previous_status,
                third_build_id,
                target_url,
            })
        },
    );
    prop_oneof![4 => job, 1 => Just(PipelineChange::Imported), 1 => Just(PipelineChange::Deleted)]
}

fn record() -> impl Strategy<Value = VerdictSnapshot> {
    let verdict = || (0..5_usize).prop_map(|at| Verdict::ALL[at]);
    let state = || option::of((0..8_usize).prop_map(|at| RequirementState::ALL[at]));
    let changed = (option::of(".*"), state(), state())
        .prop_map(|(name, state, previous_state)| ChangedRequirement { name, state, previous_state });
    let changed = (prop::collection::vec(changed, 0..3), any::<u32>());
    let texts = ("[ab]", ".*", verdict(), option::of(verdict()));
    (texts, any::<[i64; 3]>(), changed).prop_map(
        |((sha, target, verdict, previous_verdict), [number, version, rules_version], changed)| {
            let (changed, changed_count) = changed;
            VerdictSnapshot {
                sha,
                target,
                number,
                verdict,
                previous_verdict,
                version,
                rules_version,
                changed,
                changed_count,
            }
        },
    )
}

/// Consecutive events. Few different pipelines, so that many are the same.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let identity = ("[ab]", "[ab]", "a", "").prop_map(|(sha, git_ref, source, key)| PipelineIdentity {
        sha,
        git_ref,
        source,
        key,
    });
    let statuses = (status(), option::of(status()));
    let pipeline = (1..3_i64, any::<i64>(), identity, option::of("[ab]"), statuses, any::<u32>()).prop_map(
        |(id, version, identity, web_url, (status, previous_status), job_count)| PipelineSnapshot {
            id: PipelineId::new(id).unwrap(),
            version,
            identity: identity.into(),
            web_url,
            status,
            previous_status,
            job_count,
        },
    );
    let of_pipeline =
        (pipeline, pipeline_change()).prop_map(|(pipeline, change)| Change::Pipeline(pipeline, change));
    let change = prop_oneof![6 => of_pipeline, 1 => record().prop_map(Change::Verdict)];
    let event = (0..5_000_i64, change);
    (1..i64::MAX / 2, prop::collection::vec(event, 1..100)).prop_map(|(first, events)| {
        let event = |(number, (at, change))| Event {
            repository_id: repository(),
            number,
            at: Timestamp::from_millisecond(1_700_000_000_000 + at).unwrap(),
            change,
        };
        (first..).zip(events).map(event).collect()
    })
}

fn job(id: i64, name: &str, build: &str) -> Event {
    let text = |text: &str| Some(text.to_owned());
    let url = "https://ci.example.com/project/72271b5446614062a01b8be944c9f372/jobs/1";
    Event {
        repository_id: repository(),
        number: id + 10,
        at: Timestamp::from_millisecond(1_700_000_000_000 + id).unwrap(),
        change: Change::Pipeline(
            PipelineSnapshot {
                id: PipelineId::new(3).unwrap(),
                version: id,
                identity: PipelineIdentity {
                    sha: "d6ad9cbe".repeat(5),
                    git_ref: "main".into(),
                    source: "ci".into(),
                    key: String::new(),
                }
                .into(),
                web_url: text("https://ci.example.com/3"),
                status: Status::Running,
                previous_status: (id > 1).then_some(Status::Running),
                job_count: 2,
            },
            PipelineChange::Job(JobSnapshot {
                id: JobId::new(id).unwrap(),
                stage: "build".into(),
                name: name.into(),
                attempt: 1,
                status: Status::Success,
                previous_status: None,
                third_build_id: text(build),
                target_url: text(url),
            }),
        ),
    }
}

/// Bodies of the version 1 have whole texts. The bytes are of a program that wrote them.
#[test]
fn a_row_of_the_version_1_is_read() {
    let written = "0182a0abfef9620006286436616439636265643661643963626564366164396362656436616439636265643661643963\
        6265046d61696e02636900011868747470733a2f2f63692e6578616d706c652e636f6d2f3302f1020002056275696c64\
        04756e697402f20103622d31014668747470733a2f2f63692e6578616d706c652e636f6d2f70726f6a6563742f373232\
        37316235343436363134303632613031623862653934346339663337322f6a6f62732f3102010411020004056275696c\
        64046c696e7402f20103622d32014668747470733a2f2f63692e6578616d706c652e636f6d2f70726f6a6563742f3732\
        3237316235343436363134303632613031623862653934346339663337322f6a6f62732f31";
    let body: Vec<u8> = (0..written.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&written[at..at + 2], 16).unwrap())
        .collect();
    let read = packed::decode(&body, repository(), 11).unwrap();
    assert_eq!(read, [job(1, "unit", "b-1"), job(2, "lint", "b-2")]);
}

#[test]
fn events_of_one_pipeline_take_few_bytes() {
    let events: Vec<Event> =
        (1..=64).map(|id| job(id, &format!("job-{id:04}"), &format!("{id:032}"))).collect();
    let all: Vec<Arc<Event>> = events.into_iter().map(Arc::new).collect();
    let lengths: Vec<usize> = rows(&all)
        .into_iter()
        .map(|row| match row.body {
            Value::Blob(body) => body.len(),
            other => panic!("{other}"),
        })
        .collect();
    assert!(lengths.iter().all(|length| *length <= BODY_MAX), "{lengths:?}");
    assert!(lengths.iter().sum::<usize>() < 25 * all.len(), "{lengths:?}");
}

proptest! {
    #[test]
    fn rows_are_read_as_written(events in events()) {
        let all: Vec<Arc<Event>> = events.iter().cloned().map(Arc::new).collect();
        let mut read = Vec::new();
        for row in rows(&all) {
            let (Value::Int(number), Value::Int(last), Value::Int(at), Value::Blob(body)) =
                (row.number, row.last_number, row.recorded_at, row.body) else { panic!() };
            let length = body.len();
            let row = EventRow {
                number,
                recorded_at: Timestamp::from_millisecond(at).unwrap(),
                body: body.into_owned(),
            };
            let events = row.events(repository()).unwrap();
            prop_assert!(events.len() <= ROW_MAX && (events.len() == 1 || length <= BODY_MAX));
            prop_assert_eq!(events.last().map(|event| (event.number, event.at)), Some((last, row.recorded_at)));
            let seconds = events.iter().map(|event| event.at.as_second());
            prop_assert_eq!(seconds.min(), Some(row.recorded_at.as_second()));
            read.extend(events);
        }
        prop_assert_eq!(read, events);
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes: Vec<u8>, version in 0..3_u8) {
        bytes.insert(0, version);
        let read = packed::decode(&bytes, repository(), 1);
        prop_assert!(version != 0 || read.is_err());
    }

    /// A row of an earlier version.
    #[test]
    fn json_is_read_as_written(events in events()) {
        for event in &events {
            let body = body(event).unwrap();
            let pipeline = event.pipeline().map(|pipeline| pipeline.id);
            let read = parse(&body, repository(), event.number, pipeline, event.at).unwrap();
            prop_assert_eq!(&read, event);
            let Some(pipeline) = pipeline else { continue };
            let row = EventRow {
                number: event.number,
                recorded_at: event.at,
                body: body.replacen('{', &format!("{{\"pipeline\":{pipeline},"), 1).into_bytes(),
            };
            prop_assert_eq!(&row.events(repository()).unwrap(), std::slice::from_ref(event));
        }
    }
}
