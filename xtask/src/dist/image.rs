//! The image for containers: an OCI image layout in an archive that `podman load`, `docker load` and `skopeo` read. One
//! layer has the program, the libraries of glibc that it loads, and the certificate authorities.

use super::Source;
use super::archive::{gzip, reproducible};
use super::files::Tree;
use super::json::{array, object, string, strings};
use super::tool::{run_tool, tool_output, tool_text};
use crate::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The user of the process: a number without a name on other systems.
const USER: u32 = 65532;
const DATA: &str = "var/lib/stagepost";
const AUTHORITIES: &str = "etc/ssl/certs/ca-certificates.crt";
/// Libraries that glibc before 2.34 loads to resolve names.
const NAME_LIBRARIES: [&str; 2] = ["libnss_files.so.2", "libnss_dns.so.2"];
const FILES: [(&str, &str); 3] = [
    (
        "etc/passwd",
        "root:x:0:0:root:/:/sbin/nologin\nstagepost:x:65532:65532:Stagepost:/var/lib/stagepost:/sbin/nologin\n",
    ),
    ("etc/group", "root:x:0:\nstagepost:x:65532:\n"),
    ("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
];
const SECOND: u64 = 1_000_000_000;

/// A file of the layout, named after its content.
struct Blob {
    digest: String,
    size: u64,
}

/// Makes the archive, and returns its name.
pub fn make(source: &Source<'_>, to: &Path) -> Outcome<String> {
    let release = source.release;
    let layout = Tree::empty(&source.scratch.join("image"))?;
    layout.folder("blobs/sha256", 0o755)?;
    let layer = source.scratch.join("layer.tar");
    write_layer(source, &layer)?;
    let unpacked = sha256(&layer)?;
    gzip(release, &layer)?;
    let layer = add_file(&layout, &source.scratch.join("layer.tar.gz"))?;
    let config = add(&layout, &config(source, &unpacked)?)?;
    let manifest = add(&layout, &manifest(source, &config, &layer)?)?;

    let reference = format!("stagepost:{}", release.version);
    let names = object(&[
        ("org.opencontainers.image.ref.name", string(&reference)),
        ("io.containerd.image.name", string(&reference)),
    ]);
    let platform = object(&[("architecture", string(release.architecture)), ("os", string("linux"))]);
    let index = object(&[
        ("schemaVersion", "2".into()),
        ("mediaType", string("application/vnd.oci.image.index.v1+json")),
        (
            "manifests",
            array([manifest.describe(MANIFEST, &[("platform", platform), ("annotations", names)])]),
        ),
    ]);
    layout.write("index.json", index.as_bytes(), 0o644)?;
    layout.write("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#, 0o644)?;
    // For versions of Docker that read no layout.
    let docker = array([object(&[
        ("Config", string(&config.path())),
        ("RepoTags", strings(&[&reference])),
        ("Layers", strings(&[&layer.path()])),
    ])]);
    layout.write("manifest.json", docker.as_bytes(), 0o644)?;
    let name = format!("stagepost-{}-{}-image.tar", release.version, release.architecture);
    let parts = ["oci-layout", "index.json", "manifest.json", "blobs"];
    let mut command = Command::new("tar");
    command.arg("--create").arg("--file").arg(to.join(&name)).arg("--directory").arg(layout.root());
    run_tool(command.args(reproducible(release, 0)).args(parts))?;
    Ok(name)
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

impl Blob {
    fn path(&self) -> String {
        format!("blobs/sha256/{}", self.digest)
    }

    /// A descriptor, with further members.
    fn describe(&self, media_type: &str, more: &[(&str, String)]) -> String {
        let members = [
            ("mediaType", string(media_type)),
            ("digest", string(&format!("sha256:{}", self.digest))),
            ("size", self.size.to_string()),
        ];
        object(&[&members, more].concat())
    }
}

fn add(layout: &Tree, content: &str) -> Outcome<Blob> {
    let path = layout.root().join("new");
    layout.write("new", content.as_bytes(), 0o644)?;
    let blob = add_file(layout, &path)?;
    std::fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(blob)
}

fn add_file(layout: &Tree, path: &Path) -> Outcome<Blob> {
    let size = std::fs::metadata(path).map_err(|e| format!("{}: {e}", path.display()))?.len();
    let blob = Blob { digest: sha256(path)?, size };
    layout.copy(path, &blob.path(), 0o644)?;
    Ok(blob)
}

fn sha256(path: &Path) -> Outcome<String> {
    let printed = tool_text(Command::new("sha256sum").arg(path))?;
    let digest = printed.split_whitespace().next().filter(|digest| digest.len() == 64);
    digest.map(str::to_owned).ok_or_else(|| format!("sha256sum: {printed}"))
}

/// Everything belongs to root, except for the folder of the data.
fn write_layer(source: &Source<'_>, to: &Path) -> Outcome {
    let tree = Tree::empty(&source.scratch.join("layer"))?;
    tree.copy(source.program, "usr/bin/stagepost", 0o755)?;
    for library in libraries(source.program)? {
        let path = library.display().to_string();
        tree.copy(&library, path.trim_start_matches('/'), 0o755)?;
        add_origin(&tree, &library)?;
    }
    let authorities = Path::new("/").join(AUTHORITIES);
    tree.copy(&authorities, AUTHORITIES, 0o644)
        .map_err(|reason| format!("{reason}: install the package ca-certificates"))?;
    for (path, text) in FILES {
        tree.write(path, text.as_bytes(), 0o644)?;
    }
    tree.copy(&source.document("LICENSE"), "usr/share/doc/stagepost/LICENSE", 0o644)?;
    tree.folder("tmp", 0o1777)?;
    // A new volume takes owner and mode of the folder that it covers.
    tree.folder(DATA, 0o700)?;
    let mut command = Command::new("tar");
    command.arg("--create").arg("--file").arg(to).arg("--directory").arg(tree.root());
    command.args(reproducible(source.release, 0)).arg(format!("--exclude={DATA}"));
    run_tool(command.args(tree.names("")?))?;
    let mut command = Command::new("tar");
    command.arg("--append").arg("--file").arg(to).arg("--directory").arg(tree.root());
    run_tool(command.args(reproducible(source.release, USER)).arg(DATA))
}

/// The files that the dynamic linker loads, and the linker itself.
fn libraries(program: &Path) -> Outcome<Vec<PathBuf>> {
    let printed = tool_text(Command::new("ldd").arg(program).env("LC_ALL", "C"))?;
    let mut paths: Vec<PathBuf> =
        printed.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect();
    let folder = paths.iter().find(|path| path.ends_with("libc.so.6")).and_then(|path| path.parent());
    let folder = folder.ok_or_else(|| format!("ldd names no libc.so.6: {printed}"))?.to_owned();
    paths.extend(NAME_LIBRARIES.map(|name| folder.join(name)).into_iter().filter(|path| path.exists()));
    Ok(paths)
}

/// Records the Debian package of a library where scanners of images look for it, and copies its license.
fn add_origin(tree: &Tree, library: &Path) -> Outcome {
    let Ok(real) = library.canonicalize() else { return Ok(()) };
    // dpkg may know the file below /lib or below /usr/lib, which are one folder.
    let below = real.strip_prefix("/usr").map_or_else(|_| real.clone(), |path| Path::new("/").join(path));
    let owner = [&real, &below].into_iter().find_map(|path| {
        let printed = tool_text(Command::new("dpkg-query").arg("--search").arg(path)).ok()?;
        printed.split_once(": ").map(|(package, _)| package.to_owned())
    });
    // Another distribution.
    let Some(owner) = owner else { return Ok(()) };
    let name = owner.split(':').next().unwrap_or(&owner);
    let status = format!("var/lib/dpkg/status.d/{name}");
    if tree.root().join(&status).exists() {
        return Ok(());
    }
    tree.write(&status, &tool_output(Command::new("dpkg-query").args(["--status", &owner]))?, 0o644)?;
    let license = format!("usr/share/doc/{name}/copyright");
    tree.copy(&Path::new("/").join(&license), &license, 0o644)
}

/// The configuration of a container. `Healthcheck` is an extension of Docker; other engines ignore it.
fn config(source: &Source<'_>, layer: &str) -> Outcome<String> {
    let created = string(&source.release.timestamp()?);
    let health = object(&[
        ("Test", strings(&["CMD", "/usr/bin/stagepost", "api", "/readyz"])),
        ("Interval", (30 * SECOND).to_string()),
        ("Timeout", (10 * SECOND).to_string()),
        ("StartPeriod", (60 * SECOND).to_string()),
        ("Retries", "3".into()),
    ]);
    let process = object(&[
        ("User", string(&format!("{USER}:{USER}"))),
        ("ExposedPorts", object(&[("8080/tcp", "{}".into()), ("8443/tcp", "{}".into())])),
        (
            "Env",
            strings(&[
                "PATH=/usr/bin",
                "STAGEPOST_DATA=/var/lib/stagepost",
                "STAGEPOST_LISTEN=0.0.0.0:8080",
                "STAGEPOST_TLS_LISTEN=0.0.0.0:8443",
            ]),
        ),
        ("Entrypoint", strings(&["/usr/bin/stagepost"])),
        ("Cmd", strings(&["serve"])),
        ("Volumes", object(&[("/var/lib/stagepost", "{}".into())])),
        ("WorkingDir", string("/")),
        ("StopSignal", string("SIGTERM")),
        ("Healthcheck", health),
        ("Labels", labels(source)?),
    ]);
    Ok(object(&[
        ("created", created.clone()),
        ("architecture", string(source.release.architecture)),
        ("os", string("linux")),
        ("config", process),
        (
            "rootfs",
            object(&[("type", string("layers")), ("diff_ids", strings(&[&format!("sha256:{layer}")]))]),
        ),
        ("history", array([object(&[("created", created), ("created_by", string("cargo xtask dist"))])])),
    ]))
}

fn manifest(source: &Source<'_>, config: &Blob, layer: &Blob) -> Outcome<String> {
    Ok(object(&[
        ("schemaVersion", "2".into()),
        ("mediaType", string(MANIFEST)),
        ("config", config.describe(CONFIG, &[])),
        ("layers", array([layer.describe(LAYER, &[])])),
        ("annotations", labels(source)?),
    ]))
}

fn labels(source: &Source<'_>) -> Outcome<String> {
    let release = source.release;
    Ok(object(&[
        ("org.opencontainers.image.title", string("Stagepost")),
        ("org.opencontainers.image.description", string("A self-hosted record of CI pipelines and jobs")),
        ("org.opencontainers.image.version", string(&release.version)),
        ("org.opencontainers.image.revision", string(&release.revision)),
        ("org.opencontainers.image.created", string(&release.timestamp()?)),
        ("org.opencontainers.image.licenses", string("Apache-2.0")),
    ]))
}
