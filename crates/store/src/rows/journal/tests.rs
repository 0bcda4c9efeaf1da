//! Tests of the binary form of the journal.

use super::*;
use domain::Timestamp;
use domain::model::conclusions::Conclusion;
use domain::model::credentials::ReportCredential;
use domain::model::details::{Details, DetailsKey};
use domain::model::ids::{JobId, PipelineId};
use domain::model::reports::{Adjustments, Authority, PipelineChoice, ReportedState, Rules};
use domain::model::status::Status;
use proptest::option;
use proptest::prelude::*;
use std::sync::Arc;

fn time() -> impl Strategy<Value = Timestamp> {
    (0..4_000_000_000_i64, 0..1_000_000_000)
        .prop_map(|(second, nanosecond)| Timestamp::new(second, nanosecond).unwrap())
}

fn state() -> impl Strategy<Value = ReportedState> {
    let texts = (option::of(".*"), option::of(".*"), option::of(".*"));
    let times = (option::of(time()), option::of(time()), option::of(time()));
    let values = (option::of(-1e9..1e9), any::<Option<bool>>(), any::<Option<u64>>(), any::<u64>());
    (0..7_usize, 0..3_usize, texts, times, values, ((0..3_u8, any::<(bool, bool)>()), 0..6_u8)).prop_map(
        |(
            status,
            authority,
            texts,
            times,
            (coverage, allow_failure, sent_url, adjusted),
            ((rules, (keeps_status, occurred_at_receipt)), conclusion),
        )| {
            ReportedState {
                status: Status::ALL[status],
                keeps_status,
                conclusion: Conclusion::of_number(conclusion).unwrap(),
                authority: Authority::parse(Authority::NAMES[authority]).unwrap(),
                third_build_id: texts.0,
                target_url: texts.1,
                description: texts.2,
                coverage,
                allow_failure,
                occurred_at: times.0,
                occurred_at_receipt,
                started_at: times.1,
                finished_at: times.2,
                sent_url,
                details: None,
                adjusted: Adjustments::from_bits(adjusted),
                rules: [Rules::First, Rules::Second, Rules::Third][usize::from(rules)],
            }
        },
    )
}

fn report() -> impl Strategy<Value = Report> {
    let pipeline = prop_oneof![
        (1..i64::from(i32::MAX)).prop_map(|id| PipelineChoice::Id(PipelineId::new(id).unwrap())),
        ".{0,3}".prop_map(PipelineChoice::Key),
    ];
    // Few different texts, so that a report often has those of the one before it.
    let texts = ("[ab]", "[ab]", "[ab]", "[ab]", ".*");
    let labels = (option::of(".*"), option::of(".*"), option::of(".*"));
    (
        texts,
        (any::<(bool, bool)>(), option::of(1..i64::from(i32::MAX))),
        any::<Option<i32>>(),
        pipeline,
        labels,
        state(),
    )
        .prop_map(
            |(
                (sha, git_ref, stage, source, name),
                ((ref_is_default, name_ignores_case), job_id),
                stage_order,
                pipeline,
                labels,
                mut state,
            )| {
                let details = labels.2.map(|text| Details { text: Some(text), ..Details::default() });
                let bytes = details.as_ref().map(Details::to_bytes);
                state.details =
                    details.zip(bytes.as_ref()).map(|(details, b)| Box::new(DetailsKey::new(&details, b)));
                Report {
                    sha,
                    git_ref,
                    ref_is_default,
                    stage,
                    stage_order,
                    name,
                    name_ignores_case,
                    job_id: job_id.map(|id| JobId::new(id).unwrap()),
                    pipeline,
                    source,
                    web_url: labels.0,
                    trigger_user: labels.1,
                    details: bytes.map(Arc::from),
                    state,
                }
            },
        )
}

fn credential() -> impl Strategy<Value = Option<ReportCredential>> {
    option::of(prop_oneof![
        Just(ReportCredential::Password),
        Just(ReportCredential::Session),
        Just(ReportCredential::TemporaryKey),
        (1..=i64::MAX).prop_map(ReportCredential::Token),
        "[A-Z0-9]{8,128}".prop_map(|access| ReportCredential::Key(access.into())),
    ])
}

fn batch() -> impl Strategy<Value = ReportBatch> {
    let idempotency = option::of((".+", any::<[u8; 32]>()));
    (
        1..i64::from(i32::MAX),
        time(),
        prop::collection::vec(report(), 0..5),
        idempotency,
        any::<Option<[u8; 32]>>(),
        credential(),
    )
        .prop_map(|(id, received_at, reports, idempotency, signature, credential)| ReportBatch {
            repository_id: RepositoryId::new(id).unwrap(),
            reporter: UserId::new(id).unwrap(),
            credential,
            dialect: "native",
            received_at,
            reports,
            idempotency: idempotency.map(|(key, digest)| Idempotency { key, digest }),
            signature,
        })
}

/// The body of a commit of batches whose first reports were refused.
fn body(batches: &[ReportBatch]) -> Vec<u8> {
    let mut commit = Commit::default();
    let receipts = vec![Err(Error::PipelineNotFound)];
    batches.iter().for_each(|batch| commit.add(batch, &receipts));
    commit.body().to_vec()
}

/// The body as an earlier version of the program wrote it to the table.
fn with_checksum(body: &[u8]) -> Vec<u8> {
    let batches = &body[1..];
    [&[WITH_CHECKSUM], &checksum(batches).to_le_bytes()[..], batches].concat()
}

proptest! {
    #[test]
    fn a_commit_is_read_as_written(batches in prop::collection::vec(batch(), 1..4)) {
        let body = body(&batches);
        for records in [decode(&body).unwrap(), decode(&with_checksum(&body)).unwrap()] {
            prop_assert_eq!(records.len(), batches.len());
            for (record, batch) in records.iter().zip(&batches) {
                // A batch does not implement equality.
                prop_assert_eq!(format!("{:?}", record.batch), format!("{batch:?}"));
                prop_assert_eq!(&record.outcome, &encode_outcome(&vec![Err(Error::PipelineNotFound)]));
            }
        }
    }

    #[test]
    fn a_damaged_commit_of_the_table_is_refused(batch in batch(), at: prop::sample::Index, bit in 0..8_u32) {
        let mut body = with_checksum(&body(&[batch]));
        let at = at.index(body.len());
        body[at] ^= 1_u8 << bit;
        prop_assert!(decode(&body).is_err());
        body.truncate(at);
        prop_assert!(decode(&body).is_err());
    }

    #[test]
    fn damage_that_the_checksum_misses_is_read_or_refused(bytes: Vec<u8>) {
        let _ = decode(&[&[VERSION], &bytes[..]].concat());
    }
}

#[test]
fn a_commit_of_another_version_is_refused_with_instructions() {
    let error = decode(&[VERSION + 1, 0, 0, 0, 0]).unwrap_err().to_string();
    assert!(error.contains("version 4") && error.contains("start the program that wrote them"), "{error}");
}

/// A commit that the version before wrote, which knew no credentials.
#[test]
fn a_commit_without_credentials_is_read() {
    let batch = ReportBatch {
        repository_id: RepositoryId::new(5).unwrap(),
        reporter: UserId::new(7).unwrap(),
        credential: Some(ReportCredential::Token(17)),
        dialect: "native",
        received_at: testkit::at(100),
        reports: vec![testkit::report('a', "build/compile:running#1234")],
        idempotency: None,
        signature: None,
    };
    let mut before = body(&[ReportBatch { credential: None, ..batch.clone() }]);
    assert_eq!(body(std::slice::from_ref(&batch)).len(), before.len() + 1, "one byte for the whole batch");
    before[0] = NO_CREDENTIAL;
    let read = &decode(&before).unwrap()[0].batch;
    assert_eq!((read.credential.as_ref(), read.reporter), (None, batch.reporter));
    assert_eq!(read.reports, batch.reports);
}

#[test]
fn a_report_is_small() {
    let report = testkit::report('a', "build/compile:running#1234");
    let batch = ReportBatch {
        repository_id: RepositoryId::new(1).unwrap(),
        reporter: UserId::new(1).unwrap(),
        credential: None,
        dialect: "native",
        received_at: testkit::at(100),
        reports: vec![report; 100],
        idempotency: None,
        signature: None,
    };
    let len = body(&[batch]).len();
    assert!(len < 100 * 25, "{len} bytes for 100 reports of a pipeline");
}
