//! The details of an attempt, on its page.

use super::JobPage;
use crate::markdown::markdown;
use crate::messages::jobs as msg;
use crate::{Html, icons};
use domain::model::details::{Annotation, Level};
use domain::model::text::is_displayed;

/// Most annotations on the page.
const ANNOTATIONS_MAX: usize = 500;
/// Most bytes of the texts of the annotations on the page, unless the first one has more.
const ANNOTATION_BYTES_MAX: usize = 512 << 10;
/// Most characters of a message on the page.
const EXCERPT_MAX: usize = 4_000;

/// The annotations of a file.
pub(super) struct AnnotatedFile<'a> {
    /// The path.
    pub path: &'a str,
    /// The annotations, in order of their lines.
    pub annotations: &'a [Annotation],
}

impl JobPage<'_> {
    pub(super) fn markdown(&self, text: &str) -> Html {
        markdown(text)
    }

    fn shown_annotations(&self) -> &[Annotation] {
        let all = &self.details.annotations;
        let mut bytes = 0;
        let fits = |annotation: &&Annotation| {
            let Annotation { path, title, message, raw_details, .. } = annotation;
            let texts = [Some(path), title.as_ref(), Some(message), raw_details.as_ref()];
            // A character has four bytes at most.
            let shown = texts.into_iter().flatten().map(|text| text.len().min(EXCERPT_MAX * 4));
            bytes += shown.sum::<usize>();
            bytes <= ANNOTATION_BYTES_MAX
        };
        let count = all.iter().take(ANNOTATIONS_MAX).take_while(fits).count();
        &all[..count.max(1).min(all.len())]
    }

    pub(super) fn hides_annotations(&self) -> bool {
        self.details.annotations.len() > self.shown_annotations().len()
    }

    pub(super) fn more_annotations(&self) -> String {
        let shown = self.shown_annotations().len();
        self.frame.format2(msg::MORE_ANNOTATIONS, shown, self.details.annotations.len())
    }

    /// The annotations by file: they are in order of their paths.
    pub(super) fn annotated_files(&self) -> Vec<AnnotatedFile<'_>> {
        let by_path = self.shown_annotations().chunk_by(|one, other| one.path == other.path);
        let files = by_path
            .filter_map(|annotations| Some(AnnotatedFile { path: &annotations.first()?.path, annotations }));
        files.collect()
    }

    /// The level in shape, colour and word.
    pub(super) fn level(&self, level: &Level) -> Html {
        let text = match level {
            Level::Notice => msg::LEVEL_NOTICE,
            Level::Warning => msg::LEVEL_WARNING,
            Level::Failure => msg::LEVEL_FAILURE,
        };
        icons::level(*level, self.frame.text(text))
    }

    /// The lines, and the columns of a single line: `3`, `3–5`, `3:8`, `3:8–12`.
    pub(super) fn lines(&self, annotation: &Annotation) -> String {
        let Annotation { start_line, end_line, start_column, end_column, .. } = annotation;
        match (start_column, end_column) {
            _ if start_line != end_line => format!("{start_line}–{end_line}"),
            (Some(start), Some(end)) if start != end => format!("{start_line}:{start}–{end}"),
            (Some(column), _) | (None, Some(column)) => format!("{start_line}:{column}"),
            (None, None) => start_line.to_string(),
        }
    }

    /// The beginning of a text of several lines.
    pub(super) fn excerpt(&self, text: &str) -> String {
        let mut shown: String = text.chars().filter(|c| is_displayed(*c)).take(EXCERPT_MAX + 1).collect();
        if let Some((end, _)) = shown.char_indices().nth(EXCERPT_MAX) {
            shown.truncate(end);
            shown.push('…');
        }
        shown
    }

    /// The API that returns all details.
    pub(super) fn details_address(&self) -> String {
        format!("/native/v1/repositories/{}/jobs/{}/details", self.repository.id, self.job().id)
    }
}
