//! The suites in `compat/`: clients of the server, run against the binary that the Rust tests were built
//! with.

use crate::Outcome;
use crate::preparation::Preparations;
use crate::run::{Output, Printing, TestRun};
use crate::temporary::TemporaryFiles;
use crate::test::Cluster;
use crate::tools::{
    C_COMPILER, CHROMIUM, GO, JAVA, MONO, NODE, PACKAGING, PHP, PYTHON, Packages, SHELL_TOOLS, Tool,
};
use crate::workspace::{Workspace, plain_cargo};
use std::collections::VecDeque;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// A suite, and what it needs beside Python.
struct Suite {
    title: &'static str,
    folder: &'static str,
    tools: &'static [&'static Tool],
    runner: Runner,
}

#[derive(Clone, Copy)]
enum Runner {
    /// `run.py` with its own packages.
    Environment,
    /// `run.py` with Python alone.
    Bare,
    /// `run.py` with Python alone, after its programs are built.
    Programs,
    /// `run.py` with its own packages, after its programs are built.
    Both,
    /// A workspace of Cargo, on both stores.
    Crate,
    /// `run.py` in a browser, without the tests that measure time.
    Browser,
}

/// The suites that run side by side, the longest first.
const SUITES: [Suite; 12] = [
    Suite { title: "official Python SDKs", folder: "python", tools: &[&NODE], runner: Runner::Environment },
    Suite {
        title: "the pages in Chromium",
        folder: "browser",
        tools: &[&NODE, &CHROMIUM],
        runner: Runner::Browser,
    },
    Suite { title: "the Rust crates gitlab and octocrab", folder: "rust", tools: &[], runner: Runner::Crate },
    Suite {
        title: "OpenAPI documents against the server",
        folder: "schemathesis",
        tools: &[],
        runner: Runner::Environment,
    },
    Suite {
        title: "Buildbot, python-gitlab and PyGithub",
        folder: "reporters",
        tools: &[&SHELL_TOOLS],
        runner: Runner::Environment,
    },
    Suite {
        title: "the explorer's samples in C#",
        folder: "csharp",
        tools: &[&NODE, &MONO],
        runner: Runner::Bare,
    },
    Suite {
        title: "official Node.js SDK and octokit",
        folder: "node",
        tools: &[&NODE],
        runner: Runner::Programs,
    },
    // It mostly waits for a system that starts.
    Suite {
        title: "the packages on Debian",
        folder: "packages",
        tools: &[&C_COMPILER, &PACKAGING],
        runner: Runner::Both,
    },
    // With those of its packages that the registry serves; the suite skips the tests of the others.
    Suite {
        title: "official Java SDK, and what Jenkins uses",
        folder: "java",
        tools: &[&NODE, &JAVA, &SHELL_TOOLS],
        runner: Runner::Programs,
    },
    Suite {
        title: "official Go SDKs, also of Gitea, and notifications of Argo CD",
        folder: "go",
        tools: &[&NODE, &GO],
        runner: Runner::Programs,
    },
    Suite {
        title: "signing in with oidc-provider",
        folder: "oidc",
        tools: &[&NODE],
        runner: Runner::Programs,
    },
    Suite {
        title: "the explorer's samples in PHP",
        folder: "php",
        tools: &[&NODE, &PHP],
        runner: Runner::Bare,
    },
];

/// The shared resources of the suites.
pub struct Context<'a> {
    pub workspace: &'a Workspace,
    pub packages: &'a Packages,
    pub preparations: &'a Preparations<'a>,
    pub cluster: &'a Cluster<'a>,
    pub temporary: &'a TemporaryFiles,
    pub run: &'a TestRun,
}

/// The suites that no thread has taken yet.
pub struct Queue(Mutex<VecDeque<Suite>>);

impl Queue {
    pub fn new() -> Self {
        Self(Mutex::new(SUITES.into()))
    }

    /// Runner suites until none is left. Several threads may do so.
    pub fn work(&self, context: &Context<'_>) {
        loop {
            let next = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(suite) = next else { return };
            // The time of waiting is not part of the time of the suite.
            let ready = suite.prepare(context);
            context.run.step(suite.title, Printing::Whole, |output| {
                ready?;
                suite.run(context, output)
            });
        }
    }
}

impl Suite {
    fn prepare(&self, context: &Context<'_>) -> Outcome {
        context.packages.require(&PYTHON)?;
        for tool in self.tools {
            context.packages.require(tool)?;
        }
        context.cluster.url()?;
        match self.runner {
            Runner::Environment => context.preparations.python(self.folder).map(drop),
            Runner::Programs => context.preparations.programs(self.folder),
            Runner::Both => {
                context.preparations.programs(self.folder)?;
                context.preparations.python(self.folder).map(drop)
            }
            Runner::Browser => context.preparations.node_packages(self.folder).map(drop),
            Runner::Bare | Runner::Crate => Ok(()),
        }
    }

    fn run(&self, context: &Context<'_>, output: &mut Output<'_>) -> Outcome {
        if matches!(self.runner, Runner::Crate) {
            return rust_clients(context, output);
        }
        let environment = matches!(self.runner, Runner::Environment | Runner::Both);
        let mut script = script(context, self.folder, environment)?;
        if matches!(self.runner, Runner::Browser) {
            script.args(["./unit/", "./tests/"]);
        }
        output.run_tests(&mut script)
    }
}

/// `run.py` of a suite against the binary, with the run's cluster and what was built beforehand.
pub fn script(context: &Context<'_>, suite: &'static str, environment: bool) -> Outcome<Command> {
    let python = if environment { context.preparations.python(suite)? } else { "python3".into() };
    let mut command = Command::new(python);
    command.arg("-u").arg(context.workspace.suite(suite).join("run.py")).arg(context.workspace.binary());
    command.env("BUILDS", context.workspace.builds());
    command.env("XTASK", context.workspace.xtask());
    context.cluster.pass_to(&mut command)?;
    // A Debian system has devices and programs with the rights of their owner, which need a disk.
    if suite != "packages" {
        context.temporary.pass_to(&mut command);
    }
    Ok(command)
}

/// The tests of the pages that measure time. Nothing else may run beside them.
pub fn timed_pages(context: &Context<'_>) {
    let ready = [&PYTHON, &NODE, &CHROMIUM].into_iter().try_for_each(|tool| context.packages.require(tool));
    let ready = ready.and_then(|()| context.preparations.node_packages("browser").map(drop));
    context.run.step("the pages in Chromium, timed", Printing::Whole, |output| {
        ready?;
        output.run_tests(script(context, "browser", false)?.arg("./timed/"))
    });
}

/// A separate workspace, so that its dependencies touch neither the product's lock file nor its features.
/// It shares the target folder: dependencies that are the same are not compiled again.
fn rust_clients(context: &Context<'_>, output: &mut Output<'_>) -> Outcome {
    for on_postgres in [false, true] {
        let mut command = plain_cargo();
        command
            .args(["test", "--locked", "--manifest-path"])
            .arg(context.workspace.suite("rust").join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", &context.workspace.target)
            .env("STAGEPOST_BINARY", context.workspace.binary());
        context.temporary.pass_to(&mut command);
        if on_postgres {
            context.cluster.pass_to(&mut command)?;
            command.env("STORE", "postgres");
        } else {
            command.env("STORE", "sqlite");
        }
        output.run_tests(&mut command)?;
    }
    Ok(())
}
