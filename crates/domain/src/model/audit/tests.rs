//! Tests of the audit log.

use super::*;
use crate::model::credentials::CredentialId;
use crate::model::ids::Hex32;
use crate::model::ids::WebhookId;
use crate::model::webhooks::{EventTopics, Secret, Webhook};

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn user(name: &str, admin: bool) -> User {
    User {
        id: UserId::new(7).unwrap(),
        uuid: Hex32::from_bytes([1; 16]),
        name: name.into(),
        admin,
        disabled: false,
        created_at: time(0),
        group_rights: Vec::new(),
    }
}

fn refusal(address: u32, name: &str, second: i64) -> Refusal {
    Refusal {
        address: Some(IpAddr::from(address.to_be_bytes())),
        reason: RefusalReason::Password,
        claimed_user: Some(name.into()),
        claimed_credential: Some(CredentialId::Password),
        request_id: None,
        times: (time(second), time(second)),
        count: 1,
    }
}

#[test]
fn an_update_has_only_what_differs() {
    let change = Change::updated(Action::UserChange, &user("amy", false), &user("amy", true));
    let shown =
        |fields: &Fields| fields.iter().map(|(n, v)| format!("{n}={v:?}")).collect::<Vec<_>>().join(" ");
    assert_eq!(shown(change.before()), "admin=Bool(false)");
    assert_eq!(shown(change.after()), "admin=Bool(true)");
    let same = Change::updated(Action::UserChange, &user("amy", true), &user("amy", true));
    assert!(same.is_empty());
    assert!(!same.with_replaced("password", true).is_empty(), "a new password is a change");
}

#[test]
fn a_webhook_has_no_secret_in_an_entry() {
    let webhook = Webhook {
        id: WebhookId::new(3).unwrap(),
        repository_id: RepositoryId::new(5).unwrap(),
        tag: "t".into(),
        url: "https://hooks.example:8443/s3cret?key=s3cret".into(),
        description: Some("chat\u{202e}\nroom".into()),
        topics: EventTopics::default(),
        secret: Secret::new(b"s3crets3crets3crets3crets3cret".to_vec()).unwrap(),
        old_secret: None,
        disabled: None,
        failing_since: None,
        created_at: time(0),
    };
    let change = Change::created(Action::WebhookCreate, &webhook);
    let text = format!("{change:?}");
    assert!(text.contains("hooks.example:8443") && !text.contains("s3cret"), "{text}");
    assert_eq!(change.after().get("description"), Some(&FieldValue::Text("chat\u{fffd}\nroom".into())));
}

#[test]
fn actions_have_their_names_and_a_prefix_names_those_of_a_noun() {
    for action in Action::ALL {
        assert_eq!(Action::parse(action.as_str()), Some(*action));
        let (noun, verb) = action.as_str().split_once('.').unwrap();
        assert!(!noun.is_empty() && !verb.is_empty());
    }
    assert_eq!(AuditFilter::actions("user").unwrap(), [Action::UserCreate, Action::UserChange]);
    assert_eq!(AuditFilter::actions("token.revoke").unwrap(), [Action::TokenRevoke]);
    assert_eq!(AuditFilter::actions("sign_in.*").unwrap().len(), 3);
    assert_eq!(AuditFilter::actions("user.").unwrap_err().field, "action");
    assert_eq!(AuditFilter::object("user:amy").unwrap(), (ObjectKind::User, Some("amy".into())));
    assert!(AuditFilter::object("people").is_err());
    assert_eq!(AuditFilter::address("::ffff:192.0.2.1").unwrap(), "192.0.2.1");
}

#[test]
fn equal_refusals_are_one() {
    let mut summary = RefusalSummary::default();
    for second in 0..30 {
        summary.add(refusal(1, "root", second));
    }
    let taken = summary.take(time(60));
    assert_eq!(taken.len(), 1);
    assert_eq!((taken[0].count, taken[0].times), (30, (time(0), time(29))));
    assert_eq!(summary.take(time(61)), [], "taken once");
}

#[test]
fn a_flood_of_refusals_makes_few_entries() {
    let mut summary = RefusalSummary::default();
    for name in 0..10_000 {
        summary.add(refusal(1, &format!("user{name}"), 0));
    }
    let taken = summary.take(time(60));
    assert!(taken.len() <= 21, "{}", taken.len());
    assert_eq!(taken.iter().map(|refusal| refusal.count).sum::<u64>(), 10_000, "all are counted");
    // Many addresses.
    let mut rows = 0;
    for minute in 0..59 {
        for address in 0..1_000 {
            summary.add(refusal(address, "root", 60 * minute));
        }
        let taken = summary.take(time(60 + 60 * minute));
        assert_eq!(taken.iter().map(|refusal| refusal.count).sum::<u64>(), 1_000);
        rows += taken.len();
    }
    assert!(rows <= ROWS_PER_HOUR_MAX + 2 * 59, "{rows}");
    // The next hour.
    summary.add(refusal(1, "root", 7_200));
    assert_eq!(summary.take(time(7_200))[0].claimed_user.as_deref(), Some("root"));
}

#[test]
fn refusals_that_could_not_be_stored_are_counted_again() {
    let mut summary = RefusalSummary::default();
    summary.add(refusal(1, "root", 0));
    let taken = summary.take(time(60));
    summary.put_back(taken);
    summary.add(refusal(1, "root", 70));
    let taken = summary.take(time(120));
    assert_eq!((taken.len(), taken[0].count, taken[0].times), (1, 2, (time(0), time(70))));
}
