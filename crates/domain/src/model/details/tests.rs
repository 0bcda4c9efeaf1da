//! Details: their check, their bytes, and the details of an attempt.

use super::*;
use crate::error::Problem;
use crate::model::attempts::Attempt;
use crate::model::reports::{Adjustments, Arrival, Authority, Effect, FieldSet, ReportInput, ReportedState};
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
fn details_of_too_many_bytes_are_dropped() {
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
        let bytes = details.to_bytes();
        let Details { title, tests, .. } = details.clone();
        prop_assert_eq!(TitleAndTests::from_bytes(&bytes), Some(TitleAndTests { title, tests }));
        prop_assert_eq!(Details::from_bytes(&bytes), Some(details));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, details in details(), cut: prop::sample::Index) {
        let _ = (Details::from_bytes(&bytes), TitleAndTests::from_bytes(&bytes));
        let written = details.to_bytes();
        prop_assert_eq!(Details::from_bytes(&written[..cut.index(written.len())]), None);
    }

    /// With the times of the reporter, the order of the reports and repeats of them decide nothing.
    #[test]
    fn details_of_an_attempt_converge(
        reports in prop::collection::vec((details(), 0..7_usize, 0..1_000_i64), 1..6),
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let reports: Vec<_> = (0..).zip(reports).map(|(at, (details, status, second))| {
            // No two reports have the same time.
            (details, Status::ALL[status], Some(second * 10 + at))
        }).collect();
        let in_order: Vec<_> = order.iter().map(|at| reports[at % reports.len()].clone()).collect();
        prop_assert_eq!(of_attempt(&in_order), of_attempt(&reports));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// They converge also when they are more than an attempt may have.
    #[test]
    fn too_many_details_converge(
        seconds in Just((1..=ATTEMPT_DETAILS_MAX as i64 + 20).collect::<Vec<_>>()).prop_shuffle(),
        repeats in prop::collection::vec(0..ATTEMPT_DETAILS_MAX, 0..40),
    ) {
        let report = |second: &i64| {
            let details = Details { title: Some(format!("{}", second % 210)), ..Details::default() };
            (details, Status::Running, Some(*second))
        };
        let mut shuffled: Vec<_> = seconds.iter().map(report).collect();
        shuffled.extend(repeats.iter().map(|at| report(&seconds[*at])));
        let in_order: Vec<_> = (1..=ATTEMPT_DETAILS_MAX as i64 + 20).map(|second| report(&second)).collect();
        let latest = |reports: &[_]| attempt_of(reports).latest_details().collect::<Vec<_>>();
        prop_assert_eq!(latest(&shuffled), latest(&in_order));
        prop_assert_eq!(of_attempt(&shuffled).title, Some("10".to_owned()));
    }
}

type Reported = (Details, Status, Option<i64>);

fn key_of(details: &Details) -> DetailsKey {
    DetailsKey::new(details, &details.to_bytes())
}

/// The attempt after these reports.
fn attempt_of(reports: &[Reported]) -> Attempt {
    let states: Vec<_> = reports
        .iter()
        .map(|(details, status, second)| {
            let details = Some(details).filter(|details| !details.is_empty());
            let key = details.map(|details| Box::new(key_of(details)));
            ReportedState { details: key, ..reported(*status, *second) }
        })
        .collect();
    let mut attempt = Attempt::new(&states[0], arrival(1));
    for (seq, state) in (2..).zip(&states[1..]) {
        attempt.reduce(state, arrival(seq));
    }
    attempt
}

/// The details of the attempt after these reports, as a store reads them.
fn of_attempt(reports: &[Reported]) -> Details {
    let mut reducer = DetailsReducer::default();
    for (position, digest) in attempt_of(reports).latest_details().enumerate() {
        let (details, ..) = reports.iter().find(|(details, ..)| key_of(details).digest == digest).unwrap();
        reducer.add(position, details.clone());
    }
    reducer.finish()
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
    let details = of_attempt(&[
        (Details::default(), Status::Running, None),
        (of(None, &[9, 2], Some(1)), Status::Failed, None),
        (of(Some("step 2"), &[2, 5], Some(7)), Status::Running, Some(5_000)),
        (of(Some("step 1"), &[], None), Status::Running, Some(4_000)),
    ]);
    assert_eq!(details.title.as_deref(), Some("step 2"), "of the later time");
    assert_eq!(details.tests.map(|tests| tests.failed), Some(1), "of the higher rank");
    assert_eq!(details.annotations.iter().map(|a| a.start_line).collect::<Vec<_>>(), [2, 5, 9]);
}

#[test]
fn an_attempt_has_the_details_of_its_latest_reports() {
    let mut attempt = Attempt::new(&reported(Status::Running, None), arrival(1));
    assert!(!attempt.has_details());
    let mut seq = 1;
    let mut add = |title: usize, status: Status| {
        seq += 1;
        let details = Details { title: Some(title.to_string()), ..Details::default() };
        let state = ReportedState { details: Some(Box::new(key_of(&details))), ..reported(status, None) };
        let (reason, changed) = attempt.reduce(&state, arrival(seq));
        (changed.contains(FieldSet::DETAILS), reason.effect())
    };
    assert!(add(0, Status::Running).0);
    assert!(!add(0, Status::Running).0, "a repeat");
    assert!(add(1, Status::Running).0 && add(0, Status::Running).0, "again the latest");
    for title in 2..ATTEMPT_DETAILS_MAX * 2 {
        assert!(add(title, Status::Running).0);
    }
    for title in ATTEMPT_DETAILS_MAX..ATTEMPT_DETAILS_MAX * 2 {
        assert!(add(title, Status::Failed).0);
    }
    assert_eq!(add(7, Status::Running), (false, Effect::Late), "earlier than all of them");
    let newest = Details { title: Some((ATTEMPT_DETAILS_MAX * 2 - 1).to_string()), ..Details::default() };
    assert_eq!(attempt.latest_details().count(), ATTEMPT_DETAILS_MAX);
    assert_eq!(attempt.latest_details().next(), Some(key_of(&newest).digest));
    let evidence = attempt.evidence.to_bytes(attempt.created_at, None);
    assert!(evidence.len() < 10_000, "{}", evidence.len());
    let read = crate::model::attempts::Evidence::from_bytes(&evidence, attempt.created_at, None);
    assert_eq!(read.as_ref(), Some(&attempt.evidence));
}

#[test]
fn of_too_many_annotations_the_first_are_kept_in_any_order_of_reports() {
    let long = |lines: std::ops::RangeInclusive<i64>| {
        let message = Some("x".repeat(MESSAGE_MAX / 2));
        let one = |line| AnnotationInput { message: message.clone(), ..annotation("a", line) };
        checked(DetailsInput { annotations: lines.map(one).collect(), ..DetailsInput::default() }).0
    };
    let short = checked(DetailsInput { annotations: vec![annotation("b", 1)], ..DetailsInput::default() }).0;
    let all = [long(1..=100), long(51..=127), long(128..=150), short];
    let reduce = |order: [usize; 4]| {
        let mut reducer = DetailsReducer::default();
        order.into_iter().for_each(|at| reducer.add(at, all[at].clone()));
        reducer.finish().annotations
    };
    let kept = reduce([0, 1, 2, 3]);
    // With the path, less than 128 of 32 KiB are 4 MiB; the short one after them would fit.
    assert_eq!((kept.len(), kept[126].start_line), (127, 127));
    for order in [[3, 2, 1, 0], [2, 3, 0, 1], [1, 3, 2, 0]] {
        assert_eq!(reduce(order), kept, "{order:?}");
    }
    let many = |first: i64| {
        let annotations = (first..first + ANNOTATIONS_MAX as i64).map(|line| annotation("a", line)).collect();
        checked(DetailsInput { annotations, ..DetailsInput::default() }).0
    };
    let mut reducer = DetailsReducer::default();
    (0..11).rev().for_each(|at: usize| reducer.add(at, many(at as i64 * ANNOTATIONS_MAX as i64 + 1)));
    let kept = reducer.finish().annotations;
    assert_eq!((kept.len(), kept[0].start_line), (ATTEMPT_ANNOTATIONS_MAX, 1));
}
