//! Texts of the page of a pipeline and of its timeline.

texts! {
    TITLE = "流水线 #{0}", "Pipeline #{0}";
    JOB_FAILED = "任务失败：", "The job failed: ";
    JOB_TIMED_OUT = "任务超时：", "The job timed out: ";
    FAILED_JOBS = "{1} 个任务中有 {0} 个失败：", "{0} of {1} jobs failed: ";
    FAILED_OR_TIMED_OUT_JOBS = "{1} 个任务中有 {0} 个失败或超时：", "{0} of {1} jobs failed or timed out: ";
    AND_MORE = "另有 {0} 个", "and {0} more";
    LOG = "日志", "Log";
    FIND_JOBS = "搜索任务", "Search jobs";
    FAILED_ONLY = "仅显示失败的任务", "Failed jobs only";
    FILTER = "筛选", "Filter";
    ALL_JOBS = "显示全部任务", "All jobs";
    NO_MATCHING_JOBS = "没有符合条件的任务", "No matching jobs";
    COMMA = "、", ", ";
    STATUS_COUNT = "{0} 个{1}", "{0} {1}";
    ALLOWED_STATUS_COUNT = "{0} 个{1}（允许失败）", "{0} {1} (allowed to fail)";
    JOBS = "{0} 个任务", "{0} jobs";
    JOBS_ONE = "{0} 个任务", "{0} job";
    STAGES = "阶段", "Stages";
    TIMELINE = "时间线", "Timeline";
    TIMELINE_SUMMARY = "{0}，总时长 {1}", "{0} in {1}";
    TIMELINE_LONGEST = "；运行时间最长的任务是 {0}：{1}", "; the longest job is {0}: {1}";
    TIMELINE_MORE = "；{0} 个任务未显示", "; {0} jobs are not shown";
    TIMELINE_MORE_ONE = "；{0} 个任务未显示", "; {0} job is not shown";
    TIMELINE_STAGE_MORE_ONE = "另有 {0} 个任务未在此显示。", "{0} more job is not shown here.";
    TIMELINE_STAGE_MORE = "另有 {0} 个任务未在此显示。", "{0} more jobs are not shown here.";
    STAGE_ALL = "查看该阶段的全部任务", "All jobs of the stage";
    ATTEMPT = "（第 {0} 次执行）", " (attempt {0})";
    QUEUED = "，排队 {0}", ", queued {0}";
    RAN = "，运行 {0}", ", ran {0}";
    QUEUE_TIME = "排队时长", "Queue time";
    RUN_TIME = "运行时长", "Run time";
    AS_TABLE = "查看表格", "Show as table";
    JOB = "任务", "Job";
    STAGE = "阶段", "Stage";
    STATUS = "状态", "Status";
    JOB_CREATED = "创建时间", "Created";
    EARLIER_ONE = "此前执行 {0} 次", "{0} earlier attempt";
    EARLIER = "此前执行 {0} 次", "{0} earlier attempts";
    NUMBER = "第 {0} 次执行", "attempt {0}";
    ALLOW_FAILURE = "允许失败", "allowed to fail";
    COVERAGE = "覆盖率 {0}%", "coverage {0}%";
    OPEN_JOB_EXTERNALLY = "在构建系统中打开 {0}", "Open {0} in the build system";
    OPEN_EXTERNALLY = "在构建系统中打开", "Open in the build system";
    OLDER = "同一分支或标签的上一条流水线", "Previous pipeline of the ref";
    NEWER = "同一分支或标签的下一条流水线", "Next pipeline of the ref";
    API_CALL = "查看对应的 API 调用", "Show as API call";
    AS_JSON = "JSON", "JSON";
    REF = "分支或标签", "Ref";
    COMMIT = "提交", "Commit";
    SOURCE = "来源", "Source";
    KEY = "标识", "Key";
    TRIGGERED_BY = "触发者", "Triggered by";
    CREATED = "创建时间", "Created";
    DURATION = "耗时", "Duration";
    MORE_JOBS = "还有 {0} 个任务", "{0} more";
    ALL_STAGES = "显示全部阶段", "All stages";
    LIVE = "实时更新", "Live";
    LIVE_POLL = "定时刷新", "Polling";
    LIVE_OFF = "连接已断开，正在重试", "Disconnected, retrying";
    LIVE_GONE =
        "无法继续查看：登录已失效，或页面已不存在",
        "No longer available: the session ended, or the page no longer exists";
    NO_JOBS = "暂无任务", "No jobs";
}
