//! `jobs show`: one attempt, with its details.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use crate::terminal::{sanitize, sanitize_lines};
use serde::Serialize;
use stagepost_client::jobs::{Details, FoundJob};
use stagepost_client::{Client, Error, ErrorKind};

/// Most annotations that are printed.
const ANNOTATIONS_MAX: usize = 100;

/// An attempt with its details, as JSON.
#[derive(Serialize)]
pub struct ShownJob<'a> {
    #[serde(flatten)]
    job: &'a FoundJob,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Details>,
}

/// The details of an attempt; none from a server that does not know them.
async fn load(client: &Client, repository: i32, job: i32) -> Result<Details, Error> {
    match client.job_details(repository, job).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Details::default()),
        result => result,
    }
}

/// Prints an attempt with its details. `values` are those of the attempt.
pub async fn print(
    context: &Context,
    client: &Client,
    repository: i32,
    job: &FoundJob,
    mut values: Vec<(Text, Cell)>,
) -> Result<(), Failure> {
    let details = load(client, repository, job.job.id).await?;
    let has_details = details != Details::default();
    let shown = ShownJob { job, details: has_details.then_some(&details) };
    let tests = details.tests.map(|tests| {
        let count = |count: Option<i32>| count.unwrap_or_default().to_string();
        let (failed, passed, skipped) = (count(tests.failed), count(tests.passed), count(tests.skipped));
        format!("failed={failed},passed={passed},skipped={skipped}")
    });
    values.extend([
        (Text::Title, Cell::optional(details.title.as_ref())),
        (Text::Tests, Cell::optional(tests)),
        (Text::Annotations, Cell::optional(has_details.then_some(details.annotations.len()))),
    ]);
    context.output.record(&shown, values)?;
    let is_for_programs = context.output.json || context.output.csv;
    if is_for_programs || !has_details { Ok(()) } else { context.output.text(&text(&details)) }
}

/// The summary, the text and the annotations for a terminal.
fn text(details: &Details) -> String {
    let mut text = String::new();
    for markdown in [&details.summary, &details.text].into_iter().flatten() {
        text += &format!("\n{}\n", sanitize_lines(markdown).trim_end());
    }
    let mut path = None;
    for annotation in details.annotations.iter().take(ANNOTATIONS_MAX) {
        if path != Some(&annotation.path) {
            text += &format!("\n{}\n", sanitize(&annotation.path));
            path = Some(&annotation.path);
        }
        let title =
            annotation.title.as_ref().map(|title| format!("{}: ", sanitize(title))).unwrap_or_default();
        let message = sanitize(&annotation.message);
        text += &format!("  {}  {}  {title}{message}\n", annotation.start_line, sanitize(&annotation.level));
    }
    if details.annotations.len() > ANNOTATIONS_MAX {
        text += "  …\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use stagepost_client::jobs::Annotation;

    #[test]
    fn details_are_printed_without_control_characters() {
        let annotation = Annotation {
            path: "src/\u{1b}[2Ja.rs".into(),
            start_line: 7,
            level: "failure".into(),
            message: "line\none\u{9b}".into(),
            ..Annotation::default()
        };
        let details = Details {
            summary: Some("# A\r\n\u{1b}]0;title\u{7}\tb\u{202e}\n".into()),
            annotations: vec![annotation.clone(), annotation],
            ..Details::default()
        };
        let printed = text(&details);
        assert_eq!(
            printed,
            "\n# A\n]0;title\tb\n\nsrc/[2Ja.rs\n  7  failure  line one\n  7  failure  line one\n"
        );
        assert_eq!(text(&Details::default()), "");
    }
}
