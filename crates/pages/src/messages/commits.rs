//! Texts of the page of a commit.

texts! {
    TITLE = "提交 {0}", "Commit {0}";
    NO_PIPELINES = "该提交暂无流水线", "No pipelines for this commit";
    MERGE_REQUESTS = "合并请求", "Merge requests";
    OTHER_TARGET = "其他目标分支…", "Another target branch…";
}
