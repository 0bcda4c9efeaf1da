//! Query plans of insights: they read a range of one index and sort nothing.

use super::plan;
use crate::insights::{CUT, ended_query};
use crate::sqlite::connect;

#[test]
fn the_attempts_of_a_period_are_a_range_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let of_ref = ended_query(true);
    for (statement, wanted) in [
        (CUT, &["COVERING INDEX jobs_by_end (repository_id=? AND finished_at>? AND finished_at<?)"][..]),
        (
            &of_ref,
            &[
                "SEARCH j USING INDEX jobs_by_end (repository_id=? AND finished_at>? AND finished_at<?)",
                "SEARCH s USING INDEX stages_by_id (repository_id=? AND id=?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
            ],
        ),
    ] {
        let plan = plan(&sql, statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        let scans = |line: &String| line.starts_with("SCAN") || line.contains("TEMP B-TREE");
        assert!(!plan.iter().any(scans), "{plan:#?}");
    }
}
