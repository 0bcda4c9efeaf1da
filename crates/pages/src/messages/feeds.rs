//! Texts of the feeds and of the links to them.

texts! {
    TITLE = "Stagepost：已结束的流水线", "Stagepost: finished pipelines";
    TITLE_OF = "Stagepost：{0} 已结束的流水线", "Stagepost: finished pipelines of {0}";
    TITLE_OF_USER = "Stagepost：{0} 的订阅", "Stagepost: subscriptions of {0}";
    ENTRY = "{0} #{1} {2}（{3}）", "{0} #{1} {2} ({3})";
    ENTRY_OF_JOB = "{0} #{1} {2} / {3} {4}（{5}）", "{0} #{1} {2} / {3} {4} ({5})";
    SUMMARY = "提交 {0}，时长 {1}", "Commit {0}, duration {1}";
    SUMMARY_WITHOUT_DURATION = "提交 {0}", "Commit {0}";
    FEEDS = "订阅源：", "Feeds:";
    HOW = "订阅源说明", "About feeds";
    CCTRAY = "CCTray 地址", "Address for CCTray";
    ATOM = "Atom 地址", "Address for Atom";
    SUBSCRIPTIONS = "个人订阅的 Atom 地址", "Address for Atom of your subscriptions";
    WALL = "大屏地址", "Address of the wall";
}
