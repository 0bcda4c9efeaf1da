//! `mr`.

use super::pipelines::commit;
use super::{RepositoryArgs, values};
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::merge_requests::{MergeRequest, NewMergeRequest};

/// The default number of merge requests in a list.
const DEFAULT_LIMIT: usize = 20;

#[derive(Debug, clap::Subcommand)]
pub enum MergeRequestCommand {
    /// Set the branches and the head commit of a merge request
    #[command(alias = "set")]
    Update {
        /// Number in the repository
        #[arg(value_parser = values::id())]
        iid: i32,
        /// Branch to merge
        #[arg(long, value_name = "BRANCH")]
        source_branch: String,
        /// Branch to merge into
        #[arg(long, value_name = "BRANCH")]
        target_branch: String,
        /// Full id of the head commit
        #[arg(long)]
        sha: String,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// Show a merge request and the pipeline of its head commit
    Show {
        /// Number in the repository
        #[arg(value_parser = values::id())]
        iid: i32,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
    /// List merge requests, highest number first
    List {
        /// Maximum number [default: 20]
        #[arg(long, conflicts_with = "all")]
        limit: Option<usize>,
        /// List all
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        repository: RepositoryArgs,
    },
}

const HEADINGS: [Text; 7] = [
    Text::MergeRequest,
    Text::Sha,
    Text::Pipeline,
    Text::Status,
    Text::SourceBranch,
    Text::TargetBranch,
    Text::Updated,
];

fn row(m: &MergeRequest) -> Vec<Cell> {
    let pipeline = m.head_pipeline.as_ref();
    vec![
        m.iid.into(),
        commit(&m.head_sha),
        Cell::optional(pipeline.map(|p| p.id)),
        pipeline.map_or_else(|| Cell::Plain(String::new()), |p| Cell::Status(p.status.clone())),
        Cell::optional(m.source_branch.as_ref()),
        Cell::optional(m.target_branch.as_ref()),
        Cell::from(&m.updated_at),
    ]
}

pub async fn run(context: &Context, command: MergeRequestCommand) -> Result<(), Failure> {
    if let MergeRequestCommand::Update { sha, .. } = &command {
        // Check the flag before any request.
        values::full_sha("--sha", sha)?;
    }
    let client = context.client()?;
    let repository_id = async |args: &RepositoryArgs| context.repository(&client, args.repo.as_deref()).await;
    let merge_request = match command {
        MergeRequestCommand::Update { iid, source_branch, target_branch, sha, repository } => {
            let new = NewMergeRequest { source_branch, target_branch, head_sha: sha };
            client.put_merge_request(repository_id(&repository).await?, iid, &new).await?
        }
        MergeRequestCommand::Show { iid, repository } => {
            client.merge_request(repository_id(&repository).await?, iid).await?
        }
        MergeRequestCommand::List { limit, all, repository } => {
            let limit = limit.or((!all).then_some(DEFAULT_LIMIT));
            let list = client.all_merge_requests(repository_id(&repository).await?, limit).await?;
            return context.output.list(&list, &HEADINGS, list.iter().map(row).collect());
        }
    };
    if merge_request.head_pipeline.is_none() {
        context.output.hint(Text::NoHeadPipeline);
    }
    context.output.record(&merge_request, HEADINGS.into_iter().zip(row(&merge_request)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagepost_client::merge_requests::HeadPipeline;

    #[test]
    fn missing_values_do_not_change_the_columns() {
        let mut merge_request = MergeRequest {
            iid: 7,
            source_branch: Some("feature".into()),
            target_branch: Some("main".into()),
            head_sha: "a".repeat(40),
            updated_at: "2026-11-24T00:00:00.000Z".into(),
            head_pipeline: Some(HeadPipeline { id: 6, status: "failed".into() }),
        };
        assert_eq!(row(&merge_request)[3], Cell::Status("failed".into()));
        let columns = row(&merge_request).len();
        (merge_request.source_branch, merge_request.target_branch, merge_request.head_pipeline) =
            (None, None, None);
        let empty = row(&merge_request);
        assert_eq!(
            (columns, empty.len(), &empty[3]),
            (HEADINGS.len(), HEADINGS.len(), &Cell::Plain(String::new()))
        );
        assert_eq!(empty[1], Cell::DisplayAndRaw { display: "a".repeat(10), raw: "a".repeat(40) });
    }
}
