//! The completions of a shell beside flags and fixed values: the repositories of the server, and the profiles. The
//! script of `completion` calls this program, which returns the candidates.

use crate::exit::Failure;
use crate::output::{self, Output};
use crate::profiles::Profiles;
use crate::settings::{Context, GlobalArgs, Settings, process_env};
use clap::Command;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use stagepost_client::repositories::RepositoryFilter;
use std::ffi::OsStr;
use std::time::Duration;

/// How long a shell waits for the server.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Most candidates.
const LIMIT: usize = 50;
/// The variable with which the script calls this program.
const VARIABLE: &str = "_STAGEPOST_COMPLETE";
/// zsh loads the file at the first completion, as the function that completes.
const ZSH_FIRST_CALL: &[u8] =
    b"if [ \"$funcstack[1]\" = \"_stagepost\" ]; then\n    _clap_dynamic_completer_stagepost \"$@\"\nfi\n";

/// Prints the candidates and exits, if the script of a shell has called this program.
pub fn answer() {
    clap_complete::CompleteEnv::with_factory(crate::command_line).var(VARIABLE).complete();
}

/// Prints the script of a shell.
pub fn print(shell: clap_complete::Shell) -> Result<(), Failure> {
    let shells = Shells::builtins();
    let name = shell.to_string();
    let completer = shells.completer(&name).ok_or_else(|| Failure::usage(&name))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "stagepost", "stagepost", "stagepost", &mut script)?;
    if shell == clap_complete::Shell::Zsh {
        script.extend_from_slice(ZSH_FIRST_CALL);
    }
    output::print_bytes(&script)
}

/// The command line with the candidates of its arguments.
pub fn with_candidates(command: Command) -> Command {
    let command = match command.get_name() {
        "profile" => command.mut_subcommands(|below| {
            below.mut_args(|arg| match arg.get_id() == "name" {
                true => arg.add(ArgValueCompleter::new(profiles)),
                false => arg,
            })
        }),
        _ => command,
    };
    let command = command.mut_args(|arg| match arg.get_id().as_str() {
        "repo" => arg.add(ArgValueCompleter::new(repositories)),
        "profile" => arg.add(ArgValueCompleter::new(profiles)),
        _ => arg,
    });
    command.mut_subcommands(with_candidates)
}

fn profiles(current: &OsStr) -> Vec<CompletionCandidate> {
    let profiles = Profiles::path(&process_env).and_then(|path| Profiles::load(&path).ok());
    let names = profiles.map(|profiles| profiles.profiles.into_keys()).into_iter().flatten();
    names.filter(|name| starts_with(name, current)).map(CompletionCandidate::new).collect()
}

/// The paths of repositories that begin with the text. Without a server there are none: a shell shows no errors.
fn repositories(current: &OsStr) -> Vec<CompletionCandidate> {
    let found = || -> Option<Vec<String>> {
        let directory = std::env::current_dir().ok()?;
        let settings = Settings::resolve(&GlobalArgs::default(), &directory, &process_env).ok()?;
        let context =
            Context { settings, output: Output::stdout(false, false, &process_env), env: &process_env };
        let client = context.client().ok()?;
        let search = Some(current.to_str()?.to_owned()).filter(|text| !text.is_empty());
        let filter = RepositoryFilter { search, archived: None };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let list = async { client.paged_repositories(&filter).at_most(LIMIT).all().await };
        let list = runtime.block_on(async { tokio::time::timeout(TIMEOUT, list).await.ok()?.ok() })?;
        Some(list.into_iter().map(|repository| repository.path).collect())
    };
    let paths = found().unwrap_or_default();
    paths.into_iter().filter(|path| starts_with(path, current)).map(CompletionCandidate::new).collect()
}

fn starts_with(text: &str, current: &OsStr) -> bool {
    current.to_str().is_some_and(|current| text.starts_with(current))
}
