//! `import`: sends an NDJSON file in chunks, with a progress bar on a terminal.

use super::OfflineArgs;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::progress_bar;
use crate::settings::Context;
use indicatif::ProgressBar;
use stagepost_client::imports::{Chunks, ImportResult};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// NDJSON file, or - for stdin
    file: PathBuf,
    #[command(flatten)]
    offline: OfflineArgs,
}

#[derive(Debug, Default, serde::Serialize)]
struct ImportCounts {
    added: u64,
    #[serde(rename = "known")]
    existing: u64,
    #[serde(rename = "refused")]
    rejected: u64,
}

pub async fn run(context: &Context, flags: &ImportArgs) -> Result<(), Failure> {
    let (input, length): (Box<dyn BufRead>, Option<u64>) = if flags.file == Path::new("-") {
        (Box::new(std::io::stdin().lock()), None)
    } else {
        let file = std::fs::File::open(&flags.file).map_err(|error| Failure::file(&flags.file, &error))?;
        let length = file.metadata().ok().map(|metadata| metadata.len());
        (Box::new(BufReader::new(file)), length)
    };
    let bar = import_bar(length);
    let counts = context
        .with_client(flags.offline.enabled, async |client| send(client, input, &flags.file, &bar).await)
        .await?;
    bar.finish_and_clear();
    if context.output.json {
        context.output.json(&counts)?;
    } else {
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("added", &counts.added), ("known", &counts.existing), ("refused", &counts.rejected)];
        eprintln!("{}", Text::ImportSummary.with(&values));
    }
    if counts.rejected > 0 { Err(Failure::without_message(1)) } else { Ok(()) }
}

async fn send(
    client: &stagepost_client::Client,
    input: Box<dyn BufRead>,
    file: &Path,
    bar: &ProgressBar,
) -> Result<ImportCounts, Failure> {
    let mut counts = ImportCounts::default();
    let mut chunks = Chunks::new(input);
    let print_rejected = |line: u64, reason: &str| {
        let reason = crate::terminal::sanitize(reason);
        let message = Text::ImportLineRejected.with(&[("line", &line), ("reason", &reason)]);
        bar.suspend(|| eprintln!("{message}"));
    };
    let print_adjusted = |result: &ImportResult| {
        let changes = result.adjusted.iter().map(|one| format!("{}={}", one.field, one.change));
        let changes = crate::terminal::sanitize(&changes.collect::<Vec<_>>().join(", "));
        if !changes.is_empty() {
            let message = Text::ImportLineAdjusted.with(&[("line", &result.line), ("changes", &changes)]);
            bar.suspend(|| eprintln!("{message}"));
        }
    };
    while let Some(chunk) = chunks.next_chunk().map_err(|error| Failure::file(file, &error))? {
        for line in &chunk.too_long {
            print_rejected(*line, "> 512 KiB");
            counts.rejected += 1;
        }
        if !chunk.bytes.is_empty() {
            for result in client.import(&chunk).await? {
                print_adjusted(&result);
                match result.result.as_str() {
                    "added" => counts.added += 1,
                    "known" => counts.existing += 1,
                    _ => {
                        print_rejected(
                            result.line,
                            result.error.as_ref().map_or("?", |problem| &problem.detail),
                        );
                        counts.rejected += 1;
                    }
                }
            }
        }
        bar.inc(chunk.input_bytes);
    }
    Ok(counts)
}

fn import_bar(length: Option<u64>) -> ProgressBar {
    let Some(length) = length else { return ProgressBar::hidden() };
    let bar = progress_bar("{bar:40} {bytes}/{total_bytes} {eta}");
    bar.set_length(length);
    bar
}
