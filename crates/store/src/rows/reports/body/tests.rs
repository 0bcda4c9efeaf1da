//! Bodies are read as they were written.

use super::*;
use crate::rows::reports::RecentTexts;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use proptest::prelude::*;

fn key(job: i64) -> (RepositoryId, Option<PipelineId>, JobId) {
    (RepositoryId::new(1).unwrap(), PipelineId::new(1).ok(), JobId::new(job).unwrap())
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-z0-9/:.✓]{0,40}")
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    proptest::option::of((0..4_000_000_000_000_i64).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap()))
}

fn authority() -> impl Strategy<Value = Authority> {
    prop_oneof![Just(Authority::Reporter), Just(Authority::Operator), Just(Authority::Watchdog)]
}

fn credential() -> impl Strategy<Value = Option<ReportCredential>> {
    proptest::option::of(prop_oneof![
        Just(ReportCredential::Password),
        Just(ReportCredential::Session),
        Just(ReportCredential::TemporaryKey),
        (1..=i64::MAX).prop_map(ReportCredential::Token),
        (1..200_i64).prop_map(ReportCredential::Token),
        "[A-Z0-9]{8,128}".prop_map(|access| ReportCredential::Key(access.into())),
    ])
}

prop_compose! {
    fn state()(
        status in proptest::sample::select(Status::ALL.to_vec()),
        authority in authority(),
        (third_build_id, target_url, description) in (text(), text(), text()),
        coverage in proptest::option::of(0.0..=100.0),
        allow_failure: Option<bool>,
        (occurred_at, started_at, finished_at) in (time(), time(), time()),
        conclusion in proptest::option::of(proptest::sample::select(&Conclusion::ALL[..])),
        sent_url: Option<u64>,
        details in proptest::option::of((any::<[u8; 32]>(), any::<u32>(), any::<u32>())),
        adjusted in proptest::option::of(any::<u64>()),
        rules in proptest::sample::select(vec![Rules::First, Rules::Second, Rules::Third]),
        (keeps_status, occurred_at_receipt) in any::<(bool, bool)>(),
    ) -> ReportedState {
        ReportedState {
            status, keeps_status, conclusion, authority, third_build_id, target_url, description, coverage,
            allow_failure, occurred_at, occurred_at_receipt, started_at, finished_at, sent_url,
            details: details.map(|(digest, bytes, annotations)| Box::new(DetailsKey { digest, bytes, annotations })),
            adjusted: Adjustments::from_bits(adjusted.unwrap_or_default()),
            rules,
        }
    }
}

prop_compose! {
    fn stored()(
        dialect in prop_oneof![Just("native".to_owned()), Just("gitlab".to_owned()), "[a-z]{1,9}"],
        state in state(),
        effect in proptest::sample::select(Effect::ALL.to_vec()),
        changed in any::<u32>().prop_map(FieldSet::from_bits),
        status_after in proptest::option::of(proptest::sample::select(Status::ALL.to_vec())),
        reason in proptest::option::of(proptest::sample::select(Reason::all().collect::<Vec<_>>())),
        (closing_reason, web_url, trigger_user) in (text(), text(), text()),
        (names_job, name_ignores_case, stage_order) in any::<(bool, bool, Option<i32>)>(),
        credential in credential(),
    ) -> StoredBody {
        StoredBody {
            dialect, state, effect, changed, status_after, reason, closing_reason, names_job,
            name_ignores_case, stage_order, web_url, trigger_user, credential,
        }
    }
}

fn body(stored: &StoredBody, received_at: Timestamp) -> Body<'_> {
    Body {
        dialect: &stored.dialect,
        received_at,
        state: &stored.state,
        texts: Texts {
            web_url: stored.web_url.as_deref(),
            trigger_user: stored.trigger_user.as_deref(),
            credential: stored.credential.clone(),
            ..Texts::of_state(&stored.state)
        },
        effect: stored.effect,
        changed: stored.changed,
        status_after: stored.status_after,
        reason: stored.reason,
        closing_reason: stored.closing_reason.as_deref(),
        names_job: stored.names_job,
        name_ignores_case: stored.name_ignores_case,
        stage_order: stored.stage_order,
    }
}

proptest! {
    #[test]
    fn a_body_is_read_as_written(stored in stored(), at in time()) {
        let at = at.unwrap_or(Timestamp::UNIX_EPOCH);
        let bytes = body(&stored, at).encode(None);
        prop_assert_eq!(StoredBody::decode(&bytes, None, None, at, stored.state.authority).unwrap(), stored);
    }

    /// Several reports of the jobs of a pipeline, of which some repeat texts of others.
    #[test]
    fn a_body_is_read_with_its_base(
        mut reports in proptest::collection::vec(stored(), 2..16), jobs in proptest::collection::vec(1..4_i64, 16),
        repeats in proptest::collection::vec(any::<[bool; 6]>(), 16)
    ) {
        let mut recent = RecentTexts::default();
        // The base of each, and whether it is of another job.
        let mut bases: Vec<Option<(usize, bool)>> = Vec::new();
        let mut bodies: Vec<Vec<u8>> = Vec::new();
        for at in 0..reports.len() {
            let (before, rest) = reports.split_at_mut(at);
            if let (Some(before), report) = (before.last(), &mut rest[0]) {
                let [build, url, description, web, user, credential] = repeats[at];
                let copy = |repeat: bool, to: &mut Option<String>, from: &Option<String>| {
                    if repeat { to.clone_from(from) }
                };
                copy(build, &mut report.state.third_build_id, &before.state.third_build_id);
                copy(url, &mut report.state.target_url, &before.state.target_url);
                copy(description, &mut report.state.description, &before.state.description);
                copy(web, &mut report.web_url, &before.web_url);
                copy(user, &mut report.trigger_user, &before.trigger_user);
                if credential {
                    report.credential.clone_from(&before.credential);
                }
            }
            let body = body(&reports[at], Timestamp::UNIX_EPOCH);
            let base = recent.choose_base(key(jobs[at]), at as i64, &body.texts);
            bodies.push(body.encode(base.as_ref().map(|base| &*base.texts)));
            bases.push(base.map(|base| (base.seq as usize, base.job.is_some())));
        }
        for ((base, bytes), report) in bases.iter().zip(&bodies).zip(&reports) {
            let body_of = |base: Option<(usize, bool)>| base.map(|(at, _)| bodies[at].as_slice());
            let root = base.and_then(|(at, _)| bases[at]);
            if let Some((at, is_of_other_job)) = root {
                prop_assert!(is_of_other_job && bases[at].is_none());
            }
            let at = Timestamp::UNIX_EPOCH;
            let read = StoredBody::decode(bytes, body_of(*base), body_of(root), at, report.state.authority);
            prop_assert_eq!(&read.unwrap(), report);
        }
    }

    #[test]
    fn other_bytes_are_refused(
        stored in stored(), bytes in proptest::collection::vec(any::<u8>(), 0..60), cut in any::<proptest::sample::Index>()
    ) {
        let (at, authority) = (Timestamp::UNIX_EPOCH, Authority::Reporter);
        let _ = StoredBody::decode(&bytes, None, None, at, authority);
        let whole = body(&stored, at).encode(None);
        prop_assert!(StoredBody::decode(&whole[..cut.index(whole.len())], None, None, at, authority).is_err());
        prop_assert!(StoredBody::decode(&[&whole[..], &[0]].concat(), None, None, at, authority).is_err());
        let with_base = StoredBody::decode(&whole, Some(&whole), None, at, authority);
        prop_assert!(with_base.is_err(), "a base that it does not have");
        let unknown = [&[VERSION + 1][..], &whole[1..]].concat();
        prop_assert!(StoredBody::decode(&unknown, None, None, at, authority).is_err());
    }
}

#[test]
fn a_usual_report_is_short() {
    let at = |ms: i64| Timestamp::from_millisecond(1_760_000_000_000 + ms).unwrap();
    let state = ReportedState {
        third_build_id: Some("48210000".into()),
        target_url: Some("https://ci.example.com/acme/checkout/-/jobs/48210000/console".into()),
        occurred_at: Some(at(60_000)),
        started_at: Some(at(0)),
        finished_at: Some(at(60_000)),
        ..ReportedState::with_status(Status::Success, Authority::Reporter)
    };
    let body = Body {
        dialect: "native",
        received_at: at(60_300),
        state: &state,
        texts: Texts { credential: Some(ReportCredential::Token(17)), ..Texts::of_state(&state) },
        effect: Effect::Created,
        changed: FieldSet::STATUS,
        status_after: Some(Status::Success),
        reason: Some(Reason::Created),
        closing_reason: None,
        names_job: false,
        name_ignores_case: false,
        stage_order: Some(2),
    };
    let mut recent = RecentTexts::default();
    assert_eq!(recent.choose_base(key(1), 1, &body.texts), None);
    let of_job = recent.choose_base(key(1), 2, &body.texts).unwrap();
    let other = ReportedState {
        third_build_id: Some("48210001".into()),
        target_url: Some("https://ci.example.com/acme/checkout/-/jobs/48210001/console".into()),
        ..state.clone()
    };
    let of_other_job = Body {
        state: &other,
        texts: Texts { credential: Some(ReportCredential::Token(17)), ..Texts::of_state(&other) },
        ..body
    };
    let of_pipeline = recent.choose_base(key(2), 3, &of_other_job.texts).unwrap();
    assert_eq!((of_job.seq, of_pipeline.seq), (1, 1));
    let lengths = [
        body.encode(None).len(),
        body.encode(Some(&of_job.texts)).len(),
        of_other_job.encode(Some(&of_pipeline.texts)).len(),
    ];
    assert_eq!(
        lengths,
        [88, 19, 24],
        "with its texts, after one of the same job, and after one of another job"
    );
}

/// An access key is in the first report only.
#[test]
fn a_report_refers_to_the_key_of_its_base() {
    let state = ReportedState::with_status(Status::Running, Authority::Reporter);
    let key = |access: &str| Some(ReportCredential::Key(access.into()));
    let texts = |credential| Texts { credential, ..Texts::of_state(&state) };
    let mut recent = RecentTexts::default();
    let (first, second) = (key("AKABCDEFGHIJKLMNOPQR"), key("AKOTHERXXXXXXXXXXXXX"));
    assert_eq!(recent.choose_base(self::key(1), 1, &texts(first.clone())), None);
    let base = recent.choose_base(self::key(1), 2, &texts(first.clone())).unwrap();
    assert_eq!(base.texts.credential, first);
    assert_eq!(recent.choose_base(self::key(1), 3, &texts(second)), None, "another key is not spared");
}

/// Bodies of the versions 1 and 2 have no credential. A body of the version 1 has whole texts, or those of its base.
#[test]
fn bodies_of_earlier_versions_are_read() {
    let state = |description: &str| ReportedState {
        target_url: Some("https://ci.example.com/1".into()),
        description: Some(description.into()),
        ..ReportedState::with_status(Status::Running, Authority::Reporter)
    };
    let (first, second) = (state("step 1"), state("step 2"));
    let at = Timestamp::UNIX_EPOCH;
    let body = |state| Body {
        dialect: "native",
        received_at: at,
        state,
        texts: Texts::of_state(state),
        effect: Effect::Created,
        changed: FieldSet::STATUS,
        status_after: Some(Status::Running),
        reason: Some(Reason::Created),
        closing_reason: None,
        names_job: false,
        name_ignores_case: false,
        stage_order: None,
    };
    let texts = body(&first).texts.to_owned();
    let (mut base, mut bytes) = (body(&first).encode(None), body(&second).encode(Some(&texts)));
    assert_eq!((base[0], bytes[0]), (VERSION, VERSION));
    for body in [&mut base, &mut bytes] {
        body[0] = NO_CREDENTIAL;
        assert_eq!(body.remove(5), 0);
    }
    let read = |bytes: &[u8], base: Option<&[u8]>| {
        let read = StoredBody::decode(bytes, base, None, at, Authority::Reporter).unwrap();
        assert_eq!(read.credential, None);
        read.state
    };
    assert_eq!((read(&base, None), read(&bytes, Some(&base))), (first.clone(), second.clone()));
    assert_eq!(bytes.split_off(bytes.len() - 3), [5, 1, b'2']);
    bytes.extend([&[6], "step 2".as_bytes()].concat());
    (base[0], bytes[0]) = (1, 1);
    assert_eq!(read(&base, None), first);
    assert_eq!(read(&bytes, Some(&base)), second);
}
