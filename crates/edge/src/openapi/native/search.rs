//! The search.

use crate::openapi::operation::{Operation, operation};
use wire::native::search::SearchResults;

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Search",
            ("搜索", "Search"),
            (
                "在有权查看的仓库中查找提交、分支和标签、流水线、任务、构建和仓库。提交 ID 至少输入前 4 位；分支、标签和任务按名称开头匹配，区分大小写；构建 ID 须完整。",
                "Finds commits, branches and tags, pipelines, jobs, builds and repositories in the repositories that the caller may read. A commit id needs its first 4 digits; branches, tags and jobs match by the start of their names, with case; a build id must be complete.",
            ),
        )
        .query("q! repository")
        .returns::<SearchResults>(200),
    ]
}
