//! The configuration file: only `--config FILE` if given, otherwise `./.stagepost.toml` merged over
//! `$XDG_CONFIG_HOME/stagepost/config.toml`. An unknown key is an error that names the file.
//!
//! The working directory may be a checkout of another person. Its file may therefore not choose where
//! credentials are sent, or what is reported with them: `server`, `ca`, `token-file`, `spool` and `[serve]` count only
//! if the user's own file lists the directory in `trusted-directories`.
//!
//! Must not know: flags and environment variables, except those for the path of the file.

mod document;

pub use document::{Problem, known_keys};

use crate::exit::Failure;
use crate::messages::Text;
use crate::serve::ServeArgs;
use crate::text_files;
use serde::Deserialize;
use std::collections::BTreeMap;
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
    /// The directory that keeps reports.
    pub spool: Option<PathBuf>,
    /// The table `[serve]`.
    pub serve: Option<ServeArgs>,
    /// Directories whose `.stagepost.toml` may contain every key. Only in the user's own file.
    #[serde(alias = "trusted_directories")]
    pub trusted_directories: Option<Vec<PathBuf>>,
    /// The keys of an untrusted file that were left out.
    #[serde(skip)]
    pub untrusted: Option<Untrusted>,
    /// The file and the text of every value, by its key.
    #[serde(skip)]
    pub origins: BTreeMap<String, (PathBuf, String)>,
}

/// The files that are read without `--config`.
struct Paths {
    local: PathBuf,
    user: Option<PathBuf>,
}

impl Paths {
    fn new(directory: &Path, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let user = user_directory(env).map(|directory| directory.join("config.toml"));
        Self { local: directory.join(".stagepost.toml"), user }
    }
}

/// The directory of the user's own files; `None` without a home directory.
pub fn user_directory(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let home = env("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env("HOME")?).join(".config")));
    home.map(|home| home.join("stagepost"))
}

/// The files that exist and that a command reads, the one with the highest priority first.
pub fn existing_files(
    explicit: Option<&Path>,
    directory: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Vec<PathBuf> {
    if let Some(path) = explicit {
        return vec![path.to_owned()];
    }
    let Paths { local, user } = Paths::new(directory, env);
    [Some(local), user].into_iter().flatten().filter(|path| path.exists()).collect()
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
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

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
        let Paths { local: path, user: user_file } = Paths::new(directory, env);
        let user = match &user_file {
            Some(path) => read(path)?.unwrap_or_default(),
            None => Self::default(),
        };
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
            ("spool", self.spool.take().is_some()),
            ("[serve]", self.serve.take().is_some()),
            ("trusted-directories", self.trusted_directories.take().is_some()),
        ];
        let keys: Vec<&str> = keys.into_iter().filter_map(|(key, is_set)| is_set.then_some(key)).collect();
        self.origins.retain(|key, _| !keys.contains(&key.as_str()) && !key.starts_with("serve."));
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
            spool: self.spool.or(other.spool),
            serve: match (self.serve, other.serve) {
                (Some(serve), Some(other)) => Some(serve.or(other)),
                (serve, other) => serve.or(other),
            },
            trusted_directories: other.trusted_directories,
            untrusted: self.untrusted,
            origins: {
                let mut origins = other.origins;
                origins.extend(self.origins);
                origins
            },
        }
    }
}

/// The mistakes in a file.
///
/// # Errors
/// The file cannot be read.
pub fn check(path: &Path) -> Result<Result<Config, Vec<Problem>>, Failure> {
    let text = text_files::read(path).map_err(|error| Failure::file(path, &error))?;
    Ok(parse(path, &text))
}

/// The line of a key of `[serve]`, from 1, if the file sets it on its own line.
pub fn line_of_key(path: &Path, key: &str) -> Option<usize> {
    let text = text_files::read(path).ok()?;
    let is_key = |line: &str| {
        let name = line.split('=').next().unwrap_or_default().trim().replace('_', "-");
        line.contains('=') && (name == key || name.strip_prefix("serve.") == Some(key))
    };
    text.lines().position(is_key).map(|at| at + 1)
}

fn read(path: &Path) -> Result<Option<Config>, Failure> {
    let text = match text_files::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::file(path, &error)),
    };
    parse(path, &text).map(Some).map_err(|problems| {
        let reasons: Vec<String> = problems.iter().map(Problem::to_string).collect();
        let place = |reason: &String| format!("{}:{reason}", path.display());
        Failure::usage(reasons.iter().map(place).collect::<Vec<_>>().join("; "))
    })
}

fn parse(path: &Path, text: &str) -> Result<Config, Vec<Problem>> {
    let document::Document { mut config, values } = document::parse(text)?;
    config.origins = values.into_iter().map(|(key, value)| (key, (path.to_owned(), value))).collect();
    let directory = path.parent().unwrap_or(Path::new(""));
    let trusted = config.trusted_directories.iter_mut().flatten();
    let paths =
        [&mut config.ca, &mut config.data, &mut config.token_file, &mut config.spool].into_iter().flatten();
    for path in paths.chain(trusted) {
        *path = directory.join(&*path);
    }
    Ok(config)
}

#[cfg(test)]
mod tests;
