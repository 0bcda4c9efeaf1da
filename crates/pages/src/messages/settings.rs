//! Texts of the settings of a repository.

texts! {
    TITLE = "{0} 的设置", "Settings of {0}";
    SECTIONS = "设置分类", "Settings";
    RETENTION = "保留策略", "Retention";
    GENERAL = "基本设置", "General";
    ID = "仓库 ID", "Repository ID";
    UUID = "UUID", "UUID";
    PATH = "路径", "Path";
    DESCRIPTION = "描述", "Description";
    DEFAULT_BRANCH = "默认分支", "Default branch";
    VISIBILITY = "可见性", "Visibility";
    PRIVATE_HINT = "私有：仅成员可见", "Private: visible to members only";
    INTERNAL_HINT = "内部：所有登录用户可见", "Internal: visible to all signed-in users";
    PUBLIC_HINT =
        "公开：所有登录用户可见；徽章无需登录即可查看；在 CodeArts 接口中显示为公开",
        "Public: visible to all signed-in users; the badge is visible without signing in; public in the CodeArts API";
    ARCHIVED = "已归档：不再使用，但仍可查看", "Archived: no longer in use, still visible";
    SAVE = "保存", "Save";
    MEMBERS = "成员", "Members";
    USER = "用户", "User";
    ROLE = "角色", "Role";
    ROLE_READ = "查看", "Read";
    ROLE_REPORT = "上报", "Report";
    ROLE_MANAGE = "管理", "Manage";
    ADD_MEMBER = "添加成员或修改角色", "Add a member or change a role";
    NO_MEMBERS = "暂无成员", "No members";
    REMOVE = "移除…", "Remove…";
    REMOVE_MEMBER =
        "移除 {0} 后，该用户将失去成员权限。",
        "If you remove {0}, the user loses the permissions of a member.";
    REMOVE_CONFIRM = "确认移除", "Remove";
    POLICIES = "超时与保留策略", "Timeouts and retention";
    INACTIVITY_TIMEOUT = "无上报超时", "Inactivity timeout";
    INACTIVITY_TIMEOUT_HINT =
        "未结束的任务超过该时长没有上报即标记为超时，例如 2h、90m；留空表示不限",
        "An unfinished job without a report for this long is marked as timed out, for example 2h or 90m. Leave blank for no timeout.";
    STAGE_TIMEOUTS = "各阶段的无上报超时", "Inactivity timeouts of stages";
    STAGE_TIMEOUTS_HINT =
        "每行一个：阶段 = 时长，例如 deploy = 6h；“阶段 = off”表示该阶段不限",
        "One per line: stage = timeout, for example deploy = 6h. 'stage = off' means no timeout.";
    KEEP_FOR = "保留时长", "Retention period";
    KEEP_FOR_HINT =
        "在该时长内有更新的流水线不会被删除，例如 90d（须带单位）；留空表示不按时间保留",
        "Pipelines that changed within this period are kept, for example 90d (with a unit). Leave blank for no retention by age.";
    KEEP_PER_REF = "每个分支保留数", "Keep per ref";
    KEEP_PER_REF_HINT =
        "每个分支或标签保留的最新流水线数量；两项均留空则全部保留",
        "Number of latest pipelines to keep for each ref. If both fields are blank, all pipelines are kept.";
    PRUNE_PREVIEW = "预览待删除的流水线", "Preview deletion";
    PRUNE_TITLE = "清理 {0}", "Clean up {0}";
    PRUNE_NOTHING = "按当前策略，没有可删除的流水线", "No pipelines to delete under the current policy";
    PRUNE_ONE = "将删除 {0} 条流水线。", "{0} pipeline will be deleted.";
    PRUNE_COUNT = "将删除 {0} 条流水线。", "{0} pipelines will be deleted.";
    PRUNE_MORE =
        "将删除 {0} 条以上的流水线，以下为前 {0} 条。",
        "More than {0} pipelines will be deleted. The first {0} are listed.";
    PRUNE_HINT = "删除后无法恢复。", "This cannot be undone.";
    PRUNE_CONFIRM =
        "我已知晓这些流水线将被永久删除",
        "I understand that these pipelines will be deleted permanently";
    PRUNE_SUBMIT = "删除", "Delete";
    PRUNE_UNCONFIRMED = "请先勾选确认。", "Select the checkbox to confirm.";
    PRUNED = "已删除 {0} 条流水线、{1} 个任务", "Deleted {0} pipelines and {1} jobs";
    PRUNED_MORE =
        "已删除 {0} 条流水线、{1} 个任务；仍有可删除的流水线，请继续删除",
        "Deleted {0} pipelines and {1} jobs. More pipelines remain to be deleted: continue.";
    PIPELINE = "流水线", "Pipeline";
    REF = "分支或标签", "Ref";
    STATUS = "状态", "Status";
    UPDATED = "更新时间", "Updated";
    JOBS = "任务数", "Jobs";
    WEBHOOKS = "Webhook", "Webhooks";
    WEBHOOK_TITLE = "Webhook {0}", "Webhook {0}";
    WEBHOOKS_HINT =
        "向以下 URL 发送仓库事件，签名遵循 Standard Webhooks 规范",
        "Events of the repository are sent to these URLs, signed according to Standard Webhooks";
    NO_WEBHOOKS = "暂无 Webhook", "No webhooks";
    NEW_WEBHOOK = "新建 Webhook", "New webhook";
    CREATE = "创建", "Create";
    URL = "URL 地址", "URL";
    EVENTS = "事件", "Events";
    EVENT_PIPELINE = "流水线状态变化", "Pipeline status changes";
    EVENT_JOB = "任务变化", "Job changes";
    EVENT_GATE = "门禁结论变化", "Gate verdict changes";
    WEBHOOK_STATUS = "状态", "Status";
    ENABLED = "已启用", "Enabled";
    DISABLED_MANUALLY = "已停用", "Disabled";
    DISABLED_GONE = "已停用：接收方返回 410", "Disabled: the receiver returned 410";
    DISABLED_FAILING = "已停用：连续失败五天", "Disabled: failing for five days";
    DISABLED_NO_ACCESS =
        "已停用：所有者无权查看仓库",
        "Disabled: its owner may not read the repository";
    OWNER = "所有者", "Owner";
    OWNER_HINT =
        "聊天消息以所有者的权限发送：所有者无权查看仓库时，停用该 Webhook。可转交给仓库的其他管理者。",
        "Messages to a chat are sent by the rights of the owner. A webhook whose owner may not read the repository is disabled. It can be given to another user who manages the repository.";
    GIVE = "转交", "Give";
    FORMAT = "格式", "Format";
    FORMAT_AND_FILTERS = "格式与过滤条件", "Format and filters";
    FORMAT_SIGNED = "签名的 JSON（供程序使用）", "Signed JSON (for programs)";
    FORMAT_SLACK = "Slack", "Slack";
    FORMAT_FEISHU = "飞书", "Feishu";
    FORMAT_DINGTALK = "钉钉", "DingTalk";
    FORMAT_WECOM = "企业微信", "WeCom";
    FORMAT_FEED = "仅 Atom 订阅源", "Atom feed only";
    CHAT_LANGUAGE = "消息语言", "Language of messages";
    CHAT_SECRET = "签名密钥（飞书、钉钉）", "Signing secret (Feishu, DingTalk)";
    CHAT_HINT =
        "聊天消息仅通知失败、恢复成功和门禁结论变更。地址等同于凭据，保存后不再完整显示。",
        "Chat messages report failures, fixes and changed verdicts only. The address is a credential and is not shown in full again.";
    REFS = "分支和标签", "Branches and tags";
    REFS_HINT = "每行一个，* 匹配任意文本，留空表示全部", "One per line; * matches any text; empty: all";
    JOB_PATTERNS = "任务（阶段/名称）", "Jobs (stage/name)";
    NEW_URL = "新的 URL（留空则不变）", "New URL (unchanged if empty)";
    FAILING_SINCE = "自 {0} 起持续失败", "failing since {0}";
    TEST = "发送测试消息", "Send test message";
    DISABLE = "停用", "Disable";
    ENABLE = "启用", "Enable";
    ROTATE = "轮换签名密钥…", "Rotate secret…";
    ROTATE_HINT =
        "旧密钥在一天内仍会用于签名；新密钥仅显示一次。",
        "The old secret is also used for one more day. The new secret is shown only once.";
    ROTATE_CONFIRM = "确认轮换", "Rotate";
    DELETE = "删除…", "Delete…";
    DELETE_HINT =
        "待发送的消息也会被删除，此操作无法恢复。",
        "Pending deliveries are deleted as well. This cannot be undone.";
    DELETE_CONFIRM = "确认删除", "Delete";
    SECRET = "签名密钥", "Secret";
    DELIVERIES = "投递记录", "Deliveries";
    DELIVERIES_HINT = "保留 7 天", "Kept for 7 days";
    NO_DELIVERIES = "暂无投递记录", "No deliveries";
    TYPE = "类型", "Type";
    ATTEMPTS = "尝试次数", "Attempts";
    EXCHANGE = "请求与响应", "Request and response";
    SENT = "请求体", "Request body";
    ANSWERED = "响应体", "Response body";
    RESPONSE = "响应", "Response";
    CREATED = "创建时间", "Created";
    REDELIVER = "重新投递", "Redeliver";
    PENDING = "待发送", "Pending";
    DELIVERED = "已送达", "Delivered";
    FAILED = "发送失败", "Failed";
    NEXT_ATTEMPT = "下次尝试：{0}", "next attempt: {0}";
    OLDER = "更早的投递", "Older deliveries";
}
