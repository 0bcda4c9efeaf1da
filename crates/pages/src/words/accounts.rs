//! Words of accounts: users, their keys and tokens.

texts! {
    ACCOUNT = "我的账号", "My account";
    USERS = "用户", "Users";
    USER = "用户 {0}", "User {0}";
    NAME = "用户名", "Name";
    PASSWORD = "密码", "Password";
    NEW_PASSWORD = "新密码", "New password";
    NEW_PASSWORD_HINT = "留空则不变；改密码会结束该用户的会话", "Empty: it stays. A new one ends the user's sessions";
    PASSWORD_HINT = "至少 8 个字符；不设密码的用户只能用令牌和密钥", "8 characters or more; without one the user signs in by tokens and keys only";
    ADMIN = "管理员", "Administrator";
    DISABLED = "已停用", "Disabled";
    CREATED = "创建时间", "Created";
    STATE = "状态", "State";
    ADD_USER = "新建用户", "New user";
    CREATE = "创建", "Create";
    SAVE = "保存", "Save";
    CHANGE = "修改", "Change";
    KEYS = "访问密钥（AK/SK）", "Access keys (AK and SK)";
    KEYS_HINT = "SDK 和签名调用使用", "For SDKs and signed calls";
    ACCESS = "AK", "Access key";
    SECRET = "SK", "Secret key";
    DESCRIPTION = "描述", "Description";
    NEW_KEY = "新建访问密钥", "New access key";
    NO_KEYS = "还没有访问密钥", "No access key yet";
    TOKENS = "个人令牌", "Personal tokens";
    TOKENS_HINT = "脚本和构建系统使用：X-Auth-Token、PRIVATE-TOKEN 或 Bearer", "For scripts and build systems: X-Auth-Token, PRIVATE-TOKEN or Bearer";
    TOKEN = "令牌", "Token";
    TOKEN_NAME = "名称", "Name";
    NEW_TOKEN = "新建令牌", "New token";
    NO_TOKENS = "还没有令牌", "No token yet";
    SCOPE = "权限范围", "Scope";
    SCOPE_READ = "只读", "Read";
    SCOPE_REPORT = "读取与上报", "Read and report";
    SCOPE_FULL = "用户的全部权限", "All its user may do";
    ONLY = "仅限仓库", "Only these repositories";
    ONLY_HINT = "仓库 ID，用逗号分隔；留空表示全部", "Repository ids with commas between; empty: all";
    ALL_REPOSITORIES = "全部", "all";
    EXPIRES = "有效期", "Expires";
    NEVER = "永不过期", "never";
    IN_DAYS = "{0} 天后", "in {0} days";
    REVOKE = "吊销…", "Revoke…";
    REVOKE_REALLY = "吊销后立即失效，不能恢复。", "It stops working at once, and there is no way back.";
    REVOKE_YES = "确认吊销", "Yes, revoke it";
    ONCE = "只显示这一次", "Shown this once";
    ONCE_HINT = "请现在保存：离开这个页面后无法再次查看。", "Keep it now: nothing shows it again once you leave this page.";

    GO_ON = "我已保存", "I have kept it";
    NOTICE_CREATED = "已创建", "Created";
    NOTICE_SAVED = "已保存", "Saved";
    NOTICE_REVOKED = "已移除", "Removed";
    NOTICE_SENT = "已排队发送", "Waiting to be sent";
    NARROW = "您登录所用的令牌权限不足，不能管理密钥和令牌。请用密码重新登录。", "You signed in by a token that is too narrow to manage keys and tokens. Sign in with your password.";
    OF_DISABLED = "该用户已停用：它的密钥和令牌都不起作用，启用后才能管理。", "This user is disabled: its keys and tokens do not work, and are managed once it is enabled again.";
    CONFIRM_DISABLE = "停用会立即结束该用户的所有访问", "Disabling ends all access of the user at once";
}
