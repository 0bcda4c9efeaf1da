//! Texts of the list of repositories.

texts! {
    REPOSITORY = "仓库", "Repository";
    LAST_PIPELINE = "默认分支最近流水线", "Last pipeline on default branch";
    CREATED = "创建时间", "Created";
    RESULTS = "最近 30 次", "Last 30";
    RESULTS_TEXT = "最近 {0} 次，成功 {1} 次", "{1} of the last {0} passed";
    TOTAL = "共 {0} 个", "{0} in total";
    NONE_FOUND = "没有符合条件的仓库", "No matching repositories";
    NONE_ON_PAGE = "本页没有仓库", "No repositories on this page";
    NONE_YET = "暂无您可查看的仓库", "No repositories that you can view";
    NO_PIPELINE = "暂无流水线", "no pipelines";
    ARCHIVED = "已归档", "archived";
    PRIVATE = "私有", "private";
    INTERNAL = "内部", "internal";
    PUBLIC = "公开", "public";
}
