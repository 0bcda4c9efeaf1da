//! Texts of the search.

texts! {
    TITLE = "搜索", "Search";
    HINT =
        "提交、分支、#流水线、任务、构建 ID",
        "Commit, branch, #pipeline, job, build id";
    HELP =
        "可输入提交 ID 的前 4 位或更多、分支或标签名、流水线编号（#175，或 acme/demo#175）、任务名、构建系统的构建 ID，或仓库路径，也可粘贴构建的链接。分支、标签、任务和仓库输入名称的任意部分即可，不区分大小写。加上“repo:路径”则只搜索该仓库，例如 repo:acme/demo unit。",
        "Enter the first 4 or more digits of a commit id, a branch or tag, the number of a pipeline (#175 or acme/demo#175), the name of a job, a build id of the build system, or the path of a repository. The URL of a build is found as well. Any part of the name of a branch, tag, job or repository is enough, in any case. With repo:PATH only that repository is searched, for example repo:acme/demo unit.";
    COUNT = "找到 {0} 项", "Found: {0}";
    COUNT_IN_PART = "找到 {0} 项，但未搜索全部内容", "Found: {0}. Not everything was searched.";
    NONE_FOUND = "没有匹配的结果", "No results";
    NONE_FOUND_IN_PART = "没有匹配的结果，但未搜索全部内容", "No results. Not everything was searched.";
    MORE = "结果过多，仅显示部分。请输入更完整的名称。", "More results exist. Enter a longer part of the name.";
    TRUNCATED =
        "您有权查看的仓库较多，仅搜索了最近有变更或上报的 {0} 个。要搜索其他仓库，请加上其路径，例如“{1}”；也可在该仓库的页面上搜索。",
        "You may read more repositories: only the {0} with the latest changes or reports were searched. Add the path of another one to search it, for example “{1}”, or search from its page.";
    INCOMPLETE =
        "任务或分支、标签的名称过多，未全部比较。请只搜索一个仓库，或输入名称的开头（区分大小写）。",
        "There are too many names of jobs or branches to compare them all. Search in one repository, or enter the start of the name, with case.";
    ONLY_IN = "仅搜索 {0}", "Search only in {0}";
    REPOSITORIES = "仓库", "Repositories";
    PIPELINES = "流水线", "Pipelines";
    COMMITS = "提交", "Commits";
    REFS = "分支和标签", "Branches and tags";
    JOBS = "任务", "Jobs";
    BUILDS = "构建", "Builds";
    KEYS_HITS = "在结果中移动", "Move through the results";
}
