//! Query plans of forwarded states: each statement reads the rows of one destination, commit or attempt by an index.

use super::plan;
use crate::forwarded_states::wanted::{NEWEST_PIPELINE, NEWEST_REF, only_attempt_query};
use crate::rows::destinations::RESETTING;
use crate::rows::forwarded_states::{
    ANY_AFTER, DELETE_OF, FORGET_SENT, ORPHANED, RETRY, SPAN, candidates_query, claim_statement, page_query,
};
use crate::sqlite::connect;
use domain::model::ids::DestinationId;
use domain::ports::StateFilter;

#[test]
fn every_statement_about_forwarded_states_searches_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let page = |filter: StateFilter| page_query(DestinationId::new(1).unwrap(), &filter).0;
    let all = StateFilter::default;
    for (statement, wanted) in [
        (page(all()), "forwarded_states_by_destination (destination_id=?)"),
        (
            page(StateFilter { before: Some(9), ..all() }),
            "forwarded_states_by_destination (destination_id=? AND id<?)",
        ),
        (
            page(StateFilter { sha: Some("a".into()), ..all() }),
            "forwarded_states_by_commit (destination_id=? AND sha=?)",
        ),
        (
            page(StateFilter { progress: Some("stopped"), ..all() }),
            "forwarded_states_stopped (destination_id=?)",
        ),
        (SPAN.to_owned(), "forwarded_states_by_destination (destination_id=? AND id>?)"),
        (RETRY.to_owned(), "forwarded_states_by_destination (destination_id=? AND id>? AND id<?)"),
        (FORGET_SENT.to_owned(), "forwarded_states_by_destination (destination_id=? AND id>? AND id<?)"),
        (claim_statement(), "forwarded_states_due (destination_id=? AND next_at<?)"),
        (DELETE_OF.to_owned(), "forwarded_states_by_commit (destination_id=? AND sha=?)"),
        (NEWEST_PIPELINE.to_owned(), "pipelines_by_identity (repository_id=? AND sha=?)"),
        (NEWEST_REF.to_owned(), "pipelines_by_identity (repository_id=? AND sha=?)"),
        (only_attempt_query(), "jobs_by_id (repository_id=? AND id=?)"),
        (only_attempt_query(), "p USING PRIMARY KEY (repository_id=? AND id=?)"),
        (only_attempt_query(), "o USING COVERING INDEX pipelines_by_identity (repository_id=? AND sha=?)"),
    ] {
        let plan = plan(&sql, &statement, &[]);
        assert!(plan.iter().any(|line| line.contains(wanted)), "{wanted} in {plan:#?}");
        let scans = |line: &String| line.starts_with("SCAN") && !line.starts_with("SCAN few");
        assert!(!plan.iter().any(scans), "{plan:#?}");
    }
}

/// What polls reads all destinations, of which a repository has few, and of the states only what an index has.
#[test]
fn statements_about_all_destinations_search_the_states_of_each() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    for (statement, wanted) in [
        (
            candidates_query(),
            &["forwarded_states_due (destination_id=? AND next_at<?)", "forwarded_states_claimed"][..],
        ),
        (RESETTING.to_owned(), &["destinations_resetting"]),
        (ORPHANED.to_owned(), &["forwarded_states_by_destination (destination_id>?)"]),
        (ANY_AFTER.to_owned(), &["forwarded_states_claimed"]),
    ] {
        let plan = plan(&sql, &statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        let scans = |line: &String| line.starts_with("SCAN d ") || line == "SCAN forwarded_states";
        assert!(!plan.iter().any(scans), "{plan:#?}");
    }
}
