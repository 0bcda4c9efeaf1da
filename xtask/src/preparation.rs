//! Work that steps need before they start, and work that takes time without needing the product: it begins at the start
//! of the run, in the background, and the step that needs it waits for it.

use crate::Outcome;
use crate::run::{Output, TestRun};
use crate::tools::{GO, JAVA, NODE, PACKAGING, PYTHON, Packages};
use crate::workspace::Workspace;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread::Scope;

/// The suites whose tests are Python programs with their own packages.
const ENVIRONMENTS: [&str; 5] = ["lint", "python", "schemathesis", "reporters", "packages"];
/// The suites that install packages of npm.
const NODE_PACKAGES: [&str; 2] = ["lint", "browser"];
/// The suites that compile programs in another language, or install a system: `run.py --prepare` does.
const PROGRAMS: [&str; 5] = ["node", "java", "go", "packages", "oidc"];

/// Work that is done once, by the first thread that needs it.
struct Preparation {
    name: String,
    kind: Kind,
    result: OnceLock<Outcome>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Packages,
    Environment(&'static str),
    NodePackages(&'static str),
    Programs(&'static str),
}

/// All preparations of a run.
pub struct Preparations<'a> {
    workspace: &'a Workspace,
    packages: &'a Packages,
    run: &'a TestRun,
    all: Vec<Preparation>,
}

impl<'a> Preparations<'a> {
    /// Those of the whole run, or without those of the suites.
    pub fn new(workspace: &'a Workspace, packages: &'a Packages, run: &'a TestRun, suites: bool) -> Self {
        let new = |name: String, kind| Preparation { name, kind, result: OnceLock::new() };
        let wanted = |suite: &&str| suites || **suite == *"lint";
        let mut all = vec![new("Debian's packages".into(), Kind::Packages)];
        all.extend(
            (ENVIRONMENTS.into_iter().filter(wanted))
                .map(|suite| new(format!("Python packages of compat/{suite}"), Kind::Environment(suite))),
        );
        all.extend(
            (NODE_PACKAGES.into_iter().filter(wanted))
                .map(|suite| new(format!("npm packages of compat/{suite}"), Kind::NodePackages(suite))),
        );
        all.extend(
            (PROGRAMS.into_iter().filter(wanted))
                .map(|suite| new(format!("programs of compat/{suite}"), Kind::Programs(suite))),
        );
        Self { workspace, packages, run, all }
    }

    /// Starts everything in the background: Debian's packages, Python's, and the rest, each on a thread.
    pub fn start<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        let threads: [fn(Kind) -> bool; 3] = [
            |kind| kind == Kind::Packages,
            |kind| matches!(kind, Kind::Environment(_)),
            |kind| matches!(kind, Kind::NodePackages(_) | Kind::Programs(_)),
        ];
        for belongs in threads {
            scope.spawn(move || {
                for preparation in self.all.iter().filter(|preparation| belongs(preparation.kind)) {
                    // The step that needs it reports the error.
                    let _ = self.ensure(preparation);
                }
            });
        }
    }

    /// The Python of a suite, with its packages.
    ///
    /// # Errors
    /// When they cannot be installed.
    pub fn python(&self, suite: &'static str) -> Outcome<PathBuf> {
        self.wait(Kind::Environment(suite))?;
        Ok(self.environment(suite)?.join("bin/python"))
    }

    /// The folder in which `node_modules` has the packages of a suite.
    ///
    /// # Errors
    /// When they cannot be installed.
    pub fn node_packages(&self, suite: &'static str) -> Outcome<PathBuf> {
        self.wait(Kind::NodePackages(suite))?;
        Ok(self.workspace.builds().join(suite))
    }

    /// Waits for the programs of a suite in another language.
    ///
    /// # Errors
    /// When they cannot be built.
    pub fn programs(&self, suite: &'static str) -> Outcome {
        self.wait(Kind::Programs(suite))
    }

    fn wait(&self, kind: Kind) -> Outcome {
        let found = self.all.iter().find(|preparation| preparation.kind == kind);
        self.ensure(found.ok_or("a preparation that this run does not have")?)
    }

    fn ensure(&self, preparation: &Preparation) -> Outcome {
        let Preparation { name, kind, result } = preparation;
        result
            .get_or_init(|| {
                self.run.preparation(name, |output| match *kind {
                    Kind::Packages => self.packages.install(),
                    Kind::Environment(suite) => self.make_environment(suite, output),
                    Kind::NodePackages(suite) => self.install_node_packages(suite, output),
                    Kind::Programs(suite) => self.build_programs(suite, output),
                })
            })
            .clone()
    }

    /// Named after what it is made of, so that a change makes another.
    fn environment(&self, suite: &str) -> Outcome<PathBuf> {
        let requirements = self.workspace.suite(suite).join("requirements.txt");
        let wanted = std::fs::read(&requirements).map_err(|e| format!("{}: {e}", requirements.display()))?;
        let version = Command::new("python3").arg("--version").stdin(Stdio::null()).output();
        let mut hasher = DefaultHasher::new();
        (wanted, version.map_err(|e| format!("python3: {e}"))?.stdout).hash(&mut hasher);
        Ok(self.workspace.builds().join(format!("{suite}-venv-{:016x}", hasher.finish())))
    }

    fn make_environment(&self, suite: &str, output: &mut Output<'_>) -> Outcome {
        self.packages.require(&PYTHON)?;
        let folder = self.environment(suite)?;
        // Written last: an environment without it is incomplete, and is made again.
        let complete = folder.join("complete");
        if complete.exists() {
            return Ok(());
        }
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        output.run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement"];
        let requirements = self.workspace.suite(suite).join("requirements.txt");
        output.run(Command::new(folder.join("bin/python")).args(pip).arg(requirements))?;
        std::fs::write(&complete, "").map_err(|e| format!("{}: {e}", complete.display()))
    }

    fn install_node_packages(&self, suite: &str, output: &mut Output<'_>) -> Outcome {
        self.packages.require(&NODE)?;
        let (sources, folder) = (self.workspace.suite(suite), self.workspace.builds().join(suite));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let names = ["package.json", "package-lock.json"];
        // npm writes it last.
        let complete = folder.join("node_modules/.package-lock.json").exists();
        if complete && names.iter().all(|name| same_content(&sources.join(name), &folder.join(name))) {
            return Ok(());
        }
        for name in names {
            std::fs::copy(sources.join(name), folder.join(name)).map_err(|e| format!("{name}: {e}"))?;
        }
        let install = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"];
        output.run(Command::new("npm").args(install).current_dir(&folder))
    }

    /// At a low priority: compiling the product and running its tests come first.
    fn build_programs(&self, suite: &str, output: &mut Output<'_>) -> Outcome {
        self.packages.require(&PYTHON)?;
        match suite {
            "go" => self.packages.require(&GO)?,
            "java" => self.packages.require(&JAVA)?,
            "packages" => self.packages.require(&PACKAGING)?,
            _ => self.packages.require(&NODE)?,
        }
        let mut command = Command::new("nice");
        command.args(["-n", "10", "python3", "-u"]).arg(self.workspace.suite(suite).join("run.py"));
        output.run(command.arg("--prepare").env("BUILDS", self.workspace.builds()))
    }
}

fn same_content(one: &Path, other: &Path) -> bool {
    matches!((std::fs::read(one), std::fs::read(other)), (Ok(one), Ok(other)) if one == other)
}
