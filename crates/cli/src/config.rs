//! The configuration file: only `--config FILE` if given, otherwise `./.stagepost.toml` merged over
//! `$XDG_CONFIG_HOME/stagepost/config.toml`. An unknown key is an error that names the file.
//!
//! Must not know: flags and environment variables, except those for the path of the file.

use crate::exit::Failure;
use crate::messages::Text;
use crate::serve::ServeArgs;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// The keys of a configuration file. Paths are relative to the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Option<String>,
    pub ca: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub repo: Option<String>,
    pub token_file: Option<PathBuf>,
    pub lang: Option<String>,
    /// The table `[serve]`.
    pub serve: Option<ServeArgs>,
}

impl Config {
    /// Reads the configuration files. `explicit` must exist, the others are optional.
    pub fn load(
        explicit: Option<&Path>,
        directory: &Path,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Failure> {
        if let Some(path) = explicit {
            return match read(path)? {
                Some(config) => Ok(config),
                None => Err(Failure::usage(Text::ConfigMissing.with(&[("path", &path.display())]))),
            };
        }
        let local = read(&directory.join(".stagepost.toml"))?.unwrap_or_default();
        let home = env("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(env("HOME")?).join(".config")));
        let user = match home {
            Some(home) => read(&home.join("stagepost").join("config.toml"))?.unwrap_or_default(),
            None => Self::default(),
        };
        Ok(local.or(user))
    }

    fn or(self, other: Self) -> Self {
        Self {
            server: self.server.or(other.server),
            ca: self.ca.or(other.ca),
            data: self.data.or(other.data),
            repo: self.repo.or(other.repo),
            token_file: self.token_file.or(other.token_file),
            lang: self.lang.or(other.lang),
            serve: match (self.serve, other.serve) {
                (Some(serve), Some(other)) => Some(serve.or(other)),
                (serve, other) => serve.or(other),
            },
        }
    }
}

fn read(path: &Path) -> Result<Option<Config>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::file(path, &error)),
    };
    let mut config: Config = toml::from_str(&text).map_err(|error| {
        let reason = error.to_string();
        Failure::usage(Text::ConfigInvalid.with(&[("path", &path.display()), ("reason", &reason.trim_end())]))
    })?;
    let directory = path.parent().unwrap_or(Path::new(""));
    for path in [&mut config.ca, &mut config.data, &mut config.token_file].into_iter().flatten() {
        *path = directory.join(&*path);
    }
    Ok(Some(config))
}

#[cfg(test)]
mod tests {
    use super::Config;
    use std::path::Path;

    #[test]
    fn the_local_file_overrides_single_keys_of_the_user_file() {
        let directory = tempfile::tempdir().unwrap();
        let (local, user) = (directory.path().join("work"), directory.path().join("xdg"));
        std::fs::create_dir_all(&local).unwrap();
        std::fs::create_dir_all(user.join("stagepost")).unwrap();
        std::fs::write(local.join(".stagepost.toml"), "repo = '7'\nca = 'ca.pem'\n").unwrap();
        let text = "repo = '8'\nserver = 'http://x'\n[serve]\nlisten = 'none'\n";
        std::fs::write(user.join("stagepost/config.toml"), text).unwrap();
        let home = user.to_str().unwrap().to_owned();
        let env = move |name: &str| (name == "XDG_CONFIG_HOME").then(|| home.clone());
        let config = Config::load(None, &local, &env).unwrap();
        assert_eq!((config.repo.as_deref(), config.server.as_deref()), (Some("7"), Some("http://x")));
        assert_eq!(config.ca.unwrap(), local.join("ca.pem"));
        assert_eq!(config.serve.unwrap().listen.as_deref(), Some("none"));
    }

    #[test]
    fn the_error_names_an_unknown_key_or_a_missing_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("my.toml");
        std::fs::write(&path, "sever = 'http://x'\n").unwrap();
        let failure = Config::load(Some(&path), Path::new("."), &|_| None).unwrap_err();
        assert_eq!(failure.code(), 2);
        let message = failure.message().unwrap();
        assert!(message.contains("my.toml") && message.contains("sever"), "{message}");
        let missing = Config::load(Some(Path::new("none.toml")), Path::new("."), &|_| None).unwrap_err();
        assert!(missing.message().unwrap().contains("none.toml"));
    }
}
