//! The settings of all commands, from flags, environment variables and configuration files, in this order of
//! priority. A variable that is set and empty is an error where its value is needed: a variable that was not
//! set in a script must not select another server, repository or credential.
//!
//! Must not know: the commands.

use crate::config::{Config, Untrusted};
use crate::exit::Failure;
use crate::lang::{self, Lang};
use crate::messages::Text;
use crate::output::Output;
use crate::serve::ServeArgs;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Reads an environment variable. An empty variable counts as not set; see [`Settings::require_usable`].
pub type Env = dyn Fn(&str) -> Option<String>;

/// Reads a variable from the environment of this process.
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the variable is set and has no usable value: it is empty or not UTF-8.
fn is_unusable(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value.is_empty() || value.to_str().is_none())
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
    /// File with a token; without it, STAGEPOST_TOKEN, STAGEPOST_TOKEN_FILE, or the access key in STAGEPOST_AK
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
    /// Profile of stagepost login, with its server and token [env: STAGEPOST_PROFILE] [default: the one that
    /// stagepost profile use has selected]
    #[arg(long, global = true, value_name = "NAME", value_parser = crate::profiles::parse_name)]
    pub profile: Option<String>,
    /// Language of messages: zh or en; help texts are in English [env: STAGEPOST_LANG] [default: from the
    /// locale]
    #[arg(long, global = true, value_name = "LANG", value_parser = lang::parse_flag)]
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
    /// The server URL of the configuration files, also if a flag or a variable replaces it.
    pub configured_server: Option<String>,
    /// The selected profile.
    pub profile: Option<String>,
    /// The configured CA certificates.
    pub ca: Option<PathBuf>,
    /// The token file of the flag.
    pub token_file: Option<PathBuf>,
    /// The token file of the configuration. Tokens and keys in the environment have priority.
    pub configured_token_file: Option<PathBuf>,
    /// The data directory.
    pub data: PathBuf,
    /// The data directory was chosen by the user, not by the working directory.
    pub data_is_trusted: bool,
    /// The default repository.
    pub repo: Option<String>,
    /// How long reports are retried, as text.
    pub retry_for: Option<String>,
    /// The directory that keeps reports.
    pub spool: Option<PathBuf>,
    /// The language of messages.
    pub lang: Lang,
    /// The file and the text of every value of the configuration files, by its key.
    origins: BTreeMap<String, (PathBuf, String)>,
    /// The table `[serve]` of the configuration.
    serve: ServeArgs,
    /// The keys of an untrusted configuration file.
    untrusted: Option<Untrusted>,
    /// Variables without a usable value.
    unusable: Vec<&'static str>,
    /// The server and the CA certificates are not those of a configuration file.
    is_explicit: Explicit,
}

/// Which settings a flag or a variable has set.
#[derive(Debug, Default)]
struct Explicit {
    server: bool,
    server_flag: bool,
    profile_flag: bool,
    ca: bool,
    spool: bool,
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
        let unusable = [
            ("STAGEPOST_CONFIG", flags.config.is_some()),
            ("STAGEPOST_DATA", flags.data.is_some()),
            ("STAGEPOST_SERVER", flags.server.is_some() || flags.profile.is_some()),
            ("STAGEPOST_PROFILE", flags.profile.is_some()),
            ("STAGEPOST_CA", flags.ca.is_some()),
            ("STAGEPOST_TOKEN", flags.token_file.is_some()),
            ("STAGEPOST_TOKEN_FILE", flags.token_file.is_some() || env("STAGEPOST_TOKEN").is_some()),
            ("STAGEPOST_AK", flags.token_file.is_some()),
            ("STAGEPOST_SK", flags.token_file.is_some()),
            ("STAGEPOST_REPO", false),
            ("STAGEPOST_SPOOL", false),
        ];
        let is_needed =
            |(name, replaced): (&'static str, bool)| (!replaced && is_unusable(name)).then_some(name);
        let unusable: Vec<&'static str> = unusable.into_iter().filter_map(is_needed).collect();
        for name in ["STAGEPOST_CONFIG", "STAGEPOST_DATA", "STAGEPOST_PROFILE"] {
            require_usable(&unusable, name)?;
        }
        let path = |name: &str| env(name).map(PathBuf::from);
        let config_path = flags.config.clone().or_else(|| path("STAGEPOST_CONFIG"));
        let file = Config::load(config_path.as_deref(), directory, env)?;
        let server = flags.server.clone().or_else(|| env("STAGEPOST_SERVER"));
        let ca = flags.ca.clone().or_else(|| path("STAGEPOST_CA"));
        let data = flags.data.clone().or_else(|| path("STAGEPOST_DATA"));
        let spool = path("STAGEPOST_SPOOL");
        let local_sets_data = file.untrusted.as_ref().is_some_and(|untrusted| untrusted.sets_data);
        Ok(Self {
            is_explicit: Explicit {
                server: server.is_some(),
                server_flag: flags.server.is_some(),
                profile_flag: flags.profile.is_some(),
                ca: ca.is_some(),
                spool: spool.is_some(),
            },
            profile: flags.profile.clone().or_else(|| env("STAGEPOST_PROFILE")),
            server: server.or_else(|| file.server.clone()),
            configured_server: file.server,
            ca: ca.or(file.ca),
            token_file: flags.token_file.clone(),
            configured_token_file: file.token_file,
            data_is_trusted: data.is_some() || (file.data.is_some() && !local_sets_data),
            data: data.or(file.data).unwrap_or_else(|| PathBuf::from("stagepost-data")),
            repo: env("STAGEPOST_REPO").or(file.repo),
            retry_for: env("STAGEPOST_RETRY_FOR").or(file.retry_for),
            spool: spool.or(file.spool),
            lang: lang::detect(flags.lang.as_deref(), file.lang.as_deref(), env),
            serve: file.serve.unwrap_or_default(),
            origins: file.origins,
            untrusted: file.untrusted,
            unusable,
        })
    }

    /// The file and the text of every value of the configuration files, by its key.
    pub fn origins(&self) -> &BTreeMap<String, (PathBuf, String)> {
        &self.origins
    }

    /// The server of a flag or a variable.
    pub fn explicit_server(&self) -> Option<&str> {
        self.server.as_deref().filter(|_| self.is_explicit.server)
    }

    /// The profile, if it has priority over the server of a flag or a variable: a flag over a variable, and a variable
    /// over a configuration file.
    pub fn leading_profile(&self) -> Option<&str> {
        let is_before = match (self.is_explicit.server, self.is_explicit.server_flag) {
            (_, true) => false,
            (true, false) => self.is_explicit.profile_flag,
            (false, _) => true,
        };
        self.profile.as_deref().filter(|_| is_before)
    }

    /// The profile of a flag.
    pub fn profile_flag(&self) -> Option<&str> {
        self.profile.as_deref().filter(|_| self.is_explicit.profile_flag)
    }

    /// Fails if the variable is set and has no usable value, and no flag replaces it.
    pub fn require_usable(&self, variable: &str) -> Result<(), Failure> {
        require_usable(&self.unusable, variable)
    }

    /// Fails if only an untrusted configuration file sets this key.
    pub fn require_trusted(&self, key: &str) -> Result<(), Failure> {
        let is_explicit = match key {
            "server" => self.is_explicit.server,
            "ca" => self.is_explicit.ca,
            "spool" => self.is_explicit.spool,
            _ => false,
        };
        match &self.untrusted {
            Some(untrusted) if !is_explicit => untrusted.refuse(key),
            _ => Ok(()),
        }
    }

    /// The table `[serve]` of the configuration.
    pub fn serve(&self) -> Result<ServeArgs, Failure> {
        self.require_trusted("[serve]")?;
        Ok(self.serve.clone())
    }
}

fn require_usable(unusable: &[&'static str], variable: &str) -> Result<(), Failure> {
    if unusable.contains(&variable) {
        return Err(Failure::usage(Text::UnusableVariable.with(&[("name", &variable)])));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{GlobalArgs, Settings};
    use crate::lang::Lang;
    use std::path::{Path, PathBuf};

    fn resolve(flags: &GlobalArgs, env: &super::Env) -> Settings {
        Settings::resolve(flags, Path::new("no-such-directory"), env).unwrap()
    }

    #[test]
    fn flags_override_environment_file_and_default() {
        let directory = tempfile::tempdir().unwrap();
        let text = "server = 'http://file'\nrepo = 'g/file'\ndata = 'd'\nlang = 'zh'\n";
        let path = directory.path().join("c.toml");
        std::fs::write(&path, text).unwrap();
        let env = |name: &str| match name {
            "STAGEPOST_SERVER" => Some("http://env".to_owned()),
            "STAGEPOST_REPO" => Some("9".to_owned()),
            _ => None,
        };
        let config = Some(path);
        let flags = GlobalArgs {
            server: Some("http://flag".to_owned()),
            config: config.clone(),
            ..GlobalArgs::default()
        };
        assert_eq!(resolve(&flags, &env).server.as_deref(), Some("http://flag"));
        let flags = GlobalArgs { config, ..GlobalArgs::default() };
        let settings = resolve(&flags, &env);
        assert_eq!(settings.server.as_deref(), Some("http://env"));
        assert_eq!((settings.repo.as_deref(), settings.lang), (Some("9"), Lang::Chinese));
        assert_eq!((settings.data, settings.data_is_trusted), (directory.path().join("d"), true));
        assert_eq!(resolve(&flags, &|_| None).server.as_deref(), Some("http://file"));
        let defaults = resolve(&GlobalArgs::default(), &|_| None);
        assert_eq!((defaults.server, defaults.data), (None, PathBuf::from("stagepost-data")));
        assert!(!defaults.data_is_trusted, "the working directory may belong to another user");
    }

    #[test]
    fn an_untrusted_file_is_refused_where_no_flag_replaces_it() {
        let directory = tempfile::tempdir().unwrap();
        let text = "server = 'http://file'\nca = 'c'\ndata = 'd'\n[serve]\nlisten = 'none'\n";
        std::fs::write(directory.path().join(".stagepost.toml"), text).unwrap();
        let resolve =
            |flags: &GlobalArgs, env: &super::Env| Settings::resolve(flags, directory.path(), env).unwrap();
        let settings = resolve(&GlobalArgs::default(), &|_| None);
        for key in ["server", "ca", "[serve]"] {
            assert_eq!(settings.require_trusted(key).unwrap_err().code(), 2, "{key}");
        }
        assert!(settings.serve().is_err() && !settings.data_is_trusted);
        let flags = GlobalArgs {
            server: Some("http://flag".to_owned()),
            data: Some("d".into()),
            ..GlobalArgs::default()
        };
        let settings = resolve(&flags, &|name| (name == "STAGEPOST_CA").then(|| "ca.pem".to_owned()));
        assert_eq!((settings.require_trusted("server"), settings.require_trusted("ca")), (Ok(()), Ok(())));
        assert!(settings.data_is_trusted);
    }
}
