//! `verify`.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::progress_bar;
use crate::settings::Context;
use crate::store_location::StoreLocation;
use crate::terminal::sanitize;
use domain::actions::verification::{Finding, VerificationSummary, verify_all};
use domain::model::verification::{Difference, EntityKind};
use serde::Serialize;

/// The maximum number of differences in the JSON output. All differences are counted.
const MAX_LISTED: usize = 10_000;

#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// Data directory, backup, or URL of a database (@FILE reads it from a file) [default: the store of
    /// `serve`]
    #[arg(value_name = "STORE")]
    store: Option<String>,
}

/// The JSON output.
#[derive(Debug, Default, Serialize)]
struct VerificationOutput {
    repositories: u64,
    pipelines: u64,
    jobs: u64,
    reports: u64,
    differences: u64,
    damage: Vec<String>,
    #[serde(rename = "found")]
    listed: Vec<ListedDifference>,
}

#[derive(Debug, Serialize)]
struct ListedDifference {
    repository_id: i32,
    pipeline_id: Option<i32>,
    #[serde(rename = "of")]
    entity: &'static str,
    id: i64,
    field: String,
    stored: Option<String>,
    rebuilt: Option<String>,
}

pub async fn run(context: &Context, flags: &VerifyArgs) -> Result<(), Failure> {
    let location = match &flags.store {
        Some(text) => StoreLocation::parse(text)?,
        None => StoreLocation::for_server(context)?,
    };
    let store = location.open_read_only().await?;
    let bar = progress_bar("{bar:40} {pos}/{len} {eta}");
    let mut output = VerificationOutput::default();
    let json = context.output.json;
    let summary = verify_all(&store, &mut |finding| match finding {
        Finding::Progress(so_far, total) => {
            bar.set_length(total.max(so_far.pipelines));
            bar.set_position(so_far.pipelines);
        }
        Finding::Damaged(reason) if json => output.damage.push(reason.to_owned()),
        Finding::Damaged(reason) => {
            bar.suspend(|| println!("{}", Text::VerifyDamaged.with(&[("reason", &sanitize(reason))])));
        }
        Finding::Differs { repository, pipeline, difference } => {
            let (repository_id, pipeline_id) = (repository.get(), pipeline.map(|id| id.get()));
            if !json {
                bar.suspend(|| println!("{}", format_difference(repository_id, pipeline_id, difference)));
            } else if output.listed.len() < MAX_LISTED {
                let Difference { kind, id, field, stored, rebuilt } = difference.clone();
                let entity = kind.as_str();
                output.listed.push(ListedDifference {
                    repository_id,
                    pipeline_id,
                    entity,
                    id,
                    field,
                    stored,
                    rebuilt,
                });
            }
        }
    })
    .await
    .map_err(Failure::from)?;
    bar.finish_and_clear();
    let VerificationSummary { repositories, pipelines, jobs, reports, differences } = summary;
    if json {
        context.output.json(&VerificationOutput {
            repositories,
            pipelines,
            jobs,
            reports,
            differences,
            ..output
        })?;
    } else {
        eprintln!(
            "{}",
            Text::VerifySummary.with(&[
                ("repositories", &repositories),
                ("pipelines", &pipelines),
                ("jobs", &jobs),
                ("reports", &reports),
                ("differences", &differences),
            ])
        );
    }
    if differences > 0 { Err(Failure::without_message(crate::exit::ERROR)) } else { Ok(()) }
}

/// A difference as a message.
fn format_difference(repository: i32, pipeline: Option<i32>, difference: &Difference) -> String {
    let Difference { kind, id, field, stored, rebuilt } = difference;
    let entity = match kind {
        EntityKind::Repository => Text::EntityRepository,
        EntityKind::Pipeline => Text::EntityPipeline,
        EntityKind::Stage => Text::EntityStage,
        EntityKind::Job => Text::EntityJob,
        EntityKind::Report => Text::EntityReport,
    };
    let text = |value: &Option<String>| value.as_deref().map_or_else(|| Text::NoValue.to_string(), sanitize);
    let values: [(&str, &dyn std::fmt::Display); 7] = [
        ("repository", &repository),
        ("pipeline", &pipeline.unwrap_or_default()),
        ("entity", &entity),
        ("id", id),
        ("field", &sanitize(field)),
        ("stored", &text(stored)),
        ("rebuilt", &text(rebuilt)),
    ];
    let message = if pipeline.is_some() { Text::VerifyDifference } else { Text::VerifyCountDifference };
    message.with(&values)
}
