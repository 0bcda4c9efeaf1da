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
