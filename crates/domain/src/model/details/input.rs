//! Details as a dialect parsed them, and their check. Fields that identify a file are checked; the rest is only
//! displayed, so it is adjusted ([`crate::model::reports::Adjustments`]).

use super::{
    ANNOTATIONS_MAX, Annotation, BYTES_MAX, Details, DetailsKey, Level, MESSAGE_MAX, PATH_MAX, TEXT_MAX,
    TestCounts,
};
use crate::error::{Invalid, Problem};
use crate::model::reports::{AdjustmentKind, Adjustments};
use crate::model::text;

/// The field of [`Adjustments`] for texts and counts of tests, and for details as a whole.
pub(in crate::model) const DETAILS: &str = "details";
/// The field of [`Adjustments`] for annotations.
const ANNOTATIONS: &str = "details.annotations";

/// Details: types are right, values are unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Details, which describes them")]
pub struct DetailsInput {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub text: Option<String>,
    pub annotations: Vec<AnnotationInput>,
    pub tests: Option<TestCountsInput>,
}

/// An annotation: types are right, values are unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Annotation, which describes them")]
pub struct AnnotationInput {
    pub path: Option<String>,
    pub start_line: Option<i64>,
    /// The first line if it is absent.
    pub end_line: Option<i64>,
    pub start_column: Option<i64>,
    pub end_column: Option<i64>,
    pub level: Option<String>,
    pub title: Option<String>,
    pub message: Option<String>,
    pub raw_details: Option<String>,
}

/// Counts of tests; an absent one is 0. Counts of which all are absent are none.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the fields are those of TestCounts, which describes them")]
pub struct TestCountsInput {
    pub failed: Option<i64>,
    pub passed: Option<i64>,
    pub skipped: Option<i64>,
}

impl DetailsInput {
    /// Checks the annotations and adjusts the rest. `None` when there is nothing to keep.
    ///
    /// # Errors
    /// The first annotation without a path, a first line, a level or a message; with a path outside of the
    /// repository ([`Problem::NotRelativePath`]); with an unknown level. The field is named from the report on, as
    /// in `details.annotations[3].path`.
    pub fn check(self, adjusted: &mut Adjustments) -> Result<Option<(Vec<u8>, DetailsKey)>, Invalid> {
        let mut annotations = Vec::with_capacity(self.annotations.len().min(ANNOTATIONS_MAX));
        for (at, annotation) in self.annotations.into_iter().enumerate() {
            let annotation = annotation.check(at, adjusted)?;
            if at < ANNOTATIONS_MAX {
                annotations.push(annotation);
            } else {
                adjusted.add(ANNOTATIONS, AdjustmentKind::Truncated);
            }
        }
        annotations.sort_unstable();
        annotations.dedup();
        let details = Details {
            title: adjusted.label(DETAILS, self.title),
            summary: adjusted.markdown(DETAILS, self.summary, TEXT_MAX),
            text: adjusted.markdown(DETAILS, self.text, TEXT_MAX),
            annotations,
            tests: self.tests.and_then(|tests| tests.adjust(adjusted)),
        };
        if details.is_empty() {
            return Ok(None);
        }
        let bytes = details.to_bytes();
        let key = DetailsKey::new(&details, &bytes);
        if key.bytes > BYTES_MAX {
            adjusted.add(DETAILS, AdjustmentKind::Dropped);
            return Ok(None);
        }
        Ok(Some((bytes, key)))
    }
}

impl TestCountsInput {
    fn adjust(self, adjusted: &mut Adjustments) -> Option<TestCounts> {
        let Self { failed, passed, skipped } = self;
        failed.or(passed).or(skipped)?;
        let mut count = |value: Option<i64>| value.map_or(0, |value| clamp(value, 0, DETAILS, adjusted));
        Some(TestCounts { failed: count(failed), passed: count(passed), skipped: count(skipped) })
    }
}

impl AnnotationInput {
    /// Checks the annotation with index `at` of a report and adjusts what is only displayed.
    ///
    /// # Errors
    /// As [`DetailsInput::check`].
    pub fn check(self, at: usize, adjusted: &mut Adjustments) -> Result<Annotation, Invalid> {
        let name = |field: &str| format!("{ANNOTATIONS}[{at}].{field}");
        let missing = |field: &str| Invalid::new(name(field), Problem::Missing);
        let path = path(&name("path"), self.path.ok_or_else(|| missing("path"))?)?;
        let start_line = self.start_line.ok_or_else(|| missing("start_line"))?;
        let start_line = clamp(start_line, 1, ANNOTATIONS, adjusted);
        let end_line =
            self.end_line.map_or(start_line, |line| clamp(line, start_line, ANNOTATIONS, adjusted));
        let level = self.level.ok_or_else(|| missing("level"))?;
        let level = Level::parse(&level)
            .ok_or_else(|| Invalid::new(name("level"), Problem::NotOneOf { allowed: Level::NAMES }))?;
        let message = self.message.ok_or_else(|| missing("message"))?;
        let (mut start_column, mut end_column) = (None, None);
        if start_line == end_line {
            start_column = self.start_column.map(|column| clamp(column, 1, ANNOTATIONS, adjusted));
            let first = start_column.unwrap_or(1);
            end_column = self.end_column.map(|column| clamp(column, first, ANNOTATIONS, adjusted));
        } else if self.start_column.or(self.end_column).is_some() {
            adjusted.add(ANNOTATIONS, AdjustmentKind::Dropped);
        }
        Ok(Annotation {
            path,
            start_line,
            end_line,
            start_column,
            end_column,
            level,
            title: adjusted.label(ANNOTATIONS, self.title),
            message: adjusted.text_of_bytes(ANNOTATIONS, Some(message), MESSAGE_MAX).unwrap_or_default(),
            raw_details: adjusted.text_of_bytes(ANNOTATIONS, self.raw_details, MESSAGE_MAX),
        })
    }
}

/// The nearest number from `min` to 2147483647.
fn clamp(value: i64, min: i32, field: &'static str, adjusted: &mut Adjustments) -> i32 {
    let clamped = value.clamp(min.into(), i32::MAX.into());
    if clamped != value {
        adjusted.add(field, AdjustmentKind::Clamped);
    }
    i32::try_from(clamped).unwrap_or(min)
}

/// Checks a path of a file in the repository, and removes `./` at its beginning.
fn path(field: &str, value: String) -> Result<String, Invalid> {
    let value = text::single_line(field, value, PATH_MAX)?;
    let path = value.trim_start_matches("./");
    let mut parts = path.split(['/', '\\']);
    // A drive of Windows, or the scheme of a URL.
    let has_drive = path.split(['/', '\\']).next().is_some_and(|first| first.ends_with(':'));
    if path.is_empty() || path.starts_with(['/', '\\']) || has_drive || parts.any(|part| part == "..") {
        return Err(Invalid::new(field, Problem::NotRelativePath));
    }
    Ok(if path.len() == value.len() { value } else { path.to_owned() })
}
