//! Batches of new jobs.

use super::reports::create;
use crate::Outcome;
use crate::batches::{self, Batches};
use crate::bench::{Bench, Kind};
use crate::generator::Load;
use crate::requests::unique;

/// Connections that send batches: one that the server works at, and others that wait.
const SENDERS: usize = 4;

/// One report of each job. Reports are counted, and not batches.
pub fn batches(bench: &mut Bench, name: &'static str) -> Outcome {
    let repository = create(bench, 1)?.first;
    let load = || -> Load {
        Box::new(move || {
            let pipelines = u64::from(u32::MAX);
            batches::batches(Batches { repository, owner: unique(), pipelines, three: false })
        })
    };
    bench.compare(&Kind {
        measure: name,
        connections: SENDERS,
        counts_reports: true,
        load: &load,
        before: None,
    })
}
