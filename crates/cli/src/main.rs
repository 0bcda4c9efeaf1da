//! The binary `stagepost`: parses the arguments and runs a command. Every command is an API client, except
//! `serve` and those that copy, migrate and verify whole stores.

mod commands;
mod config;
mod connect;
mod durations;
mod exit;
mod lang;
mod messages;
mod output;
mod profiles;
mod sdk_target;
mod serve;
mod settings;
mod sizes;
mod spool;
mod store_location;
mod terminal;
mod text_files;

use clap::builder::NonEmptyStringValueParser;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use commands::{
    api, audit, backups, build_systems, completion, configuration, doctor, env, exec, forwarding, gates,
    imports, insights, jobs, keys, login, man, members, merge_requests, migration, open, pipelines, reports,
    repositories, retention, signatures, subscriptions, tokens, users, verification, wait, watch, webhooks,
};
use exit::Failure;
use messages::Text;
use output::Output;
use settings::{Context, GlobalArgs, Settings};
use std::process::ExitCode;

/// SQLite uses it as well. `.cargo/config.toml` has its settings.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A self-hosted record of CI pipelines and jobs
#[derive(Parser)]
#[command(name = "stagepost", version, after_help = exit::EXIT_CODES_HELP)]
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
    /// Print the settings of an official SDK for a server
    Env(env::EnvArgs),
    /// Print the settings that connect a build system to a repository, or list the build systems
    Connect(build_systems::ConnectArgs),
    /// Manage users
    #[command(subcommand)]
    User(users::UserCommand),
    /// Manage access keys (AK and SK)
    #[command(subcommand)]
    Key(keys::KeyCommand),
    /// Manage personal tokens
    #[command(subcommand)]
    Token(tokens::TokenCommand),
    /// Manage repositories
    #[command(subcommand)]
    Repo(repositories::RepoCommand),
    /// Manage the members of a repository
    #[command(subcommand)]
    Member(members::MemberCommand),
    /// List the audit log: changes with their actors, and refused requests
    Audit(audit::AuditArgs),
    /// Import repositories and pipelines from an NDJSON file
    Import(imports::ImportArgs),
    /// Report the status of a job, or run a command and report its status
    Report(Box<reports::ReportCommand>),
    /// List pipelines
    Pipelines(Box<pipelines::PipelinesCommand>),
    /// List the jobs of a pipeline or a repository; show, explain or close jobs
    Jobs(Box<jobs::JobsCommand>),
    /// Show statistics of recent jobs: success rates, durations, retries, and flaky commits
    Insights(insights::InsightsArgs),
    /// Watch a pipeline until it finishes: exit code 0 if it succeeded, else 5
    Watch(watch::WatchArgs),
    /// Wait for the required jobs of a commit, or for its merge gate: exit code 0 if all succeeded, 5 if one did not
    Wait(wait::WaitArgs),
    /// Manage merge gates, and show whether a commit may be merged
    #[command(subcommand)]
    Gate(Box<gates::GateCommand>),
    /// Manage merge requests
    #[command(subcommand)]
    Mr(merge_requests::MergeRequestCommand),
    /// Manage webhooks, which send events of a repository to a URL
    #[command(subcommand)]
    Webhook(webhooks::WebhookCommand),
    /// Manage your subscriptions: messages to a chat of yours when a pipeline or job fails or is fixed
    #[command(subcommand)]
    Subscription(subscriptions::SubscriptionCommand),
    /// Manage destinations: forges that receive the statuses of commits
    #[command(subcommand)]
    Forward(forwarding::ForwardCommand),
    /// Delete the pipelines that the retention policies do not keep; this cannot be undone, so try --dry-run
    /// first
    Prune(retention::PruneArgs),
    /// Copy a data directory while its server runs
    Backup(backups::BackupArgs),
    /// Restore a backup to the data directory; no server may be using it
    Restore(backups::RestoreArgs),
    /// Copy a whole store from SQLite to PostgreSQL or back; ids do not change, and an interrupted migration
    /// can be continued
    Migrate(migration::MigrateArgs),
    /// Rebuild every state from its reports and print the differences; a server may be running
    Verify(verification::VerifyArgs),
    /// Print the URL of a page and open it in a browser, if there is one
    Open(open::OpenArgs),
    /// Show the user of the credential
    Whoami,
    /// Store a token for a server: typed at a prompt, or read from stdin
    Login,
    /// Delete the stored token of the current profile, or of --profile
    Logout,
    /// Manage the profiles of stagepost login: servers and their tokens
    #[command(subcommand)]
    Profile(login::ProfileCommand),
    /// Check and show the configuration
    #[command(subcommand)]
    Config(configuration::ConfigCommand),
    /// Check that an official SDK works: server, certificate, clock, credentials, calls
    Doctor(doctor::DoctorArgs),
    /// Send any API request and print the response body
    Api(api::ApiArgs),
    /// Explain why the server rejects a signature, from a captured request or a recently rejected one
    ExplainSignature(signatures::ExplainArgs),
    /// Print a completion script
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of a command, or write the pages of all commands to a directory
    Man(man::ManArgs),
}

impl Command {
    /// Whether the command supports `--csv`.
    fn prints_table(&self) -> bool {
        match self {
            Self::Report(command) => return command.subcommand.is_none(),
            Self::Connect(flags) => return flags.lists(),
            Self::Gate(command) => return command.prints_table(),
            _ => {}
        }
        !matches!(
            self,
            Self::Serve(_)
                | Self::Env(_)
                | Self::Import(_)
                | Self::Watch(_)
                | Self::Verify(_)
                | Self::Open(_)
                | Self::Doctor(_)
                | Self::Api(_)
                | Self::ExplainSignature(_)
                | Self::Completion { .. }
                | Self::Man(_)
        )
    }
}

/// The flags that may be empty, and those whose parser refuses an empty text itself.
const NOT_CHANGED: [&str; 4] = ["description", "body", "reason", "sha"];
/// The commands with their own rules: an empty list is a value for `serve`, and `report` must not fail a build.
const OWN_RULES: [&str; 2] = ["serve", "report"];

/// The definition of the command line. Every text must have a value: an empty one comes from a variable that is
/// not set, and would widen a filter.
fn command_line() -> clap::Command {
    completion::with_candidates(Arguments::command().mut_subcommands(refuse_empty_texts))
}

fn refuse_empty_texts(command: clap::Command) -> clap::Command {
    if OWN_RULES.contains(&command.get_name()) {
        return command;
    }
    let command = command.mut_args(|argument| {
        let is_text = argument.get_value_parser().type_id() == std::any::TypeId::of::<String>();
        let is_plain = argument.get_possible_values().is_empty();
        match is_text && is_plain && !NOT_CHANGED.contains(&argument.get_id().as_str()) {
            true => argument.value_parser(NonEmptyStringValueParser::new()),
            false => argument,
        }
    });
    command.mut_subcommands(refuse_empty_texts)
}

fn main() -> ExitCode {
    // A shell requests candidates, and runs no command.
    completion::answer();
    // A process that becomes the command of `report exec` needs no runtime.
    exec::launch(std::env::args_os()).unwrap_or_else(start)
}

#[tokio::main]
async fn start() -> ExitCode {
    let matches = command_line().get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run(arguments).await {
        Ok(code) => code,
        Err(failure) => failure.print(),
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let directory = std::env::current_dir()?;
    if let Command::Config(configuration::ConfigCommand::Check { file }) = &arguments.command {
        // Also with files of which no command accepts the settings.
        lang::set(lang::detect(arguments.global.lang.as_deref(), None, &settings::process_env));
        let output = Output::stdout(arguments.global.json, arguments.global.csv, &settings::process_env);
        let env = &settings::process_env;
        let checked = configuration::check(output, &arguments.global, file.as_deref(), &directory, env);
        return checked.map(|()| ExitCode::SUCCESS);
    }
    let settings = Settings::resolve(&arguments.global, &directory, &settings::process_env)?;
    lang::set(settings.lang);
    let GlobalArgs { json, csv, .. } = arguments.global;
    if csv && !arguments.command.prints_table() {
        return Err(Failure::usage(Text::CsvNotSupported));
    }
    let output = Output::stdout(json, csv, &settings::process_env);
    let context = Context { settings, output, env: &settings::process_env };
    let result = match arguments.command {
        Command::Serve(flags) => {
            let file = context.settings.serve()?;
            let flags = serve::ServeArgs { data: context.settings.data.clone(), ..*flags }.or(file);
            serve::run(flags.resolve().map_err(Failure::usage)?).await.map_err(Failure::error)
        }
        Command::Env(flags) => env::run(&context, &flags),
        Command::Connect(flags) => build_systems::run(&context, &flags).await,
        Command::User(command) => users::run(&context, command).await,
        Command::Key(command) => keys::run(&context, command).await,
        Command::Token(command) => tokens::run(&context, command).await,
        Command::Repo(command) => repositories::run(&context, command).await,
        Command::Member(command) => members::run(&context, command).await,
        Command::Audit(args) => audit::run(&context, args).await,
        Command::Import(flags) => imports::run(&context, &flags).await,
        Command::Report(command) => match command.subcommand {
            Some(reports::ReportSubcommand::Exec(ref flags)) => {
                return exec::run(&context, &command.report, flags).await;
            }
            Some(reports::ReportSubcommand::Flush) => commands::spool::flush(&context, &command.report).await,
            None => reports::run(&context, &command.report).await,
        },
        Command::Pipelines(flags) => pipelines::run(&context, &flags).await,
        Command::Jobs(command) => jobs::run(&context, &command).await,
        Command::Insights(flags) => insights::run(&context, &flags).await,
        Command::Watch(flags) => watch::run(&context, &flags).await,
        Command::Wait(flags) => wait::run(&context, &flags).await,
        Command::Gate(command) => gates::run(&context, *command).await,
        Command::Mr(command) => merge_requests::run(&context, command).await,
        Command::Webhook(command) => webhooks::run(&context, command).await,
        Command::Subscription(command) => subscriptions::run(&context, command).await,
        Command::Forward(command) => forwarding::run(&context, command).await,
        Command::Prune(flags) => retention::run(&context, &flags).await,
        Command::Backup(flags) => backups::backup(&context, &flags).await,
        Command::Restore(flags) => backups::restore(&context, &flags).await,
        Command::Migrate(flags) => migration::run(&context, &flags).await,
        Command::Verify(flags) => verification::run(&context, &flags).await,
        Command::Open(flags) => open::run(&context, &flags).await,
        Command::Whoami => users::whoami(&context).await,
        Command::Login => login::login(&context).await,
        Command::Logout => login::logout(&context),
        Command::Profile(command) => login::run(&context, command),
        Command::Config(command) => configuration::run(&context, &arguments.global, &command),
        Command::Doctor(flags) => doctor::run(&context, &flags).await,
        Command::Api(flags) => api::run(&context, &flags).await,
        Command::ExplainSignature(flags) => signatures::run(&context, &flags).await,
        Command::Completion { shell } => completion::print(shell),
        Command::Man(flags) => man::run(command_line(), &flags),
    };
    result.map(|()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
