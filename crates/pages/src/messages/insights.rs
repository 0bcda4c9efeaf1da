//! Words of the insights of a repository.

texts! {
    TITLE = "{0} 的洞察", "Insights of {0}";
    DAYS = "时间范围", "Period";
    LAST_DAYS = "最近 {0} 天", "Last {0} days";
    REF = "分支或标签", "Ref";
    ALL_REFS = "全部", "all";
    SHOW = "查看", "Show";
    RUNS = "执行", "Runs";
    RUNS_HINT = "成功、失败或超时的执行；已取消和已跳过的不计", "Attempts that succeeded, failed or timed out; canceled and skipped ones are not counted";
    SUCCESS_RATE = "成功率", "Success rate";
    RETRIED = "被重试", "Retried";
    RETRIED_HINT = "被更新的一次执行取代的执行", "Attempts that a newer one replaced";
    FLAKY_JOBS = "不稳定的任务", "Flaky jobs";
    FLAKY = "不稳定", "Flaky";
    FLAKY_HINT = "在同一个提交上既成功过又失败过的提交数", "Commits on which the job both passed and failed";
    PER_DAY = "每天的执行", "Runs per day";
    DAY_TEXT = "{0}：执行 {1} 次，成功 {2} 次", "{0}: {1} runs, {2} of them passed";
    CHART_TEXT = "{0} 到 {1} 每天的执行：共 {2} 次，成功 {3} 次", "Runs per day from {0} to {1}: {2} in all, {3} of them passed";
    AS_TABLE = "以表格查看", "As a table";
    DAY = "日期（UTC）", "Day (UTC)";
    PASSED = "成功", "Passed";
    NOT_PASSED = "失败或超时", "Failed or timed out";
    JOBS = "任务", "Jobs";
    JOB = "任务", "Job";
    MEDIAN = "中位耗时", "Median";
    P95 = "P95 耗时", "P95";
    DURATIONS = "耗时分布", "Durations";
    SORT_BY = "按“{0}”排序", "Sort by {0}";
    ORDERED = "排序", "Order";
    SLOWEST = "最慢", "Slowest";
    MOST_RETRIED = "重试最多", "Most retried";
    MOST_FLAKY = "最不稳定", "Flakiest";
    WORST = "成功率最低", "Worst success rate";
    MOST_RUNS = "执行最多", "Most runs";
    MORE_JOBS = "只显示前 {0} 个任务，共 {1} 个", "The first {0} of {1} jobs are shown";
    CUT = "执行太多：只统计了最新的 {0} 次，{1} 之前结束的没有计入", "Too many attempts: only the newest {0} were looked at, none that ended before {1}";
    NOTHING = "这段时间没有结束的执行", "No attempt ended in this time";
    UTC_HINT = "每天从 UTC 零点算起", "Days begin at midnight UTC";
}
