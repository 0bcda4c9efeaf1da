//! Attempts that end with a conclusion.

use super::*;
use crate::model::conclusions::Conclusion;

fn error() -> ReportedState {
    ReportedState { conclusion: Some(Conclusion::Error), third_build_id: None, ..state(Failed) }
}

fn failure() -> ReportedState {
    ReportedState { conclusion: None, ..error() }
}

#[test]
fn the_last_of_a_failure_and_an_error_is_shown() {
    for (first, second) in [(error(), failure()), (failure(), error())] {
        let mut attempt = Attempt::new(&first, arrival(1));
        assert_eq!((attempt.status, attempt.conclusion()), (Failed, first.conclusion));
        assert_eq!(attempt.reduce(&first, arrival(2)).0, Reason::Repeated);
        let (reason, changed) = attempt.reduce(&second, arrival(3));
        assert_eq!((reason, changed.contains(FieldSet::STATUS)), (Reason::Won(Rule::Arrival), true));
        assert_eq!((attempt.status, attempt.conclusion()), (Failed, second.conclusion));
    }
}

#[test]
fn another_status_ends_an_error_and_a_late_report_does_not() {
    let mut attempt = Attempt::new(&error(), arrival(1));
    let pending = ReportedState { status: Pending, conclusion: None, ..error() };
    attempt.reduce(&pending, arrival(2));
    assert_eq!(attempt.conclusion(), Some(Conclusion::Error));
    attempt.reduce(&ReportedState { status: Success, ..pending }, arrival(3));
    assert_eq!((attempt.status, attempt.conclusion()), (Success, None));
}

#[test]
fn with_a_build_id_an_error_outweighs_a_failure_in_any_order() {
    let with_id = |reported: ReportedState| ReportedState { third_build_id: Some("b".into()), ..reported };
    for (first, second) in [(error(), failure()), (failure(), error())] {
        let mut attempt = Attempt::new(&with_id(first), arrival(1));
        attempt.reduce(&with_id(second), arrival(2));
        assert_eq!(attempt.conclusion(), Some(Conclusion::Error));
    }
}
