//! The list of components (SBOM) as CycloneDX 1.5: the crates that are compiled into the program, with checksums,
//! licenses and dependencies, and the libraries in C that are part of them.

use super::Source;
use super::files;
use super::json::{array, object, string};
use super::tool::tool_text;
use crate::Outcome;
use crate::workspace::plain_cargo;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Name and version.
type Id = (String, String);

#[derive(Debug, Default, PartialEq, Eq)]
struct Component {
    license: String,
    /// Of the registry, not of this workspace.
    is_published: bool,
    uses: BTreeSet<Id>,
}

/// Writes the list, and returns its name.
pub fn make(source: &Source<'_>, to: &Path) -> Outcome<String> {
    let name = format!("stagepost-{}.cdx.json", source.release.version);
    let tree = tool_text(
        plain_cargo()
            .args(["tree", "--locked", "--package", "stagepost", "--edges", "normal", "--prefix", "depth"])
            .args(["--format", "\t{p}\t{l}\t"])
            .current_dir(&source.workspace.root),
    )?;
    let lock = source.document("Cargo.lock");
    let lock = std::fs::read_to_string(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let components = read_tree(&tree)?;
    let sums = checksums(&lock);
    let mut list: Vec<String> = Vec::new();
    let mut edges: Vec<String> = Vec::new();
    for (id, component) in &components {
        let mut uses: Vec<String> = component.uses.iter().map(reference).collect();
        if let Some(library) = CLibrary::of(id)? {
            list.push(library.describe());
            edges.push(edge(&library.reference(), &[]));
            uses.push(library.reference());
        }
        edges.push(edge(&reference(id), &uses));
        if id.0 != "stagepost" {
            list.push(describe(id, component, sums.get(id)));
        }
    }
    let program = components.iter().find(|(id, _)| id.0 == "stagepost");
    let (id, program) = program.ok_or("cargo tree does not name stagepost")?;
    let metadata = object(&[
        ("timestamp", string(&source.release.timestamp()?)),
        ("component", describe_program(source, id, program)?),
    ]);
    let content = object(&[
        ("bomFormat", string("CycloneDX")),
        ("specVersion", string("1.5")),
        ("version", "1".into()),
        ("metadata", metadata),
        ("components", array(list)),
        ("dependencies", array(edges)),
    ]);
    files::write(&to.join(&name), content.as_bytes(), 0o644)?;
    Ok(name)
}

/// Reads the lines of `cargo tree`: `2<TAB>serde v1.0.0 (proc-macro)<TAB>MIT<TAB> (*)`. The dependencies of a component
/// are below its first line only.
fn read_tree(text: &str) -> Outcome<BTreeMap<Id, Component>> {
    let mut components = BTreeMap::<Id, Component>::new();
    let mut above: Vec<Id> = Vec::new();
    for line in text.lines() {
        let wrong = || format!("cargo tree: {line}");
        let [depth, package, license, _] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(wrong());
        };
        let depth: usize = depth.parse().map_err(|_| wrong())?;
        let (name, rest) = package.split_once(" v").ok_or_else(wrong)?;
        let (version, marks) = rest.split_once(' ').unwrap_or((rest, ""));
        let id = (name.to_owned(), version.to_owned());
        above.truncate(depth);
        if let Some(user) = above.last().and_then(|user| components.get_mut(user)) {
            user.uses.insert(id.clone());
        }
        let component = components.entry(id.clone()).or_default();
        // Some crates write alternatives in an older way.
        component.license = license.replace('/', " OR ");
        component.is_published = !marks.contains("(/");
        above.push(id);
    }
    Ok(components)
}

/// The SHA-256 of the packages in `Cargo.lock`.
fn checksums(lock: &str) -> BTreeMap<Id, String> {
    let value = |block: &str, key: &str| {
        let start = format!("{key} = \"");
        let line = block.lines().find_map(|line| line.strip_prefix(&start));
        line.map(|rest| rest.trim_end_matches('"').to_owned())
    };
    let package =
        |block| Some(((value(block, "name")?, value(block, "version")?), value(block, "checksum")?));
    lock.split("[[package]]").filter_map(package).collect()
}

fn reference((name, version): &Id) -> String {
    format!("{name}@{version}")
}

fn edge(from: &str, to: &[String]) -> String {
    object(&[("ref", string(from)), ("dependsOn", array(to.iter().map(|to| string(to))))])
}

fn licenses(expression: &str) -> String {
    array([object(&[("expression", string(expression))])])
}

fn hashes(sha256: &str) -> String {
    array([object(&[("alg", string("SHA-256")), ("content", string(sha256))])])
}

fn describe(id: &Id, component: &Component, sha256: Option<&String>) -> String {
    let mut members = vec![
        ("type", string("library")),
        ("bom-ref", string(&reference(id))),
        ("name", string(&id.0)),
        ("version", string(&id.1)),
    ];
    if !component.license.is_empty() {
        members.push(("licenses", licenses(&component.license)));
    }
    if let Some(sha256) = sha256 {
        members.push(("hashes", hashes(sha256)));
    }
    if component.is_published {
        // A plus sign in a version is encoded.
        let version = id.1.replace('+', "%2B");
        members.push(("purl", string(&format!("pkg:cargo/{}@{version}", id.0))));
    }
    object(&members)
}

fn describe_program(source: &Source<'_>, id: &Id, program: &Component) -> Outcome<String> {
    let sum = tool_text(Command::new("sha256sum").arg(source.program))?;
    let needs = object(&[
        ("name", string("stagepost:needs-glibc")),
        ("value", string(&source.release.glibc.to_string())),
    ]);
    Ok(object(&[
        ("type", string("application")),
        ("bom-ref", string(&reference(id))),
        ("name", string("stagepost")),
        ("version", string(&source.release.version)),
        ("hashes", hashes(sum.split_whitespace().next().unwrap_or_default())),
        ("licenses", licenses(&program.license)),
        ("properties", array([needs])),
    ]))
}

/// A library in C whose sources are part of a crate.
struct CLibrary {
    name: &'static str,
    version: String,
    /// Of the list of SPDX.
    license: &'static str,
}

impl CLibrary {
    /// The library in a crate; `None`: it has none.
    fn of((name, version): &Id) -> Outcome<Option<Self>> {
        let missing = || format!("{name} {version}: the version of its library is not found");
        Ok(match name.as_str() {
            "libsqlite3-sys" => {
                let version = sqlite_version(version).ok_or_else(missing)?;
                Some(Self { name: "sqlite", version, license: "blessing" })
            }
            "tikv-jemalloc-sys" => {
                let version = jemalloc_version(version).ok_or_else(missing)?;
                Some(Self { name: "jemalloc", version, license: "BSD-2-Clause" })
            }
            _ => None,
        })
    }

    fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    fn describe(&self) -> String {
        let Self { name, version, license } = self;
        let license = object(&[("license", object(&[("id", string(license))]))]);
        object(&[
            ("type", string("library")),
            ("bom-ref", string(&self.reference())),
            ("name", string(name)),
            ("version", string(version)),
            ("licenses", array([license])),
            ("cpe", string(&format!("cpe:2.3:a:{name}:{name}:{version}:*:*:*:*:*:*:*"))),
            ("purl", string(&format!("pkg:generic/{name}@{version}"))),
        ])
    }
}

/// The version of jemalloc in a version of its crate: `0.7.1+5.3.1-0-g81034ce1`.
fn jemalloc_version(sys: &str) -> Option<String> {
    let (_, library) = sys.split_once('+')?;
    Some(library.split('-').next()?.to_owned())
}

/// The version of SQLite in the sources of a version of libsqlite3-sys, which cargo keeps.
fn sqlite_version(sys: &str) -> Option<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))?;
    let registries = std::fs::read_dir(home.join("registry/src")).ok()?;
    let header = |registry: std::io::Result<std::fs::DirEntry>| {
        let sources = registry.ok()?.path().join(format!("libsqlite3-sys-{sys}"));
        std::fs::read_to_string(sources.join("sqlite3/sqlite3.h")).ok()
    };
    let header = registries.into_iter().find_map(header)?;
    let rest = header.lines().find_map(|line| line.strip_prefix("#define SQLITE_VERSION "))?;
    Some(rest.trim().trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str, version: &str) -> Id {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn the_tree_gives_components_and_who_uses_them() {
        let tree = "0\ta v0.1.0 (/src/a)\tApache-2.0\t\n1\tb v1.0.0 (proc-macro)\tMIT/Apache-2.0\t\n\
            2\tc v2.0.0\tMIT\t\n1\td v3.0.0\tISC\t\n2\tb v1.0.0 (proc-macro)\tMIT/Apache-2.0\t (*)\n";
        let components = read_tree(tree).unwrap();
        let uses = |name, version| components[&id(name, version)].uses.iter().cloned().collect::<Vec<_>>();
        assert_eq!(uses("a", "0.1.0"), [id("b", "1.0.0"), id("d", "3.0.0")]);
        assert_eq!(uses("b", "1.0.0"), [id("c", "2.0.0")]);
        assert_eq!(uses("d", "3.0.0"), [id("b", "1.0.0")]);
        let b = &components[&id("b", "1.0.0")];
        assert!(b.license == "MIT OR Apache-2.0" && b.is_published);
        assert!(!components[&id("a", "0.1.0")].is_published);
        assert!(read_tree("odd").is_err());
    }

    #[test]
    fn checksums_are_read_from_the_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"x\"\nchecksum = \"12ab\"\n\n\
            [[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n]\n";
        assert_eq!(checksums(lock), BTreeMap::from([(id("a", "1.0.0"), "12ab".to_owned())]));
    }

    #[test]
    fn a_library_in_c_is_a_component() {
        let crate_id = id("tikv-jemalloc-sys", "0.7.1+5.3.1-0-g81034ce1");
        let library = CLibrary::of(&crate_id).unwrap().unwrap();
        assert_eq!(library.reference(), "jemalloc@5.3.1");
        let text = library.describe();
        assert!(
            text.contains("cpe:2.3:a:jemalloc:jemalloc:5.3.1:*") && text.contains("BSD-2-Clause"),
            "{text}"
        );
        assert!(CLibrary::of(&id("serde", "1.0.0")).unwrap().is_none());
        assert!(CLibrary::of(&id("tikv-jemalloc-sys", "0.7.1")).is_err());
        let published = Component { is_published: true, ..Component::default() };
        assert!(describe(&crate_id, &published, None).contains("@0.7.1%2B5.3.1-0-g81034ce1"));
    }

    #[test]
    fn a_component_has_only_what_is_known() {
        let own = Component { license: "ISC".into(), ..Component::default() };
        let text = describe(&id("own", "0.1.0"), &own, None);
        assert!(
            !text.contains("purl") && !text.contains("hashes") && text.contains("\"expression\":\"ISC\"")
        );
        let published = Component { is_published: true, ..own };
        let text = describe(&id("b", "1.0.0"), &published, Some(&"12ab".into()));
        assert!(text.contains("pkg:cargo/b@1.0.0") && text.contains("12ab"), "{text}");
    }
}
