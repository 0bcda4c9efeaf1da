//! Converts details of jobs.

use domain::model::details::{
    Annotation, AnnotationInput, Details, DetailsInput, DetailsKey, TestCountsInput,
};
use domain::model::ids::hex;
use wire::native::details as json;

/// Details of a report, not yet checked.
pub fn input(details: json::ReceivedDetails) -> DetailsInput {
    let annotation = |annotation: json::Annotation<Option<String>, i64, Option<i64>>| AnnotationInput {
        path: annotation.path,
        start_line: annotation.start_line,
        end_line: annotation.end_line,
        start_column: annotation.start_column,
        end_column: annotation.end_column,
        level: annotation.level,
        title: annotation.title,
        message: annotation.message,
        raw_details: annotation.raw_details,
    };
    let tests = details.tests.map(|tests| TestCountsInput {
        failed: tests.failed,
        passed: tests.passed,
        skipped: tests.skipped,
    });
    DetailsInput {
        title: details.title,
        summary: details.summary,
        text: details.text,
        annotations: details.annotations.into_iter().map(annotation).collect(),
        tests,
    }
}

/// The details of an attempt.
pub fn shown(details: Details) -> json::Details {
    let annotation = |annotation: Annotation| json::Annotation {
        path: annotation.path,
        start_line: annotation.start_line,
        end_line: Some(annotation.end_line),
        start_column: annotation.start_column,
        end_column: annotation.end_column,
        level: annotation.level.as_str().to_owned(),
        title: annotation.title,
        message: annotation.message,
        raw_details: annotation.raw_details,
    };
    json::Details {
        title: details.title,
        summary: details.summary,
        text: details.text,
        annotations: details.annotations.into_iter().map(annotation).collect(),
        tests: details.tests.map(|tests| json::TestCounts {
            failed: Some(tests.failed),
            passed: Some(tests.passed),
            skipped: Some(tests.skipped),
        }),
    }
}

/// The details of a report in the history.
pub fn reported(key: &DetailsKey) -> json::ReportedDetails {
    json::ReportedDetails { digest: hex(&key.digest), annotations: key.annotations }
}
