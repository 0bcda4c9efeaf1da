//! The flags of the details of a job. Files are read when the report is sent, because `report exec` runs a
//! command that may write them.
//!
//! Details are only displayed: a file that cannot be read is a warning and does not cost the report.

use crate::exit::Failure;
use crate::messages::Text;
use crate::terminal::{sanitize, warn};
use crate::text_files;
use domain::model::details::{ANNOTATIONS_MAX, AnnotationInput, TEXT_MAX};
use domain::model::reports::Adjustments;
use stagepost_client::reports::{Annotation, Details, TestCounts};
use std::io::Read as _;
use std::path::Path;

/// Most bytes of all annotations of a report, as JSON. A server accepts requests of 1 MiB, and the summary and the text
/// need up to half of that.
const ANNOTATION_BYTES_MAX: usize = 384 << 10;
/// Most bytes that are read of a file. The longest text has four bytes per character.
const FILE_BYTES_MAX: u64 = 4 << 20;

#[derive(Debug, Default, clap::Args)]
pub struct DetailArgs {
    /// Title of the summary, one line
    #[arg(long, global = true)]
    pub title: Option<String>,
    /// Summary in Markdown
    #[arg(long, global = true)]
    pub summary: Option<String>,
    /// File with the summary in Markdown, or - for stdin; report exec reads files after the command has ended
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "summary")]
    pub summary_file: Option<String>,
    /// File with a longer text in Markdown, or - for stdin
    #[arg(long, global = true, value_name = "FILE")]
    pub text_file: Option<String>,
    /// JSON file with an array of annotations: path, start_line, end_line, start_column, end_column, level
    /// (notice, warning or failure), title, message, raw_details
    #[arg(long, global = true, value_name = "FILE")]
    pub annotations: Option<String>,
    /// Numbers of tests, for example failed=1,passed=20,skipped=2
    #[arg(long, global = true, value_name = "COUNTS")]
    pub tests: Option<String>,
}

impl DetailArgs {
    /// Checks the flags. `has_stdin` is false if a command reads it.
    ///
    /// # Errors
    /// A usage error.
    pub fn check(&self, has_stdin: bool) -> Result<(), Failure> {
        self.tests.as_deref().map(parse_tests).transpose()?;
        let files = [&self.summary_file, &self.text_file, &self.annotations];
        let from_stdin = files.into_iter().flatten().filter(|file| *file == "-").count();
        if from_stdin > usize::from(has_stdin) {
            return Err(Failure::usage(Text::StdinNotAvailable.text()));
        }
        Ok(())
    }

    /// The details; `None` without any. Files that cannot be read are left out, with a warning.
    pub fn read(&self) -> Option<Box<Details>> {
        let summary_file = self.summary_file.as_deref().and_then(|file| read_or_warn(file, text));
        let details = Details {
            title: self.title.clone(),
            summary: self.summary.clone().or(summary_file),
            text: self.text_file.as_deref().and_then(|file| read_or_warn(file, text)),
            annotations: self
                .annotations
                .as_deref()
                .and_then(|file| read_or_warn(file, annotations))
                .unwrap_or_default(),
            tests: self.tests.as_deref().and_then(|counts| parse_tests(counts).ok()),
        };
        (details != Details::default()).then(|| Box::new(details))
    }
}

/// Reads a file. `parse` gets its path, its text, and whether the text is only its beginning.
fn read_or_warn<T>(file: &str, parse: impl FnOnce(&str, String, bool) -> Result<T, String>) -> Option<T> {
    let read = || -> Result<T, String> {
        let mut bytes = Vec::new();
        match file {
            "-" => std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes),
            file => std::fs::File::open(Path::new(file))
                .and_then(|opened| opened.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)),
        }
        .map_err(|error| error.to_string())?;
        let is_cut = bytes.len() as u64 > FILE_BYTES_MAX;
        if is_cut {
            // The cut may be within a character of at most four bytes.
            let incomplete = (0..4).find(|n| text_files::decode(&bytes[..bytes.len() - n]).is_some());
            bytes.truncate(bytes.len() - incomplete.unwrap_or(0));
        }
        parse(file, text_files::decode(&bytes).ok_or_else(|| Text::NotUtf8.to_string())?, is_cut)
    };
    match read() {
        Ok(value) => Some(value),
        Err(reason) => {
            warn(&Text::DetailsNotRead.with(&[("path", &file), ("reason", &reason)]));
            None
        }
    }
}

/// The text, without what no server keeps: it would make the request too large.
fn text(file: &str, mut text: String, _: bool) -> Result<String, String> {
    if let Some((end, _)) = text.char_indices().nth(TEXT_MAX) {
        warn(&Text::DetailsCut.with(&[("path", &file)]));
        text.truncate(end);
    }
    Ok(text)
}

/// The annotations. The server would refuse the report for an invalid one, so that is left out, with a warning.
fn annotations(file: &str, text: String, is_cut: bool) -> Result<Vec<Annotation>, String> {
    if is_cut {
        return Err(Text::AnnotationsTooLarge.with(&[("limit", &(FILE_BYTES_MAX >> 20))]));
    }
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let (mut all, mut invalid, mut first_reason) = (Vec::new(), 0, None);
    for (at, entry) in entries.into_iter().enumerate() {
        match annotation(at, entry) {
            Ok(annotation) => all.push(annotation),
            Err(reason) => {
                invalid += 1;
                first_reason.get_or_insert(reason);
            }
        }
    }
    if let Some(reason) = first_reason {
        let reason = sanitize(&reason);
        warn(&Text::AnnotationsInvalid.with(&[("path", &file), ("count", &invalid), ("reason", &reason)]));
    }
    let mut bytes = 0;
    let fits = |annotation: &&Annotation| {
        bytes += serde_json::to_vec(annotation).map_or(0, |json| json.len() + 1);
        bytes <= ANNOTATION_BYTES_MAX
    };
    let kept = all.iter().take(ANNOTATIONS_MAX).take_while(fits).count();
    if kept < all.len() {
        warn(&Text::DetailsCut.with(&[("path", &file)]));
        all.truncate(kept);
    }
    Ok(all)
}

/// The annotation at this place in its file, if a server accepts it.
fn annotation(at: usize, entry: serde_json::Value) -> Result<Annotation, String> {
    let annotation: Annotation = serde_json::from_value(entry).map_err(|error| format!("[{at}]: {error}"))?;
    let input = AnnotationInput {
        path: Some(annotation.path.clone()),
        start_line: Some(annotation.start_line.into()),
        level: Some(annotation.level.clone()),
        message: Some(annotation.message.clone()),
        ..AnnotationInput::default()
    };
    input.check(at, &mut Adjustments::default()).map_err(|invalid| invalid.to_string())?;
    Ok(annotation)
}

/// Parses `failed=1,passed=20,skipped=2`, in any order; an absent count is 0.
fn parse_tests(text: &str) -> Result<TestCounts, Failure> {
    let mut counts = TestCounts::default();
    let invalid = || Failure::usage(Text::InvalidTestCounts.with(&[("text", &text)]));
    for part in text.split(',') {
        let (name, value) = part.trim().split_once('=').ok_or_else(invalid)?;
        let count = value.parse::<i32>().ok().filter(|count| *count >= 0).ok_or_else(invalid)?;
        let slot = match name {
            "failed" => &mut counts.failed,
            "passed" => &mut counts.passed,
            "skipped" => &mut counts.skipped,
            _ => return Err(invalid()),
        };
        if slot.replace(count).is_some() {
            return Err(invalid());
        }
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> (tempfile::NamedTempFile, Option<String>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), content).unwrap();
        let path = file.path().to_str().map(str::to_owned);
        (file, path)
    }

    #[test]
    fn counts_of_tests_are_named() {
        let counts = |text: &str| parse_tests(text).map(|c| (c.failed, c.passed, c.skipped)).ok();
        assert_eq!(counts("failed=1,passed=20,skipped=2"), Some((Some(1), Some(20), Some(2))));
        assert_eq!(counts("passed=20, failed=0"), Some((Some(0), Some(20), None)));
        for bad in ["", "1", "failed", "failed=", "failed=-1", "failed=x", "broken=1", "failed=1,failed=2"] {
            assert_eq!(counts(bad), None, "{bad}");
            let flags = DetailArgs { tests: Some(bad.into()), ..DetailArgs::default() };
            assert_eq!(flags.check(true).unwrap_err().code(), 2);
        }
    }

    #[test]
    fn files_are_read_and_what_cannot_be_read_is_left_out() {
        let (_summary, summary_file) = file("\u{feff}# 摘要\r\n");
        let (_bad, bad) = file("{}");
        let (_annotations, annotations) =
            file(r#"[{"path": "a", "start_line": 3, "level": "notice", "message": "m", "other": 1}]"#);
        let flags = DetailArgs { summary_file, annotations, ..DetailArgs::default() };
        let details = flags.read().unwrap();
        assert_eq!(details.summary.as_deref(), Some("# 摘要\r\n"));
        assert_eq!((details.annotations.len(), details.annotations[0].start_line), (1, 3));
        let missing = Some("/nonexistent/file".to_owned());
        let flags = DetailArgs { text_file: missing, annotations: bad, ..DetailArgs::default() };
        assert_eq!(flags.read(), None);
        assert_eq!(DetailArgs::default().read(), None);
    }

    #[test]
    fn invalid_annotations_are_left_out() {
        let one = |path: &str, level: &str| serde_json::json!({"path": path, "start_line": 1, "level": level, "message": "m"});
        let all = serde_json::json!([
            one("a", "error"), one("/a", "notice"), one("b", "notice"), one("../a", "notice"), 7,
            {"path": "a", "start_line": "1", "level": "notice", "message": "m"}, {"path": "a"},
        ]);
        let (_annotations, annotations) = file(&all.to_string());
        let details = DetailArgs { annotations, ..DetailArgs::default() }.read().unwrap();
        assert_eq!(details.annotations.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["b"]);
    }

    #[test]
    fn a_large_text_is_cut_within_no_character() {
        // Three bytes each, so the limit is within one.
        let (_text, text_file) = file(&"务".repeat(2 << 20));
        let (_annotations, annotations) = file(&format!("[{}]", " ".repeat(5 << 20)));
        let details = DetailArgs { text_file, annotations, ..DetailArgs::default() }.read().unwrap();
        assert_eq!(details.text.as_ref().unwrap().chars().count(), TEXT_MAX);
        assert!(details.annotations.is_empty());
    }

    #[test]
    fn a_report_is_not_too_large() {
        let (_text, text_file) = file(&"务".repeat(TEXT_MAX + 1));
        let one = |line: usize| {
            format!(
                r#"{{"path": "a", "start_line": {line}, "level": "notice", "message": "{}"}}"#,
                "x".repeat(900)
            )
        };
        let all: Vec<String> = (1..2_000).map(one).collect();
        let (_annotations, annotations) = file(&format!("[{}]", all.join(",")));
        let details = DetailArgs { text_file, annotations, ..DetailArgs::default() }.read().unwrap();
        assert_eq!(details.text.as_ref().unwrap().chars().count(), TEXT_MAX);
        let bytes = serde_json::to_vec(&details).unwrap().len();
        assert!(details.annotations.len() > 300 && bytes < 700 << 10, "{bytes}");
    }

    #[test]
    fn stdin_is_read_once_and_not_with_a_command() {
        let stdin = || Some("-".to_owned());
        let one = DetailArgs { summary_file: stdin(), ..DetailArgs::default() };
        assert!(one.check(true).is_ok());
        assert_eq!(one.check(false).unwrap_err().code(), 2);
        let two = DetailArgs { text_file: stdin(), ..one };
        assert_eq!(two.check(true).unwrap_err().code(), 2);
    }
}
