//! Lists, and reports about the jobs in them: nine of ten requests read.

use super::lists::{FEW, codearts, pool};
use crate::bench::{Bench, Kind, warm_up};
use crate::data_set::DataSet;
use crate::generator::{Load, Requests};
use crate::reports::ProgressReport;
use crate::requests::{Pool, Random};
use crate::{JOBS, Outcome};
use std::sync::Arc;

/// The number of requests of which one is a report.
const REPORTS: usize = 10;

/// Reads a few pipelines and changes the texts of their jobs.
pub fn mixed(bench: &mut Bench, name: &'static str) -> Outcome {
    let set = DataSet::of(bench.options.jobs);
    let lists = pool(set, FEW, codearts);
    let load = || -> Load {
        let lists = Arc::clone(&lists);
        Box::new(move || {
            let report = ProgressReport::new(set.pipeline(0).repository);
            Box::new(Mixed {
                lists: Arc::clone(&lists),
                set,
                report,
                random: Random::new(),
                at: None,
                count: 0,
            })
        })
    };
    let connections = bench.options.connections;
    bench.compare(&Kind {
        measure: name,
        connections,
        counts_reports: false,
        load: &load,
        before: warm_up(&lists),
    })
}

struct Mixed {
    lists: Pool,
    set: DataSet,
    report: ProgressReport,
    random: Random,
    /// The list that was built last; `None`: it was a report.
    at: Option<usize>,
    count: u64,
}

impl Requests for Mixed {
    fn advance(&mut self) -> bool {
        let pipeline = self.random.below(self.lists.len());
        if self.random.below(REPORTS) > 0 {
            self.at = Some(pipeline);
            return true;
        }
        self.at = None;
        self.count += 1;
        let pipeline = self.set.pipeline(pipeline as u64);
        let job = self.random.below(JOBS as usize) as u64;
        self.report.fill(pipeline.repository, pipeline.id - 1, job, self.count);
        true
    }

    fn bytes(&self) -> &[u8] {
        self.at.map_or(self.report.bytes(), |at| &self.lists[at])
    }

    fn reports(&self) -> u64 {
        u64::from(self.at.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_of_ten_requests_read() {
        let set = DataSet::of(400);
        let (lists, report) = (pool(set, FEW, codearts), ProgressReport::new(set.pipeline(0).repository));
        let mut mixed = Mixed { lists, set, report, random: Random::new(), at: None, count: 0 };
        let reports: u64 = (0..10_000)
            .map(|_| {
                assert!(mixed.advance());
                let starts = if mixed.reports() == 1 { "POST /native/v1/" } else { "GET /v4/" };
                assert!(mixed.bytes().starts_with(starts.as_bytes()));
                mixed.reports()
            })
            .sum();
        assert!((800..1_200).contains(&reports), "{reports}");
    }
}
