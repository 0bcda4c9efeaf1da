//! Texts of the page of subscriptions.

texts! {
    TITLE = "我的订阅", "My subscriptions";
    HINT =
        "流水线或任务失败、恢复成功，或门禁结论变更时，向您的聊天群发送消息。每次发送前检查您是否仍有权查看仓库。",
        "Stagepost sends a message to your chat when a pipeline or job fails or is fixed, or when the verdict of a gate changes. Before each message it checks that you may still read the repository.";
    NONE = "暂无订阅", "No subscriptions";
    NEW = "新建订阅", "New subscription";
    REPOSITORY = "仓库", "Repository";
    REPOSITORY_HINT = "ID 或路径", "Id or path";
    NOT_READABLE = "（无权查看）", "(not readable)";
    CHAT = "聊天系统", "Chat";
    URL_HINT =
        "聊天系统提供的机器人地址，仅用订阅源时留空。它等同于凭据，保存后不再完整显示。",
        "The address of the bot in the chat system; empty for the feed only. It is a credential and is not shown in full again.";
    SECRET = "签名密钥（飞书、钉钉）", "Signing secret (Feishu, DingTalk)";
    ABOUT = "内容", "Events";
    AUTHOR = "触发者", "Started by";
    AUTHOR_HINT = "仅限此用户触发的流水线，留空表示全部", "Only pipelines of this user; empty: all";
    EVENT_PIPELINE = "流水线失败、恢复成功", "Pipelines that fail or are fixed";
    EVENT_JOB = "任务失败、恢复成功", "Jobs that fail or are fixed";
    EVENT_GATE = "门禁结论变更", "Changed verdicts of gates";
    TITLE_OF_ONE = "订阅 {0}", "Subscription {0}";
    NO_ACCESS =
        "您目前无权查看该仓库，因此不显示投递记录；恢复权限后可以重新启用。",
        "You may not read this repository now, so its deliveries are not shown. The subscription can be enabled again when you may.";
    FEED = "Atom 订阅源", "Atom feed";
    FEED_HINT =
        "阅读器可在以下地址读取您已启用的订阅：失败和恢复成功的流水线与任务各为一个条目。",
        "Feed readers find your enabled subscriptions at this address: an entry for each failed or fixed pipeline and job.";
    FEED_TOKEN =
        "阅读器需要权限范围为 feeds 的令牌，可写在地址中：",
        "A reader needs a token of the scope feeds, which may be in the address:";
    SUBSCRIBE = "订阅", "Subscribe";
}
