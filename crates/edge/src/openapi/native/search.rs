//! The search.

use crate::openapi::operation::{Operation, operation};
use wire::native::search::SearchResults;

pub fn operations() -> Vec<Operation> {
    vec![
        operation(
            "Search",
            ("搜索", "Search"),
            (
                "在有权查看的仓库中查找提交、分支和标签、流水线、任务、构建和仓库。提交 ID 至少输入前 4 位；分支、标签、任务和仓库匹配名称的任意部分，不区分大小写，依次为：完整名称、名称开头、单词开头、其他位置；构建 ID 须完整，也可以是构建的 URL。`repo:PATH` 只搜索该仓库。",
                "Finds commits, branches and tags, pipelines, jobs, builds and repositories in the repositories that the caller may read. A commit id needs its first 4 digits. Branches, tags, jobs and repositories match by any part of their names, in any case: complete names first, then those that begin with the text, then those with a word that begins with it. A build id must be complete; the URL of a build is found as well. `repo:PATH` searches in that repository only.",
            ),
        )
        .query("q! repository")
        .returns::<SearchResults>(200),
    ]
}
