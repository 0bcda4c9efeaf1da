//! Bytes on the disk for each job, after the server has stopped.

use crate::Outcome;
use crate::bench::Bench;
use crate::data_set::DataSet;

/// The largest number of jobs that are reported for this.
const JOBS_MAX: u64 = 200_000;

/// Jobs with one report, and jobs with three.
pub fn each_job(bench: &mut Bench, name: &'static str) -> Outcome {
    let set = DataSet::of(bench.options.jobs.min(JOBS_MAX));
    for product in &bench.products {
        for (three, reports, goal) in [(false, "one report", 500.0), (true, "three reports", 700.0)] {
            let store = bench.stores.empty(product.engine)?;
            store.serve(&product.binary)?.stop()?;
            let empty = store.size()?;
            let server = store.serve(&product.binary)?;
            set.generate(&server, three)?;
            server.stop()?;
            let value = store.size()?.saturating_sub(empty) as f64 / set.jobs() as f64;
            let figure = product.figure(format!("{name} of a job with {reports}, bytes"), value, Some(goal));
            bench.results.figures.push(figure);
            eprintln!("{name:<20} {:<16} {value:>12.0} bytes of a job with {reports}", product.engine.name());
        }
    }
    Ok(())
}
