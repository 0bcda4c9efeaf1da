//! Tests of what a webhook sends.

use super::*;
use crate::model::gates::Verdict;
use crate::model::webhooks::tests::{event, recorded};

fn creator() -> UserId {
    UserId::new(7).unwrap()
}

fn content(format: &str, refs: &[&str], jobs: &[&str]) -> Content {
    let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let input = ContentInput {
        format: Some(format.into()),
        refs: owned(refs),
        jobs: owned(jobs),
        ..ContentInput::default()
    };
    input.check(creator(), false).unwrap()
}

#[test]
fn a_chat_receives_results_only() {
    use Status::{Canceled, Failed, Pending, Running, Skipped, Success, TimedOut};
    let (chat, program) = (content("feishu", &[], &[]), content("signed", &[], &[]));
    for (status, is_news) in [
        (Pending, false),
        (Running, false),
        (Success, true),
        (Failed, true),
        (TimedOut, true),
        (Canceled, false),
        (Skipped, false),
    ] {
        let event = event((Some(Pending), status), Some(status));
        for topic in [EventTopic::Pipeline, EventTopic::Job] {
            assert_eq!(chat.accepts(topic, &event), is_news, "{status:?} {topic:?}");
            assert!(program.accepts(topic, &event), "{status:?} {topic:?}");
        }
    }
    let verdict = recorded(Some(Verdict::Pending), Verdict::Passed);
    assert!(chat.accepts(EventTopic::Gate, &verdict));
}

#[test]
fn patterns_limit_refs_targets_and_jobs() {
    let failed = event((None, Status::Failed), Some(Status::Failed));
    let verdict = recorded(None, Verdict::Failed);
    // refs | jobs | pipeline on dev | job s/x | gate of main
    for (refs, jobs, pipeline, job, gate) in [
        (&[][..], &[][..], true, true, true),
        (&["dev"], &[], true, true, false),
        (&["d*", "main"], &[], true, true, true),
        (&["main"], &[], false, false, true),
        (&["refs/heads/dev"], &[], true, true, false),
        (&[], &["s/x"], true, true, true),
        (&[], &["*/y", "s/*"], true, true, true),
        (&[], &["t/*"], true, false, true),
    ] {
        let content = content("wecom", refs, jobs);
        assert_eq!(content.accepts(EventTopic::Pipeline, &failed), pipeline, "{refs:?} {jobs:?}");
        assert_eq!(content.accepts(EventTopic::Job, &failed), job, "{refs:?} {jobs:?}");
        assert_eq!(content.accepts(EventTopic::Gate, &verdict), gate, "{refs:?} {jobs:?}");
    }
    let by = Content { author: Some("lin".into()), ..Content::default() };
    assert!(by.matches_author(Some("lin")) && !by.matches_author(Some("wang")) && !by.matches_author(None));
    assert!(Content::default().matches_author(None));
}

#[test]
fn invalid_values_name_their_field() {
    let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
    for (input, personal, field) in [
        (ContentInput { format: Some("irc".into()), ..ContentInput::default() }, false, "format"),
        (ContentInput { format: Some("signed".into()), ..ContentInput::default() }, true, "format"),
        (ContentInput::default(), true, "format"),
        (ContentInput { language: Some("fr".into()), ..ContentInput::default() }, false, "language"),
        (ContentInput { refs: many.clone(), ..ContentInput::default() }, false, "refs"),
        (ContentInput { jobs: many, ..ContentInput::default() }, false, "jobs"),
        (ContentInput { refs: vec!["a\nb".into()], ..ContentInput::default() }, false, "refs"),
        (ContentInput { author: Some("a\u{7}".into()), ..ContentInput::default() }, false, "author"),
    ] {
        assert_eq!(input.clone().check(creator(), personal).unwrap_err().field, field, "{input:?}");
    }
    let blank = ContentInput { refs: vec![" ".into(), "main ".into()], ..ContentInput::default() };
    let content = blank.check(creator(), false).unwrap();
    assert_eq!((content.refs, content.format), (vec!["main".to_owned()], Format::Signed));
}

#[test]
fn messages_for_people_need_a_reader() {
    let signed = content("signed", &[], &[]);
    assert_eq!(signed.reader(), None, "a program goes on without the person who connected it");
    assert_eq!(content("slack", &[], &[]).reader(), Some(creator()));
    assert_eq!(Content { personal: true, ..signed }.reader(), Some(creator()));
}
