//! Tests of the search.

use super::*;
use crate::model::pipelines::{PipelineIdentity, PipelineState};
use crate::model::repositories::Visibility;
use crate::model::repositories::tests::repository as any_repository;

fn repository(id: i64, path: &str) -> Arc<Repository> {
    Arc::new(Repository { path: path.into(), ..any_repository(id, Visibility::Private) })
}

fn pipeline(repository: i64, id: i64, sha: &str, git_ref: &str) -> Pipeline {
    let identity = PipelineIdentity {
        sha: sha.into(),
        git_ref: git_ref.into(),
        source: "external".into(),
        key: id.to_string(),
    };
    let (id, repository) = (PipelineId::new(id).unwrap(), RepositoryId::new(repository).unwrap());
    PipelineState::new(id, repository, identity, jiff::Timestamp::UNIX_EPOCH).pipeline
}

fn attempt(repository: i64, name: &str) -> FoundAttempt {
    FoundAttempt {
        repository: RepositoryId::new(repository).unwrap(),
        pipeline: PipelineId::new(1).unwrap(),
        id: JobId::new(1).unwrap(),
        stage: "test".into(),
        name: name.into(),
        git_ref: "main".into(),
        status: Status::Success,
        third_build_id: None,
    }
}

fn terms(text: &str) -> SearchTerms {
    SearchTerms::parse(text).unwrap()
}

#[test]
fn a_text_names_what_it_can_name() {
    // text | pipeline | repository | start of a commit | refs | name
    for (text, pipeline, repository, sha, refs, has_name) in [
        ("175", Some(175), None, None, &["175", "refs/tags/175"][..], true),
        ("1750", Some(1750), None, Some("1750"), &["1750", "refs/tags/1750"], true),
        (" #175 ", Some(175), None, None, &[], false),
        ("acme/demo#7", Some(7), Some("acme/demo"), None, &["acme/demo#7", "refs/tags/acme/demo#7"], true),
        ("a#b#7", Some(7), Some("a#b"), None, &["a#b#7", "refs/tags/a#b#7"], true),
        ("1C46", None, None, Some("1c46"), &["1C46", "refs/tags/1C46"], true),
        ("1c4", None, None, None, &["1c4", "refs/tags/1c4"], true),
        ("refs/heads/main", None, None, None, &["main"], true),
        ("refs/tags/v1", None, None, None, &["refs/tags/v1"], true),
        ("#0", None, None, None, &["#0", "refs/tags/#0"], true),
        ("#", None, None, None, &["#", "refs/tags/#"], true),
        ("#+1", None, None, None, &["#+1", "refs/tags/#+1"], true),
        ("99999999999", None, None, Some("99999999999"), &["99999999999", "refs/tags/99999999999"], true),
        ("单元测试", None, None, None, &["单元测试", "refs/tags/单元测试"], true),
    ] {
        let found = terms(text);
        assert_eq!(found.pipeline.map(PipelineId::get), pipeline, "{text}");
        assert_eq!(found.repository.as_deref(), repository, "{text}");
        assert_eq!(found.sha.as_deref(), sha, "{text}");
        assert_eq!(found.refs, refs, "{text}");
        assert_eq!(found.name.is_some(), has_name, "{text}");
    }
    assert_eq!(terms(&"a".repeat(64)).sha.unwrap().len(), 64);
    assert_eq!(terms(&"a".repeat(65)).sha, None);
    for bad in ["", "  ", "a\nb", &"x".repeat(256)] {
        assert_eq!(SearchTerms::parse(bad).unwrap_err().field, "q", "{bad:?}");
    }
}

/// The direct hit of a search that begins nowhere, or on a page of the repository.
fn direct(terms: &SearchTerms, rows: FoundRows, page: Option<i64>) -> Option<(HitKind, i32)> {
    let searched = [repository(1, "acme/one"), repository(2, "acme/two")];
    let result = SearchResult::of(terms, &searched, Vec::new(), rows);
    let hit = result.direct(page.map(|id| RepositoryId::new(id).unwrap()));
    hit.map(|hit| (hit.object.kind(), hit.repository.id.get()))
}

#[test]
fn the_only_exact_hit_is_direct() {
    let sha = "1c46c505c84853887efe2ea9ea02a1333bae2237";
    let commits = |of: &[(i64, &str)]| FoundRows {
        commits: of.iter().map(|(repository, sha)| pipeline(*repository, 1, sha, "main")).collect(),
        ..FoundRows::default()
    };
    assert_eq!(direct(&terms("1c46c50"), commits(&[(1, sha)]), None), Some((HitKind::Commit, 1)));
    assert_eq!(direct(&terms("1c46"), commits(&[(1, sha)]), None), None, "a short start is no exact name");
    let two = [(1, sha), (1, "1c46c50fffffffffffffffffffffffffffffffff")];
    assert_eq!(direct(&terms("1c46c50"), commits(&two), None), None);
    let forked = [(1, sha), (2, sha)];
    assert_eq!(direct(&terms(sha), commits(&forked), None), None);
    assert_eq!(
        direct(&terms(sha), commits(&forked), Some(2)),
        Some((HitKind::Commit, 2)),
        "that of the page"
    );

    let refs = |of: &[&str]| FoundRows {
        refs: of.iter().map(|git_ref| pipeline(1, 1, sha, git_ref)).collect(),
        ..FoundRows::default()
    };
    assert_eq!(direct(&terms("main"), refs(&["main", "main-2"]), None), Some((HitKind::Ref, 1)));
    assert_eq!(direct(&terms("mai"), refs(&["main"]), None), None);
    assert_eq!(direct(&terms("v1"), refs(&["v1", "refs/tags/v1"]), None), None, "a branch and a tag");

    let jobs = FoundRows { jobs: vec![attempt(2, "unit"), attempt(2, "unit-2")], ..FoundRows::default() };
    assert_eq!(direct(&terms("unit"), jobs.clone(), None), Some((HitKind::Job, 2)));
    assert_eq!(direct(&terms("Unit"), jobs, None), None, "names of jobs have case");
    let number = FoundRows { pipelines: vec![pipeline(1, 175, sha, "main")], ..FoundRows::default() };
    assert_eq!(direct(&terms("#175"), number, None), Some((HitKind::Pipeline, 1)));
    let elsewhere = FoundRows { jobs: vec![attempt(3, "unit")], ..FoundRows::default() };
    assert_eq!(direct(&terms("unit"), elsewhere, None), None, "a repository that was not searched");
}

#[test]
fn hits_are_grouped_with_exact_ones_first_and_limited() {
    let searched = [repository(1, "acme/one"), repository(2, "acme/two")];
    let jobs = (0..12).map(|number| attempt(1, &format!("unit-{number}"))).chain([attempt(2, "unit")]);
    let rows = FoundRows {
        refs: vec![pipeline(2, 1, "a", "unit-2"), pipeline(1, 1, "a", "unit-1"), pipeline(2, 1, "a", "unit")],
        jobs: jobs.collect(),
        ..FoundRows::default()
    };
    let matching = vec![repository(3, "acme/unit"), repository(4, "UNIT")];
    let result = SearchResult::of(&terms("unit"), &searched, matching, rows);
    let kinds: Vec<_> =
        result.groups.iter().map(|group| (group.kind, group.hits.len(), group.more)).collect();
    use HitKind::{Job, Ref, Repository};
    assert_eq!(kinds, [(Repository, 2, false), (Ref, 3, false), (Job, HITS_MAX as usize, true)]);
    let first = |at: usize| (result.groups[at].hits[0].repository.id.get(), result.groups[at].hits[0].exact);
    assert_eq!([first(0), first(1), first(2)], [(4, true), (2, true), (2, true)]);
    let order: Vec<_> = result.groups[1].hits.iter().map(|hit| hit.repository.id.get()).collect();
    assert_eq!(order, [2, 1, 2], "then in the order of the repositories");
    assert_eq!(result.direct(None), None, "a repository, a ref and a job have this name");
    assert!(SearchResult::of(&terms("x"), &searched, Vec::new(), FoundRows::default()).groups.is_empty());
}
