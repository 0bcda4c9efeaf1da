//! Texts of the page that connects a build system.

texts! {
    TITLE = "接入 {0}", "Connect to {0}";
    BUILD_SYSTEMS = "构建系统", "Build systems";
    CREATE_TOKEN = "创建令牌", "Create a token";
    TOKEN_HINT =
        "该令牌仅可向此仓库上报，365 天后过期，将填入下文。可在“我的账号”中创建其他令牌。",
        "The token can only report to this repository and expires in 365 days. It is filled in below. Create other tokens in My account.";
    ROLE_NEEDED =
        "创建上报令牌需要此仓库的“上报”角色。请联系仓库管理者。",
        "Creating a token for reports needs the role report in this repository. Ask a manager of the repository.";
    CREATE_KEY = "创建访问密钥", "Create an access key";
    KEY_HINT =
        "该密钥拥有您的全部权限，将填入下文。",
        "The key has all your permissions. It is filled in below.";
    FILLED_IN =
        "已创建并填入下文。仅显示一次，请立即复制。",
        "Created, and filled in below. It is shown only once: copy it now.";
    WAITING = "等待首次上报…", "Waiting for the first report…";
    RECEIVED = "已收到首次上报", "First report received";
    LAST_PIPELINE = "最近的流水线：", "Last pipeline: ";
    OPEN_PIPELINE = "流水线 #{0}", "Pipeline #{0}";
    COPY = "复制", "Copy";
    COPIED = "已复制", "Copied";
    COMMAND_LINE = "命令行：", "On the command line:";
}
