//! Query plans of deliveries: what polls reads one index entry for each webhook with pending deliveries.

use super::plan;
use crate::rows::deliveries::candidates_query;
use crate::sqlite::connect;

#[test]
fn a_poll_reads_neither_all_webhooks_nor_all_deliveries() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let plan = plan(&sql, &candidates_query(), &[]);
    for wanted in [
        "SEARCH d USING COVERING INDEX deliveries_due (webhook_id>?)",
        "SEARCH d USING COVERING INDEX deliveries_due (webhook_id=?)",
        "SEARCH d USING COVERING INDEX deliveries_claimed (webhook_id=? AND next_at>?)",
        "SEARCH w USING INTEGER PRIMARY KEY (rowid=?)",
        "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)",
    ] {
        assert!(plan.iter().any(|line| line.contains(wanted)), "{wanted} in {plan:#?}");
    }
    let scans = |line: &String| line.starts_with("SCAN d") || line == "SCAN w" || line == "SCAN r";
    assert!(!plan.iter().any(scans), "{plan:#?}");
}
