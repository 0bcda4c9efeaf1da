//! Texts of the pages of merge requests.

texts! {
    MERGE_REQUESTS = "合并请求", "Merge requests";
    OF_REPOSITORY = "{0} 的合并请求", "Merge requests of {0}";
    TITLE = "合并请求 !{0}", "Merge request !{0}";
    NONE = "暂无合并请求", "No merge requests";
    MERGE_REQUEST = "合并请求", "Merge request";
    BRANCHES = "分支", "Branches";
    UNKNOWN_BRANCHES = "分支未上报", "branches not reported";
    HEAD = "最新提交", "Head";
    PIPELINE = "流水线", "Pipeline";
    PIPELINES = "流水线", "Pipelines";
    NO_PIPELINE = "无", "none";
    UPDATED = "更新时间", "Updated";
    HEADS = "最新提交的变更记录", "Head history";
    BECAME_HEAD = "成为最新提交的时间", "Head since";
    COMMIT = "提交", "Commit";
    CURRENT = "当前", "current";
    OTHER_PIPELINES = "其他流水线", "Other pipelines";
}
