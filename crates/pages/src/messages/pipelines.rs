//! Texts of the list of pipelines.

texts! {
    PIPELINES = "流水线", "Pipelines";
    INSIGHTS = "统计分析", "Insights";
    CONNECT = "接入", "Connect";
    SETTINGS = "设置", "Settings";
    OF_REPOSITORY = "{0} 的流水线", "Pipelines of {0}";
    SECTIONS = "仓库导航", "Repository pages";
    BREADCRUMB = "面包屑导航", "Breadcrumb";
    STATUS = "状态", "Status";
    PIPELINE = "流水线", "Pipeline";
    REF = "分支或标签", "Ref";
    COMMIT = "提交", "Commit";
    STAGES = "阶段", "Stages";
    DURATION = "耗时", "Duration";
    TRIGGERED_BY = "触发者", "Triggered by";
    SOURCE = "来源", "Source";
    CREATED = "创建时间", "Created";
    SHA = "提交", "Commit";
    MORE_FILTERS = "更多条件", "More filters";
    FILTER = "筛选", "Filter";
    CLEAR = "清除", "Clear";
    KEYWORD = "关键字", "Keyword";
    KEYWORD_HINT = "分支、标识或提交 ID 前缀", "ref, key or commit prefix";
    NONE_FOUND = "没有符合条件的流水线", "No matching pipelines";
    NONE_YET = "暂无流水线，等待首次上报", "No pipelines yet. Waiting for the first report.";
    CONNECT_BUILD_SYSTEM = "接入构建系统", "Connect a build system";
    NONE_ON_PAGE =
        "本页没有符合条件的流水线，更早的页面中可能有",
        "No matching pipelines on this page. Older pages may have some.";
    STAGE_TITLE = "{0}：{1}", "{0}: {1}";
    MORE_STAGES = "还有 {0} 个阶段", "{0} more stages";
    NEW_ONE = "1 条新流水线", "1 new pipeline";
    NEW_MANY = "{0} 条新流水线", "{0} new pipelines";
    JOBS = "{0} 个任务", "{0} jobs";
}
