//! The package for Debian and Ubuntu: program, unit, user, settings, manual pages and completions.

use super::archive::gzip_command;
use super::files::{self, Tree};
use super::tool::{run_tool, tool_output};
use super::{MONITORING, Source};
use crate::Outcome;
use std::path::Path;
use std::process::Command;

/// The scripts that dpkg runs.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];
const DOCUMENTS: &str = "usr/share/doc/stagepost";
const PAGES: &str = "usr/share/man/man1";

/// Makes the package, and returns its name.
pub fn make(source: &Source<'_>, to: &Path) -> Outcome<String> {
    let release = source.release;
    let tree = Tree::empty(&source.scratch.join("debian"))?;
    copy_files(source, &tree)?;
    write_control(source, &tree)?;
    let version = debian_version(&release.version);
    let name = format!("stagepost_{version}_{}.deb", release.architecture);
    let mut command = Command::new("dpkg-deb");
    command.args(["--root-owner-group", if release.quick { "-Zgzip" } else { "-Zxz" }]);
    if release.quick {
        command.arg("-z1");
    }
    // Several threads would compress in other blocks.
    command.env("SOURCE_DATE_EPOCH", release.epoch.to_string()).env("DPKG_DEB_THREADS_MAX", "1");
    run_tool(command.arg("--build").arg(tree.root()).arg(to.join(&name)))?;
    Ok(name)
}

/// Debian sorts what follows a tilde before the release: `1.0.0~rc.1` is older than `1.0.0`.
fn debian_version(version: &str) -> String {
    version.replacen('-', "~", 1)
}

fn copy_files(source: &Source<'_>, tree: &Tree) -> Outcome {
    let texts = source.texts.root();
    tree.copy(source.program, "usr/bin/stagepost", 0o755)?;
    tree.copy_files(&texts.join("man1"), PAGES, 0o644)?;
    for (file, path) in [
        ("stagepost.bash", "usr/share/bash-completion/completions/stagepost"),
        ("_stagepost", "usr/share/zsh/vendor-completions/_stagepost"),
        ("stagepost.fish", "usr/share/fish/vendor_completions.d/stagepost.fish"),
    ] {
        tree.copy(&texts.join(file), path, 0o644)?;
    }
    for (file, path) in [
        // Where Debian 12 has it, whose /lib is a link.
        ("stagepost.service", "lib/systemd/system/stagepost.service".to_owned()),
        ("stagepost.sysusers", "usr/lib/sysusers.d/stagepost.conf".to_owned()),
        ("stagepost.tmpfiles", "usr/lib/tmpfiles.d/stagepost.conf".to_owned()),
        ("stagepost.default", "etc/default/stagepost".to_owned()),
        ("debian/lintian-overrides", "usr/share/lintian/overrides/stagepost".to_owned()),
        ("debian/copyright", format!("{DOCUMENTS}/copyright")),
        ("stagepost.toml", format!("{DOCUMENTS}/examples/stagepost.toml")),
        ("stagepost.logrotate", format!("{DOCUMENTS}/examples/stagepost.logrotate")),
    ] {
        tree.write(&path, source.packaging(file)?.as_bytes(), 0o644)?;
    }
    for file in MONITORING {
        let text = source.packaging(&format!("monitoring/{file}"))?;
        tree.write(&format!("usr/share/stagepost/monitoring/{file}"), text.as_bytes(), 0o644)?;
    }
    tree.copy(&source.document("CHANGELOG.md"), &format!("{DOCUMENTS}/CHANGELOG.md"), 0o644)?;
    let changelog = source.packaging("debian/changelog")?;
    let version = debian_version(&source.release.version);
    let changelog = changelog.replace("@DEBIAN_VERSION@", &version);
    let changelog = changelog.replace("@DATE@", &source.release.date("+%a, %d %b %Y %H:%M:%S +0000")?);
    tree.write(&format!("{DOCUMENTS}/changelog"), changelog.as_bytes(), 0o644)?;

    let mut gzip = gzip_command("-9");
    gzip.current_dir(tree.root())
        .args(["CHANGELOG.md", "changelog"].map(|name| format!("{DOCUMENTS}/{name}")));
    run_tool(gzip.args(tree.names(PAGES)?.iter().map(|page| format!("{PAGES}/{page}"))))
}

/// The description of the package, its scripts, and the checksums of its files.
fn write_control(source: &Source<'_>, tree: &Tree) -> Outcome {
    let paths = tree.files()?;
    let sizes = paths.iter().map(|path| {
        let path = tree.root().join(path);
        std::fs::metadata(&path)
            .map(|file| file.len().div_ceil(1024))
            .map_err(|e| format!("{}: {e}", path.display()))
    });
    let kibibytes: u64 = sizes.sum::<Outcome<u64>>()?;
    let is_setting = |path: &&String| !path.starts_with("etc/");
    let sums =
        tool_output(Command::new("md5sum").args(paths.iter().filter(is_setting)).current_dir(tree.root()))?;
    let release = source.release;
    let control = source.packaging("debian/control")?;
    let control = [
        ("@DEBIAN_VERSION@", debian_version(&release.version)),
        ("@ARCHITECTURE@", release.architecture.to_owned()),
        ("@INSTALLED_SIZE@", kibibytes.to_string()),
        ("@GLIBC@", release.glibc.to_string()),
    ]
    .into_iter()
    .fold(control, |text, (name, value)| text.replace(name, &value));
    tree.write("DEBIAN/control", control.as_bytes(), 0o644)?;
    tree.write("DEBIAN/md5sums", &sums, 0o644)?;
    tree.write("DEBIAN/conffiles", source.packaging("debian/conffiles")?.as_bytes(), 0o644)?;
    for script in SCRIPTS {
        let text = source.packaging(&format!("debian/{script}"))?;
        files::write(&tree.root().join("DEBIAN").join(script), text.as_bytes(), 0o755)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_candidate_is_older_than_its_release() {
        assert_eq!(debian_version("1.0.0-rc.1"), "1.0.0~rc.1");
        assert_eq!(debian_version("0.1.0"), "0.1.0");
    }
}
