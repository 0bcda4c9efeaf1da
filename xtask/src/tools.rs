//! What the chores need on the machine: found, installed where that is ours to do, or named.

use crate::Outcome;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The cargo that runs this.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Whether this is CI, where nothing may be left out.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// The workspace's root.
pub fn root() -> Outcome<PathBuf> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    // The release binary of `cargo xtask load` is started without cargo.
    let root =
        manifest.and_then(|xtask| xtask.parent().map(PathBuf::from)).map_or_else(std::env::current_dir, Ok);
    root.map_err(|e| e.to_string())
}

/// Where cargo builds to.
pub fn target() -> Outcome<PathBuf> {
    let output = cargo().args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).output();
    let output = output.map_err(|e| format!("cargo metadata: {e}"))?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    metadata["target_directory"]
        .as_str()
        .map(PathBuf::from)
        .ok_or_else(|| "cargo metadata names no target_directory".into())
}

/// A program that must be there, and Debian's packages for it.
pub struct Tool {
    pub what: &'static str,
    /// A command that ends well when it is there.
    pub probe: &'static [&'static str],
    pub packages: &'static [&'static str],
    /// A file that has to say something while they are installed.
    pub meanwhile: Option<(&'static str, &'static str)>,
}

/// For SQLite, which is compiled in.
pub const C_COMPILER: Tool = Tool {
    what: "a C compiler",
    probe: &["cc", "--version"],
    packages: &["build-essential"],
    meanwhile: None,
};
/// For the suites in `compat/`.
pub const PYTHON: Tool = Tool {
    what: "Python 3 with venv and pip",
    probe: &["python3", "-c", "import ensurepip, venv"],
    packages: &["python3-venv", "python3-pip"],
    meanwhile: None,
};
/// For the official Go SDKs.
pub const GO: Tool = Tool { what: "Go", probe: &["go", "version"], packages: &["golang"], meanwhile: None };
/// For the core of the official Node.js SDK. npm is no use without Node.js.
pub const NODE: Tool = Tool {
    what: "Node.js with npm",
    probe: &["npm", "--version"],
    packages: &["nodejs", "npm"],
    meanwhile: None,
};
/// For the official Java SDK. Maven is no use without a compiler.
pub const JAVA: Tool = Tool {
    what: "Java with Maven",
    probe: &["sh", "-c", "mvn -v && javac -version && keytool -help"],
    packages: &["maven", "default-jdk-headless"],
    meanwhile: None,
};
/// For the explorer's samples in PHP.
pub const PHP: Tool = Tool {
    what: "PHP with curl",
    probe: &["php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"],
    packages: &["php-cli", "php-curl"],
    meanwhile: None,
};
/// For the explorer's samples in C#: they are compiled, and those without an SDK are run.
pub const MONO: Tool = Tool {
    what: "Mono with its C# compiler",
    probe: &["sh", "-c", "mcs --version && mono --version && test -e /usr/lib/mono/4.5/System.Net.Http.dll"],
    packages: &["mono-mcs", "mono-runtime", "libmono-system-net-http4.0-cil"],
    meanwhile: None,
};
/// What a person opens the pages with, and a typeface for Chinese.
pub const CHROMIUM: Tool = Tool {
    what: "Chromium with a typeface for Chinese",
    probe: &[
        "sh",
        "-c",
        "test -x /usr/bin/chromium && test -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    ],
    packages: &["chromium", "fonts-noto-cjk"],
    meanwhile: None,
};
/// The second store. Tests start clusters of their own, so the package need not make and start one.
pub const POSTGRES: Tool = Tool {
    what: "PostgreSQL",
    probe: &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb || command -v initdb"],
    packages: &["postgresql"],
    meanwhile: Some((
        "/etc/postgresql-common/createcluster.d/no-main-cluster.conf",
        "create_main_cluster = false\n",
    )),
};

impl Tool {
    /// Makes sure of it.
    ///
    /// # Errors
    /// Says what to install.
    pub fn ensure(&self) -> Outcome {
        if self.is_there() {
            return Ok(());
        }
        let packages = self.packages.join(" ");
        if is_root() && quiet(&["apt-get", "--version"]) {
            println!("{} is missing: installing {packages}", self.what);
            let _said = self.meanwhile.map(|(file, text)| Said::new(file, text)).transpose()?;
            let apt = |args: &[&str]| {
                let status =
                    Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").status();
                status.is_ok_and(|status| status.success())
            };
            if apt(&["update"])
                && apt(&[["install", "-y", "--no-install-recommends"].as_slice(), self.packages].concat())
                && self.is_there()
            {
                return Ok(());
            }
        }
        Err(format!("{} is missing. On Debian: apt-get install -y {packages}", self.what))
    }

    fn is_there(&self) -> bool {
        quiet(self.probe)
    }
}

/// A file that goes again.
struct Said(&'static str);

impl Said {
    fn new(file: &'static str, text: &str) -> Outcome<Self> {
        let failed = |e: std::io::Error| format!("{file}: {e}");
        if let Some(folder) = Path::new(file).parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(file, text).map_err(failed)?;
        Ok(Self(file))
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        // Left behind, it would only say the same again.
        let _ = std::fs::remove_file(self.0);
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn quiet(words: &[&str]) -> bool {
    let Some((program, args)) = words.split_first() else { return false };
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
