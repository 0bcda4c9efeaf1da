//! The tables of cases.

use super::*;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn said(sha: &str) -> HeadUpdate {
    HeadUpdate { source_branch: "feature".into(), target_branch: "main".into(), head_sha: sha.into() }
}

fn told(sha: &str, after: i32) -> HeadRecord {
    HeadRecord { head: said(sha), after, at: at(after.into()) }
}

fn seen(id: i64, sha: &str, own_ref: bool) -> CandidatePipeline {
    CandidatePipeline { id: PipelineId::new(id).unwrap(), sha: sha.into(), own_ref, created_at: at(id) }
}

#[test]
fn a_merge_request_has_one_ref() {
    let iid = MergeRequestIid::new(7).unwrap();
    assert_eq!(ref_for(iid), "refs/merge-requests/7/head");
    assert_eq!(iid_from_ref("refs/merge-requests/7/head"), Some(iid));
    assert_eq!(iid_from_ref("refs/merge-requests/2147483647/head").unwrap().get(), i32::MAX);
    for other in [
        "refs/merge-requests/07/head",
        "refs/merge-requests/0/head",
        "refs/merge-requests/2147483648/head",
        "refs/merge-requests/-7/head",
        "refs/merge-requests/7/merge",
        "refs/merge-requests//head",
        "refs/merge-requests/7/head/x",
        "merge-requests/7/head",
        "refs/pull/7/head",
        "main",
        "",
    ] {
        assert_eq!(iid_from_ref(other), None, "{other}");
    }
}

#[test]
fn the_later_word_says_where_the_head_is() {
    let once = |sha, after| vec![told(sha, after)];
    // The last word first.
    let twice = |sha, after| vec![told(sha, after), told(A, 1)];
    for (what, words, on_ref, want) in [
        ("nobody spoke", vec![], vec![], None),
        ("a pipeline on its ref makes it", vec![], vec![seen(1, A, true)], Some(A)),
        ("a word makes it", once(A, 0), vec![], Some(A)),
        ("a word after the pipeline", once(B, 5), vec![seen(5, A, true)], Some(B)),
        ("pipelines on other refs in between", once(B, 9), vec![seen(5, A, true)], Some(B)),
        ("a pipeline after the word", once(B, 5), vec![seen(6, C, true)], Some(C)),
        ("a pipeline after the word, for the same commit", once(B, 5), vec![seen(6, B, true)], Some(B)),
        ("an old pipeline is imported after the word", once(B, 5), vec![seen(3, C, true)], Some(B)),
        ("an earlier head is built late", twice(B, 5), vec![seen(6, A, true)], Some(B)),
        ("a commit that no word named", twice(B, 5), vec![seen(6, C, true)], Some(C)),
        (
            "an earlier head is built after the head moved on",
            twice(B, 5),
            vec![seen(7, A, true), seen(6, C, true)],
            Some(C),
        ),
        (
            "the head moved on before the last word",
            twice(B, 6),
            vec![seen(7, A, true), seen(6, C, true)],
            Some(B),
        ),
        ("said again after another", twice(A, 5), vec![seen(6, A, true)], Some(A)),
    ] {
        assert_eq!(head(&words, &on_ref), want, "{what}");
    }
}

#[test]
fn the_same_again_is_nothing_new() {
    let other_target = HeadUpdate { target_branch: "release".into(), ..said(B) };
    for (what, words, says, remembered) in [
        ("the first word", vec![], said(B), true),
        ("the same again", vec![told(B, 5)], said(B), false),
        ("another head", vec![told(A, 5)], said(B), true),
        ("another target", vec![told(B, 5)], other_target, true),
        ("an earlier one again", vec![told(A, 5), told(B, 4)], said(B), true),
    ] {
        let mut words = words;
        let new = next_head(&words, says.clone(), 9, at(100));
        assert_eq!(new, remembered.then_some(HeadRecord { head: says, after: 9, at: at(100) }), "{what}");
        // Where no report moved it, the head is where the last word put it, whatever was remembered.
        words.splice(0..0, new);
        assert_eq!(head(&words, &[]), Some(B), "{what}");
    }
}

#[test]
fn one_pipeline_is_shown() {
    for (what, head, pipelines, want) in [
        ("none", A, vec![], None),
        ("the head's newest", A, vec![seen(1, A, true), seen(3, A, true)], Some(3)),
        ("the head's, however old", B, vec![seen(9, A, true), seen(2, B, false)], Some(2)),
        ("its own ref's before the branch's", A, vec![seen(4, A, true), seen(5, A, false)], Some(4)),
        ("the branch's where there is no other", A, vec![seen(5, A, false)], Some(5)),
        ("else the newest", C, vec![seen(4, A, true), seen(5, B, false)], Some(5)),
        ("else of the newest's commit its own ref's", C, vec![seen(4, A, true), seen(5, A, false)], Some(4)),
    ] {
        let shown = choose_pipeline(head, &pipelines);
        assert_eq!(shown.map(|seen| seen.id.get()), want, "{what}");
    }
}

#[test]
fn every_refusal_names_its_field() {
    let s = |text: &str| Some(text.to_owned());
    let good = || MergeRequestInput { source_branch: s("feature"), target_branch: s("main"), head_sha: s(A) };
    assert_eq!(good().check().unwrap(), said(A));
    let upper = MergeRequestInput { head_sha: s(&A.to_uppercase()), ..good() };
    assert_eq!(upper.check().unwrap().head_sha, A, "lowered, so that one commit is one text");
    for (field, fields) in [
        ("source_branch", MergeRequestInput::default()),
        ("source_branch", MergeRequestInput { source_branch: s(" "), ..good() }),
        ("source_branch", MergeRequestInput { source_branch: s(&"x".repeat(256)), ..good() }),
        ("target_branch", MergeRequestInput { target_branch: None, ..good() }),
        ("target_branch", MergeRequestInput { target_branch: s("a\nb"), ..good() }),
        ("head_sha", MergeRequestInput { head_sha: None, ..good() }),
        ("head_sha", MergeRequestInput { head_sha: s("abc1234"), ..good() }),
        ("head_sha", MergeRequestInput { head_sha: s("main"), ..good() }),
    ] {
        assert_eq!(fields.clone().check().unwrap_err().field, field, "{fields:?}");
    }
}
