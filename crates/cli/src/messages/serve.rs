//! Messages about the settings and the start of `serve`.

texts! {
    ServeTlsFiles = "--tls-cert 与 --tls-key 必须同时使用", "--tls-cert and --tls-key must be used together";
    ServeLogFormat = "--log-format：“{text}”既不是 human，也不是 json", "--log-format: '{text}' is neither human nor json";
    ServeAddress =
        "{flag}：“{text}”既不是监听地址（例如 127.0.0.1:8080），也不是 none",
        "{flag}: '{text}' is not an address such as 127.0.0.1:8080, nor none";
    ServeProxy =
        "--proxies：“{text}”不是 IP 地址（例如 10.0.0.7）",
        "--proxies: '{text}' is not an address such as 10.0.0.7";
    ServePublicUrl =
        "--public-url（STAGEPOST_PUBLIC_URL）：“{text}”不能用作服务器的公开 URL：{reason}",
        "--public-url (STAGEPOST_PUBLIC_URL): '{text}' cannot be the public URL of the server: {reason}";
    PublicUrlScheme = "必须以 https:// 或 http:// 开头", "it must begin with https:// or http://";
    PublicUrlUserInfo = "不能包含用户名或密码", "it must not contain a user name or a password";
    PublicUrlQuery = "不能包含查询参数（?）或片段（#）", "it must not contain a query (?) or a fragment (#)";
    PublicUrlHost =
        "主机必须是 ASCII 域名或 IP 地址，端口必须在 1 到 65535 之间",
        "the host must be an ASCII name or an IP address, and the port from 1 to 65535";
    PublicUrlPath =
        "路径的每一段只能由 ASCII 字母、数字和 - . _ ~ 组成，不能为空，也不能为 . 或 ..",
        "each segment of the path must consist of ASCII letters, digits and - . _ ~, and must not be empty, '.' or '..'";
    PublicUrlNotNormalized = "请写作 {normalized}", "write {normalized}";
    PublicUrlTaken =
        "服务器自身的路径 {route} 以该路径开头，无法区分请求；请换一个路径，例如 /stagepost",
        "the server's own path {route} begins with this path, so requests would be ambiguous; choose another path such as /stagepost";
    ServeRate =
        "{flag}：“{text}”不是速率（例如 50/s、600/m 或 50/s:200）",
        "{flag}: '{text}' is not a rate such as 50/s, 600/m or 50/s:200";
    ServePercent =
        "{flag}：{text} 不在 0 到 100 之间",
        "{flag}: {text} is not between 0 and 100";
    ServeMemory =
        "--memory：“{text}”不是 96MiB 以上的大小（例如 192MiB）",
        "--memory: '{text}' is not a size of 96MiB or more such as 192MiB";
    ServeDuration =
        "{flag}：“{text}”不是 {min} 到 {max} 之间的时长（例如 {example}）",
        "{flag}: '{text}' is not a duration from {min} to {max} such as {example}";
    ServeTimeOffset =
        "--time-offset：“{text}”不是时区偏移（例如 +08:00）",
        "--time-offset: '{text}' is not an offset such as +08:00";
    ServeSwitch =
        "{flag}：“{text}”既不是 on，也不是 off",
        "{flag}: '{text}' is neither on nor off";
    ServeAddressList =
        "{flag}：“{text}”不是 IP 地址（例如 10.0.0.7）",
        "{flag}: '{text}' is not an address such as 10.0.0.7";
    ServeHeader =
        "{flag}：“{text}”不能用作请求头或签发者的名称",
        "{flag}: '{text}' is not the name of a header or of an issuer";
    ServeHeaderProxies =
        "--trusted-header 需要 --trusted-header-proxies：仅信任来自所列代理的请求头",
        "--trusted-header needs --trusted-header-proxies: the header is trusted only from the listed proxies";
    ServeNoSignIn =
        "--local-passwords off 需要一个身份提供方（--oidc-issuer）或 --trusted-header，否则无法登录",
        "--local-passwords off needs an identity provider (--oidc-issuer) or --trusted-header: otherwise no user can sign in";
    ServeOidcTwice =
        "有两个身份提供方的 id 都是“{id}”",
        "two identity providers have the id '{id}'";
    ServeOidcId =
        "身份提供方的 id“{id}”只能由小写字母、数字和 - 组成，最多 32 个字符",
        "the id of an identity provider, '{id}', may contain only lower-case letters, digits and -, at most 32 characters";
    ServeOidcMissing =
        "身份提供方“{id}”缺少 {key}",
        "the identity provider '{id}' has no {key}";
    ServeOidcIssuer =
        "身份提供方的 issuer“{text}”必须是不带查询参数的 https 地址（本机可用 http）",
        "the issuer of an identity provider, '{text}', must be an https URL without a query (http on this machine only)";
    ServeGroupRole =
        "--group-roles：“{text}”的格式不是 组=角色:路径（例如 developers=report:team/*，角色为 read、report 或 manage）",
        "--group-roles: '{text}' is not GROUP=ROLE:PATH such as developers=report:team/*, with the role read, report or manage";
    ServeIdentityRights =
        "--identity-rights 不能短于 --identity-session",
        "--identity-rights must not be shorter than --identity-session";
    ServeWebhookAllow =
        "--webhook-allow：“{text}”不是网络（例如 10.0.0.0/8）",
        "--webhook-allow: '{text}' is not a network such as 10.0.0.0/8";
    ServeDatabaseEmpty = "--database（STAGEPOST_DATABASE）为空", "--database (STAGEPOST_DATABASE) is empty";
    ServeDatabaseTwice =
        "--database 与 --database-file 不能同时使用",
        "--database and --database-file cannot be used together";
    ServeDatabaseUrl =
        "--database：不是 URL（例如 postgres://USER@HOST/NAME）",
        "--database: not a URL such as postgres://USER@HOST/NAME";
    ServeSecretTwice =
        "{variable} 与 {variable}_FILE 不能同时设置",
        "{variable} and {variable}_FILE cannot be set together";
    ServeSecretFile = "{name}：{path}：{reason}", "{name}: {path}: {reason}";
    ServeLogFilter = "--log：{reason}", "--log: {reason}";
    ServeLogNotStarted = "无法启动日志：{reason}", "cannot start the log: {reason}";
    ServeNoSignals = "无法接收信号：{reason}", "cannot receive signals: {reason}";
    ServeNoListener =
        "没有监听地址：--listen 和 --tls-listen 均为 none",
        "no address to listen on: --listen and --tls-listen are both none";
    ServeCannotListen = "无法监听 {address}：{reason}", "cannot listen on {address}: {reason}";
    ServeNoAdministrator = "没有可用的管理员", "there is no administrator";
    ServeAdministratorNotCreated =
        "无法创建第一个管理员：{reason}",
        "cannot create the first administrator: {reason}";
    ServeDemoLine = "示例数据第 {line} 行：{reason}", "line {line} of the demo data: {reason}";
}
