//! `cargo xtask dist`: makes the files for installing: the program, an archive, a Debian package, an image for
//! containers, the list of components and the checksums. docs/install.md describes them.

mod archive;
mod components;
mod debian;
mod files;
mod glibc;
mod image;
mod json;
mod release;
pub mod tool;

use crate::workspace::{Workspace, plain_cargo};
use crate::{Outcome, pgo};
use files::Tree;
use glibc::Version;
use release::Release;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tool::{run_tool, tool_output};

/// The oldest glibc that the program may need: that of Debian 12, Ubuntu 22.04 and RHEL 9. docs/install.md names it.
const OLDEST_GLIBC: Version = Version(2, 34);

struct Options {
    binary: Option<PathBuf>,
    to: Option<PathBuf>,
    version: Option<String>,
    glibc: Version,
    quick: bool,
    pgo: bool,
}

impl Options {
    fn read(args: &[&str]) -> Outcome<Self> {
        let mut options =
            Self { binary: None, to: None, version: None, glibc: OLDEST_GLIBC, quick: false, pgo: false };
        let mut args = args.iter().copied();
        while let Some(name) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{name} needs a value; {}", crate::USAGE));
            match name {
                "--quick" => options.quick = true,
                "--pgo" => options.pgo = true,
                "--binary" => options.binary = Some(value()?.into()),
                "--to" => options.to = Some(value()?.into()),
                "--version" => options.version = Some(release::checked_version(value()?)?),
                "--glibc" => {
                    options.glibc = Version::parse(value()?).ok_or("--glibc: a version such as 2.34")?
                }
                _ => return Err(format!("{name}: no such option; {}", crate::USAGE)),
            }
        }
        if options.pgo && options.binary.is_some() {
            return Err(format!("--pgo builds a program, and --binary names one; {}", crate::USAGE));
        }
        Ok(options)
    }
}

/// The input of every part.
struct Source<'a> {
    workspace: &'a Workspace,
    release: &'a Release,
    /// The program, without symbols.
    program: &'a Path,
    /// Completions and manual pages.
    texts: &'a Tree,
    /// The folder for what is not shipped.
    scratch: &'a Path,
}

/// Builds the program unless one is given, and packages it.
///
/// # Errors
/// When an option is not valid, a tool is missing or fails, or the program needs a newer glibc than is documented.
pub fn run(args: &[&str]) -> Outcome<ExitCode> {
    let options = Options::read(args)?;
    let workspace = Workspace::find()?;
    let binary = match &options.binary {
        Some(binary) => binary.canonicalize().map_err(|e| format!("{}: {e}", binary.display()))?,
        None if options.pgo => pgo::build(&workspace)?,
        None => build(&workspace)?,
    };
    let to = options.to.clone().unwrap_or_else(|| workspace.target.join("packages"));
    let scratch = Tree::empty(&to.join("work"))?;
    let made = package(&workspace, &options, &binary, &to, scratch.root());
    // Also after a failure: it may have hundreds of megabytes.
    std::fs::remove_dir_all(scratch.root()).map_err(|e| format!("{}: {e}", scratch.root().display()))?;
    for name in made? {
        println!("{}", to.join(name).display());
    }
    Ok(ExitCode::SUCCESS)
}

fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    let built = plain_cargo()
        .args(["build", "--locked", "--profile", "dist", "--package", "stagepost"])
        .current_dir(&workspace.root)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("the build failed".into());
    }
    Ok(workspace.target.join("dist/stagepost"))
}

/// Makes everything, and returns the names of the files.
fn package(
    workspace: &Workspace,
    options: &Options,
    binary: &Path,
    to: &Path,
    scratch: &Path,
) -> Outcome<Vec<String>> {
    let program = scratch.join("stagepost");
    run_tool(Command::new("strip").arg("--strip-unneeded").arg("-o").arg(&program).arg(binary))?;
    let needed = glibc::needed(&program)?;
    println!("the program needs glibc {needed}; the oldest that is supported is {}", options.glibc);
    if needed > options.glibc {
        return Err(format!(
            "the program needs glibc {needed}, newer than {}: build it on an older system, or raise --glibc",
            options.glibc
        ));
    }
    let release = &Release::of(workspace, &program, needed, options)?;
    let texts = &Tree::empty(&scratch.join("texts"))?;
    write_texts(&program, texts)?;
    let source = Source { workspace, release, program: &program, texts, scratch };

    let name = release.name();
    let mut made = vec![name.clone()];
    files::copy(&program, &to.join(&name), 0o755)?;
    made.push(archive::make(&source, to)?);
    made.push(debian::make(&source, to)?);
    made.push(image::make(&source, to)?);
    made.push(components::make(&source, to)?);
    for compose in ["compose.yaml", "compose.cluster.yaml"] {
        files::write(&to.join(compose), source.packaging(compose)?.as_bytes(), 0o644)?;
        made.push(compose.to_owned());
    }
    let sums = tool_output(Command::new("sha256sum").args(&made).current_dir(to))?;
    files::write(&to.join("SHA256SUMS"), &sums, 0o644)?;
    made.push("SHA256SUMS".to_owned());
    Ok(made)
}

/// Completions and manual pages are in the program.
fn write_texts(program: &Path, texts: &Tree) -> Outcome {
    // Without settings of the user who makes the packages.
    let stagepost = || {
        let mut command = Command::new(program);
        command.env_clear().current_dir(texts.root());
        command
    };
    for (shell, name) in SHELLS {
        texts.write(name, &tool_output(stagepost().args(["completion", shell]))?, 0o644)?;
    }
    run_tool(stagepost().args(["man", "--to", "man1"]))?;
    texts.set_mode("man1", 0o755)?;
    texts.names("man1")?.iter().try_for_each(|page| texts.set_mode(&format!("man1/{page}"), 0o644))
}

/// The dashboard and the alert rules in `packaging/monitoring`.
const MONITORING: [&str; 2] = ["grafana-dashboard.json", "alerts.yaml"];

/// The shells, and the names under which each finds its completions.
const SHELLS: [(&str, &str); 3] =
    [("bash", "stagepost.bash"), ("zsh", "_stagepost"), ("fish", "stagepost.fish")];

impl Source<'_> {
    /// A file of `packaging/`, with its variables replaced.
    fn packaging(&self, name: &str) -> Outcome<String> {
        let path = self.workspace.root.join("packaging").join(name);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(text.replace("@VERSION@", &self.release.version))
    }

    /// A document of the root of the workspace.
    fn document(&self, name: &str) -> PathBuf {
        self.workspace.root.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_wrong_ones_refused() {
        let options = Options::read(&["--binary", "x", "--quick", "--version", "1.2.3", "--glibc", "2.31"]);
        let options = options.unwrap();
        assert_eq!((options.binary, options.to), (Some("x".into()), None));
        assert_eq!((options.version.as_deref(), options.glibc), (Some("1.2.3"), Version(2, 31)));
        assert!(options.quick && !options.pgo);
        for wrong in [
            &["--binary"][..],
            &["--nothing", "x"],
            &["--version", "1/2"],
            &["--glibc", "two"],
            &["--pgo", "--binary", "x"],
        ] {
            assert!(Options::read(wrong).is_err(), "{wrong:?}");
        }
    }
}
