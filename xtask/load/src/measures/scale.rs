//! The list of a store beside the same list of smaller stores.

use super::lists::{FEW, codearts, pool};
use crate::Outcome;
use crate::bench::{Bench, Product};
use crate::data_set::DataSet;
use crate::generator;
use crate::histogram::Histogram;
use crate::requests::{Pool, random};
use crate::results::ratio;
use std::net::SocketAddr;

/// The jobs of the small store.
const SMALL: u64 = 10_000;
/// The largest ratio of the medians to those of the small store.
const GOAL: f64 = 1.3;

/// The ratios of the median durations: of pipelines whose responses the server keeps, beside the small store, and
/// of any pipeline at random, beside a store with a tenth of the jobs. In the second ratio the large server keeps
/// the smaller part of the responses, so it has no goal.
pub fn list(bench: &mut Bench, name: &'static str) -> Outcome {
    let jobs = bench.options.jobs;
    compare(bench, name, "p50 of the list, of that at 10,000 jobs", SMALL, FEW, Some(GOAL))?;
    compare(bench, name, "p50 of any list, of that at a tenth of the jobs", jobs / 10, u64::MAX, None)
}

fn compare(
    bench: &mut Bench,
    name: &str,
    figure: &str,
    jobs: u64,
    pipelines: u64,
    goal: Option<f64>,
) -> Outcome {
    let (large, small) = (DataSet::of(bench.options.jobs), DataSet::of(jobs));
    let pools = [large, small].map(|set| pool(set, pipelines, codearts));
    for product in &bench.products {
        let store = bench.stores.with(product.engine, &product.binary, small)?;
        let server = store.serve(&product.binary)?;
        let [large, small] = medians(bench, product, server.address, &pools)?;
        server.stop()?;
        let value = ratio(large, small).unwrap_or(0.0);
        bench.results.figures.push(product.figure(format!("{name}, {figure}"), value, goal));
        eprintln!("{name:<20} {:<16} {large:>12.2} ms beside {small:.2} ms", product.engine.name());
    }
    Ok(())
}

/// The median durations in milliseconds, of the product and of the server at another address, in turns.
fn medians(bench: &Bench, product: &Product, other: SocketAddr, pools: &[Pool; 2]) -> Outcome<[f64; 2]> {
    let time = bench.options.round(false);
    let addresses = [product.server.address, other];
    let mut durations = [Histogram::new(), Histogram::new()];
    for round in 0..=bench.options.rounds {
        for at in 0..2 {
            let load = random(&pools[at]);
            let tally = generator::run(addresses[at], &load, bench.options.connections, Some(time))?;
            if let Some(error) = tally.error {
                return Err(error);
            }
            // The first round fills the caches.
            if round > 0 {
                durations[at].merge(&tally.latency);
            }
        }
    }
    Ok(durations.map(|durations| durations.percentile(50.0).unwrap_or(0.0)))
}
