//! Texts of what a pipeline changed, and of the comparison of two pipelines.

texts! {
    CHANGES = "与之前相比的变化", "What changed";
    LAST_GREEN = "最近一次成功：", "Last successful pipeline: ";
    NEVER_GREEN = "此前没有成功的流水线", "No earlier pipeline was successful";
    FAILING_SINCE = "开始失败于：", "Failing since: ";
    FAILING_NEWLY = "本流水线新出现失败", "First failing pipeline";
    COMPARE_GREEN = "与 #{0} 比较", "Compare with #{0}";
    COMPARE_PREVIOUS = "与上一条 #{0} 比较", "Compare with the previous #{0}";
    FAILED = "失败的任务", "Failing jobs";
    NEW = "新增失败", "new";
    SINCE = "自 #{0} 起", "since #{0}";
    SINCE_OR_EARLIER = "自 #{0} 或更早起", "since #{0} or earlier";
    FIXED = "已恢复", "Fixed";
    SLOWER = "变慢", "Slower";
    SLOWER_HINT =
        "超过成功执行耗时中位数的两倍，且至少多 10 秒",
        "More than twice the median of successful runs, and at least 10 seconds longer";
    TAKEN = "{0}，通常 {1}", "{0}, usually {1}";
    MORE = "另有 {0} 个", "and {0} more";
    NOTHING = "没有失败、恢复或变慢的任务", "No failing, fixed or slower jobs";
    TITLE = "#{0} 与 #{1} 的比较", "Comparison of #{0} and #{1}";
    BASE = "基准", "Base";
    HEAD = "当前", "Head";
    COMMIT = "提交", "Commit";
    REF = "分支或标签", "Ref";
    SWAP = "交换", "Swap";
    NEWLY_FAILED = "新增失败", "Newly failing";
    STILL_FAILED = "持续失败", "Still failing";
    OTHER = "其他变化", "Other changes";
    ADDED = "新增的任务", "Added jobs";
    REMOVED = "移除的任务", "Removed jobs";
    SAME = "两条流水线没有差异", "The pipelines do not differ";
    ABSENT = "无此任务", "no such job";
    JOB = "任务", "Job";
    USUAL = "通常", "Usual";
}
