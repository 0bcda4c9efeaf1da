//! Words of signing in.

texts! {
    TITLE = "登录 Stagepost", "Sign in to Stagepost";
    WITH_PASSWORD = "用户名和密码", "Name and password";
    WITH_TOKEN = "令牌", "Token";
    NAME = "用户名", "Name";
    PASSWORD = "密码", "Password";
    OR_TOKEN = "用令牌登录", "Sign in with a token";
    TOKEN_HINT = "会话的权限不超过该令牌", "The session may do what the token may, and no more";
    WRONG = "用户名、密码或令牌不对，请重试。", "That name, password or token is not right. Try again.";
    LOCKED = "密码连续出错太多次，请五分钟后再试，或用令牌登录。", "Too many passwords in a row were wrong. Try again in five minutes, or sign in with a token.";
    MISSING = "请填写用户名和密码，或令牌。", "Enter a name and a password, or a token.";
    ONCE_GONE = "这个链接已经用过，或已过期。", "This link was used already, or its time is over.";
    ONCE_TITLE = "一次性登录", "Sign in once";
    ONCE_HINT = "这个链接只能用一次。", "This link works once.";
}
