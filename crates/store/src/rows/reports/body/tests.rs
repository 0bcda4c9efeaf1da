//! Bodies are read as they were written.

use super::*;
use crate::rows::reports::RecentTexts;
use domain::model::ids::{JobId, RepositoryId};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-z0-9/:.✓]{0,40}")
}

fn time() -> impl Strategy<Value = Option<Timestamp>> {
    proptest::option::of((0..4_000_000_000_000_i64).prop_map(|ms| Timestamp::from_millisecond(ms).unwrap()))
}

fn authority() -> impl Strategy<Value = Authority> {
    prop_oneof![Just(Authority::Reporter), Just(Authority::Operator), Just(Authority::Watchdog)]
}

prop_compose! {
    fn state()(
        status in proptest::sample::select(Status::ALL.to_vec()),
        authority in authority(),
        (third_build_id, target_url, description) in (text(), text(), text()),
        coverage in proptest::option::of(0.0..=100.0),
        allow_failure: Option<bool>,
        (occurred_at, started_at, finished_at) in (time(), time(), time()),
        is_error: bool,
        sent_url: Option<u64>,
        adjusted in proptest::option::of(any::<u64>()),
        first_rules: bool,
    ) -> ReportedState {
        ReportedState {
            status, is_error, authority, third_build_id, target_url, description, coverage, allow_failure, occurred_at,
            started_at, finished_at, sent_url,
            adjusted: Adjustments::from_bits(adjusted.unwrap_or_default()),
            rules: if first_rules { Rules::First } else { Rules::Second },
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
        stage_order: Option<i32>,
    ) -> StoredBody {
        StoredBody {
            dialect, state, effect, changed, status_after, reason, closing_reason, stage_order, web_url,
            trigger_user,
        }
    }
}

fn body(stored: &StoredBody, received_at: Timestamp) -> Body<'_> {
    Body {
        dialect: &stored.dialect,
        received_at,
        state: &stored.state,
        texts: Texts::new(&stored.state, stored.web_url.as_deref(), stored.trigger_user.as_deref()),
        effect: stored.effect,
        changed: stored.changed,
        status_after: stored.status_after,
        reason: stored.reason,
        closing_reason: stored.closing_reason.as_deref(),
        stage_order: stored.stage_order,
    }
}

proptest! {
    #[test]
    fn a_body_is_read_as_written(stored in stored(), at in time()) {
        let at = at.unwrap_or(Timestamp::UNIX_EPOCH);
        let bytes = body(&stored, at).encode(None);
        prop_assert_eq!(StoredBody::decode(&bytes, None, at, stored.state.authority).unwrap(), stored);
    }

    /// Several reports of one job, of which some repeat texts of others.
    #[test]
    fn a_body_is_read_with_its_base(
        mut reports in proptest::collection::vec(stored(), 2..8), repeats in proptest::collection::vec(any::<[bool; 5]>(), 8)
    ) {
        let job = (RepositoryId::new(1).unwrap(), JobId::new(2).unwrap());
        let mut recent = RecentTexts::default();
        let mut written: Vec<(Option<i64>, Vec<u8>)> = Vec::new();
        for at in 0..reports.len() {
            let (before, rest) = reports.split_at_mut(at);
            if let (Some(before), report) = (before.last(), &mut rest[0]) {
                let [build, url, description, web, user] = repeats[at];
                let copy = |repeat: bool, to: &mut Option<String>, from: &Option<String>| {
                    if repeat { to.clone_from(from) }
                };
                copy(build, &mut report.state.third_build_id, &before.state.third_build_id);
                copy(url, &mut report.state.target_url, &before.state.target_url);
                copy(description, &mut report.state.description, &before.state.description);
                copy(web, &mut report.web_url, &before.web_url);
                copy(user, &mut report.trigger_user, &before.trigger_user);
            }
            let body = body(&reports[at], Timestamp::UNIX_EPOCH);
            let base = recent.base(job, at as i64, &body.texts);
            written.push((base.map(|base| base.seq), body.encode(base.map(|base| base.repeated))));
        }
        for ((base, bytes), report) in written.iter().zip(&reports) {
            let base = base.map(|seq| written[seq as usize].1.as_slice());
            let read = StoredBody::decode(bytes, base, Timestamp::UNIX_EPOCH, report.state.authority);
            prop_assert_eq!(&read.unwrap(), report);
        }
    }

    #[test]
    fn other_bytes_are_refused(
        stored in stored(), bytes in proptest::collection::vec(any::<u8>(), 0..60), cut in any::<proptest::sample::Index>()
    ) {
        let (at, authority) = (Timestamp::UNIX_EPOCH, Authority::Reporter);
        let _ = StoredBody::decode(&bytes, None, at, authority);
        let whole = body(&stored, at).encode(None);
        prop_assert!(StoredBody::decode(&whole[..cut.index(whole.len())], None, at, authority).is_err());
        prop_assert!(StoredBody::decode(&[&whole[..], &[0]].concat(), None, at, authority).is_err());
        prop_assert!(StoredBody::decode(&whole, Some(&whole), at, authority).is_err(), "a base that it does not have");
        let unknown = [&[VERSION + 1][..], &whole[1..]].concat();
        prop_assert!(StoredBody::decode(&unknown, None, at, authority).is_err());
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
        texts: Texts::new(&state, None, None),
        effect: Effect::Created,
        changed: FieldSet::STATUS,
        status_after: Some(Status::Success),
        reason: Some(Reason::Created),
        closing_reason: None,
        stage_order: Some(2),
    };
    let mut recent = RecentTexts::default();
    let job = (RepositoryId::new(1).unwrap(), JobId::new(2).unwrap());
    assert_eq!(recent.base(job, 1, &body.texts), None);
    let base = recent.base(job, 2, &body.texts).unwrap();
    let lengths = (body.encode(None).len(), body.encode(Some(base.repeated)).len());
    assert_eq!(lengths, (87, 18), "with its texts, and without");
}
