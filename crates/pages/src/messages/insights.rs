//! Texts of the insights of a repository.

texts! {
    TITLE = "{0} 的统计分析", "Insights of {0}";
    PERIOD = "时间范围", "Period";
    LAST_DAYS = "最近 {0} 天", "Last {0} days";
    REF = "分支或标签", "Ref";
    ALL_REFS = "全部", "All";
    SHOW = "查询", "Show";
    RUNS = "执行次数", "Runs";
    RUNS_HINT =
        "成功、失败或超时的执行，不含已取消和已跳过的执行",
        "Attempts that succeeded, failed or timed out. Canceled and skipped attempts are not counted.";
    SUCCESS_RATE = "成功率", "Success rate";
    RETRIED = "重试次数", "Retries";
    RETRIED_HINT = "已被重试取代的执行", "Attempts that were replaced by a retry";
    FLAKY_JOBS = "不稳定任务", "Flaky jobs";
    FLAKY = "不稳定提交", "Flaky commits";
    FLAKY_JOBS_HINT =
        "在同一提交上既成功过又失败过的任务",
        "Jobs that both passed and failed on the same commit";
    PER_DAY = "每日执行次数", "Runs per day";
    DAY_TEXT = "{0}：执行 {1} 次，成功 {2} 次", "{0}: {1} runs, {2} passed";
    CHART_TEXT =
        "{0} 至 {1} 每日执行次数：共 {2} 次，成功 {3} 次",
        "Runs per day from {0} to {1}: {2} in total, {3} passed";
    AS_TABLE = "查看表格", "Show as table";
    DATE = "日期（UTC）", "Date (UTC)";
    PASSED = "成功", "Passed";
    NOT_PASSED = "失败或超时", "Failed or timed out";
    JOBS = "任务", "Jobs";
    JOB = "任务", "Job";
    MEDIAN = "耗时中位数", "Median";
    P95 = "P95 耗时", "P95";
    DURATIONS = "耗时分布", "Durations";
    SORT_BY = "按“{0}”排序", "Sort by {0}";
    SORT = "排序", "Sort";
    SLOWEST = "耗时最长", "Slowest";
    MOST_RETRIED = "重试最多", "Most retried";
    MOST_FLAKY = "最不稳定", "Flakiest";
    LOWEST_SUCCESS_RATE = "成功率最低", "Lowest success rate";
    MOST_RUNS = "执行最多", "Most runs";
    MORE_JOBS = "仅显示前 {0} 个任务，共 {1} 个", "Showing the first {0} of {1} jobs";
    TRUNCATED =
        "执行次数过多，仅统计最近的 {0} 次，未包含 {1} 之前结束的执行",
        "Too many attempts. Only the latest {0} are counted, without those that finished before {1}.";
    NO_ATTEMPTS = "该时间范围内没有已结束的执行", "No attempts finished in this period";
    UTC_HINT = "按 UTC 日期统计", "Days are in UTC";
}
