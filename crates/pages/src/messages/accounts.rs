//! Texts of the account pages: users, access keys and tokens.

texts! {
    ACCOUNT = "我的账号", "My account";
    USERS = "用户", "Users";
    USER_TITLE = "用户 {0}", "User {0}";
    USERNAME = "用户名", "Username";
    NEW_PASSWORD = "新密码", "New password";
    PASSWORD = "密码", "Password";
    CHANGE_PASSWORD = "修改密码", "Change password";
    CURRENT_PASSWORD = "当前密码", "Current password";
    CURRENT_PASSWORD_WRONG = "当前密码不正确。", "The current password is incorrect.";
    CONFIRM_PASSWORD = "您的密码", "Your password";
    CONFIRM_HINT =
        "该访问权限在会话结束后仍然有效，需输入密码确认",
        "The access stays valid after the end of this session, so your password is required.";
    OWN_PASSWORD_HINT =
        "至少 8 个字符；修改后您的其他会话将失效",
        "At least 8 characters. Your other sessions are signed out.";
    NEW_PASSWORD_HINT =
        "留空表示不修改；修改后该用户的所有会话将失效",
        "Leave blank to keep the current password. A new password signs out all sessions of the user.";
    PASSWORD_HINT =
        "至少 8 个字符；留空则生成邀请链接，由用户自己设置密码",
        "At least 8 characters. Leave blank to create an invitation link; the user sets the password.";
    UNUSED_PASSWORD_HINT =
        "此服务器已关闭本地密码，可留空",
        "This server does not accept passwords. Leave blank.";
    ADMIN = "管理员", "Administrator";
    DISABLED = "已停用", "Disabled";
    CREATED = "创建时间", "Created";
    STATUS = "状态", "Status";
    NEW_USER = "新建用户", "New user";
    CREATE = "创建", "Create";
    SAVE = "保存", "Save";
    EDIT_USER = "编辑用户", "Edit user";
    KEYS = "访问密钥（AK/SK）", "Access keys (AK/SK)";
    KEYS_HINT = "用于 SDK 和签名请求", "For SDKs and signed requests";
    ACCESS_KEY = "AK", "Access key (AK)";
    SECRET_KEY = "SK", "Secret key (SK)";
    DESCRIPTION = "描述", "Description";
    NEW_KEY = "新建访问密钥", "New access key";
    NO_KEYS = "暂无访问密钥", "No access keys";
    TOKENS = "个人访问令牌", "Personal access tokens";
    TOKENS_HINT =
        "用于脚本和构建系统，通过请求头 X-Auth-Token、PRIVATE-TOKEN 或 Authorization: Bearer 传递",
        "For scripts and build systems, sent in X-Auth-Token, PRIVATE-TOKEN or Authorization: Bearer";
    TOKEN = "令牌", "Token";
    TOKEN_NAME = "名称", "Name";
    NEW_TOKEN = "新建令牌", "New token";
    NO_TOKENS = "暂无令牌", "No tokens";
    SCOPE = "权限范围", "Scope";
    SCOPE_FEEDS = "仅订阅源和大屏（令牌可写在地址中）", "Feeds and the wall only (the token may be in their address)";
    SCOPE_READ = "只读", "Read";
    SCOPE_REPORT = "读取和上报", "Read and report";
    SCOPE_FULL = "用户的全部权限", "All permissions of the user";
    TOKEN_REPOSITORIES = "仓库范围", "Repositories";
    TOKEN_REPOSITORIES_HINT =
        "可多选；不选表示全部仓库",
        "Select one or more, or none for all repositories.";
    OTHER_REPOSITORIES = "其他仓库", "Other repositories";
    OTHER_REPOSITORIES_HINT = "路径或 ID，用逗号分隔", "Paths or IDs, separated by commas";
    ALL_REPOSITORIES = "全部", "All";
    EXPIRES = "过期时间", "Expires";
    NEVER = "永不过期", "Never";
    IN_DAYS = "{0} 天后", "In {0} days";
    REVOKE = "吊销…", "Revoke…";
    REVOKE_HINT = "吊销后立即失效，且无法恢复。", "It stops working immediately. This cannot be undone.";
    REVOKE_CONFIRM = "确认吊销", "Revoke";
    SHOWN_ONCE = "仅显示一次", "Shown only once";
    SHOWN_ONCE_HINT =
        "请立即保存，离开此页面后将无法再次查看。",
        "Save it now. You cannot view it again after you leave this page.";
    SAVED_IT = "我已保存", "I have saved it";
    NOTICE_CREATED = "已创建", "Created";
    NOTICE_SAVED = "已保存", "Saved";
    NOTICE_REMOVED = "已移除", "Removed";
    NOTICE_NOT_INVITED =
        "用户已创建。创建邀请链接需要输入您的密码。",
        "The user is created. Enter your password to create the invitation link.";
    NOTICE_REPEATED =
        "该表单已提交过，未重复创建。",
        "This form was already submitted. No duplicate was created.";
    WITH_CURL = "使用 curl 验证", "Check it with curl";
    AS_ENVIRONMENT = "SDK 使用的环境变量", "Environment variables for the SDKs";
    COPY = "复制", "Copy";
    COPIED = "已复制", "Copied";
    INVITATION = "邀请链接", "Invitation link";
    INVITATION_OF = "{0} 的邀请链接", "Invitation link for {0}";
    CREATE_INVITATION = "创建邀请链接", "Create an invitation link";
    INVITATION_HINT =
        "将此链接发给该用户，用户打开后设置自己的密码。链接 7 天内有效，仅可使用一次。",
        "Send this link to the user, who opens it and sets a password. It is valid for 7 days and works once.";
    NOTICE_QUEUED = "已加入投递队列", "Queued for delivery";
    SCOPE_TOO_NARROW =
        "当前会话所用的令牌权限不足，无法管理访问密钥和令牌。请使用密码重新登录。",
        "The scope of the token that you signed in with is too narrow to manage access keys and tokens. Sign in with your password.";
    USER_DISABLED =
        "该用户已停用，其访问密钥和令牌均无效。启用该用户后方可管理。",
        "This user is disabled, so their access keys and tokens do not work. Enable the user to manage them.";
    DISABLE_HINT = "停用后该用户将立即无法访问", "The user loses all access immediately";
}
