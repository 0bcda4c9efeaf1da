//! Query plans of the search: for each repository a range of an index.

use super::plan;
use crate::search::{Names, Queries};
use crate::sql::Flavor;
use crate::sqlite::connect;

#[test]
fn a_search_reads_ranges_of_indexes() {
    let dir = tempfile::tempdir().unwrap();
    let mut sql = connect::writer(&connect::file(dir.path())).unwrap();
    connect::migrate(&mut sql).unwrap();
    let queries = Queries { flavor: Flavor::Sqlite };
    for (statement, wanted) in [
        (queries.pipelines(), &["SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)"][..]),
        (
            queries.commits(),
            &[
                "SEARCH p USING COVERING INDEX pipelines_by_identity (repository_id=? AND sha>? AND sha<?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
            ],
        ),
        (
            queries.names(Names::Refs),
            &["SEARCH n USING COVERING INDEX pipelines_by_ref (repository_id=? AND ref>? AND ref<?)"],
        ),
        (
            Queries::newest_of_ref(),
            &[
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
                "SEARCH n USING COVERING INDEX pipelines_by_ref (repository_id=? AND ref=?)",
            ],
        ),
        (
            queries.names(Names::Jobs),
            &["SEARCH n USING COVERING INDEX jobs_by_name (repository_id=? AND name>? AND name<?)"],
        ),
        (
            Queries::jobs_of_name(),
            &[
                "SEARCH i USING INDEX jobs_by_name (repository_id=? AND name=?)",
                "SEARCH s USING INDEX stages_by_id (repository_id=? AND id=?)",
                "SEARCH p USING PRIMARY KEY (repository_id=? AND id=?)",
                "SEARCH j USING INDEX jobs_by_id (repository_id=? AND id=?)",
            ],
        ),
        (
            queries.builds(false),
            &["SEARCH j USING COVERING INDEX jobs_by_build (repository_id=? AND third_build_id=?)"],
        ),
        (
            queries.builds(true),
            &["SEARCH j USING COVERING INDEX jobs_by_build (repository_id=? AND third_build_id=?)"],
        ),
    ] {
        let plan = plan(&sql, &statement, &[]);
        for index in wanted {
            assert!(plan.iter().any(|line| line.starts_with(index)), "{index} in {plan:#?}");
        }
        // Only the repositories and what was found before are read row by row.
        let scans = |line: &&String| line.starts_with("SCAN") && !line.contains("VIRTUAL TABLE");
        let few = ["SCAN r", "SCAN f", "SCAN c", "SCAN a", "SCAN b", "SCAN k", "SCAN names"];
        let unbounded = plan.iter().filter(scans).find(|line| !few.iter().any(|few| line.starts_with(few)));
        assert_eq!(unbounded, None, "{plan:#?}");
    }
}
