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
        source: "external".into(),
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
    for (text, within, rest) in [
        ("repo:acme/demo unit test", Some("acme/demo"), "unit test"),
        ("unit  test  repo:acme/demo", Some("acme/demo"), "unit  test"),
        (" repo:acme/demo  #7 ", Some("acme/demo"), "#7"),
        // Without other text, and elsewhere, it is a text as any other.
        ("repo:acme/demo", None, "repo:acme/demo"),
        ("repo: unit", None, "repo: unit"),
        ("a repo:b c", None, "a repo:b c"),
    ] {
        let found = terms(text);
        assert_eq!((found.within.as_deref(), found.text.as_str()), (within, rest), "{text}");
    }
    assert_eq!(terms("repo:acme/demo #7").pipeline.map(PipelineId::get), Some(7));
    assert_eq!(terms(&"a".repeat(64)).sha.unwrap().len(), 64);
    assert_eq!(terms(&"a".repeat(65)).sha, None);
    let (long, longer) =
        (format!("https://h/{}", "x".repeat(2_000)), format!("https://h/{}", "x".repeat(2_048)));
    assert_eq!(terms(&long).text, long, "a URL is longer than names");
    for bad in ["", "  ", "a\nb", &"x".repeat(256), &longer, &format!("repo:{} a", "x".repeat(256))] {
        assert_eq!(SearchTerms::parse(bad).unwrap_err().field, "q", "{bad:?}");
    }
}

#[test]
fn a_name_matches_at_any_position() {
    use NameMatch::{Exact, IgnoringCase, Part, Start, Word};
    for (name, text, wanted) in [
        ("unit", "unit", Some(Exact)),
        ("Unit", "uNIT", Some(IgnoringCase)),
        ("UNIT-slow", "unit", Some(Start)),
        ("backend-unit-tests", "unit", Some(Word)),
        ("feature/login", "Login", Some(Word)),
        ("a_unit", "unit", Some(Word)),
        ("a.unit", "unit", Some(Word)),
        ("a:unit", "unit", Some(Word)),
        ("a unit", "unit", Some(Word)),
        ("xa-a-a", "a-a", Some(Word)),
        ("community", "unit", Some(Part)),
        ("backend-unit-tests", "-unit", Some(Part)),
        ("单元测试", "测试", Some(Part)),
        ("ÄPFEL-Öl", "öl", Some(Word)),
        ("unit", "units", None),
    ] {
        assert_eq!(terms(text).in_name(name), wanted, "{text} in {name}");
    }
    assert_eq!(terms("#7").in_name("#7"), None, "the number of a pipeline");
    for (git_ref, text, wanted) in [
        ("main", "main", Some(Exact)),
        ("Main", "main", Some(IgnoringCase)),
        ("refs/tags/v1.2", "v1", Some(Start)),
        ("refs/tags/v1", "v1", Some(Exact)),
        ("refs/tags/v1", "tags", None),
        ("refs/tags/v1", "refs/tags/v1", Some(Exact)),
        ("refs/tags/v1", "refs/heads/v1", None),
        ("v1", "refs/heads/v1", Some(Exact)),
        ("v1.2", "refs/heads/v1", Some(Start)),
        ("refs/merge-requests/7/head", "requests", Some(Word)),
    ] {
        assert_eq!(terms(text).in_ref(git_ref), wanted, "{text} in {git_ref}");
    }
    assert_eq!(terms("ACME/demo").in_path("acme/Demo"), Some(Exact), "paths have no case");
    assert_eq!(terms("demo").in_path("acme/demo-2"), Some(Word));
}

#[test]
fn parts_of_a_url_are_ids_of_builds() {
    let builds = |text: &str| {
        let found = terms(text).builds.into_iter();
        found.map(|build| (build.id, build.url.map(|url| (url.page, url.start)))).collect::<Vec<_>>()
    };
    let part = |id: &str, page: &str, start: &str| (id.to_owned(), Some((page.to_owned(), start.to_owned())));
    let whole = "https://ci.example.com/job/demo/77";
    let page = "https://ci.example.com/job/demo/77/";
    assert_eq!(
        builds(whole),
        [
            (whole.to_owned(), None),
            part("job", page, "https://ci.example.com/job"),
            part("demo", page, "https://ci.example.com/job/demo"),
            part("77", page, whole),
        ]
    );
    let query = "http://ci/b?id=77#step-1";
    let ids: Vec<_> = builds(query).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [query, "b", "id", "77", "step-1"]);
    assert_eq!(builds(query)[3], part("77", query, "http://ci/b?id=77"));
    assert_eq!(builds("https://ci.example.com/"), [("https://ci.example.com/".to_owned(), None)]);
    let many: String = (0..90).map(|part| format!("/{part}")).collect();
    assert_eq!(builds(&format!("https://h{many}")).len(), 9, "the last parts");
    let twice = "https://ci/view/5/job/5";
    let ids: Vec<_> = builds(twice).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, [twice, "view", "5", "job"], "each part once");
    assert_eq!(builds(twice)[2], part("5", "https://ci/view/5/job/5/", "https://ci/view/5"));
    assert_eq!(builds("77"), [("77".to_owned(), None)]);
    assert_eq!(builds("#77"), []);
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
    assert_eq!(direct(&terms("Unit"), jobs.clone(), None), None, "names of jobs have case");
    let stages = FoundRows { jobs: vec![attempt(2, "unit"), attempt(2, "unit")], ..jobs };
    assert_eq!(direct(&terms("unit"), stages, None), None, "two jobs of one name");
    let number = FoundRows { pipelines: vec![pipeline(1, 175, sha, "main")], ..FoundRows::default() };
    assert_eq!(direct(&terms("#175"), number, None), Some((HitKind::Pipeline, 1)));
    let elsewhere = FoundRows { jobs: vec![attempt(3, "unit")], ..FoundRows::default() };
    assert_eq!(direct(&terms("unit"), elsewhere, None), None, "a repository that was not searched");
}

#[test]
fn hits_are_grouped_with_exact_ones_first_and_limited() {
    let searched = [repository(1, "acme/one"), repository(2, "acme/two")];
    let jobs = (0..12).map(|number| attempt(1, &format!("a-unit-{number}")));
    let jobs = jobs.chain([attempt(2, "unity"), attempt(2, "unit")]);
    let rows = FoundRows {
        refs: ["unit-2", "sub/unit", "unit"].map(|name| pipeline(2, 1, "a", name)).to_vec(),
        jobs: jobs.collect(),
        ..FoundRows::default()
    };
    let matching = vec![repository(5, "acme/other"), repository(3, "acme/unit"), repository(4, "UNIT")];
    let result = SearchResult::of(&terms("unit"), &searched, matching, rows);
    let kinds: Vec<_> =
        result.groups.iter().map(|group| (group.kind, group.hits.len(), group.more)).collect();
    use HitKind::{Job, Ref, Repository};
    assert_eq!(kinds, [(Repository, 3, false), (Ref, 3, false), (Job, HITS_MAX as usize, true)]);
    let ranks = |at: usize| {
        let hits = result.groups[at].hits.iter().take(3);
        hits.map(|hit| (hit.repository.id.get(), hit.rank)).collect::<Vec<_>>()
    };
    use NameMatch::{Elsewhere, Exact, Start, Word};
    assert_eq!(ranks(0), [(4, Exact), (3, Word), (5, Elsewhere)], "the text is in a description");
    assert_eq!(ranks(1), [(2, Exact), (2, Start), (2, Word)]);
    assert_eq!(ranks(2), [(2, Exact), (2, Start), (1, Word)]);
    assert_eq!(result.direct(None), None, "a repository, a ref and a job have this name");
    assert!(SearchResult::of(&terms("x"), &searched, Vec::new(), FoundRows::default()).groups.is_empty());
}

#[test]
fn jobs_of_several_sources_are_told_apart() {
    let searched = [repository(1, "acme/one")];
    let of = |stage: &str, source: &str| FoundAttempt {
        stage: stage.into(),
        source: source.into(),
        ..attempt(1, "unit")
    };
    let jobs = vec![of("test", "jenkins"), of("test", "buildbot"), of("lint", "jenkins")];
    let rows = FoundRows { jobs, incomplete: true, ..FoundRows::default() };
    let result = SearchResult::of(&terms("unit"), &searched, Vec::new(), rows);
    let of_sources: Vec<_> = result.hits().map(|hit| hit.of_sources).collect();
    assert_eq!(of_sources, [true, true, false]);
    assert!(result.incomplete && !result.is_complete());
}
