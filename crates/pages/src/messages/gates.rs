//! Texts of merge gates: the verdict of a commit, and the rules.

texts! {
    GATE = "合并到 {0} 的门禁", "Gate for {0}";
    BADGE = "门禁", "Gate";
    VERDICT_UNSET = "没有适用的规则", "No rule applies";
    VERDICT_PASSED = "通过", "Passed";
    VERDICT_FAILED = "未通过", "Failed";
    VERDICT_PENDING = "等待中", "Pending";
    VERDICT_MISSING = "缺少任务", "Jobs missing";
    NO_RULE = "目标分支 {0} 没有适用的门禁规则，因此没有门禁结论。", "No gate rule applies to the target branch {0}, so there is no verdict.";
    STATE_PASSED = "通过", "Passed";
    STATE_FAILED = "未通过", "Failed";
    STATE_RUNNING = "运行中", "Running";
    STATE_WAITING = "等待中", "Waiting";
    STATE_MISSING = "缺失", "Missing";
    STATE_WRONG_SOURCE = "上报者不被认可", "Reporter not accepted";
    STATE_NOT_APPLICABLE = "不适用", "Not applicable";
    STATE_OVERRIDDEN = "已放行", "Overridden";
    ANNOUNCED_JOBS = "预先声明的任务", "Announced jobs";
    SINCE = "始于", "since";
    MORE_JOBS = "另有 {0} 个任务", "{0} more jobs";
    PASSED_COUNT = "已通过、已放行或不适用的要求：{0}", "Requirements passed, overridden or not applicable: {0}";
    OUTSTANDING = "尚未结束的预先声明任务：{0}", "Announced jobs not finished: {0}";
    NOT_REPORTED = "尚未上报", "not reported yet";
    ANNOUNCED_AT = "预先声明于", "announced";
    OVERRIDES = "放行记录", "Overrides";
    WHOLE_GATE = "整个门禁", "The whole gate";
    BY = "操作人：{0}", "by {0}";
    DELETED_USER = "已删除的用户", "a deleted user";
    WITHDRAWN = "已撤销", "withdrawn";
    WITHDRAW = "撤销放行", "Withdraw";
    OVERRIDE = "放行…", "Override…";
    OVERRIDE_HINT =
        "放行仅对该提交和该目标分支有效，并会被记录。",
        "The override applies only to this commit and this target branch, and is recorded.";
    REQUIREMENT = "要求", "Requirement";
    CHOOSE_REQUIREMENT = "请选择", "Choose one";
    REASON = "原因", "Reason";
    OVERRIDE_CONFIRM = "确认放行", "Override";
    TARGET = "目标分支", "Target branch";
    SHOW_TARGET = "查看该分支的门禁", "Show the gate";
}
