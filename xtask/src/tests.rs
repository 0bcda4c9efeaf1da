//! `cargo xtask test`: everything a change must pass, in the order that finds faults soonest.

use crate::steps::{Count, Steps, counted, plain};
use crate::tools::{self, C_COMPILER, CHROMIUM, GO, JAVA, MONO, NODE, PHP, POSTGRES, PYTHON};
use crate::{Outcome, python};
use std::path::Path;
use std::process::Command;

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
    steps.step("PostgreSQL", || (Count::default(), POSTGRES.ensure()));
    // With --no-fail-fast the closing line counts every failure, not only the first crate's.
    steps.step("cargo test", || counted(tools::cargo().args(["test", "--workspace", "--no-fail-fast"])));
    steps.step("cargo test, on PostgreSQL", || {
        // Of the whole workspace, so that nothing is built otherwise than before.
        let mut tests = tools::cargo();
        tests.args(["test", "--workspace", "--test", "it", "--no-fail-fast"]);
        counted(tests.env("STAGEPOST_TEST_STORE", "postgres"))
    });
    if fast {
        println!("left out by --fast: the release build and the suites in compat/");
        return steps.close(strict);
    }
    let built = steps.step("release build", || {
        plain(tools::cargo().args(["build", "--release", "--package", "stagepost"]))
    });
    if built {
        let binary = tools::target()?.join("release/stagepost");
        steps.step("official Python SDKs", || python::run("python", &binary));
        steps.step("official Go SDKs", || python::run_bare("go", &GO, &binary));
        steps.step("official Node.js SDK", || python::run_bare("node", &NODE, &binary));
        // Of its packages those that the registry serves; the suite says which it leaves out.
        steps.step("official Java SDK", || python::run_bare("java", &JAVA, &binary));
        steps.step("the explorer's samples in PHP", || python::run_bare("php", &PHP, &binary));
        steps.step("the explorer's samples in C#", || python::run_bare("csharp", &MONO, &binary));
        steps.step("the pages in Chromium", || match CHROMIUM.ensure() {
            Ok(()) => python::run_bare("browser", &NODE, &binary),
            Err(why) => (Count::default(), Err(why)),
        });
        steps.step("Buildbot and python-gitlab", || python::run("reporters", &binary));
        steps.step("OpenAPI documents against the server", || python::run("schemathesis", &binary));
        steps.step("the Rust crate gitlab", || rust_client(&binary, false));
        steps.step("the Rust crate gitlab, on PostgreSQL", || rust_client(&binary, true));
    }
    steps.close(strict)
}

/// A workspace of its own, so its dependencies touch neither the product's lock file nor its features.
fn rust_client(binary: &Path, postgres: bool) -> (Count, Outcome) {
    let (root, target) = match PYTHON.ensure().and_then(|()| Ok((tools::root()?, tools::target()?))) {
        Ok(found) => found,
        Err(why) => return (Count::default(), Err(why)),
    };
    let cargo = tools::cargo();
    let mut command = if postgres {
        let mut beside = Command::new("python3");
        beside.arg(root.join("compat/support/postgres.py")).arg(cargo.get_program());
        beside
    } else {
        cargo
    };
    counted(
        command
            .args(["test", "--locked", "--manifest-path"])
            .arg(root.join("compat/rust/Cargo.toml"))
            .env("CARGO_TARGET_DIR", target.join("compat/rust"))
            .env("STAGEPOST_BINARY", binary),
    )
}
