//! Topics, message ids, secrets and changes of webhooks.

use super::*;
use crate::model::events::{JobSnapshot, PipelineSnapshot, VerdictSnapshot};
use crate::model::gates::Verdict;
use crate::model::ids::{JobId, PipelineId};
use crate::model::pipelines::PipelineIdentity;
use crate::model::status::Status;

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(super) fn event(pipeline: (Option<Status>, Status), job: Option<Status>) -> Event {
    let (previous_status, status) = pipeline;
    let identity = PipelineIdentity {
        sha: "a".repeat(40),
        git_ref: "dev".into(),
        source: "external".into(),
        key: String::new(),
    };
    Event {
        repository_id: RepositoryId::new(1).unwrap(),
        number: 26,
        at: time(0),
        change: Change::Pipeline(
            PipelineSnapshot {
                id: PipelineId::new(6).unwrap(),
                version: 3,
                identity: identity.into(),
                web_url: None,
                status,
                previous_status,
                job_count: 1,
            },
            job.map_or(PipelineChange::Imported, |status| {
                PipelineChange::Job(JobSnapshot {
                    id: JobId::new(9).unwrap(),
                    stage: "s".into(),
                    name: "x".into(),
                    attempt: 1,
                    status,
                    previous_status: None,
                    third_build_id: None,
                    target_url: None,
                })
            }),
        ),
    }
}

pub(super) fn recorded(previous_verdict: Option<Verdict>, verdict: Verdict) -> Event {
    Event {
        repository_id: RepositoryId::new(1).unwrap(),
        number: 27,
        at: time(0),
        change: Change::Verdict(VerdictSnapshot {
            sha: "a".repeat(40),
            target: "main".into(),
            number: 2,
            verdict,
            previous_verdict,
            version: 9,
            rules_version: 1,
            changed: Vec::new(),
            changed_count: 0,
        }),
    }
}

fn webhook() -> Webhook {
    Webhook {
        id: WebhookId::new(1).unwrap(),
        repository_id: RepositoryId::new(1).unwrap(),
        tag: "0123456789abcdef".into(),
        url: "https://example.com/".into(),
        description: None,
        topics: EventTopics { pipelines: true, ..EventTopics::default() },
        content: Content::default(),
        secret: Secret::random([1; 32]),
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: time(0),
    }
}

#[test]
fn each_webhook_receives_its_topics() {
    use Status::{Failed, Running, Success};
    let kinds = |names: &[&str], event: &Event| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let topics = EventTopics::parse("events", &names).unwrap();
        topics.matching(event).map(|topic| topic.kind(event)).collect::<Vec<_>>()
    };
    let created = event((None, Running), Some(Running));
    assert_eq!(kinds(&["pipeline"], &created), ["pipeline.running"]);
    assert_eq!(kinds(&["job"], &created), ["job.running"]);
    assert_eq!(kinds(&["job", "pipeline", "job"], &created), ["pipeline.running", "job.running"]);
    let unchanged = event((Some(Running), Running), Some(Success));
    assert_eq!(kinds(&["pipeline"], &unchanged), [""; 0], "the status of the pipeline did not change");
    assert_eq!(kinds(&["job"], &unchanged), ["job.success"]);
    assert_eq!(kinds(&["pipeline"], &event((Some(Running), Failed), Some(Failed))), ["pipeline.failed"]);
    let imported = event((None, Success), None);
    assert_eq!(kinds(&["pipeline", "job"], &imported), [""; 0]);
    let all = ["gate", "pipeline", "job"];
    assert_eq!(kinds(&["pipeline", "job"], &recorded(None, Verdict::Passed)), [""; 0]);
    assert_eq!(kinds(&all, &recorded(None, Verdict::Pending)), ["gate.pending"]);
    assert_eq!(kinds(&all, &recorded(Some(Verdict::Pending), Verdict::Passed)), ["gate.passed"]);
    let same = recorded(Some(Verdict::Pending), Verdict::Pending);
    assert_eq!(kinds(&all, &same), [""; 0], "only a requirement changed");
    for bad in [&["jobs"][..], &["pipeline", ""], &[]] {
        let names: Vec<String> = bad.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(EventTopics::parse("events", &names).unwrap_err().field, "events", "{bad:?}");
    }
}

#[test]
fn every_message_has_a_unique_id() {
    let event = event((None, Status::Running), Some(Status::Running));
    let id = EventTopic::Pipeline.message_id("0123456789abcdef", &event);
    assert_eq!(id, "msg_0123456789abcdef18bcfe568001ap");
    assert_eq!(EventTopic::Job.message_id("0123456789abcdef", &event), "msg_0123456789abcdef18bcfe568001aj");
}

#[test]
fn a_replaced_secret_signs_for_a_day() {
    let (mut webhook, old, new) = (webhook(), Secret::random([1; 32]), Secret::random([2; 32]));
    assert_eq!(webhook.secrets(time(0)).collect::<Vec<_>>(), [&old]);
    let change = WebhookChange { secret: Some(new.clone()), ..WebhookChange::default() };
    change.apply(&mut webhook, time(100));
    assert_eq!(webhook.secrets(time(100)).collect::<Vec<_>>(), [&new, &old]);
    assert_eq!(webhook.secrets(time(100 + 86_399)).count(), 2);
    assert_eq!(webhook.secrets(time(100 + 86_400)).collect::<Vec<_>>(), [&new]);
    assert_eq!(format!("{webhook:?}").matches("Secret(..)").count(), 2, "no log shows a secret");
    for (length, good) in [(0, false), (23, false), (24, true), (64, true), (65, false)] {
        assert_eq!(Secret::new(vec![7; length]).is_ok(), good, "{length}");
    }
}

#[test]
fn absent_fields_do_not_change() {
    let mut changed = webhook();
    WebhookChange::default().apply(&mut changed, time(5));
    assert_eq!(changed, webhook());
    changed.disabled = Some((time(1), DisabledReason::Gone));
    changed.failing_since = Some(time(1));
    WebhookChange { disabled: Some(true), ..WebhookChange::default() }.apply(&mut changed, time(5));
    assert_eq!(changed.disabled, Some((time(1), DisabledReason::Gone)), "the first reason stays");
    WebhookChange { disabled: Some(false), ..WebhookChange::default() }.apply(&mut changed, time(5));
    assert_eq!((changed.disabled, changed.failing_since), (None, None));
    let disable =
        WebhookChange { disabled: Some(true), description: Some("x".into()), ..WebhookChange::default() };
    disable.apply(&mut changed, time(5));
    assert_eq!(changed.disabled, Some((time(5), DisabledReason::Manual)));
    assert_eq!(changed.description.as_deref(), Some("x"));
    WebhookChange { description: Some(String::new()), ..WebhookChange::default() }
        .apply(&mut changed, time(5));
    assert_eq!(changed.description, None);
}

#[test]
fn a_new_owner_enables_what_was_disabled_without_access() {
    let owner = UserId::new(7).ok();
    for (reason, disabled, wanted) in [
        (DisabledReason::NoAccess, None, None),
        (DisabledReason::NoAccess, Some(true), Some(DisabledReason::NoAccess)),
        (DisabledReason::Manual, None, Some(DisabledReason::Manual)),
        (DisabledReason::Gone, Some(false), None),
    ] {
        let mut given = Webhook { disabled: Some((time(1), reason)), ..webhook() };
        WebhookChange { owner, disabled, ..WebhookChange::default() }.apply(&mut given, time(5));
        assert_eq!(given.content.creator, owner);
        assert_eq!(given.disabled.map(|(_, reason)| reason), wanted, "{reason:?} {disabled:?}");
    }
    let mut kept = webhook();
    kept.content.creator = owner;
    WebhookChange::default().apply(&mut kept, time(5));
    assert_eq!(kept.content.creator, owner);
}
