//! Words of the list of pipelines.

texts! {
    PIPELINES = "流水线", "Pipelines";
    INSIGHTS = "洞察", "Insights";
    SETTINGS = "设置", "Settings";
    OF_REPOSITORY = "{0} 的流水线", "Pipelines of {0}";
    SECTIONS = "仓库页面", "Repository pages";
    WAY_HERE = "所在位置", "Breadcrumb";
    STATUS = "状态", "Status";
    PIPELINE = "流水线", "Pipeline";
    REF = "分支或标签", "Ref";
    COMMIT = "提交", "Commit";
    STAGES = "阶段", "Stages";
    DURATION = "耗时", "Duration";
    STARTED_BY = "触发者", "By";
    SOURCE = "来源", "Source";
    WHEN = "时间", "When";
    SHA = "提交", "Commit";
    FILTER = "筛选", "Filter";
    CLEAR = "清除", "Clear";
    TEXT = "包含", "Contains";
    TEXT_HINT = "分支、标识或提交开头", "ref, key or start of a commit";
    NONE_FOUND = "没有符合条件的流水线", "No pipeline fits";
    NONE_YET = "还没有流水线：等第一次上报", "No pipeline yet: waiting for the first report";
    MORE_BELOW = "这一页没有符合条件的，更早的可能有", "None on this page; there may be older ones";
    STAGE_TITLE = "{0}：{1}", "{0}: {1}";
    MORE_STAGES = "另有 {0} 个阶段", "{0} more stages";
    NEW_ONE = "1 条新流水线", "1 new pipeline";
    NEW_MANY = "{0} 条新流水线", "{0} new pipelines";
    JOBS = "{0} 个任务", "{0} jobs";
}
