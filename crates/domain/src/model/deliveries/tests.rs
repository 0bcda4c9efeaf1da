//! The delay of the next attempt, and the state of a webhook.

use super::*;
use crate::model::ids::RepositoryId;
use crate::model::webhooks::{EventTopics, Secret};

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn trusted(second: i64) -> TrustedTime {
    TrustedTime::new(time(second))
}

fn claimed(attempt: u32, failing_since: Option<Timestamp>) -> ClaimedDelivery {
    let webhook = Webhook {
        id: WebhookId::new(3).unwrap(),
        repository_id: RepositoryId::new(1).unwrap(),
        tag: "0123456789abcdef".into(),
        url: "https://example.com/".into(),
        description: None,
        topics: EventTopics { pipelines: true, ..EventTopics::default() },
        secret: Secret::random([1; 32]),
        old_secret: None,
        disabled: None,
        failing_since,
        created_at: time(0),
    };
    let payload = Payload::Rendered("{}".into());
    ClaimedDelivery {
        seq: 7,
        claim: 9,
        id: "msg_1".into(),
        kind: "x".into(),
        attempt,
        webhook,
        repository: "a/b".into(),
        payload,
    }
}

fn response(status: u16, retry_after: Option<i64>) -> Outcome {
    let retry_after = retry_after.map(SignedDuration::from_secs);
    Outcome::Responded { status, body: " o\nk\u{7} ".into(), retry_after }
}

#[test]
fn the_schedule_spans_three_days_with_a_jitter_of_a_fifth() {
    let middle = u32::MAX / 2;
    let seconds = |attempt, random| wait_after(attempt, None, random).map(|wait| wait.as_millis());
    for (attempt, least, usual, most) in [
        (1, 4_000, 5_000, 6_000),
        (2, 48_000, 60_000, 72_000),
        (3, 240_000, 300_000, 360_000),
        (4, 1_440_000, 1_800_000, 2_160_000),
        (11, 57_600_000, 72_000_000, 86_400_000),
    ] {
        assert_eq!(seconds(attempt, 0), Some(least));
        let near = seconds(attempt, middle).unwrap();
        assert!((usual - 1..=usual).contains(&near), "{near}");
        assert_eq!(seconds(attempt, u32::MAX), Some(most));
    }
    assert_eq!((seconds(0, 0), seconds(12, 0), seconds(u32::MAX, 0)), (None, None, None));
    let all: i64 = SCHEDULE.iter().map(SignedDuration::as_secs).sum();
    assert_eq!(all, 75 * 3_600 + 36 * 60 + 5);
}

#[test]
fn a_receiver_may_request_a_longer_delay_only() {
    let wait = |requested| wait_after(1, Some(SignedDuration::from_secs(requested)), 0).unwrap().as_secs();
    assert_eq!((wait(1), wait(60), wait(999_999)), (4, 60, 86_400));
    let state = |status, requested| {
        claimed(1, None)
            .attempt_result("{}".into(), response(status, requested), time(0), &trusted(0), 0)
            .state
    };
    for status in [301, 413, 429, 500, 502, 503, 504] {
        assert_eq!(state(status, Some(60)), DeliveryState::Pending(time(60)), "{status}");
        assert_eq!(
            state(status, Some(i64::MAX)),
            DeliveryState::Pending(time(86_400)),
            "{status}: one day at most"
        );
        for ignored in [Some(i64::MIN), Some(-60), Some(0), None] {
            assert_eq!(state(status, ignored), DeliveryState::Pending(time(4)), "{status}: {ignored:?}");
        }
    }
    assert_eq!(state(204, Some(60)), DeliveryState::Delivered);
    assert_eq!(state(410, Some(60)), DeliveryState::Failed);
}

#[test]
fn only_2xx_is_a_success_and_410_ends_the_delivery() {
    let result = |attempt, outcome| {
        let result = claimed(attempt, None).attempt_result("{}".into(), outcome, time(0), &trusted(0), 0);
        (result.state, result.health)
    };
    for status in [200, 201, 202, 204, 299] {
        assert_eq!(
            result(1, response(status, None)),
            (DeliveryState::Delivered, WebhookHealth::Good),
            "{status}"
        );
    }
    for status in [301, 302, 304, 307, 400, 401, 404, 408, 429, 500, 502, 503, 504] {
        let (state, health) = result(1, response(status, None));
        assert_eq!((state, health), (DeliveryState::Pending(time(4)), WebhookHealth::Failing), "{status}");
    }
    assert_eq!(
        result(1, response(410, None)),
        (DeliveryState::Failed, WebhookHealth::Disabled(DisabledReason::Gone))
    );
    let refused = || Outcome::Failed { error: "connection refused".into() };
    assert_eq!(result(11, refused()).0, DeliveryState::Pending(time(57_600)));
    assert_eq!(result(12, refused()), (DeliveryState::Failed, WebhookHealth::Failing));
    assert_eq!(result(12, response(200, None)).0, DeliveryState::Delivered);
}

#[test]
fn a_webhook_that_fails_for_five_days_is_disabled() {
    let health = |since, outcome| {
        claimed(3, Some(since))
            .attempt_result("{}".into(), outcome, time(432_000), &trusted(432_000), 0)
            .health
    };
    assert_eq!(health(time(1), response(500, None)), WebhookHealth::Failing);
    assert_eq!(health(time(0), response(500, None)), WebhookHealth::Disabled(DisabledReason::Failing));
    assert_eq!(health(time(0), response(200, None)), WebhookHealth::Good);

    // A jump of the wall clock is no time of failing.
    let mut jumped = trusted(0);
    jumped.observe(time(9_999_999), None);
    let result = claimed(3, Some(time(0))).attempt_result(
        "{}".into(),
        response(500, None),
        time(9_999_999),
        &jumped,
        0,
    );
    assert_eq!(result.health, WebhookHealth::Failing);
}

#[test]
fn a_response_is_stored_as_one_short_line() {
    let last = |outcome| claimed(1, None).attempt_result("{}".into(), outcome, time(9), &trusted(9), 0).last;
    let ok =
        DeliveryAttempt { at: time(9), status: Some(200), response_body: Some("o k".into()), error: None };
    assert_eq!(last(response(200, None)), ok);
    let long = last(Outcome::Failed { error: "长".repeat(9_000) });
    assert_eq!((long.status, long.error.unwrap().chars().count()), (None, 500));
}
