//! Tests of the page of a search.

use super::*;
use crate::layout::tests::frame;
use crate::samples::{self, EVIL};
use domain::model::ids::{JobId, PipelineId};
use domain::model::search::{FoundAttempt, FoundRows, SearchTerms};
use std::sync::Arc;

fn attempt(stage: &str, name: &str) -> FoundAttempt {
    FoundAttempt {
        repository: RepositoryId::new(1).unwrap(),
        pipeline: PipelineId::new(6).unwrap(),
        id: JobId::new(31_930).unwrap(),
        stage: stage.into(),
        name: name.into(),
        git_ref: "dev".into(),
        source: "external".into(),
        status: Status::Failed,
        third_build_id: Some("b 7".into()),
    }
}

fn found(text: &str, stage: &str, name: &str) -> SearchResult {
    let terms = SearchTerms::parse(text).unwrap();
    let pipeline = samples::pipeline([(1, samples::report("test/unit:failed"))]).pipeline;
    let rows = FoundRows {
        pipelines: vec![pipeline.clone()],
        commits: vec![pipeline.clone()],
        refs: vec![pipeline],
        jobs: vec![attempt(stage, name)],
        builds: vec![attempt(stage, name)],
        incomplete: false,
    };
    let repository = Arc::new(samples::repository());
    SearchResult::of(&terms, &[Arc::clone(&repository)], vec![repository], rows)
}

#[test]
fn each_kind_of_hit_leads_to_its_page() {
    let result = found("dev", "测试", "unit & ../x");
    let addresses: Vec<_> = result.hits().map(hit_address).collect();
    assert_eq!(
        addresses,
        [
            "/repositories/1/pipelines",
            "/repositories/1/pipelines/6",
            "/repositories/1/commits/1c46c505c84853887efe2ea9ea02a1333bae2237",
            "/repositories/1/pipelines?ref=dev",
            "/repositories/1/jobs?stage=%E6%B5%8B%E8%AF%95&name=unit%20%26%20..%2Fx",
            "/repositories/1/pipelines/6/jobs/31930",
        ]
    );
}

#[test]
fn names_are_escaped_and_texts_are_in_the_language_of_the_page() {
    let result = found("dev", EVIL, EVIL);
    let frame = Frame { language: crate::Language::Chinese, ..frame() };
    let page = SearchPage { frame: &frame, q: EVIL, repository: None, result: Some(&result) };
    let html = page.html();
    assert!(!html.contains("<img") && html.contains("&#60;img"), "{html}");
    for text in ["流水线", "提交", "分支和标签", "任务", "构建", "找到 6 项"] {
        assert!(html.contains(text), "{text}");
    }
    let none = SearchResult::default();
    let page = SearchPage { frame: &frame, q: "x", repository: None, result: Some(&none) };
    assert!(page.html().contains("没有匹配的结果"));
    let empty = SearchPage { frame: &frame, q: "", repository: None, result: None };
    assert!(!empty.html().contains("没有匹配的结果"));
}

#[test]
fn jobs_of_several_stages_and_sources_have_their_own_pages() {
    let of = |stage: &str, source: &str| FoundAttempt { source: source.into(), ..attempt(stage, "unit") };
    let jobs = vec![of("test", "ci & cd"), of("test", "nightly"), of("lint", "nightly")];
    let repository = Arc::new(samples::repository());
    let terms = SearchTerms::parse("unit").unwrap();
    let result =
        SearchResult::of(&terms, &[repository], Vec::new(), FoundRows { jobs, ..FoundRows::default() });
    let addresses: Vec<_> = result.hits().map(hit_address).collect();
    assert_eq!(
        addresses,
        [
            "/repositories/1/jobs?stage=test&name=unit&source=ci%20%26%20cd",
            "/repositories/1/jobs?stage=test&name=unit&source=nightly",
            "/repositories/1/jobs?stage=lint&name=unit",
        ]
    );
    let frame = frame();
    let html = SearchPage { frame: &frame, q: "unit", repository: None, result: Some(&result) }.html();
    for text in ["test / unit", "lint / unit", "ci &#38; cd · dev", "nightly · dev"] {
        assert!(html.contains(text), "{text} in {html}");
    }
}

#[test]
fn a_search_that_does_not_cover_everything_says_so_and_offers_less() {
    let frame = frame();
    let page = |result: &SearchResult| {
        SearchPage { frame: &frame, q: "a&b", repository: None, result: Some(result) }.html()
    };
    let result = SearchResult::default();
    assert!(!page(&result).contains("Not everything") && !page(&result).contains("repo:acme/demo a"));
    let repository = Some(Arc::new(samples::repository()));
    let truncated = page(&SearchResult { truncated: true, page: repository.clone(), ..result.clone() });
    assert!(truncated.contains("No results. Not everything was searched."), "{truncated}");
    assert!(
        truncated.contains("only the 500 with the latest changes")
            && truncated.contains("repo:acme/demo a&#38;b")
    );
    let only = format!("/search?q=repo%3A{}%20a%26b", encode(&samples::repository().path));
    assert!(truncated.contains(&only), "{only} in {truncated}");
    let incomplete = page(&SearchResult { incomplete: true, ..found("dev", "test", "unit") });
    assert!(incomplete.contains("Found: 6. Not everything was searched."), "{incomplete}");
    assert!(incomplete.contains("too many names"));
}
