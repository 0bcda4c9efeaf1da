//! Profile-guided optimization: an instrumented program serves the requests of `cargo xtask load` on both stores, and
//! the compiler optimizes for the paths that they took.

use crate::Outcome;
use crate::dist::tool::{run_tool, tool_text};
use crate::load;
use crate::workspace::{Workspace, plain_cargo};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the program with the profile dist in two passes, and returns the path of the second one.
///
/// # Errors
/// When the compiler's tool for profiles is missing, or a build or the run between them fails.
pub fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    // Before anything is built: a build takes many minutes.
    let (host, merge) = compiler()?;
    let folder = workspace.target.join("pgo");
    let (raw, profile) = (folder.join("raw"), folder.join("merged.profdata"));
    // Cargo does not notice a changed profile, and would keep the dependencies that the former one has optimized.
    for old in [&raw, &folder.join("optimized")] {
        if old.exists() {
            std::fs::remove_dir_all(old).map_err(|e| format!("{}: {e}", old.display()))?;
        }
    }
    let flag = format!("-Cprofile-generate={}", raw.display());
    let instrumented = compile(workspace, &host, &folder.join("instrumented"), &flag)?;
    load::exercise(workspace, &instrumented, &folder.join("exercise"))?;
    run_tool(Command::new(merge).args(["merge", "-o"]).arg(&profile).arg(&raw))?;
    let flag = format!("-Cprofile-use={}", profile.display());
    let optimized = compile(workspace, &host, &folder.join("optimized"), &flag)?;
    let program = folder.join("stagepost");
    std::fs::copy(&optimized, &program).map_err(|e| format!("{}: {e}", program.display()))?;
    Ok(program)
}

/// The compiler's target for this machine, and its tool that merges profiles.
fn compiler() -> Outcome<(String, PathBuf)> {
    let version = tool_text(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or("`rustc -vV` names no host")?.to_owned();
    let sysroot = tool_text(Command::new("rustc").args(["--print", "sysroot"]))?;
    let merge = Path::new(sysroot.trim()).join("lib/rustlib").join(&host).join("bin/llvm-profdata");
    if merge.exists() {
        return Ok((host, merge));
    }
    Err(format!("{} is missing: install it with `rustup component add llvm-tools`", merge.display()))
}

/// Builds with a flag of the compiler. With an explicit target, the flag is for the program alone, and not for build
/// scripts and macros.
fn compile(workspace: &Workspace, host: &str, target: &Path, flag: &str) -> Outcome<PathBuf> {
    let built = plain_cargo()
        .args(["build", "--locked", "--profile", "dist", "--package", "stagepost", "--target", host])
        .arg("--target-dir")
        .arg(target)
        .current_dir(&workspace.root)
        .env_remove("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flag)
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err(format!("the build with {flag} failed"));
    }
    Ok(target.join(host).join("dist/stagepost"))
}
