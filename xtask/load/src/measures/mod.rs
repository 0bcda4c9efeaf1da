//! The measures, in order: reading before writing, because writing changes the store.

mod batches;
mod combined;
mod disk;
mod fairness;
mod lists;
mod mixed;
mod reports;
mod repositories;
mod scale;
mod signed;
mod start;

use crate::Outcome;
use crate::bench::Bench;

/// Something that is measured on every server.
#[derive(Debug)]
pub struct Measure {
    /// Its name in `--only` and in the tables.
    pub name: &'static str,
    /// Measures it.
    pub run: fn(&mut Bench, name: &'static str) -> Outcome,
}

/// All measures.
pub const MEASURES: [Measure; 18] = [
    Measure { name: "list", run: lists::by_token },
    Measure { name: "list-random", run: lists::random },
    Measure { name: "list-signed", run: signed::list },
    Measure { name: "gitlab-jobs", run: lists::gitlab_jobs },
    Measure { name: "gitlab-statuses", run: lists::gitlab_statuses },
    Measure { name: "native-jobs", run: lists::native_jobs },
    Measure { name: "combined-status", run: combined::status },
    Measure { name: "scale", run: scale::list },
    Measure { name: "mixed", run: mixed::mixed },
    Measure { name: "reports", run: reports::new_jobs },
    Measure { name: "status-changes", run: reports::status_changes },
    Measure { name: "gitlab-reports", run: reports::gitlab },
    Measure { name: "github-reports", run: reports::github },
    Measure { name: "batches", run: batches::batches },
    Measure { name: "repositories", run: repositories::many },
    Measure { name: "fairness", run: fairness::one_client },
    Measure { name: "start", run: start::after_kill },
    Measure { name: "disk", run: disk::each_job },
];
