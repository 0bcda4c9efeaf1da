//! The servers and tokens that `login` has stored, one profile each, in `$XDG_CONFIG_HOME/stagepost/credentials.toml`.
//! Only the user may read the file. A token is sent only to the server of its profile.
//!
//! Must not know: flags and commands.

use crate::exit::Failure;
use crate::messages::Text;
use crate::text_files;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The longest name of a profile, in characters.
const NAME_MAX: usize = 64;

/// A server, and the token for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The URL.
    pub server: String,
    /// The user of the token.
    pub user: String,
    /// The token.
    pub token: String,
    /// CA certificates to trust for this server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// All profiles.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// The profile that is used unless another one is selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// By name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: BTreeMap<String, Profile>,
}

impl fmt::Debug for Profile {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("server", &self.server)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Profiles {
    /// The path of the file; `None` without a home directory.
    pub fn path(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
        crate::config::user_directory(env).map(|directory| directory.join("credentials.toml"))
    }

    /// Reads the file. Without one there are no profiles.
    ///
    /// # Errors
    /// The file is not valid, or others may read it.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::file(path, &error)),
        };
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Failure::usage(Text::CredentialsReadable.with(&[("path", &path.display())])));
        }
        let text = text_files::read(path).map_err(|error| Failure::file(path, &error))?;
        toml::from_str(&text).map_err(|error| {
            // The message without the lines of the file, which contain tokens.
            let values: [(&str, &dyn fmt::Display); 2] =
                [("path", &path.display()), ("reason", &error.message())];
            Failure::usage(Text::ConfigInvalid.with(&values))
        })
    }

    /// Changes the file. Concurrent changes wait for each other.
    ///
    /// # Errors
    /// As [`Profiles::load`]; the file cannot be written; the error of `change`, after which the file is the same.
    pub fn change<T>(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let failed = |error: io::Error| Failure::file(path, &error);
        let directory = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let private = |path: &Path, truncate: bool| {
            OpenOptions::new().write(true).create(true).truncate(truncate).mode(0o600).open(path)
        };
        let lock = private(&path.with_extension("lock"), false).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut profiles = Self::load(path)?;
        let result = change(&mut profiles)?;
        let text = toml::to_string(&profiles).map_err(Failure::error)?;
        let new = path.with_extension("new");
        // A file that a killed process has left may have another mode.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let write = || -> io::Result<()> {
            let mut file = private(&new, true)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, path)
        };
        write().map_err(failed)?;
        Ok(result)
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// There is none; the message lists those that exist.
    pub fn get(&self, name: &str) -> Result<&Profile, Failure> {
        self.profiles.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
            let known = if known.is_empty() { Text::NoValue.to_string() } else { known.join(", ") };
            Failure::usage(Text::NoSuchProfile.with(&[("name", &name), ("known", &known)]))
        })
    }

    /// The current profile.
    pub fn current(&self) -> Option<&Profile> {
        self.profiles.get(self.current.as_ref()?)
    }

    /// The current profile if it belongs to this server, else another one that does.
    pub fn of_server(&self, server: &str) -> Option<&Profile> {
        let belongs = |profile: &&Profile| is_same_server(&profile.server, server);
        self.current().filter(belongs).or_else(|| self.profiles.values().find(belongs))
    }

    /// The name for a new login without one: that of a profile of this server, `default`, or the host.
    pub fn name_for(&self, server: &str) -> String {
        let existing = self.profiles.iter().find(|(_, profile)| is_same_server(&profile.server, server));
        match existing {
            Some((name, _)) => name.clone(),
            None if !self.profiles.contains_key("default") => "default".to_owned(),
            None => {
                let host = server.split_once("://").map_or(server, |(_, rest)| rest);
                let is_named = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
                host.chars().map(|c| if is_named(c) { c } else { '-' }).take(NAME_MAX).collect()
            }
        }
    }
}

/// Parses the name of a profile.
pub fn parse_name(text: &str) -> Result<String, String> {
    let is_valid = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if (1..=NAME_MAX).contains(&text.len()) && text.chars().all(is_valid) {
        Ok(text.to_owned())
    } else {
        Err(format!("not a name of letters, digits, '.', '-' and '_' with at most {NAME_MAX} characters"))
    }
}

/// Whether two URLs are those of one server.
pub fn is_same_server(one: &str, other: &str) -> bool {
    let trim = |url: &str| url.trim().trim_end_matches('/').to_owned();
    trim(one).eq_ignore_ascii_case(&trim(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(server: &str) -> Profile {
        Profile { server: server.into(), user: "li".into(), token: "spt_hush".into(), ca: None }
    }

    #[test]
    fn only_the_user_reads_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("stagepost/credentials.toml");
        assert_eq!(Profiles::load(&path).unwrap(), Profiles::default());
        let add = |name: &str, server: &str| {
            Profiles::change(&path, |all| {
                all.current = Some(name.into());
                all.profiles.insert(name.into(), profile(server));
                Ok(())
            })
        };
        add("default", "https://one").unwrap();
        add("two", "https://two/").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let all = Profiles::load(&path).unwrap();
        assert_eq!(all.current(), Some(&profile("https://two/")));
        assert!(!format!("{all:?}").contains("hush"));

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let failure = Profiles::load(&path).unwrap_err();
        assert!(failure.message().unwrap().contains("chmod 600"), "{failure:?}");
        assert!(add("three", "https://three").is_err(), "it is not changed either");
    }

    #[test]
    fn a_token_belongs_to_its_server() {
        let mut all = Profiles { current: Some("a".into()), ..Profiles::default() };
        all.profiles.insert("a".into(), profile("https://one"));
        all.profiles.insert("b".into(), profile("https://Two:8443/x/"));
        assert_eq!(all.of_server("https://two:8443/x").unwrap().server, "https://Two:8443/x/");
        for other in ["https://two:8443", "http://two:8443/x", "https://one.example"] {
            assert_eq!(all.of_server(other), None, "{other}");
        }
        assert!(all.get("c").unwrap_err().message().unwrap().contains("a, b"));
    }

    #[test]
    fn a_new_profile_does_not_replace_one_of_another_server() {
        let mut all = Profiles::default();
        assert_eq!(all.name_for("https://one"), "default");
        all.profiles.insert("default".into(), profile("https://one"));
        assert_eq!(all.name_for("https://one/"), "default");
        assert_eq!(all.name_for("https://ci.example:8443/x"), "ci.example-8443-x");
        for bad in ["", "a b", "a/b", &"a".repeat(65)] {
            assert!(parse_name(bad).is_err(), "{bad}");
        }
        assert_eq!(parse_name("ci.example-8443"), Ok("ci.example-8443".into()));
    }
}
