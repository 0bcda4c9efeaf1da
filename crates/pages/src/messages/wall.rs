//! Texts of the wall.

texts! {
    NONE_FAILING = "无失败", "None failing";
    NOTHING = "暂无仓库", "No repositories";
    TOTAL = "共 {0} 个仓库", "{0} repositories";
    UPDATED = "更新于", "Updated";
    STALE =
        "数据已过期：与服务器的连接中断，正在重试。",
        "Out of date: there is no connection to the server. It is tried again.";
    LEFT_OUT = "另有 {0} 个", "{0} more";
    NEW = "暂无流水线", "No pipelines";
}
