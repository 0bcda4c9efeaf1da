//! The start after a server was killed while it wrote.

use super::reports::create;
use crate::bench::{Bench, WARM_UP};
use crate::data_set::DataSet;
use crate::measures::lists::codearts_path;
use crate::reports::{Dialect, single};
use crate::results::median;
use crate::{Outcome, generator};
use std::time::Instant;

/// The longest time of a start, in seconds.
const GOAL: f64 = 1.0;

/// From the start of the process to the first list.
pub fn after_kill(bench: &mut Bench, name: &'static str) -> Outcome {
    let repositories = create(bench, 1)?;
    let path = codearts_path(&DataSet::of(bench.options.jobs).pipeline(0));
    let (rounds, senders) = (bench.options.rounds, bench.options.senders);
    for product in &mut bench.products {
        let mut seconds = Vec::new();
        for _ in 0..rounds {
            let load = single(Dialect::Native, repositories, senders as u64, false);
            generator::run(product.server.address, &load, senders, Some(WARM_UP))?;
            product.server.kill()?;
            let began = Instant::now();
            product.server = product.store.serve(&product.binary)?;
            product.server.get(&path)?;
            seconds.push(began.elapsed().as_secs_f64());
        }
        let value = median(seconds).unwrap_or(0.0);
        let figure = product.figure(format!("{name}, s"), value, Some(GOAL));
        bench.results.figures.push(figure);
        eprintln!("{name:<20} {:<16} {value:>12.2} s", product.engine.name());
    }
    Ok(())
}
