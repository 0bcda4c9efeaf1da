//! Texts of the pages of destinations, which receive forwarded statuses.

texts! {
    TITLE = "{0} 的状态转发", "Forwarding of {0}";
    FORWARDING = "状态转发", "Forwarding";
    FORWARDING_HINT =
        "将提交状态发送到代码托管平台，可在平台上查看，也可设为合并条件。",
        "Commit statuses are sent to these forges, which show them and can require them for a merge.";
    MANAGE = "管理转发目标", "Manage destinations";
    DESTINATION = "转发目标 {0}", "Destination {0}";
    DESTINATIONS = "转发目标", "Destinations";
    NONE = "暂无转发目标", "No destinations";
    FORGE = "平台", "Forge";
    STATUS = "状态", "Status";
    ENABLED = "已启用", "Enabled";
    DISABLED = "已停用", "Disabled";
    FAILING_SINCE = "自 {0} 起持续失败", "failing since {0}";
    PAUSED_UNTIL = "平台限流，暂停至 {0}", "paused until {0}: rate limited by the forge";
    LAST_SENT = "最近发送", "Last sent";
    WAITING = "待发送或已停止", "Pending or stopped";
    NOTHING_SENT = "尚未发送", "nothing yet";
    NOTHING_WAITS = "无", "none";
    NEXT_ATTEMPT = "下次尝试：{0}", "next attempt: {0}";
    PENDING = "待发送", "Pending";
    SENT = "已发送", "Sent";
    STOPPED = "已停止", "Stopped";
    FAILING = "平台无响应或出错", "the forge does not respond or returns errors";
    RATE_LIMITED = "平台限流", "rate limited by the forge";
    REFUSED = "平台拒绝", "refused by the forge";
    EXHAUSTED = "多次尝试均失败", "all attempts failed";
    NEW = "新建转发目标", "New destination";
    KIND = "类型", "Kind";
    URL = "API 地址", "API base URL";
    URL_HINT =
        "例如 https://api.github.com；GitLab 和 Gitea 填写 https://HOST 即可",
        "For example https://api.github.com. For GitLab and Gitea, https://HOST is enough.";
    PROJECT_FIELD = "项目路径", "Project";
    PROJECT_HINT =
        "owner/name；GitLab 为 ID 或完整路径；Bitbucket 为 KEY/slug",
        "owner/name. For GitLab the ID or the full path, for Bitbucket KEY/slug.";
    TOKEN = "令牌", "Token";
    TOKEN_HINT = "须有写入提交状态的权限；保存后不再显示", "It needs permission to write commit statuses. It is not shown after saving.";
    TOKEN_CHANGE_HINT =
        "留空表示不修改；修改 API 地址时须重新填写",
        "Leave blank to keep it. If you change the base URL, enter the token again.";
    CHOICE = "转发内容", "Forwarded content";
    CHOICE_PIPELINE = "每个来源一个状态", "One status for each source";
    CHOICE_JOBS = "所选任务各一个状态", "One status for each chosen job";
    CHOICE_GATE = "门禁结论", "The verdict of the gate";
    JOBS = "任务", "Jobs";
    JOBS_HINT =
        "每行一个“阶段/名称”的模式，* 匹配任意字符，例如 build/*；仅在转发所选任务时有效",
        "One STAGE/NAME pattern per line; * matches any text, for example build/*. Applies to chosen jobs only.";
    EXCEPT_SOURCES = "不转发的来源", "Excluded sources";
    EXCEPT_SOURCES_HINT = "每行一个", "One per line.";
    CREATE = "创建", "Create";
    SAVE = "保存", "Save";
    TEST = "测试连接", "Test";
    RETRY = "立即重试", "Retry now";
    DISABLE = "停用", "Disable";
    ENABLE = "启用", "Enable";
    DELETE = "删除…", "Delete…";
    DELETE_HINT =
        "待发送的状态也会被删除；平台上已有的状态保持不变。",
        "Pending states are deleted as well. Statuses on the forge are kept.";
    DELETE_CONFIRM = "确认删除", "Delete";
    SETTINGS = "设置", "Settings";
    STATES = "转发的状态", "Forwarded states";
    NO_STATES = "暂无转发的状态", "No forwarded states";
    ANY_PROGRESS = "全部", "All";
    COMMIT = "提交", "Commit";
    CONTEXT = "名称（context）", "Context";
    PROGRESS = "发送状态", "Progress";
    AT_FORGE = "平台上的状态", "State on the forge";
    LAST_RESPONSE = "最近响应", "Last response";
    TEST_ROW = "连接测试", "test";
    OLDER = "更早的状态", "Older states";
}
