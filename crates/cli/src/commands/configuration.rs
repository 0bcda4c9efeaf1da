//! `config`: checks the configuration files, shows what is effective and why, and prints a file with every key.

mod chinese;
mod example;
mod reference;
mod settings;

use crate::config::{self, Config};
use crate::exit::Failure;
use crate::lang::Lang;
use crate::messages::Text;
use crate::output::{Cell, Output};
use crate::serve::ServeArgs;
use crate::settings::{Context, Env, GlobalArgs};
use clap::FromArgMatches as _;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The entry of the check for the variables.
const ENVIRONMENT: &str = "environment";

#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Check configuration files: print every mistake with its line, and whether the server would start with them
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
            Ok(Config { serve: Some(serve), origins, .. }) if file.is_some() => {
                let problems = settings_problems(serve, ServeArgs::default());
                problems.into_iter().map(|problem| placed(&origins, problem).1).collect()
            }
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(|problem| format!("{place}:{problem}")).collect(),
        };
        all.push(Checked { file: place, problems });
    }
    if all.is_empty() {
        output.hint(Text::ConfigNoFile);
    }
    if file.is_none() && all.iter().all(|checked| checked.problems.is_empty()) {
        check_merged(Config::load(explicit.as_deref(), directory, env)?, &mut all);
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

/// Checks all files together with the variables, as `serve` uses them, and adds the problems to their file, or to one
/// more entry for the variables.
fn check_merged(config: Config, all: &mut Vec<Checked>) {
    let mut add = |file: &str, problem: String| match all.iter_mut().find(|checked| checked.file == file) {
        Some(checked) => checked.problems.push(problem),
        None => all.push(Checked { file: file.to_owned(), problems: vec![problem] }),
    };
    if let Some(untrusted) = &config.untrusted
        && let Err(failure) = untrusted.refuse("[serve]")
    {
        let file = untrusted.path().display().to_string();
        return add(&file, failure.message().unwrap_or_default().to_owned());
    }
    let serve = config.serve.unwrap_or_default();
    let variables = match environment() {
        Ok(variables) => variables,
        Err(problem) => return add(ENVIRONMENT, problem),
    };
    let of_files = settings_problems(serve.clone(), ServeArgs::default());
    for problem in settings_problems(serve, variables) {
        let file = if of_files.contains(&problem) {
            placed(&config.origins, problem.clone())
        } else {
            (None, problem)
        };
        add(&file.0.map_or_else(|| ENVIRONMENT.to_owned(), |path| path.display().to_string()), file.1);
    }
}

/// The file of a problem, and the problem with file and line: those of the key whose flag the problem names. Without
/// one it is the file of any key of `[serve]`.
fn placed(origins: &BTreeMap<String, (PathBuf, String)>, problem: String) -> (Option<PathBuf>, String) {
    let keys = origins.iter().filter_map(|(key, (path, _))| Some((key.strip_prefix("serve.")?, path)));
    let any = keys.clone().next().map(|(_, path)| path.clone());
    let is_flag = |word: &str, key: &str| word.strip_prefix("--") == Some(key);
    let mut words = problem.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let Some((key, path)) = words.find_map(|word| keys.clone().find(|(key, _)| is_flag(word, key))) else {
        return (any, problem);
    };
    match config::line_of_key(path, key) {
        Some(line) => (Some(path.clone()), format!("{}:{line}: {problem}", path.display())),
        None => (Some(path.clone()), problem),
    }
}

/// Why a server would not start with these settings, which `variables` override.
fn settings_problems(serve: ServeArgs, variables: ServeArgs) -> Vec<String> {
    let settings = match variables.or(serve).resolve() {
        Ok(settings) => settings,
        Err(problem) => return vec![problem],
    };
    if (settings.listen, settings.tls_listen) == (None, None) {
        return vec![Text::ConfigNoListener.to_string()];
    }
    let listeners = [
        ("listen", settings.listen),
        ("tls-listen", settings.tls_listen),
        ("metrics-listen", settings.metrics_listen),
    ];
    let mut problems = Vec::new();
    for (at, (other, address)) in listeners.iter().enumerate() {
        let Some(address) = address.filter(|address| address.port() != 0) else { continue };
        for (one, _) in listeners[..at].iter().filter(|(_, earlier)| *earlier == Some(address)) {
            let values: [(&str, &dyn std::fmt::Display); 3] =
                [("one", one), ("other", other), ("address", &address)];
            problems.push(Text::ConfigSameAddress.with(&values));
        }
    }
    problems
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
    /// flag, variable, file, profile or default.
    origin: &'static str,
    /// The flag, the variable, the file or `profile NAME`.
    source: Option<String>,
}

fn show(context: &Context, flags: &GlobalArgs) -> Result<(), Failure> {
    let mut all = settings::effective(flags, context.settings.origins(), context.env);
    // A profile that does not exist is a matter of the commands that use it.
    if let Ok(Some((name, profile))) = context.deciding_profile()
        && let Some(server) = all.iter_mut().find(|setting| setting.key == "server")
    {
        (server.value, server.origin) = (Some(profile.server), "profile");
        server.source = Some(format!("profile {name}"));
    }
    let row = |setting: &Effective| {
        let origin = setting.source.as_deref().unwrap_or(setting.origin);
        vec![Cell::from(&setting.key), Cell::optional(setting.value.as_ref()), Cell::from(origin)]
    };
    let headings = [Text::ConfigKey, Text::ConfigText, Text::ConfigOrigin];
    context.output.list(&all, &headings, all.iter().map(row).collect())
}
