//! The query plans: insights look at a stretch of one index and sort nothing, whatever else a repository holds.

use super::plan;
use crate::insights::{CUT, ENDED};
use crate::sqlite::connect;

#[test]
fn what_ended_in_a_period_is_a_stretch_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let of_ref = format!("{ENDED} AND j.ref = ?4");
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
        let walks = |line: &String| line.starts_with("SCAN") || line.contains("TEMP B-TREE");
        assert!(!plan.iter().any(walks), "{plan:#?}");
    }
}
