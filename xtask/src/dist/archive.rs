//! Archives with the same bytes for the same content, and the one that unpacks below any prefix.

use super::files::Tree;
use super::release::Release;
use super::tool::run_tool;
use super::{MONITORING, Source};
use crate::Outcome;
use std::path::Path;
use std::process::Command;

/// Makes the archive for `tar -C /usr/local --strip-components=1`, and returns its name.
pub fn make(source: &Source<'_>, to: &Path) -> Outcome<String> {
    let name = source.release.name();
    let tree = Tree::empty(&source.scratch.join("archive"))?;
    let at = |path: &str| format!("{name}/{path}");
    tree.copy(source.program, &at("bin/stagepost"), 0o755)?;
    let texts = source.texts.root();
    tree.copy_files(&texts.join("man1"), &at("share/man/man1"), 0o644)?;
    for (file, path) in [
        ("stagepost.bash", "share/bash-completion/completions/stagepost"),
        ("_stagepost", "share/zsh/site-functions/_stagepost"),
        ("stagepost.fish", "share/fish/vendor_completions.d/stagepost.fish"),
    ] {
        tree.copy(&texts.join(file), &at(path), 0o644)?;
    }
    for document in ["LICENSE", "CHANGELOG.md"] {
        tree.copy(&source.document(document), &at(&format!("share/doc/stagepost/{document}")), 0o644)?;
    }
    for file in MONITORING {
        let text = source.packaging(&format!("monitoring/{file}"))?;
        tree.write(&at(&format!("share/stagepost/monitoring/{file}")), text.as_bytes(), 0o644)?;
    }
    for file in ["stagepost.toml", "stagepost.logrotate"] {
        let example = source.packaging(file)?;
        tree.write(&at(&format!("share/doc/stagepost/examples/{file}")), example.as_bytes(), 0o644)?;
    }
    // For a machine that has systemd, but no packages of Debian.
    for file in ["stagepost.service", "stagepost.sysusers", "stagepost.tmpfiles", "stagepost.default"] {
        let text = source.packaging(file)?;
        tree.write(&at(&format!("share/doc/stagepost/systemd/{file}")), text.as_bytes(), 0o644)?;
    }
    let path = to.join(format!("{name}.tar"));
    tar(source.release, tree.root(), &name, &path)?;
    gzip(source.release, &path)?;
    Ok(format!("{name}.tar.gz"))
}

/// Writes a folder in a folder to an archive; everything belongs to root and has the time of the release.
pub fn tar(release: &Release, folder: &Path, name: &str, to: &Path) -> Outcome {
    let mut command = Command::new("tar");
    command.arg("--create").arg("--file").arg(to).arg("--directory").arg(folder);
    run_tool(command.args(reproducible(release, 0)).arg(name))
}

/// The options for the same bytes everywhere, with an owner.
pub fn reproducible(release: &Release, owner: u32) -> [String; 6] {
    [
        "--sort=name".into(),
        "--format=ustar".into(),
        "--numeric-owner".into(),
        format!("--mtime=@{}", release.epoch),
        format!("--owner={owner}"),
        format!("--group={owner}"),
    ]
}

/// Replaces a file by `FILE.gz`.
pub fn gzip(release: &Release, path: &Path) -> Outcome {
    run_tool(gzip_command(if release.quick { "-1" } else { "-9" }).arg(path))
}

/// `gzip` that needs the names of files; without their names and times in its output.
pub fn gzip_command(level: &str) -> Command {
    let mut command = Command::new("gzip");
    command.args(["--no-name", "--force", level]);
    command
}
