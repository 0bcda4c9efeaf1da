//! Texts of the page of a job.

texts! {
    TITLE = "任务 #{0}", "Job #{0}";
    DURATIONS = "历史运行时长", "Duration history";
    DURATIONS_SUMMARY = "最近 {0} 次执行：中位数 {1}，最长 {2}", "Latest {0} runs: median {1}, longest {2}";
    NO_DURATIONS =
        "至少有两次已结束的执行才能比较",
        "A comparison requires at least two finished runs";
    LONGER = "比中位数长 {0}", "{0} longer than the median";
    SHORTER = "比中位数短 {0}", "{0} shorter than the median";
    ATTEMPTS = "执行记录", "Attempts";
    NUMBER = "序号", "Attempt";
    CURRENT = "当前", "current";
    RETRIED = "已重试", "retried";
    HISTORY = "上报记录", "Report history";
    RECEIVED = "接收时间", "Received";
    REPORTER = "上报者", "Reported by";
    STAGEPOST = "Stagepost", "Stagepost";
    PASSWORD = "密码", "password";
    SESSION = "会话", "session";
    TEMPORARY_KEY = "临时访问密钥", "temporary access key";
    TOKEN = "令牌 {0}", "token {0}";
    ACCESS_KEY = "访问密钥 {0}", "access key {0}";
    API = "接口", "API";
    REPORTED_STATUS = "上报状态", "Reported status";
    EFFECT = "处理结果", "Effect";
    EFFECT_CREATED = "新建执行", "new attempt";
    EFFECT_CHANGED = "已更新", "changed";
    EFFECT_REPEATED = "重复上报", "repeated";
    EFFECT_LATE = "延迟到达", "late";
    CHANGED_FIELDS = "变更字段", "Changed fields";
    EXPLANATION = "说明", "Explanation";
    STATUS_AFTER = "处理后状态", "Status after";
    LATER_REPORTS = "后续上报", "Later reports";
    FIRST_REPORTS = "最早的上报", "First reports";
    DETAILS = "详细信息", "Details";
    STATUS = "状态", "Status";
    STAGE = "阶段", "Stage";
    PIPELINE = "流水线", "Pipeline";
    BUILD_ID = "构建 ID", "Build ID";
    LINK = "链接", "Link";
    DESCRIPTION = "描述", "Description";
    COVERAGE = "覆盖率", "Coverage";
    ALLOW_FAILURE = "允许失败", "Allowed to fail";
    CREATED = "创建时间", "Created";
    STARTED = "开始时间", "Started";
    FINISHED = "结束时间", "Finished";
    UPDATED = "更新时间", "Updated";
    LAST_REPORT = "最近上报时间", "Last report";
    FIRST_REPORTED_BY = "首次上报者", "First reported by";
    QUEUE_TIME = "排队时长", "Queue time";
    RUN_TIME = "运行时长", "Run time";
    YES = "是", "yes";
    CLOSE_JOB = "关闭任务…", "Close the job…";
    CLOSE_HINT =
        "用于构建系统不会再上报结果的任务。如果之后收到上报的结果，将以上报的结果为准。",
        "Use this if the build system will not report the end of the job. A result reported later replaces this status.";
    CLOSE_STATUS = "结束状态", "Final status";
    CLOSE_REASON = "原因（可选）", "Reason (optional)";
    CLOSE_CONFIRM = "关闭任务", "Close the job";
    SUMMARY = "摘要", "Summary";
    TESTS_FAILED = "失败的测试", "Failed tests";
    TESTS_PASSED = "通过的测试", "Passed tests";
    TESTS_SKIPPED = "跳过的测试", "Skipped tests";
    ANNOTATIONS = "标注", "Annotations";
    LEVEL = "级别", "Level";
    LEVEL_NOTICE = "提示", "notice";
    LEVEL_WARNING = "警告", "warning";
    LEVEL_FAILURE = "失败", "failure";
    LINES = "行", "Lines";
    MESSAGE = "说明", "Message";
    RAW_DETAILS = "更多信息", "More";
    MORE_ANNOTATIONS = "仅显示前 {0} 条，共 {1} 条。", "Only the first {0} of {1} are shown.";
    DAMAGED_DETAILS =
        "存储的详情已损坏，无法显示。", "The stored details are damaged and cannot be shown.";
    ALL_AS_JSON = "全部（JSON）", "All as JSON";
    NOT_REPORTED = "未上报", "Not reported";
}
