//! The list of a store beside the same list of a store with a tenth of its jobs.

use super::lists::{codearts, pool};
use crate::Outcome;
use crate::bench::Bench;
use crate::data_set::DataSet;
use crate::generator;
use crate::histogram::Histogram;
use crate::requests::random;
use crate::results::ratio;

/// The largest ratio of the medians.
const GOAL: f64 = 1.3;

/// The ratio of the median durations, of any pipeline at random.
pub fn list(bench: &mut Bench, name: &'static str) -> Outcome {
    let (large, small) = (DataSet::of(bench.options.jobs), DataSet::of(bench.options.jobs / 10));
    let pools = [large, small].map(|set| pool(set, u64::MAX, codearts));
    let time = bench.options.round(false);
    let connections = bench.options.connections;
    for product in &bench.products {
        let store = bench.stores.with(product.engine, &product.binary, small)?;
        let server = store.serve(&product.binary)?;
        let addresses = [product.server.address, server.address];
        let mut durations = [Histogram::new(), Histogram::new()];
        for round in 0..=bench.options.rounds {
            for at in 0..2 {
                let tally = generator::run(addresses[at], &random(&pools[at]), connections, Some(time))?;
                if let Some(error) = tally.error {
                    return Err(error);
                }
                // The first round fills the caches.
                if round > 0 {
                    durations[at].merge(&tally.latency);
                }
            }
        }
        server.stop()?;
        let [large, small] = durations.map(|durations| durations.percentile(50.0).unwrap_or(0.0));
        let value = ratio(large, small).unwrap_or(0.0);
        let figure = product.figure(format!("{name}, p50 of the list at 10 times the jobs"), value, GOAL);
        bench.results.figures.push(figure);
        eprintln!("{name:<20} {:<16} {large:>12.2} ms beside {small:.2} ms", product.engine.name());
    }
    Ok(())
}
