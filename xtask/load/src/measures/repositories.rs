//! Many repositories that are written to at once, beside one.

use super::reports::{create, new_jobs_of};
use crate::Outcome;
use crate::bench::Bench;

/// The measure of one repository, in the same minutes.
pub const ONE: &str = "one-repository";

/// Single reports of new jobs.
pub fn many(bench: &mut Bench, name: &'static str) -> Outcome {
    let one = create(bench, 1)?;
    let many = create(bench, bench.options.repositories)?;
    new_jobs_of(bench, ONE, one)?;
    new_jobs_of(bench, name, many)
}
