//! Query plans of one job across pipelines, of the grid and of comparisons: ranges of one index, of which at most a few
//! thousand rows are sorted.

use super::plan;
use crate::comparisons::Related;
use crate::sqlite::connect;
use crate::{grid, job_runs};

#[test]
fn attempts_across_pipelines_are_a_range_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let (of_ref, of_pipelines) = (job_runs::attempts_query(true, true), grid::attempts_query("?2, ?3"));
    for (statement, wanted) in [
        (job_runs::HAS_MORE, &["COVERING INDEX jobs_by_name (repository_id=? AND name=?)"][..]),
        (
            &of_ref,
            &[
                "SEARCH j USING INDEX jobs_by_name (repository_id=? AND name=?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
                "SEARCH s USING INDEX stages_by_id (repository_id=? AND id=?)",
            ],
        ),
        (&of_pipelines, &["SEARCH j USING PRIMARY KEY (repository_id=? AND pipeline_id=?)"]),
    ] {
        let plan = plan(&sql, statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.contains(index)), "{index} in {plan:#?}");
        }
        // Of the attempts with a name, at most a few thousand are read, filtered and sorted.
        let is_bounded = plan.iter().any(|line| line.starts_with("CO-ROUTINE named"));
        let scans = |line: &String| match is_bounded {
            true => line.starts_with("SCAN") && line != "SCAN named",
            false => line.starts_with("SCAN") || line.contains("TEMP B-TREE"),
        };
        assert!(!plan.iter().any(scans), "{plan:#?}");
    }
}

/// However long ago a pipeline of a ref succeeded, the pipelines of other refs are not read, and none is sorted.
#[test]
fn the_pipelines_of_a_ref_that_one_is_compared_with_are_a_range_of_an_index() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    for (related, bounds) in [
        (Related::Newer, "id>?"),
        (Related::Older, "id<?"),
        (Related::LastGreen, "id<?"),
        (Related::FirstFailed, "id>? AND id<?"),
    ] {
        let wanted =
            format!("SEARCH p USING INDEX pipelines_by_ref (repository_id=? AND ref=? AND {bounds})");
        assert_eq!(plan(&sql, &related.query(), &[]), [wanted], "{related:?}");
    }
}
