//! The one binary: arguments in, exit code out. Every command is a client of the API, but for `serve` and those that copy, move and verify whole
//! stores.

mod commands;
mod config;
mod connect;
mod durations;
mod exit;
mod lang;
mod messages;
mod output;
mod sdk_target;
mod serve;
mod settings;
mod store_location;

use clap::{CommandFactory as _, Parser, Subcommand};
use commands::{
    api, backups, doctor, env, exec, imports, insights, jobs, keys, members, merge_requests, moving, open,
    pipelines, reports, repositories, retention, signatures, tokens, users, verification, wait, watch,
    webhooks,
};
use exit::Failure;
use messages::Text;
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
    /// Show how the jobs of a repository did of late: success rates, durations, retries, and which fail and pass on the same commit
    Insights(insights::InsightsArgs),
    /// Watch a pipeline until it has ended: exit code 0 for a success, 5 for any other end
    Watch(watch::WatchArgs),
    /// Wait until the jobs that a merge asks for have succeeded: exit code 0, or 5 when one of them ended otherwise
    Wait(wait::WaitArgs),
    /// Merge requests
    #[command(subcommand)]
    Mr(merge_requests::MergeRequestCommand),
    /// Webhooks: where a repository's events are sent
    #[command(subcommand)]
    Webhook(webhooks::WebhookCommand),
    /// Delete the pipelines that their repository's policy does not keep; this cannot be undone, try --dry-run first
    Prune(retention::PruneArgs),
    /// Copy a data directory while its server runs
    Backup(backups::BackupArgs),
    /// Put a backup into the data directory; no server may be using it
    Restore(backups::RestoreArgs),
    /// Move a whole store into another engine, from SQLite to PostgreSQL or back; ids stay, and it can be cut off and goes on
    Migrate(moving::MigrateArgs),
    /// Build every state again from the reports, and say what is stored otherwise; a server may be running
    Verify(verification::VerifyArgs),
    /// Print the address of a page, and open it in a browser where there is one
    Open(open::OpenArgs),
    /// Show who the credential stands for
    Whoami,
    /// Check that an official SDK would get through: server, certificate, clock, credentials, calls
    Doctor(doctor::DoctorArgs),
    /// Make any call of any API, and print the body of its answer
    Api(api::ApiArgs),
    /// Say why the server refuses a signature, from a captured request or from the server's memory
    ExplainSignature(signatures::ExplainArgs),
    /// Print a completion script
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether `--csv` has something to print.
    fn prints_a_table(&self) -> bool {
        if let Self::Report(command) = self {
            return command.exec.is_none();
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
        )
    }
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
    let GlobalArgs { json, csv, .. } = arguments.global;
    if csv && !arguments.command.prints_a_table() {
        return Err(Failure::usage(Text::NoTable));
    }
    let output = Output::stdout(json, csv, &settings::process_env);
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
        Command::Insights(flags) => insights::run(&context, &flags).await,
        Command::Watch(flags) => watch::run(&context, &flags).await,
        Command::Wait(flags) => wait::run(&context, &flags).await,
        Command::Mr(command) => merge_requests::run(&context, command).await,
        Command::Webhook(command) => webhooks::run(&context, command).await,
        Command::Prune(flags) => retention::run(&context, &flags).await,
        Command::Backup(flags) => backups::backup(&context, &flags).await,
        Command::Restore(flags) => backups::restore(&context, &flags).await,
        Command::Migrate(flags) => moving::run(&context, &flags).await,
        Command::Verify(flags) => verification::run(&context, &flags).await,
        Command::Open(flags) => open::run(&context, &flags).await,
        Command::Whoami => users::whoami(&context).await,
        Command::Doctor(flags) => doctor::run(&context, &flags).await,
        Command::Api(flags) => api::run(&context, &flags).await,
        Command::ExplainSignature(flags) => signatures::run(&context, &flags).await,
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

    /// clap lets a command's own flag take the place of one that all commands have, and panics where that one is read.
    #[test]
    fn no_command_has_a_flag_that_all_have() {
        let root = Arguments::command();
        let common: Vec<_> = root.get_arguments().filter(|flag| flag.is_global_set()).collect();
        assert!(common.len() > 5);
        let mut commands: Vec<_> = root.get_subcommands().collect();
        while let Some(command) = commands.pop() {
            commands.extend(command.get_subcommands());
            for own in command.get_arguments() {
                let taken =
                    |flag: &&&clap::Arg| flag.get_id() == own.get_id() || flag.get_long() == own.get_long();
                let taken = common.iter().filter(|flag| flag.get_long().is_some()).find(taken);
                assert!(taken.is_none(), "{} {}", command.get_name(), own.get_id());
            }
        }
    }

    /// The command lines of a document: in blocks for a shell, and in the text between backticks.
    fn printed(document: &str) -> Vec<String> {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
        let text = std::fs::read_to_string(&path).unwrap().replace("\\\n", " ");
        let mut lines = Vec::new();
        for (number, part) in text.split("```").enumerate() {
            if number % 2 == 0 {
                lines
                    .extend(part.split('`').skip(1).step_by(2).filter(|code| code.starts_with("stagepost ")));
            } else if let Some(block) = part.strip_prefix("sh\n") {
                let commands = block.lines().filter_map(|line| line.find("stagepost ").map(|at| &line[at..]));
                lines.extend(commands.map(|line| line.split(')').next().unwrap_or(line)));
            }
        }
        lines.into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn every_command_that_a_document_prints_can_be_meant_so() {
        let documents = [
            "README.md",
            "README.zh-CN.md",
            "docs/operating.md",
            "docs/client.md",
            "docs/events.md",
            "docs/api/gitlab.md",
            "docs/api/native.md",
            "docs/webhooks.md",
            "docs/pages.md",
        ];
        let mut seen = 0;
        for line in documents.into_iter().flat_map(printed) {
            // Quoted words are one; what the reader fills in is a number where only one would do.
            let quoted = line.split('"').enumerate();
            let whole: String = quoted
                .map(|(n, part)| if n % 2 == 1 { part.replace(' ', "+") } else { part.to_owned() })
                .collect();
            let words: Vec<&str> =
                whole.split_whitespace().map(|word| if word == "JOB" { "7" } else { word }).collect();
            seen += 1;
            if let [_, name] = words[..]
                && !name.starts_with('-')
            {
                assert!(Arguments::command().find_subcommand(name).is_some(), "{line}");
                continue;
            }
            if let Err(error) = Arguments::try_parse_from(&words) {
                assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp, "{line}: {error}");
            }
            assert!(words[1] != "jobs" || words.contains(&"--repo"), "{line}: in which repository?");
        }
        assert!(seen >= 18, "{seen}");
    }

    #[test]
    fn help_says_what_cannot_be_undone() {
        let mut command = Arguments::command();
        let mut help = |path: &[&str]| {
            let at = path.iter().fold(&mut command, |at, name| at.find_subcommand_mut(name).unwrap());
            at.render_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let prune = help(&["prune"]);
        assert!(prune.contains("this cannot be undone, try --dry-run first"), "{prune}");
        let policy = help(&["repo", "policy"]);
        let always = "with both off nothing is deleted; the newest of a ref and unfinished ones always stay";
        assert!(policy.contains(always), "{policy}");
    }
}
