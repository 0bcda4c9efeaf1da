//! Words of the list of repositories.

texts! {
    REPOSITORY = "仓库", "Repository";
    LAST_PIPELINE = "默认分支上次流水线", "Last on default branch";
    WHEN = "时间", "When";
    RESULTS = "最近 30 次", "Last 30";
    RESULTS_TEXT = "最近 {0} 次，成功 {1} 次", "{1} of the last {0} passed";
    TOTAL = "共 {0} 个", "{0} in all";
    NONE_FOUND = "没有符合条件的仓库", "No repository fits";
    NONE_HERE = "这一页没有仓库", "There is no repository on this page";
    NONE_YET = "还没有您能看到的仓库", "There is no repository you may see yet";
    NO_PIPELINE = "还没有流水线", "no pipeline yet";
    ARCHIVED = "已归档", "archived";
    PRIVATE = "私有", "private";
    INTERNAL = "内部", "internal";
    PUBLIC = "公开", "public";
}
