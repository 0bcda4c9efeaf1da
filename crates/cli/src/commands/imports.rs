//! `import`: a file of lines, sent in chunks, with a progress bar for a person who watches.

use super::Where;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::progress_bar;
use crate::settings::Context;
use indicatif::ProgressBar;
use stagepost_client::imports::Chunks;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// File of lines (NDJSON), or - for stdin
    file: PathBuf,
    #[command(flatten)]
    place: Where,
}

#[derive(Debug, Default, serde::Serialize)]
struct Sums {
    added: u64,
    known: u64,
    refused: u64,
}

pub async fn run(context: &Context, flags: &ImportArgs) -> Result<(), Failure> {
    let (input, length): (Box<dyn BufRead>, Option<u64>) = if flags.file == Path::new("-") {
        (Box::new(std::io::stdin().lock()), None)
    } else {
        let file = std::fs::File::open(&flags.file).map_err(|error| Failure::file(&flags.file, &error))?;
        let length = file.metadata().ok().map(|about| about.len());
        (Box::new(BufReader::new(file)), length)
    };
    let bar = bar(length);
    let sums = context
        .with_client(flags.place.offline, async |client| send(client, input, &flags.file, &bar).await)
        .await?;
    bar.finish_and_clear();
    if context.output.json {
        context.output.json(&sums)?;
    } else {
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("added", &sums.added), ("known", &sums.known), ("refused", &sums.refused)];
        eprintln!("{}", Text::ImportDone.with(&values));
    }
    if sums.refused > 0 { Err(Failure::silent(1)) } else { Ok(()) }
}

async fn send(
    client: &stagepost_client::Client,
    input: Box<dyn BufRead>,
    file: &Path,
    bar: &ProgressBar,
) -> Result<Sums, Failure> {
    let mut sums = Sums::default();
    let mut chunks = Chunks::new(input);
    let refuse = |line: u64, why: &str| {
        let why = crate::output::clean(why);
        bar.suspend(|| eprintln!("{}", Text::ImportLine.with(&[("line", &line), ("why", &why)])));
    };
    while let Some(chunk) = chunks.next_chunk().map_err(|error| Failure::file(file, &error))? {
        for line in &chunk.too_long {
            refuse(*line, "> 512 KiB");
            sums.refused += 1;
        }
        if !chunk.bytes.is_empty() {
            for answer in client.import(&chunk).await? {
                match answer.result.as_str() {
                    "added" => sums.added += 1,
                    "known" => sums.known += 1,
                    _ => {
                        refuse(answer.line, answer.error.as_ref().map_or("?", |problem| &problem.detail));
                        sums.refused += 1;
                    }
                }
            }
        }
        bar.inc(chunk.input_bytes);
    }
    Ok(sums)
}

fn bar(length: Option<u64>) -> ProgressBar {
    let Some(length) = length else { return ProgressBar::hidden() };
    let bar = progress_bar("{bar:40} {bytes}/{total_bytes} {eta}");
    bar.set_length(length);
    bar
}
