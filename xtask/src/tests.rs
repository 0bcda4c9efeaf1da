//! `cargo xtask test`: everything a change must pass, in the order that finds faults soonest.

use crate::steps::{Count, Steps, counted, plain};
use crate::tools::{self, C_COMPILER};
use crate::{Outcome, python};

/// Runs all steps; `fast` leaves out those that need a release build.
pub fn run(fast: bool) -> Outcome {
    let strict = tools::in_ci();
    if strict && fast {
        return Err("--fast leaves steps out, and in CI nothing is".into());
    }
    std::env::set_current_dir(tools::root()?).map_err(|e| e.to_string())?;
    let mut steps = Steps::default();
    if !steps.step("a C compiler", || (Count::default(), C_COMPILER.ensure())) {
        return steps.close(strict);
    }
    steps.step("cargo fmt", || plain(tools::cargo().args(["fmt", "--all", "--check"])));
    steps.step("cargo clippy", || {
        plain(tools::cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    });
    // With --no-fail-fast the closing line counts every failure, not only the first crate's.
    steps.step("cargo test", || counted(tools::cargo().args(["test", "--workspace", "--no-fail-fast"])));
    if fast {
        println!("left out by --fast: the release build and the official SDKs");
        return steps.close(strict);
    }
    let built = steps.step("release build", || {
        plain(tools::cargo().args(["build", "--release", "--package", "stagepost"]))
    });
    if built {
        let binary = tools::target()?.join("release/stagepost");
        steps.step("official Python SDKs", || python::run(&binary));
    }
    steps.close(strict)
}
