//! Tables of cases of the head and the pipeline of a merge request.

use super::*;

const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const C: &str = "cccccccccccccccccccccccccccccccccccccccc";

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn update(sha: &str) -> HeadUpdate {
    HeadUpdate { source_branch: "feature".into(), target_branch: "main".into(), head_sha: sha.into() }
}

fn record(sha: &str, after: i32) -> HeadRecord {
    HeadRecord { head: update(sha), after, at: at(after.into()) }
}

fn pipeline(id: i64, sha: &str, own_ref: bool) -> CandidatePipeline {
    CandidatePipeline { id: PipelineId::new(id).unwrap(), sha: sha.into(), own_ref }
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
fn the_head_follows_from_updates_and_pipelines() {
    let once = |sha, after| vec![record(sha, after)];
    // The last update first.
    let twice = |sha, after| vec![record(sha, after), record(A, 1)];
    for (what, updates, on_ref, want) in [
        ("neither updates nor pipelines", vec![], vec![], None),
        ("a pipeline on its ref creates it", vec![], vec![pipeline(1, A, true)], Some(A)),
        ("an update creates it", once(A, 0), vec![], Some(A)),
        ("an update after the pipeline", once(B, 5), vec![pipeline(5, A, true)], Some(B)),
        ("pipelines on other refs in between", once(B, 9), vec![pipeline(5, A, true)], Some(B)),
        ("a pipeline after the update", once(B, 5), vec![pipeline(6, C, true)], Some(C)),
        ("a pipeline after the update, for the same commit", once(B, 5), vec![pipeline(6, B, true)], Some(B)),
        ("an old pipeline is imported after the update", once(B, 5), vec![pipeline(3, C, true)], Some(B)),
        ("an earlier head is built late", twice(B, 5), vec![pipeline(6, A, true)], Some(B)),
        ("a commit that is in no update", twice(B, 5), vec![pipeline(6, C, true)], Some(C)),
        (
            "an earlier head is built after the head moved on",
            twice(B, 5),
            vec![pipeline(7, A, true), pipeline(6, C, true)],
            Some(C),
        ),
        (
            "the head moved on before the last update",
            twice(B, 6),
            vec![pipeline(7, A, true), pipeline(6, C, true)],
            Some(B),
        ),
        (
            "an earlier update is sent again after another one",
            twice(A, 5),
            vec![pipeline(6, A, true)],
            Some(A),
        ),
    ] {
        assert_eq!(head(&updates, &on_ref), want, "{what}");
    }
}

#[test]
fn an_equal_update_changes_nothing() {
    let other_target = HeadUpdate { target_branch: "release".into(), ..update(B) };
    for (what, updates, new, is_recorded) in [
        ("the first update", vec![], update(B), true),
        ("an equal update", vec![record(B, 5)], update(B), false),
        ("another head", vec![record(A, 5)], update(B), true),
        ("another target", vec![record(B, 5)], other_target, true),
        ("an earlier one again", vec![record(A, 5), record(B, 4)], update(B), true),
    ] {
        let mut updates = updates;
        let next = next_head(&updates, new.clone(), 9, at(100));
        assert_eq!(next, is_recorded.then_some(HeadRecord { head: new, after: 9, at: at(100) }), "{what}");
        // Without pipelines, the head is the one of the last update.
        updates.splice(0..0, next);
        assert_eq!(head(&updates, &[]), Some(B), "{what}");
    }
}

#[test]
fn one_pipeline_is_shown() {
    for (what, head, pipelines, want) in [
        ("none", A, vec![], None),
        ("the head's newest", A, vec![pipeline(1, A, true), pipeline(3, A, true)], Some(3)),
        ("the head's, however old", B, vec![pipeline(9, A, true), pipeline(2, B, false)], Some(2)),
        ("its own ref's before the branch's", A, vec![pipeline(4, A, true), pipeline(5, A, false)], Some(4)),
        ("the branch's where there is no other", A, vec![pipeline(5, A, false)], Some(5)),
        ("else the newest", C, vec![pipeline(4, A, true), pipeline(5, B, false)], Some(5)),
        (
            "else of the newest's commit its own ref's",
            C,
            vec![pipeline(4, A, true), pipeline(5, A, false)],
            Some(4),
        ),
    ] {
        let shown = choose_pipeline(head, &pipelines);
        assert_eq!(shown.map(|pipeline| pipeline.id.get()), want, "{what}");
    }
}

#[test]
fn every_refusal_names_its_field() {
    let s = |text: &str| Some(text.to_owned());
    let good = || MergeRequestInput { source_branch: s("feature"), target_branch: s("main"), head_sha: s(A) };
    assert_eq!(good().check().unwrap(), update(A));
    let upper = MergeRequestInput { head_sha: s(&A.to_uppercase()), ..good() };
    assert_eq!(upper.check().unwrap().head_sha, A, "lower case, so that one commit has one text");
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

#[test]
fn the_refs_of_a_merge_request_are_those_of_its_head_and_its_merge() {
    for (git_ref, iid) in [
        ("refs/merge-requests/7/head", Some(7)),
        ("refs/merge-requests/7/merge", Some(7)),
        ("refs/merge-requests/7/train", Some(7)),
        ("refs/merge-requests/07/train", None),
        ("refs/merge-requests/7/other", None),
        ("refs/merge-requests/7", None),
        ("main", None),
    ] {
        assert_eq!(iid_from_any_ref(git_ref).map(MergeRequestIid::get), iid, "{git_ref}");
    }
}

#[test]
fn a_merge_request_is_as_old_as_what_made_it_known_first() {
    let times = [6, 4, 8].map(|second| Times::at(at(second)));
    let all = times.into_iter().reduce(Times::including).unwrap();
    assert_eq!((all.created_at, all.updated_at), (at(4), at(8)));
}

#[test]
fn a_merge_needs_a_pipeline_that_succeeded_and_no_other_result() {
    for (status, of_commit, passes) in [
        (Some(Status::Success), CombinedState::Success, true),
        (Some(Status::Success), CombinedState::Failure, false),
        (Some(Status::Success), CombinedState::Pending, false),
        (Some(Status::Running), CombinedState::Success, false),
        (Some(Status::Failed), CombinedState::Success, false),
        (Some(Status::Skipped), CombinedState::Success, false),
        (None, CombinedState::Success, false),
        (None, CombinedState::Pending, false),
    ] {
        assert_eq!(results_allow_merge(status, of_commit), passes, "{status:?} {of_commit:?}");
    }
}

#[test]
fn heads_over_time_follow_from_the_order_of_updates_and_pipelines() {
    let built = |id: i64, sha| (pipeline(id, sha, true), at(100 + id));
    for (what, updates, on_ref, want) in [
        ("nothing", vec![], vec![], vec![]),
        ("pipelines alone", vec![], vec![built(2, B), built(1, A)], vec![(B, 102), (A, 101)]),
        ("a second pipeline of the head", vec![], vec![built(1, A), built(2, A)], vec![(A, 101)]),
        ("updates alone", vec![record(B, 3), record(A, 1)], vec![], vec![(B, 3), (A, 1)]),
        (
            "a pipeline before, between and after the updates",
            vec![record(B, 5), record(A, 1)],
            vec![built(1, C), built(3, A), built(7, C)],
            vec![(C, 107), (B, 5), (A, 1), (C, 101)],
        ),
        (
            "a late pipeline of an earlier update moves nothing",
            vec![record(B, 5), record(A, 1)],
            vec![built(6, A)],
            vec![(B, 5), (A, 1)],
        ),
    ] {
        let heads = heads_over_time(&updates, &on_ref);
        let want: Vec<PastHead> =
            want.into_iter().map(|(sha, second)| PastHead { sha: sha.into(), at: at(second) }).collect();
        assert_eq!(heads, want, "{what}");
        let on_ref: Vec<_> = on_ref.into_iter().map(|(pipeline, _)| pipeline).collect();
        assert_eq!(heads.first().map(|head| head.sha.as_str()), head(&updates, &on_ref), "{what}");
    }
}
