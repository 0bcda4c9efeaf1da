//! `verify`.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::{clean, progress_bar};
use crate::settings::Context;
use crate::store_location::StoreLocation;
use domain::actions::verification::{Finding, VerificationSummary, verify_all};
use domain::model::verification::{Difference, EntityKind};
use serde::Serialize;

/// Differences that JSON lists; more are counted.
const MOST: usize = 10_000;

#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// Data directory, backup, or URL of a database (@FILE: what is in the file) [default: what `serve` would use]
    #[arg(value_name = "STORE")]
    store: Option<String>,
}

/// What was found, for programs.
#[derive(Debug, Default, Serialize)]
struct Found {
    repositories: u64,
    pipelines: u64,
    jobs: u64,
    reports: u64,
    differences: u64,
    damage: Vec<String>,
    found: Vec<Differs>,
}

#[derive(Debug, Serialize)]
struct Differs {
    repository_id: i32,
    pipeline_id: Option<i32>,
    of: &'static str,
    id: i64,
    field: String,
    stored: Option<String>,
    rebuilt: Option<String>,
}

pub async fn run(context: &Context, flags: &VerifyArgs) -> Result<(), Failure> {
    let place = match &flags.store {
        Some(text) => StoreLocation::read(text)?,
        None => StoreLocation::of_server(context)?,
    };
    let store = place.open_to_read().await?;
    let bar = progress_bar("{bar:40} {pos}/{len} {eta}");
    let mut found = Found::default();
    let json = context.output.json;
    let verified = verify_all(&store, &mut |finding| match finding {
        Finding::Progress(so_far, total) => {
            bar.set_length(total.max(so_far.pipelines));
            bar.set_position(so_far.pipelines);
        }
        Finding::Damaged(why) if json => found.damage.push(why.to_owned()),
        Finding::Damaged(why) => {
            bar.suspend(|| println!("{}", Text::VerifyDamaged.with(&[("why", &clean(why))])));
        }
        Finding::Differs { repository, pipeline, difference } => {
            let (repository_id, pipeline_id) = (repository.get(), pipeline.map(|id| id.get()));
            if !json {
                bar.suspend(|| println!("{}", line(repository_id, pipeline_id, difference)));
            } else if found.found.len() < MOST {
                let Difference { kind: noun, id, field, stored, rebuilt } = difference.clone();
                let of = noun.as_str();
                found.found.push(Differs { repository_id, pipeline_id, of, id, field, stored, rebuilt });
            }
        }
    })
    .await
    .map_err(Failure::error)?;
    bar.finish_and_clear();
    let VerificationSummary { repositories, pipelines, jobs, reports, differences } = verified;
    if json {
        context.output.json(&Found { repositories, pipelines, jobs, reports, differences, ..found })?;
    } else {
        eprintln!(
            "{}",
            Text::VerifyDone.with(&[
                ("repositories", &repositories),
                ("pipelines", &pipelines),
                ("jobs", &jobs),
                ("reports", &reports),
                ("differences", &differences),
            ])
        );
    }
    if differences > 0 { Err(Failure::silent(crate::exit::ERROR)) } else { Ok(()) }
}

/// A difference as a person reads it.
fn line(repository: i32, pipeline: Option<i32>, difference: &Difference) -> String {
    let Difference { kind: noun, id, field, stored, rebuilt } = difference;
    let noun = match noun {
        EntityKind::Repository => Text::NounRepository,
        EntityKind::Pipeline => Text::NounPipeline,
        EntityKind::Stage => Text::NounStage,
        EntityKind::Job => Text::NounJob,
        EntityKind::Report => Text::NounReport,
    };
    let of = |value: &Option<String>| value.as_deref().map_or_else(|| Text::Nothing.to_string(), clean);
    let values: [(&str, &dyn std::fmt::Display); 7] = [
        ("repository", &repository),
        ("pipeline", &pipeline.unwrap_or_default()),
        ("noun", &noun),
        ("id", id),
        ("field", &clean(field)),
        ("stored", &of(stored)),
        ("rebuilt", &of(rebuilt)),
    ];
    let text = if pipeline.is_some() { Text::VerifyDiffers } else { Text::VerifyCountDiffers };
    text.with(&values)
}
