//! Texts of the wall.

texts! {
    NONE_FAILING = "无失败", "None failing";
    NOTHING = "暂无仓库", "No repositories";
    TOTAL = "共 {0} 个仓库", "{0} repositories";
    UPDATED = "更新于", "Updated";
    STALE =
        "数据已过期：无法连接服务器，或访问权限已失效。正在重试。",
        "Out of date: the server is not reachable, or access has ended. Retrying.";
    LEFT_OUT = "另有 {0} 个", "{0} more";
    NEW = "默认分支暂无流水线", "No pipelines on the default branch";
}
