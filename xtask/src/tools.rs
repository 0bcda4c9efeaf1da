//! The programs that the steps need: found on the machine, installed from Debian's packages, or named in the
//! error.

use crate::Outcome;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A program that a step needs, and Debian's packages for it.
pub struct Tool {
    pub name: &'static str,
    /// A command that succeeds when the program is installed.
    pub probe: &'static [&'static str],
    pub packages: &'static [&'static str],
}

/// Compiles SQLite and jemalloc.
pub const C_COMPILER: Tool = Tool {
    name: "a C compiler and make",
    probe: &["sh", "-c", "cc --version && make --version"],
    packages: &["build-essential"],
};
/// Runs the suites in `compat/`.
pub const PYTHON: Tool = Tool {
    name: "Python 3 with venv and pip",
    probe: &["python3", "-c", "import ensurepip, venv"],
    packages: &["python3-venv", "python3-pip"],
};
/// For the official Go SDKs. That of Gitea needs Go 1.26, which an older Go from 1.21 on downloads.
pub const GO: Tool = Tool { name: "Go", probe: &["go", "version"], packages: &["golang"] };
/// For the official Node.js SDK, octokit, the explorer's samples and the pages in a browser. Debian's npm brings
/// Node.js.
pub const NODE: Tool =
    Tool { name: "Node.js with npm", probe: &["npm", "--version"], packages: &["nodejs", "npm"] };
/// For the official Java SDK.
pub const JAVA: Tool = Tool {
    name: "Java with Maven",
    probe: &["sh", "-c", "mvn -v && javac -version && keytool -help"],
    packages: &["maven", "default-jdk-headless"],
};
/// For the explorer's samples in PHP.
pub const PHP: Tool = Tool {
    name: "PHP with curl",
    probe: &["php", "-r", "exit(function_exists('curl_init') ? 0 : 1);"],
    packages: &["php-cli", "php-curl"],
};
/// For the explorer's samples in C#: they are compiled, and those without an SDK are run.
pub const MONO: Tool = Tool {
    name: "Mono with its C# compiler",
    probe: &["sh", "-c", "mcs --version && mono --version && test -e /usr/lib/mono/4.5/System.Net.Http.dll"],
    packages: &["mono-mcs", "mono-runtime", "libmono-system-net-http4.0-cil"],
};
/// The browser, and a typeface for Chinese. Without windows and their surfaces, Chromium takes a quarter less
/// processor time.
pub const CHROMIUM: Tool = Tool {
    name: "Chromium with a typeface for Chinese",
    probe: &[
        "sh",
        "-c",
        "test -x /usr/bin/chromium-headless-shell && test -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    ],
    packages: &["chromium-headless-shell", "fonts-noto-cjk"],
};
/// The second store.
pub const POSTGRES: Tool = Tool {
    name: "PostgreSQL",
    probe: &["sh", "-c", "ls /usr/lib/postgresql/*/bin/initdb || command -v initdb"],
    packages: &["postgresql"],
};

/// Programs that the server is compared with, and tested behind.
pub const NGINX: Tool = Tool {
    name: "nginx",
    probe: &["sh", "-c", "command -v nginx || test -x /usr/sbin/nginx"],
    packages: &["nginx-light"],
};

/// For the packages: a Debian system is installed and booted, and the image is read and run.
pub const PACKAGING: Tool = Tool {
    name: "mmdebstrap, systemd-nspawn, lintian, umoci, skopeo, runc, docker-compose and CA certificates",
    probe: &[
        "sh",
        "-c",
        "for tool in mmdebstrap systemd-nspawn lintian umoci skopeo runc docker-compose; do \
            command -v $tool || exit 1; done; test -e /etc/ssl/certs/ca-certificates.crt",
    ],
    packages: &[
        "mmdebstrap",
        "systemd-container",
        "lintian",
        "umoci",
        "skopeo",
        "runc",
        "docker-compose",
        "ca-certificates",
    ],
};

/// Proxies that the server is tested behind.
pub const HAPROXY: Tool = Tool {
    name: "HAProxy",
    probe: &["sh", "-c", "command -v haproxy || test -x /usr/sbin/haproxy"],
    packages: &["haproxy"],
};

/// Checks metrics, alert rules and the queries of the dashboard.
pub const PROMETHEUS: Tool =
    Tool { name: "promtool", probe: &["promtool", "--version"], packages: &["prometheus"] };

/// Programs that the printed settings of build systems call.
pub const SHELL_TOOLS: Tool = Tool {
    name: "curl, jq and git",
    probe: &["sh", "-c", "command -v curl && command -v jq && command -v git"],
    packages: &["curl", "jq", "git"],
};

/// Keeps Debian's packages from starting services: the tests that need one start it.
const NO_SERVICES: (&str, &str) = ("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");
/// Keeps Debian's package from making its own cluster: the tests start theirs.
const NO_CLUSTER: (&str, &str) =
    ("/etc/postgresql-common/createcluster.d/no-main-cluster.conf", "create_main_cluster = false\n");

impl Tool {
    fn is_installed(&self) -> bool {
        succeeds(self.probe)
    }
}

/// The tools of a run. Missing tools are installed by one call of apt-get.
pub struct Packages {
    tools: Vec<&'static Tool>,
    installed: OnceLock<Outcome>,
}

impl Packages {
    pub fn new(tools: &[&'static Tool]) -> Self {
        Self { tools: tools.to_vec(), installed: OnceLock::new() }
    }

    /// Waits until a tool is installed; returns at once for one that the machine has.
    ///
    /// # Errors
    /// Says what to install.
    pub fn require(&self, tool: &Tool) -> Outcome {
        if tool.is_installed() {
            return Ok(());
        }
        let installed = self.install();
        if installed.is_ok() && tool.is_installed() {
            return Ok(());
        }
        let reason = installed.err().map_or_else(String::new, |reason| format!(" ({reason})"));
        Err(format!(
            "{} is missing{reason}. On Debian: apt-get install -y {}",
            tool.name,
            tool.packages.join(" ")
        ))
    }

    /// Installs every missing tool, once; later calls wait for the first one.
    ///
    /// # Errors
    /// When apt-get fails, or this process may not use it.
    pub fn install(&self) -> Outcome {
        self.installed.get_or_init(|| self.install_missing()).clone()
    }

    fn install_missing(&self) -> Outcome {
        let missing: Vec<&Tool> = self.tools.iter().copied().filter(|tool| !tool.is_installed()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        if !is_root() || !succeeds(&["apt-get", "--version"]) {
            return Err("not installed: that needs apt-get and root".into());
        }
        let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.packages).copied().collect();
        println!("installing {}", packages.join(" "));
        let _settings = TemporaryFile::write(NO_CLUSTER.0, NO_CLUSTER.1)?;
        let _policy = (!Path::new(NO_SERVICES.0).exists())
            .then(|| TemporaryFile::write(NO_SERVICES.0, NO_SERVICES.1))
            .transpose()?;
        apt_get(&["update"])?;
        apt_get(&[["install", "-y", "--no-install-recommends"].as_slice(), &packages].concat())
    }
}

fn apt_get(args: &[&str]) -> Outcome {
    let output = Command::new("apt-get")
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|e| format!("apt-get: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    let lines: Vec<&str> = printed.lines().collect();
    let last = lines[lines.len().saturating_sub(8)..].join("\n");
    Err(format!("apt-get {}: {}\n{last}", args.join(" "), output.status))
}

/// A file that is removed when this is dropped.
struct TemporaryFile(&'static str);

impl TemporaryFile {
    fn write(path: &'static str, text: &str) -> Outcome<Self> {
        let failed = |e: std::io::Error| format!("{path}: {e}");
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(path, text).map_err(failed)?;
        // Debian runs one of them.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(failed)?;
        Ok(Self(path))
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        // Without effect on what is installed already.
        let _ = std::fs::remove_file(self.0);
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn succeeds(command: &[&str]) -> bool {
    let Some((program, args)) = command.split_first() else { return false };
    let status = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
