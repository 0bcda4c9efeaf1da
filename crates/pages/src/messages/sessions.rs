//! Texts of the sign-in pages.

texts! {
    TITLE = "登录 Stagepost", "Sign in to Stagepost";
    WITH_PASSWORD = "用户名和密码", "Username and password";
    WITH_TOKEN = "令牌", "Token";
    USERNAME = "用户名", "Username";
    PASSWORD = "密码", "Password";
    USE_TOKEN = "使用令牌登录", "Sign in with a token";
    TOKEN_HINT = "会话的权限不超过该令牌的权限", "The session has at most the permissions of the token";
    INCORRECT = "用户名、密码或令牌不正确，请重试。", "Incorrect username, password or token. Try again.";
    LOCKED =
        "密码错误次数过多，请稍后重试，或使用令牌登录。",
        "Too many incorrect passwords. Try again later, or sign in with a token.";
    MISSING = "请输入用户名和密码，或输入令牌。", "Enter a username and password, or a token.";
    WITH_PROVIDER = "使用 {0} 登录", "Sign in with {0}";
    PROVIDER_UNREACHABLE =
        "该登录方式暂时无法使用。请稍后重试，或使用其他方式登录。",
        "This sign-in method is temporarily unavailable. Try again later, or use another method.";
    PROVIDER_REFUSED = "登录未完成，请重试。", "The sign-in was not completed. Try again.";
    NOT_ADMITTED =
        "您的账号无权登录此服务器，请联系管理员。",
        "Your account is not allowed to sign in to this server. Ask the administrator.";
    REQUEST_ID = "请求 ID：{0}", "Request ID: {0}";
    LINK_EXPIRED = "该链接已使用过或已过期。", "This link has already been used or has expired.";
    INVITATION_UNUSABLE =
        "此服务器已关闭本地密码，无法使用邀请链接。请使用其他方式登录。",
        "This server does not accept passwords, so the invitation cannot be used. Use another sign-in method.";
    LINK_TITLE = "一次性登录", "One-time sign-in";
    INVITED_HINT =
        "您受邀使用 Stagepost。请设置密码，然后登录。",
        "You are invited to Stagepost. Set a password to sign in.";
    NEW_PASSWORD = "新密码（至少 8 个字符）", "New password (at least 8 characters)";
    LINK_HINT = "该链接只能使用一次。", "This link can be used only once.";
}
