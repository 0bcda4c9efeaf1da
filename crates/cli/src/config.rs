//! The configuration file: only `--config FILE` if given, otherwise `./.stagepost.toml` merged over
//! `$XDG_CONFIG_HOME/stagepost/config.toml`. An unknown key is an error that names the file.
//!
//! The working directory may be a checkout of somebody else. Its file may therefore not choose where
//! credentials are sent: `server`, `ca`, `token-file` and `[serve]` count only if the user's own file lists
//! the directory in `trusted-directories`.
//!
//! Must not know: flags and environment variables, except those for the path of the file.

use crate::exit::Failure;
use crate::messages::Text;
use crate::serve::ServeArgs;
use crate::text_files;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// The keys of a configuration file, written with `-` or `_`. Paths are relative to the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    pub server: Option<String>,
    pub ca: Option<PathBuf>,
    pub data: Option<PathBuf>,
    pub repo: Option<String>,
    #[serde(alias = "token_file")]
    pub token_file: Option<PathBuf>,
    pub lang: Option<String>,
    /// How long `report` retries.
    #[serde(alias = "retry_for")]
    pub retry_for: Option<String>,
    /// The table `[serve]`.
    pub serve: Option<ServeArgs>,
    /// Directories whose `.stagepost.toml` may contain every key. Only in the user's own file.
    #[serde(alias = "trusted_directories")]
    pub trusted_directories: Option<Vec<PathBuf>>,
    /// The keys of an untrusted file that were left out.
    #[serde(skip)]
    pub untrusted: Option<Untrusted>,
}

/// The keys that an untrusted `.stagepost.toml` must not set.
#[derive(Debug, PartialEq, Eq)]
pub struct Untrusted {
    path: PathBuf,
    user_file: Option<PathBuf>,
    /// The keys that the file sets.
    keys: Vec<&'static str>,
    /// `data` is set by this file.
    pub sets_data: bool,
}

impl Untrusted {
    /// Fails if the file sets `key`. Call it where no flag or variable has a value.
    pub fn refuse(&self, key: &str) -> Result<(), Failure> {
        if !self.keys.contains(&key) {
            return Ok(());
        }
        let directory = std::path::absolute(&self.path).unwrap_or_else(|_| self.path.clone());
        let directory = directory.parent().unwrap_or(Path::new("/")).display().to_string();
        let user_file = self.user_file.as_ref().map(|path| path.display().to_string());
        let user_file = user_file.unwrap_or_else(|| "$XDG_CONFIG_HOME/stagepost/config.toml".to_owned());
        let values: [(&str, &dyn std::fmt::Display); 4] = [
            ("path", &self.path.display()),
            ("key", &key),
            ("directory", &directory),
            ("user_file", &user_file),
        ];
        Err(Failure::usage(Text::ConfigUntrusted.with(&values)))
    }
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
        let home = env("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(env("HOME")?).join(".config")));
        let user_file = home.map(|home| home.join("stagepost").join("config.toml"));
        let user = match &user_file {
            Some(path) => read(path)?.unwrap_or_default(),
            None => Self::default(),
        };
        let path = directory.join(".stagepost.toml");
        let mut local = read(&path)?.unwrap_or_default();
        if !user.trusts(directory) {
            local.untrusted = Some(local.remove_untrusted(path, user_file));
        }
        Ok(local.or(user))
    }

    /// Whether one of the trusted directories is this one or contains it.
    fn trusts(&self, directory: &Path) -> bool {
        let canonical = |path: &Path| std::fs::canonicalize(path).ok();
        let Some(directory) = canonical(directory) else { return false };
        let mut trusted = self.trusted_directories.iter().flatten().filter_map(|path| canonical(path));
        trusted.any(|trusted| directory.starts_with(trusted))
    }

    /// Removes the keys that need trust.
    fn remove_untrusted(&mut self, path: PathBuf, user_file: Option<PathBuf>) -> Untrusted {
        let keys = [
            ("server", self.server.take().is_some()),
            ("ca", self.ca.take().is_some()),
            ("token-file", self.token_file.take().is_some()),
            ("[serve]", self.serve.take().is_some()),
            ("trusted-directories", self.trusted_directories.take().is_some()),
        ];
        let keys = keys.into_iter().filter_map(|(key, is_set)| is_set.then_some(key)).collect();
        Untrusted { path, user_file, keys, sets_data: self.data.is_some() }
    }

    fn or(self, other: Self) -> Self {
        Self {
            server: self.server.or(other.server),
            ca: self.ca.or(other.ca),
            data: self.data.or(other.data),
            repo: self.repo.or(other.repo),
            token_file: self.token_file.or(other.token_file),
            lang: self.lang.or(other.lang),
            retry_for: self.retry_for.or(other.retry_for),
            serve: match (self.serve, other.serve) {
                (Some(serve), Some(other)) => Some(serve.or(other)),
                (serve, other) => serve.or(other),
            },
            trusted_directories: other.trusted_directories,
            untrusted: self.untrusted,
        }
    }
}

fn read(path: &Path) -> Result<Option<Config>, Failure> {
    let text = match text_files::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::file(path, &error)),
    };
    let mut config: Config = toml::from_str(&text).map_err(|error| {
        let reason = error.to_string();
        Failure::usage(Text::ConfigInvalid.with(&[("path", &path.display()), ("reason", &reason.trim_end())]))
    })?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let trusted = config.trusted_directories.iter_mut().flatten();
    let paths = [&mut config.ca, &mut config.data, &mut config.token_file].into_iter().flatten();
    for path in paths.chain(trusted) {
        *path = directory.join(&*path);
    }
    Ok(Some(config))
}

#[cfg(test)]
mod tests;
