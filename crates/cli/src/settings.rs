//! What holds for every command: the flags that all have, the environment and the configuration file, put
//! together. A flag counts before the environment, the environment before the file.
//!
//! Must not know: what the commands do with it.

use crate::config::Config;
use crate::exit::Failure;
use crate::lang::{self, Lang};
use crate::output::Output;
use crate::serve::ServeArgs;
use std::path::{Path, PathBuf};

/// Looks up an environment variable; an empty one is none.
pub type Env = dyn Fn(&str) -> Option<String>;

/// The environment of this process.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The flags that every command has.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Common options")]
pub struct GlobalArgs {
    /// Address of the server [env: STAGEPOST_SERVER] [default: http://127.0.0.1:8080]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// Certificates to trust besides the machine's, PEM [env: STAGEPOST_CA]
    #[arg(long, global = true, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// File with a token; else STAGEPOST_TOKEN, STAGEPOST_TOKEN_FILE, or an access key in STAGEPOST_AK and
    /// STAGEPOST_SK (or CLOUD_SDK_AK/_SK, HUAWEICLOUD_SDK_AK/_SK)
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Data directory of a server on this machine [env: STAGEPOST_DATA] [default: stagepost-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration file [env: STAGEPOST_CONFIG] [default: ./.stagepost.toml, then
    /// $XDG_CONFIG_HOME/stagepost/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Language of messages: zh or en; help texts are English [env: STAGEPOST_LANG] [default: the locale's]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print CSV with a heading, in a form that a spreadsheet never takes for a formula
    #[arg(long, global = true, conflicts_with = "json")]
    pub csv: bool,
}

/// What was decided for every command.
#[derive(Debug)]
pub struct Settings {
    /// The server, if anyone named one.
    pub server: Option<String>,
    /// Certificates to trust, if anyone named them.
    pub ca: Option<PathBuf>,
    /// The file of the flag.
    pub token_file: Option<PathBuf>,
    /// The file of the configuration, which counts after the environment's tokens and keys.
    pub configured_token_file: Option<PathBuf>,
    /// The data directory.
    pub data: PathBuf,
    /// The repository to use where none is named.
    pub repo: Option<String>,
    /// The language of messages.
    pub lang: Lang,
    /// The configuration's settings of `serve`.
    pub serve: ServeArgs,
}

/// What a command works with.
pub struct Context {
    /// What was decided.
    pub settings: Settings,
    /// Where data goes.
    pub output: Output,
    /// The environment.
    pub env: &'static Env,
}

impl Settings {
    /// Puts flags, environment and files together.
    pub fn resolve(flags: &GlobalArgs, directory: &Path, env: &Env) -> Result<Self, Failure> {
        let asked = flags.config.clone().or_else(|| env("STAGEPOST_CONFIG").map(PathBuf::from));
        let file = Config::load(asked.as_deref(), directory, env)?;
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
            lang: lang::find(flags.lang.as_deref(), file.lang.as_deref(), env),
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
    fn flags_before_environment_before_file_before_default() {
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
        let nothing =
            Settings::resolve(&GlobalArgs::default(), Path::new("no-such-directory"), &|_| None).unwrap();
        assert_eq!((nothing.server, nothing.data), (None, PathBuf::from("stagepost-data")));
    }
}
