//! Details: their check, their bytes, and the details of an attempt.

use super::*;
use crate::error::Problem;
use crate::model::attempts::Attempt;
use crate::model::reports::{Adjustments, Authority, FieldSet, ReportInput};
use crate::model::status::Status;
use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;

fn s(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn annotation(path: &str, line: i64) -> AnnotationInput {
    AnnotationInput {
        path: s(path),
        start_line: Some(line),
        level: s("warning"),
        message: s("m"),
        ..AnnotationInput::default()
    }
}

fn checked(input: DetailsInput) -> (Details, String) {
    let mut adjusted = Adjustments::default();
    let kept = input.check(&mut adjusted).unwrap();
    let details = kept.map(|(bytes, _)| Details::from_bytes(&bytes).unwrap()).unwrap_or_default();
    let adjusted = adjusted.iter().map(|(field, kind)| format!("{field} {}", kind.as_str()));
    (details, adjusted.collect::<Vec<_>>().join(", "))
}

fn of_annotation(annotation: AnnotationInput) -> Result<(Annotation, String), (String, Problem)> {
    let input = DetailsInput { annotations: vec![annotation], ..DetailsInput::default() };
    let mut adjusted = Adjustments::default();
    let kept = input.check(&mut adjusted).map_err(|invalid| (invalid.field.to_string(), invalid.problem))?;
    let (bytes, key) = kept.unwrap();
    let mut details = Details::from_bytes(&bytes).unwrap();
    assert_eq!((key.annotations, key.bytes as usize), (1, bytes.len()));
    let adjusted = adjusted.iter().map(|(field, kind)| format!("{field} {}", kind.as_str()));
    Ok((details.annotations.remove(0), adjusted.collect::<Vec<_>>().join(", ")))
}

#[test]
fn texts_are_adjusted() {
    for (input, expected, adjusted) in [
        (DetailsInput::default(), Details::default(), ""),
        (
            DetailsInput { title: s(" \n "), summary: s(" \r\n"), text: s(""), ..DetailsInput::default() },
            Details::default(),
            "",
        ),
        (
            DetailsInput { title: s("a\nb"), summary: s("a\r\n\tb\n"), ..DetailsInput::default() },
            Details { title: s("a b"), summary: s("a\n\tb\n"), ..Details::default() },
            "details sanitized",
        ),
        (
            DetailsInput { text: s("\u{1b}[31mred\u{1b}[0m\0\u{7}\u{85}"), ..DetailsInput::default() },
            Details { text: s("red"), ..Details::default() },
            "details sanitized",
        ),
    ] {
        let label = format!("{input:?}");
        assert_eq!(checked(input), (expected, adjusted.to_owned()), "{label}");
    }
    let (details, adjusted) = checked(DetailsInput {
        title: Some("任".repeat(256)),
        summary: Some("务".repeat(TEXT_MAX)),
        text: Some("务".repeat(TEXT_MAX + 1)),
        ..DetailsInput::default()
    });
    let length = |text: &Option<String>| text.as_ref().unwrap().chars().count();
    assert_eq!(
        [&details.title, &details.summary, &details.text].map(length),
        [TITLE_MAX, TEXT_MAX, TEXT_MAX]
    );
    assert_eq!(adjusted, "details truncated");
}

#[test]
fn counts_of_tests_are_not_negative() {
    let counts = |failed, passed, skipped| {
        let tests = Some(TestCountsInput { failed, passed, skipped });
        let (details, adjusted) = checked(DetailsInput { tests, ..DetailsInput::default() });
        (details.tests.map(|tests| (tests.failed, tests.passed, tests.skipped)), adjusted)
    };
    assert_eq!(counts(None, None, None), (None, String::new()));
    assert_eq!(counts(Some(0), None, Some(2)), (Some((0, 0, 2)), String::new()));
    assert_eq!(counts(Some(-1), Some(i64::MAX), None), (Some((0, i32::MAX, 0)), "details clamped".into()));
}

#[test]
fn annotations_name_a_file_of_the_repository() {
    for (path, expected) in
        [("src/a.rs", "src/a.rs"), ("./a..b/c", "a..b/c"), ("目录/文件", "目录/文件"), ("...", "...")]
    {
        assert_eq!(of_annotation(annotation(path, 1)).unwrap().0.path, expected);
    }
    let field = "details.annotations[0].path";
    for path in
        ["../a", "a/../../b", "a\\..\\b", "..", "/etc/passwd", "\\a", "C:\\a", "file:///a", "./", ".//a"]
    {
        assert_eq!(
            of_annotation(annotation(path, 1)),
            Err((field.into(), Problem::NotRelativePath)),
            "{path}"
        );
    }
    for (path, problem) in [
        ("a\0b", Problem::ControlCharacter),
        ("a\nb", Problem::ControlCharacter),
        (" ", Problem::Blank),
        (&"x".repeat(PATH_MAX + 1), Problem::TooLong { max: PATH_MAX }),
    ] {
        assert_eq!(of_annotation(annotation(path, 1)), Err((field.into(), problem)));
    }
}

#[test]
fn annotations_need_a_place_a_level_and_a_message() {
    let good = || annotation("a", 1);
    for (field, bad, problem) in [
        ("path", AnnotationInput { path: None, ..good() }, Problem::Missing),
        ("start_line", AnnotationInput { start_line: None, ..good() }, Problem::Missing),
        ("message", AnnotationInput { message: None, ..good() }, Problem::Missing),
        ("level", AnnotationInput { level: None, ..good() }, Problem::Missing),
        (
            "level",
            AnnotationInput { level: s("error"), ..good() },
            Problem::NotOneOf { allowed: Level::NAMES },
        ),
    ] {
        assert_eq!(of_annotation(bad), Err((format!("details.annotations[0].{field}"), problem)));
    }
}

#[test]
fn places_are_clamped() {
    let place = |lines: (i64, Option<i64>), columns: (Option<i64>, Option<i64>)| {
        let (found, adjusted) = of_annotation(AnnotationInput {
            start_line: Some(lines.0),
            end_line: lines.1,
            start_column: columns.0,
            end_column: columns.1,
            ..annotation("a", 1)
        })
        .unwrap();
        ((found.start_line, found.end_line, found.start_column, found.end_column), adjusted)
    };
    let (clamped, dropped) = ("details.annotations clamped", "details.annotations dropped");
    assert_eq!(place((3, None), (None, None)), ((3, 3, None, None), String::new()));
    assert_eq!(place((3, Some(5)), (None, None)), ((3, 5, None, None), String::new()));
    assert_eq!(place((0, Some(-1)), (None, None)), ((1, 1, None, None), clamped.into()));
    assert_eq!(place((5, Some(3)), (None, None)), ((5, 5, None, None), clamped.into()));
    assert_eq!(place((3, None), (Some(2), Some(9))), ((3, 3, Some(2), Some(9)), String::new()));
    assert_eq!(place((3, None), (Some(0), Some(-4))), ((3, 3, Some(1), Some(1)), clamped.into()));
    assert_eq!(place((3, Some(4)), (Some(2), None)), ((3, 4, None, None), dropped.into()));
    assert_eq!(place((i64::MAX, None), (None, None)), ((i32::MAX, i32::MAX, None, None), clamped.into()));
}

#[test]
fn more_annotations_than_allowed_are_dropped_and_long_messages_are_cut() {
    let annotations: Vec<_> = (0..ANNOTATIONS_MAX + 1).map(|line| annotation("a", line as i64 + 1)).collect();
    let (details, adjusted) = checked(DetailsInput { annotations, ..DetailsInput::default() });
    assert_eq!(
        (details.annotations.len(), adjusted.as_str()),
        (ANNOTATIONS_MAX, "details.annotations truncated")
    );
    let long = AnnotationInput {
        message: Some("务".repeat(MESSAGE_MAX)),
        raw_details: Some("x".repeat(MESSAGE_MAX)),
        ..annotation("a", 1)
    };
    let (found, adjusted) = of_annotation(long).unwrap();
    assert_eq!(adjusted, "details.annotations truncated");
    assert_eq!((found.message.len(), found.raw_details.unwrap().len()), (MESSAGE_MAX - 1, MESSAGE_MAX));
}

#[test]
fn details_of_more_bytes_than_an_attempt_may_have_are_dropped() {
    let annotations = (1..=100)
        .map(|line| AnnotationInput { message: Some("x".repeat(MESSAGE_MAX)), ..annotation("a", line) });
    let input = DetailsInput { annotations: annotations.collect(), ..DetailsInput::default() };
    assert_eq!(checked(input), (Details::default(), "details dropped".into()));
}

#[test]
fn a_bad_annotation_refuses_the_report() {
    let details = DetailsInput { annotations: vec![annotation("../x", 1)], ..DetailsInput::default() };
    let input = ReportInput {
        sha: Some("a".repeat(40)),
        git_ref: s("main"),
        name: s("job"),
        status: s("failed"),
        details: Some(Box::new(details)),
        ..ReportInput::default()
    };
    let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
    assert_eq!(input.check(now).unwrap_err().field, "details.annotations[0].path");
}

prop_compose! {
    fn any_annotation()(
        path in "[ab/ä]{1,5}", (start_line, lines) in (1..=i32::MAX / 2, 0..3), columns in any::<bool>(),
        level in 0..3_usize, (title, message, raw_details) in (option::of(".*"), ".*", option::of(".*")),
    ) -> Annotation {
        let column = (lines == 0 && columns).then_some(start_line);
        Annotation {
            path, start_line, end_line: start_line + lines, start_column: column, end_column: column,
            level: Level::ALL[level], title, message, raw_details,
        }
    }
}

prop_compose! {
    fn details()(
        (title, summary, text) in (option::of(".*"), option::of(".*"), option::of(".*")),
        annotations in prop::collection::btree_set(any_annotation(), 0..5),
        tests in option::of((0..=i32::MAX, 0..=i32::MAX, 0..=i32::MAX)),
    ) -> Details {
        let tests = tests.map(|(failed, passed, skipped)| TestCounts { failed, passed, skipped });
        Details { title, summary, text, annotations: annotations.into_iter().collect(), tests }
    }
}

fn reported(status: Status, occurred_at: Option<i64>) -> ReportedState {
    ReportedState {
        third_build_id: s("b"),
        occurred_at: occurred_at.map(|second| Timestamp::from_second(second).unwrap()),
        ..ReportedState::with_status(status, Authority::Reporter)
    }
}

fn arrival(seq: i64) -> Arrival {
    Arrival { received_at: Timestamp::from_second(1_000 + seq).unwrap(), seq }
}

proptest! {
    #[test]
    fn details_are_read_as_written(details in details()) {
        prop_assert_eq!(Details::from_bytes(&details.to_bytes()), Some(details));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, details in details(), cut: prop::sample::Index) {
        let _ = Details::from_bytes(&bytes);
        let written = details.to_bytes();
        prop_assert_eq!(Details::from_bytes(&written[..cut.index(written.len())]), None);
    }

    /// With the times of the reporter, the order of the reports and repeats of them decide nothing.
    #[test]
    fn details_of_an_attempt_converge(
        reports in prop::collection::vec((details(), 0..7_usize, 0..1_000_i64), 1..6),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let reduce = |order: &[usize]| {
            let mut reducer = DetailsReducer::default();
            for (seq, at) in (1..).zip(order) {
                let at = at % reports.len();
                let (details, status, second) = &reports[at];
                // No two reports have the same time.
                let second = second * 10 + at as i64;
                reducer.add(&reported(Status::ALL[*status], Some(second)), arrival(seq), details);
            }
            reducer.finish()
        };
        let once: Vec<usize> = (0..reports.len()).collect();
        prop_assert_eq!(reduce(&order), reduce(&once));
    }
}

#[test]
fn the_latest_text_wins_and_annotations_add_up() {
    let of = |title: Option<&str>, lines: &[i64], failed: Option<i64>| {
        let (details, _) = checked(DetailsInput {
            title: title.map(str::to_owned),
            annotations: lines.iter().map(|line| annotation("a", *line)).collect(),
            tests: failed
                .map(|failed| TestCountsInput { failed: Some(failed), ..TestCountsInput::default() }),
            ..DetailsInput::default()
        });
        details
    };
    let mut reducer = DetailsReducer::default();
    reducer.add(&reported(Status::Failed, None), arrival(3), &of(None, &[9, 2], Some(1)));
    reducer.add(&reported(Status::Running, Some(5_000)), arrival(4), &of(Some("step 2"), &[2, 5], Some(7)));
    reducer.add(&reported(Status::Running, Some(4_000)), arrival(5), &of(Some("step 1"), &[], None));
    let details = reducer.finish();
    assert_eq!(details.title.as_deref(), Some("step 2"), "of the later time");
    assert_eq!(details.tests.map(|tests| tests.failed), Some(1), "of the higher rank");
    assert_eq!(details.annotations.iter().map(|a| a.start_line).collect::<Vec<_>>(), [2, 5, 9]);
}

#[test]
fn an_attempt_has_a_limit_of_details() {
    let with = |n: u64, bytes, annotations| {
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&n.to_be_bytes());
        let details = Some(Box::new(DetailsKey { digest, bytes, annotations }));
        ReportedState { details, ..reported(Status::Running, None) }
    };
    let mut attempt = Attempt::new(&reported(Status::Running, None), arrival(1));
    assert!(!attempt.has_details());
    let mut add = |state: &ReportedState, seq| {
        let has_room = attempt.has_room_for(state.details.as_ref().unwrap());
        let (_, changed) = attempt.reduce(state, arrival(seq));
        (has_room, changed.contains(FieldSet::DETAILS))
    };
    assert_eq!(add(&with(1, ATTEMPT_BYTES_MAX - 10, 5), 2), (true, true));
    assert_eq!(add(&with(1, ATTEMPT_BYTES_MAX - 10, 5), 3), (true, false), "a repeat");
    assert_eq!(add(&with(2, 11, 0), 4), (false, false));
    assert_eq!(add(&with(3, 5, ATTEMPT_ANNOTATIONS_MAX), 5), (false, false));
    assert_eq!(add(&with(4, 5, ATTEMPT_ANNOTATIONS_MAX - 5), 6), (true, true));
    assert_eq!(add(&with(5, 1, 1), 7), (false, false));
    let evidence = attempt.evidence.to_bytes(attempt.created_at, None);
    let read = crate::model::attempts::Evidence::from_bytes(&evidence, attempt.created_at, None);
    assert_eq!(read.as_ref(), Some(&attempt.evidence));
    for n in 10..1_000 {
        attempt.reduce(&with(n, 0, 0), arrival(n.cast_signed()));
    }
    assert!(attempt.evidence.to_bytes(attempt.created_at, None).len() < 4_096, "bounded");
}
