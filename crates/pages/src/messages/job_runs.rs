//! Texts of the page of one job across pipelines.

texts! {
    TITLE = "{0} 的历次执行", "Runs of {0}";
    ALL_RUNS = "查看该任务的历次执行", "All runs of this job";
    ALL_RUNS_SHORT = "历次执行", "all runs";
    IN_GRID = "在任务矩阵中查看", "Show in the grid";
    STATUS = "状态", "Status";
    REF = "分支或标签", "Ref";
    ALL_REFS = "全部", "All";
    SOURCE = "来源", "Source";
    FILTER = "筛选", "Filter";
    CLEAR = "清除", "Clear";
    LAST_PASSED = "最近成功", "Last passed";
    FAILING_SINCE = "开始失败于", "Failing since";
    OR_EARLIER = "或更早", "or earlier";
    NONE_OF_REF =
        "最近 {1} 次名为 {0} 的执行均不属于该分支或标签",
        "None of the latest {1} attempts named {0} belongs to this ref";
    NONE_OF_STAGE =
        "最近 {1} 次名为 {0} 的执行均不属于该阶段",
        "None of the latest {1} attempts named {0} is in this stage";
    NONE_OF_FILTER =
        "最近 {1} 次名为 {0} 的执行均不符合筛选条件",
        "None of the latest {1} attempts named {0} matches the filter";
    NEVER_PASSED = "统计范围内没有成功", "None of these runs passed";
    FLAKY = "不稳定提交", "Flaky commits";
    FLAKY_HINT =
        "在这些提交上既成功过又失败过，原因很可能不在代码",
        "The job both passed and failed on these commits, so the cause is probably not the code";
    NOT_FLAKY = "没有既成功过又失败过的提交", "No commit has both passed and failed runs";
    COUNTS = "成功 {0} 次，失败 {1} 次", "{0} passed, {1} failed";
    PASSED_IN = "成功：#{0}", "passed in #{0}";
    FAILED_IN = "失败：#{0}", "failed in #{0}";
    MORE_FLAKY = "仅显示最近 {0} 个，共 {1} 个", "Showing the latest {0} of {1}";
    TRUNCATED =
        "仅统计最近的 {0} 次执行", "Only the latest {0} attempts are counted";
    DURATIONS = "运行时长", "Durations";
    CHART_TEXT =
        "最近 {0} 次执行，从旧到新：成功 {1} 次，中位数 {2}，最长 {3}",
        "Latest {0} runs, oldest first: {1} passed, median {2}, longest {3}";
    CHART_TEXT_ONE =
        "最近 {0} 次执行，从旧到新：成功 {1} 次，中位数 {2}，最长 {3}",
        "Latest {0} run: {1} passed, median {2}, longest {3}";
    BAR_TEXT = "#{0} {1} {2}", "#{0} {1} {2}";
    OLDEST = "较旧", "Older";
    NEWEST = "较新", "Newer";
    MEDIAN_LINE = "虚线：中位数 {0}", "Dashed line: median {0}";
    NO_DURATIONS = "没有记录时长的执行", "No runs with a known duration";
    ATTEMPTS = "各次执行", "Attempts";
    PIPELINE = "流水线", "Pipeline";
    COMMIT = "提交", "Commit";
    CREATED = "创建时间", "Created";
    RUN_TIME = "运行时长", "Run time";
    REPORTER = "首次上报者", "First reported by";
    NONE = "没有符合条件的执行", "No matching attempts";
    NONE_ON_PAGE =
        "本页没有符合条件的执行，更早的页面中可能有",
        "No matching attempts on this page. Older pages may have some.";
    ONLY_REF = "仅看此分支或标签", "Only this ref";
    ONLY_SOURCE = "仅看此来源", "Only this source";
    NEWEST_TEXT = "最近一次执行：#{0} {1}", "Newest attempt: #{0} {1}";
}
