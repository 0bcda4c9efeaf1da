//! Single reports, each acknowledged when it is durable.

use crate::Outcome;
use crate::bench::{Bench, Kind};
use crate::generator::{self, Load};
use crate::reports::{Dialect, NewRepositories, Repositories, single};
use std::sync::atomic::{AtomicU64, Ordering};

/// The repositories that are written to have larger ids than those of the data set.
const FIRST: u64 = 2_000_000;

/// A new job with each report.
pub fn new_jobs(bench: &mut Bench, name: &'static str) -> Outcome {
    let repositories = create(bench, 1)?;
    new_jobs_of(bench, name, repositories)
}

/// The same in some repositories.
pub fn new_jobs_of(bench: &mut Bench, name: &str, repositories: Repositories) -> Outcome {
    measure(bench, name, Dialect::Native, repositories, false)
}

/// Three reports of each job: it waits, runs and succeeds.
pub fn status_changes(bench: &mut Bench, name: &'static str) -> Outcome {
    let repositories = create(bench, 1)?;
    measure(bench, name, Dialect::Native, repositories, true)
}

/// The same in the GitLab API.
pub fn gitlab(bench: &mut Bench, name: &'static str) -> Outcome {
    let repositories = create(bench, 1)?;
    measure(bench, name, Dialect::Gitlab, repositories, true)
}

/// The same in the GitHub API.
pub fn github(bench: &mut Bench, name: &'static str) -> Outcome {
    let repositories = create(bench, 1)?;
    measure(bench, name, Dialect::Github, repositories, true)
}

fn measure(
    bench: &mut Bench,
    name: &str,
    dialect: Dialect,
    repositories: Repositories,
    three: bool,
) -> Outcome {
    let connections = bench.options.senders;
    let load = || single(dialect, repositories, connections as u64, three);
    bench.compare(&Kind { measure: name, connections, counts_reports: true, load: &load, before: None })
}

/// Creates repositories in every store.
///
/// # Errors
/// When a server refuses one.
pub fn create(bench: &Bench, count: u64) -> Outcome<Repositories> {
    static NEXT: AtomicU64 = AtomicU64::new(FIRST);
    let repositories = Repositories { first: NEXT.fetch_add(count, Ordering::Relaxed), count };
    let senders = bench.options.senders as u64;
    for product in &bench.products {
        let next = std::cell::Cell::new(0);
        let load: Load = Box::new(move || {
            Box::new(NewRepositories::new(repositories, next.replace(next.get() + 1), senders))
        });
        let tally = generator::run(product.server.address, &load, bench.options.senders, None)?;
        if let Some(error) = tally.error {
            return Err(format!("a repository is not created: {error}"));
        }
    }
    Ok(repositories)
}
