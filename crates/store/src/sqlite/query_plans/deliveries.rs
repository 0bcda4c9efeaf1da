//! Query plans of deliveries: what polls reads one index entry for each webhook with pending deliveries.

use super::plan;
use crate::rows::deliveries::{WAITING, recipients_query};
use crate::rows::in_list;
use crate::sql::Flavor;
use crate::sqlite::connect;

#[test]
fn a_poll_reads_neither_all_webhooks_nor_all_deliveries() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let waiting = plan(&sql, WAITING, &[]);
    for wanted in [
        "deliveries_due (webhook_id>?)",
        "deliveries_due (webhook_id=?)",
        "deliveries_due (webhook_id=? AND next_at<?)",
        "deliveries_claimed (webhook_id=? AND next_at>?)",
    ] {
        assert!(
            waiting.iter().any(|line| line.starts_with("SEARCH d ") && line.contains(wanted)),
            "{waiting:#?}"
        );
    }
    assert!(!waiting.iter().any(|line| line.starts_with("SCAN d ")), "{waiting:#?}");
    let (_, ids) = in_list(Flavor::Sqlite, &[1, 7].into(), 1).unwrap();
    let recipients = plan(&sql, &recipients_query(&ids), &[]);
    for table in ["w", "r"] {
        let wanted = format!("SEARCH {table} USING INTEGER PRIMARY KEY (rowid=?)");
        assert!(recipients.contains(&wanted), "{recipients:#?}");
    }
}
