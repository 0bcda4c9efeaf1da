//! Texts of the page that connects a build system.

texts! {
    TITLE = "接入 {0}", "Connect to {0}";
    BUILD_SYSTEMS = "构建系统", "Build systems";
    CREATE_TOKEN = "创建令牌", "Create a token";
    TOKEN_HINT =
        "权限范围选择 report，并只限于仓库 {0}；用它替换下文中的 YOUR_TOKEN",
        "with the scope report, limited to repository {0}; it replaces YOUR_TOKEN below";
    CREATE_KEY = "创建访问密钥", "Create an access key";
    COPY = "复制", "Copy";
    COPIED = "已复制", "Copied";
    COMMAND_LINE =
        "命令行：stagepost connect {0} --repo {1} --create-token",
        "On the command line: stagepost connect {0} --repo {1} --create-token";
}
