//! Tests of the binary form of events.

use super::*;
use crate::sql::Value;
use domain::model::events::{Change, JobSnapshot, PipelineSnapshot};
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

fn change() -> impl Strategy<Value = Change> {
    let texts = (".*", ".*", option::of(".*"), option::of(".*"));
    let job = (1..i64::from(i32::MAX), any::<i32>(), texts, status(), option::of(status())).prop_map(
        |(id, attempt, (stage, name, third_build_id, target_url), status, previous_status)| {
            let id = JobId::new(id).unwrap();
            Change::Job(JobSnapshot {
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
    prop_oneof![4 => job, 1 => Just(Change::Imported), 1 => Just(Change::Deleted)]
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
    let event = (0..5_000_i64, pipeline, change());
    (1..i64::MAX / 2, prop::collection::vec(event, 1..100)).prop_map(|(first, events)| {
        let event = |(number, (at, pipeline, change))| Event {
            repository_id: repository(),
            number,
            at: Timestamp::from_millisecond(1_700_000_000_000 + at).unwrap(),
            pipeline,
            change,
        };
        (first..).zip(events).map(event).collect()
    })
}

proptest! {
    #[test]
    fn rows_are_read_as_written(events in events()) {
        let all: Vec<Arc<Event>> = events.iter().cloned().map(Arc::new).collect();
        let mut read = Vec::new();
        for row in rows(&all) {
            let (Value::Int(number), Value::Int(last), Value::Int(at), Value::Blob(body)) =
                (row.number, row.last_number, row.recorded_at, row.body) else { panic!() };
            let row = EventRow {
                number,
                recorded_at: Timestamp::from_millisecond(at).unwrap(),
                body: body.into_owned(),
            };
            let events = row.events(repository()).unwrap();
            prop_assert!(events.len() <= ROW_MAX);
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
        prop_assert!(version == 1 || read.is_err());
    }

    /// A row of an earlier version.
    #[test]
    fn json_is_read_as_written(events in events()) {
        for event in &events {
            let body = body(event).unwrap();
            let pipeline = event.pipeline.id;
            let read = parse(&body, repository(), event.number, pipeline, event.at).unwrap();
            prop_assert_eq!(&read, event);
            let row = EventRow {
                number: event.number,
                recorded_at: event.at,
                body: body.replacen('{', &format!("{{\"pipeline\":{pipeline},"), 1).into_bytes(),
            };
            prop_assert_eq!(&row.events(repository()).unwrap(), std::slice::from_ref(event));
        }
    }
}
