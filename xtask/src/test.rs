//! `cargo xtask test`: everything that a change must pass.

use crate::Outcome;
use crate::preparation::Preparations;
use crate::run::{Printing, TestRun};
use crate::suites::{self, Context, Queue};
use crate::temporary::TemporaryFiles;
use crate::tools::{
    C_COMPILER, CHROMIUM, GO, HAPROXY, JAVA, MONO, NGINX, NODE, PACKAGING, PHP, POSTGRES, PROMETHEUS, PYTHON,
    Packages, SHELL_TOOLS,
};
use crate::workspace::{Workspace, in_ci};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

/// How much runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Fast,
    Ordinary,
    Long,
}

/// Fewer rounds for a first look.
const FAST: [(&str, &str); 6] = [
    ("STAGEPOST_CRASH_CYCLES", "5"),
    ("STAGEPOST_RACES", "20"),
    ("STAGEPOST_FAILOVERS", "2"),
    ("STAGEPOST_INTERRUPTED_SECONDS", "5"),
    ("STAGEPOST_BACKUPS", "3"),
    ("STAGEPOST_GENERATED_REQUESTS", "1000"),
];
/// More rounds than in CI.
const LONG: [(&str, &str); 11] = [
    ("STAGEPOST_CRASH_CYCLES", "1000"),
    ("STAGEPOST_FORWARD_KILLS", "200"),
    ("STAGEPOST_FORWARD_STATES", "10000"),
    ("STAGEPOST_RACES", "1000"),
    ("STAGEPOST_FAILOVERS", "60"),
    ("STAGEPOST_INTERRUPTED_SECONDS", "600"),
    ("STAGEPOST_BACKUPS", "200"),
    ("STAGEPOST_GENERATED_REQUESTS", "100000"),
    ("PROPTEST_CASES", "20000"),
    ("SIGNED", "500000"),
    ("SCHEMATHESIS_EXAMPLES", "200"),
];
/// The tests that these numbers are for.
const LONG_TESTS: [(&str, &[&str]); 2] = [
    (
        "stagepost",
        &[
            "crash",
            "race",
            "nodes",
            "forwarding::kills",
            "generated",
            "interruptions",
            "standby",
            "migration",
            "backups",
        ],
    ),
    ("wire", &["signing"]),
];

/// Options of a measurement that takes seconds: one measure of each kind.
const BRIEFLY: [&str; 10] = [
    "--seconds",
    "0.1",
    "--rounds",
    "1",
    "--jobs",
    "2,000",
    "--repositories",
    "100",
    "--only",
    "list,list-signed,scale,mixed,gitlab-reports,batches,repositories,fairness,start,disk",
];

/// Runs the steps of an extent, and prints how long each took and the sums.
pub fn run(extent: Extent) -> Outcome<ExitCode> {
    let strict = in_ci();
    if strict && extent == Extent::Fast {
        return Err("--fast leaves tests out, which CI does not accept".into());
    }
    let workspace = &Workspace::find()?;
    let run = TestRun::new();
    let mut tools = vec![&C_COMPILER, &PYTHON, &NODE, &POSTGRES, &NGINX, &HAPROXY, &PROMETHEUS, &SHELL_TOOLS];
    if extent != Extent::Fast {
        tools.extend([&GO, &JAVA, &PHP, &MONO, &CHROMIUM, &PACKAGING]);
    }
    let packages = &Packages::new(&tools);
    let preparations = &Preparations::new(workspace, packages, &run, extent != Extent::Fast);
    let temporary = &TemporaryFiles::new();
    let cluster = &Cluster::new(workspace, packages, temporary);
    let context = &Context { workspace, packages, preparations, cluster, temporary, run: &run };
    std::thread::scope(|scope| {
        let progress = run.report_progress(scope);
        preparations.start(scope);
        let scripts = scope.spawn(|| check_scripts(context));
        if check_rust(context) {
            test(context, extent);
        }
        let joined = scripts.join();
        drop(progress);
        joined.map_err(|_| "a thread panicked".to_owned())
    })?;
    if extent == Extent::Fast {
        println!("--fast leaves out the suites in compat/, and most rounds of the crash tests");
    }
    Ok(run.close(strict))
}

/// The tests of the workspace beside the suites, and what needs a quiet machine at the end.
fn test(context: &Context<'_>, extent: Extent) {
    let queue = &Queue::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            context.run.step("cargo test, on PostgreSQL", Printing::Whole, |output| {
                let mut tests = cargo_test(context, extent)?;
                // Of the whole workspace, so that features and dependencies are those of the other step.
                tests.args(["--workspace", "--no-fail-fast", "--test", "it"]);
                output.run_tests(tests.env("STAGEPOST_TEST_STORE", "postgres"))
            });
            if extent != Extent::Fast {
                queue.work(context);
            }
        });
        context.run.step("cargo test", Printing::Live, |output| {
            // With --no-fail-fast the sums count every failure, and not only those of the first crate.
            output.run_tests(cargo_test(context, extent)?.args(["--workspace", "--no-fail-fast"]))
        });
        if extent != Extent::Fast {
            // A suite waits for its server and its clients in turn: two of them leave a processor idle at times.
            scope.spawn(|| queue.work(context));
            queue.work(context);
        }
    });
    if extent != Extent::Fast {
        measure(context);
        suites::timed_pages(context);
    }
    if extent == Extent::Long {
        long(context);
    }
}

fn cargo_test(context: &Context<'_>, extent: Extent) -> Outcome<Command> {
    let mut command = context.workspace.cargo();
    command.arg("test");
    context.cluster.pass_to(&mut command)?;
    context.temporary.pass_to(&mut command);
    // The server is tested behind nginx and HAProxy, and the printed settings are run.
    context.packages.require(&NGINX)?;
    context.packages.require(&HAPROXY)?;
    context.packages.require(&PROMETHEUS)?;
    context.packages.require(&SHELL_TOOLS)?;
    if extent == Extent::Fast {
        set_unless_set(&mut command, &FAST);
    }
    Ok(command)
}

/// `cargo xtask load` for a moment: it fails when a request does.
fn measure(context: &Context<'_>) {
    let ready = context.packages.require(&NGINX);
    context.run.step("cargo xtask load, briefly", Printing::Whole, |output| {
        ready?;
        let folder = context.workspace.builds().join("load");
        let mut command = Command::new(context.workspace.target.join("debug/load"));
        command.args(["measure", "--scratch"]).arg(&folder).args(BRIEFLY);
        context.cluster.pass_to(&mut command)?;
        output.run(&mut command)
    });
}

/// The tests that take numbers, once more with larger ones.
fn long(context: &Context<'_>) {
    for (package, filters) in LONG_TESTS {
        context.run.step(&format!("{package}, with more rounds"), Printing::Live, |output| {
            let mut tests = cargo_test(context, Extent::Long)?;
            tests.args(["--package", package, "--no-fail-fast", "--tests", "--"]).args(filters);
            set_unless_set(&mut tests, &LONG);
            output.run_tests(&mut tests)
        });
    }
    for (suite, test) in [("python", "signatures"), ("schemathesis", "generated")] {
        context.run.step(&format!("compat/{suite}, with more requests"), Printing::Live, |output| {
            let mut tests = suites::script(context, suite, true)?;
            set_unless_set(tests.arg(test), &LONG);
            output.run_tests(&mut tests)
        });
    }
}

fn set_unless_set(command: &mut Command, settings: &[(&str, &str)]) {
    for (name, value) in settings.iter().filter(|(name, _)| std::env::var_os(name).is_none()) {
        command.env(name, value);
    }
}

/// Lints and compiles. Clippy is the compiler here, so that dependencies are compiled once for it
/// and the tests.
fn check_rust(context: &Context<'_>) -> bool {
    let Context { workspace, packages, run, .. } = context;
    let compiler = packages.require(&C_COMPILER);
    run.step("cargo build, with clippy's lints", Printing::Live, |output| {
        compiler?;
        output.run(workspace.cargo().args(["build", "--workspace", "--all-targets"]))
    })
}

/// Checks the format of Rust beside its compilation, and formats and lints Python and JavaScript.
fn check_scripts(context: &Context<'_>) {
    let Context { workspace, preparations, run, .. } = context;
    run.step("cargo fmt", Printing::Whole, |output| {
        output.run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
        // A separate workspace.
        let manifest = workspace.suite("rust").join("Cargo.toml");
        output.run(workspace.cargo().args(["fmt", "--check", "--manifest-path"]).arg(manifest))
    });
    let ruff = preparations.python("lint").map(|python| python.with_file_name("ruff"));
    run.step("ruff", Printing::Whole, |output| {
        let ruff = ruff?;
        output.run(Command::new(&ruff).arg("check").current_dir(&workspace.root))?;
        output.run(Command::new(&ruff).args(["format", "--check"]).current_dir(&workspace.root))
    });
    let biome = preparations.node_packages("lint").map(|folder| folder.join("node_modules/.bin/biome"));
    run.step("biome", Printing::Whole, |output| {
        output.run(Command::new(biome?).args(["ci", "--error-on-warnings"]).current_dir(&workspace.root))
    });
}

/// The PostgreSQL of a run: started when it is first asked for, and stopped with the run.
pub struct Cluster<'a> {
    workspace: &'a Workspace,
    packages: &'a Packages,
    temporary: &'a TemporaryFiles,
    url: OnceLock<Outcome<String>>,
    program: Mutex<Option<Child>>,
}

impl<'a> Cluster<'a> {
    fn new(workspace: &'a Workspace, packages: &'a Packages, temporary: &'a TemporaryFiles) -> Self {
        Self { workspace, packages, temporary, url: OnceLock::new(), program: Mutex::new(None) }
    }

    /// The URL of its administrator, without a database.
    ///
    /// # Errors
    /// When PostgreSQL is missing or does not start.
    pub fn url(&self) -> Outcome<&str> {
        self.url.get_or_init(|| self.start()).as_deref().map_err(Clone::clone)
    }

    /// Sets the variable that tests read.
    ///
    /// # Errors
    /// When PostgreSQL is missing or does not start.
    pub fn pass_to(&self, command: &mut Command) -> Outcome {
        command.env("STAGEPOST_TEST_POSTGRES", self.url()?);
        Ok(())
    }

    fn start(&self) -> Outcome<String> {
        self.packages.require(&POSTGRES)?;
        self.packages.require(&PYTHON)?;
        let failed = |e: std::io::Error| format!("PostgreSQL: {e}");
        // It stops the cluster when its input ends, as it does when this process ends in whatever way.
        let mut command = Command::new("python3");
        command
            .arg(self.workspace.suite("support").join("postgres.py"))
            .env_remove("STAGEPOST_TEST_POSTGRES");
        self.temporary.pass_to(&mut command);
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut line = String::new();
        if let Some(stdout) = program.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        *self.program.lock().unwrap_or_else(PoisonError::into_inner) = Some(program);
        let url = line.trim();
        if url.is_empty() { Err("PostgreSQL does not start".into()) } else { Ok(url.to_owned()) }
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        if let Some(mut program) = self.program.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(program.stdin.take());
            // Whatever it ends with, the run is over.
            let _ = program.wait();
        }
    }
}
