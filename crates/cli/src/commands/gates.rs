//! `gate`: the rules of merge gates, and the verdict of a commit.

use super::{RepositoryArgs, pipelines, values};
use crate::durations::before_now;
use crate::exit::{self, Failure};
use crate::lang;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::terminal::sanitize;
use crate::text_files;
use edge::catalogue::describe;
use edge::http::toml::{self, Refused};
use stagepost_client::gates::{
    Gate, GateAnnouncedJob, GateExpectation, GateOverride, GateResult, GateRulesFile, GateVerdict,
    NewGateOverride, NewGateRules, RequirementChange,
};
use std::fmt::Display;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum GateCommand {
    /// Print the rules as TOML, which `gate apply` reads
    Show {
        /// An earlier version
        #[arg(long, value_name = "N")]
        rules_version: Option<i64>,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Replace the rules with those of a TOML file; print the requirements that change
    Apply {
        /// The file
        file: PathBuf,
        /// Only print the changes
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Show the verdict of a commit: exit code 0 if it passed, 5 if it failed or a job is missing, 8 if it is pending,
    /// 2 if no rule applies
    Status {
        #[command(flatten)]
        commit: CommitArgs,
        /// The verdict as it was: a time such as in --since of `pipelines`, or report:ID for the time after a report
        #[arg(long, value_name = "MOMENT")]
        as_of: Option<String>,
    },
    /// List the recorded verdicts of a commit, newest first
    History {
        #[command(flatten)]
        commit: CommitArgs,
        /// Only those until this time, such as in --since of `pipelines`
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// At most this number
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1_000))]
        limit: u16,
    },
    /// Announce jobs that will be reported for a commit
    Expect {
        #[command(flatten)]
        commit: ShaArgs,
        /// A job: NAME, or STAGE/NAME; may be repeated. The first `/` ends the stage: a job `ci/build` of the stage
        /// `external` is `external/ci/build`
        #[arg(long = "job", value_name = "JOB")]
        jobs: Vec<String>,
        /// The list is complete: no other jobs will be reported; it replaces earlier announcements
        #[arg(long)]
        complete: bool,
        /// The source of the reports
        #[arg(long)]
        source: Option<String>,
    },
    /// Count a requirement, or the whole gate, as passed for a commit and a target branch
    Override {
        #[command(flatten)]
        commit: CommitArgs,
        /// The requirement by its name [default: the whole gate]
        #[arg(long, value_name = "NAME")]
        requirement: Option<String>,
        /// Reason
        #[arg(long)]
        reason: String,
    },
    /// Withdraw an override
    Withdraw {
        #[command(flatten)]
        commit: ShaArgs,
        /// The number of the override
        id: i64,
    },
}

impl GateCommand {
    /// Whether the command prints a table.
    pub const fn prints_table(&self) -> bool {
        !matches!(self, Self::Show { .. })
    }
}

#[derive(Debug, clap::Args)]
pub struct ShaArgs {
    /// Full id of the commit
    sha: String,
    #[command(flatten)]
    repository: RepositoryArgs,
}

#[derive(Debug, clap::Args)]
pub struct CommitArgs {
    #[command(flatten)]
    commit: ShaArgs,
    /// The target branch, or a ref of a merge queue or merge request [default: the target of the merge request of the
    /// commit, else the default branch]
    #[arg(long, value_name = "BRANCH")]
    target: Option<String>,
}

pub async fn run(context: &Context, command: GateCommand) -> Result<(), Failure> {
    match command {
        GateCommand::Show { rules_version, repository } => show(context, rules_version, &repository).await,
        GateCommand::Apply { file, dry_run, repository } => {
            // The file is checked before any request.
            let file = RulesFile::read(&file)?;
            apply(context, &file, dry_run, &repository).await
        }
        GateCommand::Status { commit, as_of } => status(context, &commit, as_of.as_deref()).await,
        GateCommand::History { commit, until, limit } => {
            history(context, &commit, until.as_deref(), usize::from(limit)).await
        }
        GateCommand::Expect { commit, jobs, complete, source } => {
            let jobs = jobs.iter().map(|text| announced(text)).collect();
            expect(context, &commit, &GateExpectation { source, jobs, complete }).await
        }
        GateCommand::Override { commit, requirement, reason } => {
            let CommitArgs { commit, target } = commit;
            let new = NewGateOverride { target, requirement, reason: Some(reason) };
            decide(context, &commit, &new).await
        }
        GateCommand::Withdraw { commit, id } => {
            let sha = values::full_sha("SHA", &commit.sha)?;
            let client = context.client()?;
            let repository = context.repository(&client, commit.repository.repo.as_deref()).await?;
            Ok(client.withdraw_gate_override(repository, &sha, id).await?)
        }
    }
}

async fn show(context: &Context, version: Option<i64>, flags: &RepositoryArgs) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    let rules = client.gate_rules(repository, version).await?;
    if context.output.json {
        return context.output.json(&rules);
    }
    let version = rules.version;
    let file = GateRulesFile::from(rules);
    let text = ::toml::to_string(&file).map_err(Failure::error)?;
    context.output.text(&format!("# {}\n{text}", Text::RulesVersion.with(&[("version", &version)])))
}

/// A file with rules.
struct RulesFile<'a> {
    path: &'a Path,
    text: String,
    rules: NewGateRules,
}

impl<'a> RulesFile<'a> {
    /// Reads a file. An unknown key is an error: a mistyped one would weaken a rule.
    fn read(path: &'a Path) -> Result<Self, Failure> {
        let text = text_files::read(path).map_err(|error| Failure::file(path, &error))?;
        match toml::read_strictly::<GateRulesFile>("gates", &text) {
            Ok(file) => Ok(Self { path, text, rules: file.into() }),
            Err(Refused { line, invalid }) => {
                let reason = describe(&invalid.into(), lang::current()).message;
                Err(Failure::usage(message(path, line, &reason)))
            }
        }
    }

    /// The failure if the server refuses the rules, with the line of the field.
    fn refused(&self, error: stagepost_client::Error) -> Failure {
        match error.field.as_deref().and_then(|field| toml::line_of(&self.text, field)) {
            Some(line) => Failure::error(message(self.path, Some(line), &error)),
            None => error.into(),
        }
    }
}

/// The problem of a file, with its line.
fn message(path: &Path, line: Option<usize>, reason: &dyn Display) -> String {
    let place = line.map_or_else(|| path.display().to_string(), |line| format!("{}:{line}", path.display()));
    Text::InvalidRulesFile.with(&[("place", &place), ("reason", reason)])
}

async fn apply(
    context: &Context,
    file: &RulesFile<'_>,
    dry_run: bool,
    flags: &RepositoryArgs,
) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = context.repository(&client, flags.repo.as_deref()).await?;
    let before = client.gate_rules(repository, None).await?;
    let rules = NewGateRules { dry_run, ..file.rules.clone() };
    let after = client.set_gate_rules(repository, &rules).await.map_err(|error| file.refused(error))?;
    if context.output.json {
        return context.output.json(&after);
    }
    let mut changes = after.changes_since(&before);
    let text = |change| match change {
        RequirementChange::Added => Text::Added,
        RequirementChange::Changed => Text::Changed,
        RequirementChange::Removed => Text::Removed,
    };
    let queues = (RequirementChange::Changed, Text::MergeQueues.to_string());
    changes.extend(after.has_other_queues(&before).then_some(queues));
    let rows =
        changes.iter().map(|(change, name)| vec![Cell::from(text(*change).to_string()), Cell::from(name)]);
    let rows = rows.collect();
    context.output.list(
        &changes.iter().map(|(_, name)| name).collect::<Vec<_>>(),
        &[Text::Change, Text::Requirement],
        rows,
    )
}

async fn status(context: &Context, flags: &CommitArgs, as_of: Option<&str>) -> Result<(), Failure> {
    let sha = values::full_sha("SHA", &flags.commit.sha)?;
    let as_of = as_of.map(values::as_of).transpose()?;
    let client = context.client()?;
    let repository = context.repository(&client, flags.commit.repository.repo.as_deref()).await?;
    let target = flags.target.as_deref();
    let gate = match &as_of {
        Some(as_of) => client.gate_as_of(repository, &sha, target, as_of).await?,
        None => client.gate(repository, &sha, target).await?,
    };
    pipelines::note_moment(gate.as_of.as_ref());
    print(context, &gate)?;
    result(&gate)
}

async fn history(
    context: &Context,
    flags: &CommitArgs,
    until: Option<&str>,
    limit: usize,
) -> Result<(), Failure> {
    let sha = values::full_sha("SHA", &flags.commit.sha)?;
    let until = until.map(|text| before_now("--until", text)).transpose()?;
    let client = context.client()?;
    let repository = context.repository(&client, flags.commit.repository.repo.as_deref()).await?;
    let (target, until) = (flags.target.as_deref(), until.as_deref());
    let (mut found, mut before): (Vec<GateVerdict>, _) = (Vec::new(), None);
    while found.len() < limit {
        let part = (before, limit - found.len());
        let page = client.gate_verdicts(repository, &sha, target, until, part).await?;
        found.extend(page.verdicts);
        // A page that does not end before the last one would be read without end.
        match page.next_before.filter(|next| before.is_none_or(|before| *next < before)) {
            Some(next) => before = Some(next),
            None => break,
        }
    }
    let row = |record: &GateVerdict| {
        vec![
            record.number.into(),
            Cell::from(&record.recorded_at),
            Cell::from(&record.verdict),
            record.rules_version.into(),
            Cell::from(&record.why),
        ]
    };
    let headings = [Text::Id, Text::Recorded, Text::State, Text::Rules, Text::Explanation];
    context.output.list(&found, &headings, found.iter().map(row).collect())
}

/// Prints the results of a gate.
pub fn print(context: &Context, gate: &Gate) -> Result<(), Failure> {
    if context.output.json {
        return context.output.json(gate);
    }
    let row = |found: &GateResult| {
        let name = found.name.clone().unwrap_or_else(|| Text::AnnouncedJobs.to_string());
        vec![Cell::from(name), Cell::from(&found.state), Cell::from(&found.why)]
    };
    let rows = gate.requirements.iter().chain(&gate.announced).map(row).collect();
    eprintln!("{}: {}", sanitize(&gate.target), sanitize(&gate.why));
    context.output.list(gate, &[Text::Requirement, Text::State, Text::Explanation], rows)
}

/// The exit code of a verdict.
pub fn result(gate: &Gate) -> Result<(), Failure> {
    match gate.verdict.as_str() {
        "passed" => Ok(()),
        "pending" => Err(Failure::without_message(exit::PENDING)),
        "unset" => Err(Failure::usage(Text::GateUnset.with(&[("target", &gate.target)]))),
        _ => Err(Failure::without_message(exit::NOT_SUCCESSFUL)),
    }
}

/// A job of `--job`. The name of a job may contain `/`, the name of a stage before it may not.
fn announced(text: &str) -> GateAnnouncedJob {
    match text.split_once('/') {
        Some((stage, name)) => {
            GateAnnouncedJob { stage: Some(stage.to_owned()), name: Some(name.to_owned()) }
        }
        None => GateAnnouncedJob { stage: None, name: Some(text.to_owned()) },
    }
}

async fn expect(context: &Context, flags: &ShaArgs, expectation: &GateExpectation) -> Result<(), Failure> {
    let sha = values::full_sha("SHA", &flags.sha)?;
    let client = context.client()?;
    let repository = context.repository(&client, flags.repository.repo.as_deref()).await?;
    let known = client.expect_jobs(repository, &sha, expectation).await?;
    let row =
        |job: &GateAnnouncedJob| vec![Cell::optional(job.stage.as_ref()), Cell::optional(job.name.as_ref())];
    let rows = known.jobs.iter().map(row).collect();
    context.output.list(&known, &[Text::Stage, Text::Name], rows)
}

async fn decide(context: &Context, flags: &ShaArgs, new: &NewGateOverride) -> Result<(), Failure> {
    let sha = values::full_sha("SHA", &flags.sha)?;
    let client = context.client()?;
    let repository = context.repository(&client, flags.repository.repo.as_deref()).await?;
    let decision: GateOverride = client.override_gate(repository, &sha, new).await?;
    let values = vec![
        (Text::Id, Cell::from(decision.id.to_string())),
        (Text::TargetBranch, Cell::from(&decision.target)),
        (Text::Requirement, Cell::optional(decision.requirement.as_ref())),
        (Text::Reason, Cell::from(&decision.reason)),
    ];
    context.output.record(&decision, values)
}
