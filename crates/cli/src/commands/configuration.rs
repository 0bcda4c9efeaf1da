//! `config`: checks the configuration files, shows what is effective and why, and prints a file with every key.

mod chinese;
mod example;
mod reference;
mod settings;

use crate::config;
use crate::exit::Failure;
use crate::lang::Lang;
use crate::messages::Text;
use crate::output::{Cell, Output};
use crate::serve::ServeArgs;
use crate::settings::{Context, Env, GlobalArgs};
use clap::FromArgMatches as _;
use serde::Serialize;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Check configuration files: every mistake with its line, and whether the server would start with them
    Check {
        /// The file [default: those that a command reads]
        file: Option<PathBuf>,
    },
    /// Show the effective settings, and whether each comes from a flag, a variable, a file or the default
    Show,
    /// Print a configuration file with every key, its meaning and its default
    Example,
    /// Print the reference of the configuration in Markdown
    #[command(hide = true)]
    Reference {
        /// Language of the page
        #[arg(long, value_parser = ["en", "zh"], default_value = "en")]
        language: String,
    },
}

pub fn run(context: &Context, flags: &GlobalArgs, command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        // Runs before the settings are read.
        ConfigCommand::Check { .. } => Ok(()),
        ConfigCommand::Show => show(context, flags),
        ConfigCommand::Example => context.output.text(&example::file()),
        ConfigCommand::Reference { language } => {
            let lang = if language == "zh" { Lang::Chinese } else { Lang::English };
            context.output.text(&reference::page(&crate::command_line(), lang))
        }
    }
}

/// A file that was checked.
#[derive(Serialize)]
struct Checked {
    file: String,
    problems: Vec<String>,
}

/// Checks one file, or all files that a command in this directory reads. Prints the problems with their lines.
pub fn check(
    output: Output,
    flags: &GlobalArgs,
    file: Option<&Path>,
    directory: &Path,
    env: &Env,
) -> Result<(), Failure> {
    let explicit = file.map(Path::to_owned).or_else(|| flags.config.clone());
    let explicit = explicit.or_else(|| env("STAGEPOST_CONFIG").map(PathBuf::from));
    let mut all = Vec::new();
    for path in config::existing_files(explicit.as_deref(), directory, env) {
        let place = path.display().to_string();
        let problems = match config::check(&path)? {
            Ok(config) => settings_problems(config.serve, file.is_none()),
            Err(problems) => problems.iter().map(|problem| format!("{place}:{problem}")).collect(),
        };
        all.push(Checked { file: place, problems });
    }
    if all.is_empty() {
        output.hint(Text::ConfigNoFile);
    }
    let is_valid = all.iter().all(|checked| checked.problems.is_empty());
    let rows = all.iter().flat_map(|checked| {
        let good = checked.problems.is_empty().then(|| vec![Cell::from(&checked.file), Cell::from("ok")]);
        let bad = checked.problems.iter().map(|text| vec![Cell::from(&checked.file), Cell::from(text)]);
        good.into_iter().chain(bad)
    });
    output.list(&all, &[Text::ConfigFile, Text::ConfigResult], rows.collect())?;
    if is_valid { Ok(()) } else { Err(Failure::usage(Text::ConfigHasProblems)) }
}

/// Why a server would not start with these settings, which variables override if `with_environment`.
fn settings_problems(serve: Option<ServeArgs>, with_environment: bool) -> Vec<String> {
    let Some(serve) = serve else { return Vec::new() };
    let flags = if with_environment { environment() } else { Ok(ServeArgs::default()) };
    let settings = match flags.and_then(|flags| flags.or(serve).resolve()) {
        Ok(settings) => settings,
        Err(problem) => return vec![problem],
    };
    match (settings.listen, settings.tls_listen) {
        (None, None) => vec![Text::ConfigNoListener.to_string()],
        (Some(http), Some(https)) if http == https && http.port() != 0 => {
            vec![Text::ConfigSameAddress.with(&[("address", &http)])]
        }
        _ => Vec::new(),
    }
}

/// The settings of the server from variables.
fn environment() -> Result<ServeArgs, String> {
    let matches =
        settings::serve_command().try_get_matches_from(["serve"]).map_err(|error| error.to_string())?;
    ServeArgs::from_arg_matches(&matches).map_err(|error| error.to_string())
}

/// A setting and its origin.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Effective {
    key: String,
    value: Option<String>,
    /// flag, variable, file or default.
    origin: &'static str,
    /// The flag, the variable or the file.
    source: Option<String>,
}

fn show(context: &Context, flags: &GlobalArgs) -> Result<(), Failure> {
    let all = settings::effective(flags, context.settings.origins(), context.env);
    let row = |setting: &Effective| {
        let origin = setting.source.as_deref().unwrap_or(setting.origin);
        vec![Cell::from(&setting.key), Cell::optional(setting.value.as_ref()), Cell::from(origin)]
    };
    let headings = [Text::ConfigKey, Text::ConfigText, Text::ConfigOrigin];
    context.output.list(&all, &headings, all.iter().map(row).collect())
}
