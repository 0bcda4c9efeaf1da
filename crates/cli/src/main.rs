//! The one binary: arguments in, exit code out. Every command but `serve` is a client of the API.

mod commands;
mod config;
mod connect;
mod durations;
mod exit;
mod lang;
mod messages;
mod output;
mod serve;
mod settings;

use clap::{CommandFactory as _, Parser, Subcommand};
use commands::{
    doctor, env, exec, imports, jobs, keys, members, pipelines, reports, repositories, retention, tokens,
    users,
};
use exit::Failure;
use output::Output;
use settings::{Context, GlobalArgs, Settings};
use std::process::ExitCode;

/// A self-hosted record of pipelines and jobs
#[derive(Parser)]
#[command(name = "stagepost", version, after_help = exit::HELP)]
struct Arguments {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server
    Serve(Box<serve::ServeArgs>),
    /// Print the settings that point an official SDK at a server
    Env(env::EnvArgs),
    /// Users
    #[command(subcommand)]
    User(users::UserCommand),
    /// Access keys (AK and SK)
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Personal tokens
    #[command(subcommand)]
    Token(tokens::TokenCommand),
    /// Repositories
    #[command(subcommand)]
    Repo(repositories::RepoCommand),
    /// Members of a repository
    #[command(subcommand)]
    Member(members::MemberCommand),
    /// Bring repositories and pipelines along from a file of lines (NDJSON)
    Import(imports::ImportArgs),
    /// Report a job's status, or run a command and report it
    Report(Box<reports::ReportCommand>),
    /// List pipelines
    Pipelines(Box<pipelines::PipelinesArgs>),
    /// List jobs, of a pipeline or of all; show, explain or close one
    Jobs(Box<jobs::JobsCommand>),
    /// Take away the pipelines that the policies of their repository do not keep
    Prune(retention::PruneArgs),
    /// Show who the credential stands for
    Whoami,
    /// Check that a server and a credential work
    Doctor,
    /// Print a completion script
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments).await {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let directory = std::env::current_dir()?;
    let settings = Settings::resolve(&arguments.global, &directory, &settings::process_env)?;
    lang::choose(settings.lang);
    let output = Output::stdout(arguments.global.json, &settings::process_env);
    let context = Context { settings, output, env: &settings::process_env };
    let done = match arguments.command {
        Command::Serve(flags) => {
            let file = context.settings.serve.clone();
            let flags = serve::ServeArgs { data: context.settings.data.clone(), ..*flags }.or(file);
            serve::run(flags).await.map_err(Failure::error)
        }
        Command::Env(flags) => env::run(&context, &flags),
        Command::User(command) => users::run(&context, command).await,
        Command::Key(command) => keys::run(&context, command).await,
        Command::Token(command) => tokens::run(&context, command).await,
        Command::Repo(command) => repositories::run(&context, command).await,
        Command::Member(command) => members::run(&context, command).await,
        Command::Import(flags) => imports::run(&context, &flags).await,
        Command::Report(command) => match command.exec {
            Some(reports::Exec::Exec(ref flags)) => return exec::run(&context, &command.report, flags).await,
            None => reports::run(&context, &command.report).await,
        },
        Command::Pipelines(flags) => pipelines::run(&context, &flags).await,
        Command::Jobs(command) => jobs::run(&context, &command).await,
        Command::Prune(flags) => retention::run(&context, &flags).await,
        Command::Whoami => users::whoami(&context).await,
        Command::Doctor => doctor::run(&context).await,
        Command::Completion { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "stagepost", &mut script);
            output::print_bytes(&script)
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_sound() {
        Arguments::command().debug_assert();
    }
}
