//! The settings of all commands, from flags, environment variables and configuration files, in this order of
//! priority.
//!
//! Must not know: the commands.

use crate::config::Config;
use crate::exit::Failure;
use crate::lang::{self, Lang};
use crate::output::Output;
use crate::serve::ServeArgs;
use std::path::{Path, PathBuf};

/// Reads an environment variable. An empty variable counts as not set.
pub type Env = dyn Fn(&str) -> Option<String>;

/// Reads a variable from the environment of this process.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The flags of all commands.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Common options")]
pub struct GlobalArgs {
    /// URL of the server [env: STAGEPOST_SERVER] [default: http://127.0.0.1:8080]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// CA certificates (PEM) to trust in addition to those of the system [env: STAGEPOST_CA]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// File with a token; otherwise STAGEPOST_TOKEN, STAGEPOST_TOKEN_FILE, or the access key in STAGEPOST_AK
    /// and STAGEPOST_SK (or CLOUD_SDK_AK/_SK, HUAWEICLOUD_SDK_AK/_SK) is used
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Data directory of a server on this machine [env: STAGEPOST_DATA] [default: stagepost-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration file [env: STAGEPOST_CONFIG] [default: ./.stagepost.toml, then
    /// $XDG_CONFIG_HOME/stagepost/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Language of messages: zh or en; help texts are in English [env: STAGEPOST_LANG] [default: from the
    /// locale]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print CSV with a header row; cells are escaped so that spreadsheets do not run formulas
    #[arg(long, global = true, conflicts_with = "json")]
    pub csv: bool,
}

/// The resolved settings.
#[derive(Debug)]
pub struct Settings {
    /// The configured server URL.
    pub server: Option<String>,
    /// The configured CA certificates.
    pub ca: Option<PathBuf>,
    /// The token file of the flag.
    pub token_file: Option<PathBuf>,
    /// The token file of the configuration. Tokens and keys in the environment have priority.
    pub configured_token_file: Option<PathBuf>,
    /// The data directory.
    pub data: PathBuf,
    /// The default repository.
    pub repo: Option<String>,
    /// The language of messages.
    pub lang: Lang,
    /// The table `[serve]` of the configuration.
    pub serve: ServeArgs,
}

/// The context of a command.
pub struct Context {
    /// The settings.
    pub settings: Settings,
    /// Standard output.
    pub output: Output,
    /// The environment variables.
    pub env: &'static Env,
}

impl Settings {
    /// Merges flags, environment and configuration files.
    pub fn resolve(flags: &GlobalArgs, directory: &Path, env: &Env) -> Result<Self, Failure> {
        let config_path = flags.config.clone().or_else(|| env("STAGEPOST_CONFIG").map(PathBuf::from));
        let file = Config::load(config_path.as_deref(), directory, env)?;
        let path = |name: &str| env(name).map(PathBuf::from);
        Ok(Self {
            server: flags.server.clone().or_else(|| env("STAGEPOST_SERVER")).or(file.server),
            ca: flags.ca.clone().or_else(|| path("STAGEPOST_CA")).or(file.ca),
            token_file: flags.token_file.clone(),
            configured_token_file: file.token_file,
            data: flags
                .data
                .clone()
                .or_else(|| path("STAGEPOST_DATA"))
                .or(file.data)
                .unwrap_or_else(|| PathBuf::from("stagepost-data")),
            repo: env("STAGEPOST_REPO").or(file.repo),
            lang: lang::detect(flags.lang.as_deref(), file.lang.as_deref(), env),
            serve: file.serve.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{GlobalArgs, Settings};
    use crate::lang::Lang;
    use std::path::{Path, PathBuf};

    #[test]
    fn flags_override_environment_file_and_default() {
        let directory = tempfile::tempdir().unwrap();
        let text = "server = 'http://file'\nrepo = 'g/file'\ndata = 'd'\nlang = 'zh'\n";
        std::fs::write(directory.path().join(".stagepost.toml"), text).unwrap();
        let env = |name: &str| match name {
            "STAGEPOST_SERVER" => Some("http://env".to_owned()),
            "STAGEPOST_REPO" => Some("9".to_owned()),
            _ => None,
        };
        let flags = GlobalArgs { server: Some("http://flag".to_owned()), ..GlobalArgs::default() };
        let settings = Settings::resolve(&flags, directory.path(), &env).unwrap();
        assert_eq!(settings.server.as_deref(), Some("http://flag"));
        let settings = Settings::resolve(&GlobalArgs::default(), directory.path(), &env).unwrap();
        assert_eq!(settings.server.as_deref(), Some("http://env"));
        assert_eq!((settings.repo.as_deref(), settings.lang), (Some("9"), Lang::Chinese));
        assert_eq!(settings.data, directory.path().join("d"));
        let settings = Settings::resolve(&GlobalArgs::default(), directory.path(), &|_| None).unwrap();
        assert_eq!(settings.server.as_deref(), Some("http://file"));
        let defaults =
            Settings::resolve(&GlobalArgs::default(), Path::new("no-such-directory"), &|_| None).unwrap();
        assert_eq!((defaults.server, defaults.data), (None, PathBuf::from("stagepost-data")));
    }
}
