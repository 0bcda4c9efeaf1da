//! Texts of the search.

texts! {
    TITLE = "搜索", "Search";
    HINT =
        "提交、分支、#流水线、任务、构建 ID 或仓库",
        "Commit, branch, #pipeline, job, build id or repository";
    HELP =
        "可输入提交 ID 的前 4 位或更多、分支或标签名、流水线编号（#175，或 acme/demo#175）、任务名、构建系统的构建 ID，或仓库路径。分支、标签和任务按名称开头匹配，区分大小写。",
        "Enter the first 4 or more digits of a commit id, a branch or tag, the number of a pipeline (#175 or acme/demo#175), the name of a job, a build id of the build system, or the path of a repository. The start of the name of a branch, tag or job is enough; case matters.";
    COUNT = "找到 {0} 项", "Found: {0}";
    NONE_FOUND = "没有匹配的结果", "No results";
    MORE = "结果过多，仅显示部分。请输入更完整的名称。", "More results exist. Enter a longer part of the name.";
    TRUNCATED =
        "仅搜索了最近更新的 {0} 个仓库。在某个仓库的页面上搜索时，总会搜索该仓库。",
        "Only the {0} repositories with the latest changes were searched. A search from a page of a repository always includes that one.";
    REPOSITORIES = "仓库", "Repositories";
    PIPELINES = "流水线", "Pipelines";
    COMMITS = "提交", "Commits";
    REFS = "分支和标签", "Branches and tags";
    JOBS = "任务", "Jobs";
    BUILDS = "构建", "Builds";
    KEYS_HITS = "在结果中移动", "Move through the results";
}
