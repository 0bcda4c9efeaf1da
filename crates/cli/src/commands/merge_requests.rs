//! `mr`.

use super::pipelines::commit;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::merge_requests::{MergeRequest, NewMergeRequest};

/// How many are listed where nobody says.
const LIMIT: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Of {
    /// Id or path of the repository [env: STAGEPOST_REPO]
    #[arg(long)]
    repo: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
pub enum MergeRequestCommand {
    /// Say where a merge request is: its branches and the commit at its head
    Set {
        /// Its number in the repository
        iid: i32,
        /// The branch that is to be merged
        #[arg(long, value_name = "BRANCH")]
        source_branch: String,
        /// The branch it is to be merged into
        #[arg(long, value_name = "BRANCH")]
        target_branch: String,
        /// Full commit id of its head
        #[arg(long)]
        sha: String,
        #[command(flatten)]
        of: Of,
    },
    /// Show a merge request and the pipeline of its head
    Show {
        /// Its number in the repository
        iid: i32,
        #[command(flatten)]
        of: Of,
    },
    /// List merge requests, the greatest number first
    List {
        /// At most so many [default: 20]
        #[arg(long, conflicts_with = "all")]
        limit: Option<usize>,
        /// All of them
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        of: Of,
    },
}

const HEADING: [Text; 7] = [
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
        Cell::some(pipeline.map(|p| p.id)),
        pipeline.map_or_else(|| Cell::Plain(String::new()), |p| Cell::Status(p.status.clone())),
        Cell::some(m.source_branch.as_ref()),
        Cell::some(m.target_branch.as_ref()),
        Cell::from(&m.updated_at),
    ]
}

pub async fn run(context: &Context, command: MergeRequestCommand) -> Result<(), Failure> {
    let client = context.client()?;
    let repository = async |of: &Of| context.repository(&client, of.repo.as_deref()).await;
    let shown = match command {
        MergeRequestCommand::Set { iid, source_branch, target_branch, sha, of } => {
            let said = NewMergeRequest { source_branch, target_branch, head_sha: sha };
            client.put_merge_request(repository(&of).await?, iid, &said).await?
        }
        MergeRequestCommand::Show { iid, of } => client.merge_request(repository(&of).await?, iid).await?,
        MergeRequestCommand::List { limit, all, of } => {
            let most = limit.or((!all).then_some(LIMIT));
            let found = client.all_merge_requests(repository(&of).await?, most).await?;
            return context.output.list(&found, &HEADING, found.iter().map(row).collect());
        }
    };
    if shown.head_pipeline.is_none() {
        context.output.note(Text::NoHeadPipeline);
    }
    context.output.one(&shown, HEADING.into_iter().zip(row(&shown)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagepost_client::merge_requests::HeadPipeline;

    #[test]
    fn a_merge_request_that_little_is_known_of_has_the_same_columns() {
        let mut known = MergeRequest {
            iid: 7,
            source_branch: Some("feature".into()),
            target_branch: Some("main".into()),
            head_sha: "a".repeat(40),
            updated_at: "2026-11-24T00:00:00.000Z".into(),
            head_pipeline: Some(HeadPipeline { id: 6, status: "failed".into() }),
        };
        assert_eq!(row(&known)[3], Cell::Status("failed".into()));
        let columns = row(&known).len();
        (known.source_branch, known.target_branch, known.head_pipeline) = (None, None, None);
        let bare = row(&known);
        assert_eq!(
            (columns, bare.len(), &bare[3]),
            (HEADING.len(), HEADING.len(), &Cell::Plain(String::new()))
        );
        assert_eq!(bare[1], Cell::Both { shown: "a".repeat(10), piped: "a".repeat(40) });
    }
}
