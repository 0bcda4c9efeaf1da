//! Texts of the API Explorer.

texts! {
    TITLE = "API Explorer", "API Explorer";
    LEAD =
        "本服务器提供的全部 API：可在线调用，代码示例随表单内容更新。",
        "All APIs of this server. Call them here; the sample code follows the values in the form.";
    FILTER = "搜索名称、路径或说明", "Search by name, path or summary";
    NONE_FOUND = "没有匹配的接口", "No matching operations";
    CODEARTS = "CodeArts Repo", "CodeArts Repo";
    IAM = "IAM", "IAM";
    GITLAB = "GitLab 提交状态", "GitLab commit statuses";
    GITHUB = "GitHub 提交状态", "GitHub commit statuses";
    GITEA = "Gitea 提交状态", "Gitea commit statuses";
    BITBUCKET = "Bitbucket Server 构建状态", "Bitbucket Server build statuses";
    NATIVE = "Stagepost 原生接口", "Stagepost native API";
    OPERATIONS = "服务状态", "Server status";
    DOCUMENT = "OpenAPI 文档", "OpenAPI document";
    PARAMETERS = "参数", "Parameters";
    NO_PARAMETERS = "该接口没有参数", "This operation has no parameters";
    REQUIRED = "必填", "required";
    NOT_SET = "（不设置）", "(not set)";
    IN_PATH = "路径", "path";
    IN_QUERY = "查询参数", "query";
    IN_HEADER = "请求头", "header";
    IN_BODY = "请求体", "body";
    LIST_OF = "{0}，多个值用逗号分隔", "{0}, comma-separated";
    RANGE = "{0} 到 {1}", "{0} to {1}";
    LENGTH = "长度 {0} 到 {1}", "{0} to {1} characters";
    AT_LEAST = "不小于 {0}", "at least {0}";
    AT_MOST = "不大于 {0}", "at most {0}";
    DEFAULT = "默认值 {0}", "default {0}";
    BODY = "请求体", "Request body";
    OPTIONAL_FIELDS = "可选字段（{0}）", "Optional fields ({0})";
    BODY_AS_JSON = "请求体（JSON）", "Request body (JSON)";
    FIELDS_DISABLED =
        "请求体不是单个 JSON 对象，上面的字段已禁用。改为 JSON 对象或清空后恢复。",
        "The body is not a single JSON object, so the fields above are disabled. Enter an object or clear the body to enable them.";
    BODY_EXAMPLE = "填入示例", "Insert example";
    AUTHENTICATION = "认证", "Authentication";
    AS_USER = "当前用户（{0}）", "Current user ({0})";
    AS_USER_HINT =
        "自动获取有效期为 15 分钟的令牌，仅保存在本页内存中。",
        "Uses a token that is valid for 15 minutes and is kept only in the memory of this page.";
    AS_KEY = "AK/SK 签名", "AK/SK signature";
    AS_KEY_HINT =
        "在浏览器中计算签名；SK 仅保存在本页内存中，不会发送到服务器。",
        "Signs the request in the browser. The SK is kept only in the memory of this page and is never sent.";
    NO_AUTHENTICATION = "该接口无需认证。", "This operation requires no authentication.";
    SIGN_IN_FIRST = "登录后即可在线调用。", "Sign in to call this operation here.";
    ACCESS_KEY = "AK（Access Key）", "AK (access key)";
    SECRET_KEY = "SK（Secret Key）", "SK (secret key)";
    ALLOW_FULL = "允许使用我的全部权限调用", "Allow this call with all my permissions";
    ALLOW_FULL_HINT =
        "该接口读取成员、用户或凭据信息，只读令牌无权调用。",
        "This operation reads members, users or credentials. A read-only token cannot call it.";
    FULL_NOT_ALLOWED =
        "请先勾选“允许使用我的全部权限调用”。",
        "Select “Allow this call with all my permissions” first.";
    ALLOW_WRITES = "允许写操作", "Allow write operations";
    WRITES_HINT = "调用会真实修改本服务器上的数据。", "Calls change data on this server.";
    UPDATE = "更新示例", "Update sample";
    SEND = "发送", "Send";
    COPY_LINK = "复制链接", "Copy link";
    COPY = "复制", "Copy";
    COPIED = "已复制", "Copied";
    SAMPLES = "代码示例", "Sample code";
    PACKAGE = "SDK 包", "SDK package";
    PACKAGE_CODEHUB = "codehub（官方文档使用）", "codehub (as documented)";
    PACKAGE_CURRENT = "codeartsrepo（当前）", "codeartsrepo (current)";
    REGION = "区域", "Region";
    SAMPLES_NEED_SCRIPT =
        "代码示例需要 JavaScript。未启用 JavaScript 时，可使用 curl 调用：",
        "Code samples require JavaScript. Without JavaScript, use curl:";
    KIND_SDK =
        "官方 SDK。请先设置以下环境变量，使 SDK 指向本服务器；stagepost env {0} 也会输出这些环境变量。",
        "Official SDK. Set these environment variables first, so that the SDK calls this server; stagepost env {0} prints them as well.";
    KIND_SDK_UNTESTED =
        "官方 SDK。示例已使用 SDK 源码验证过一次，自动化测试仅检查语法。",
        "Official SDK. The sample was verified once with the SDK's source code; automated tests only check its syntax.";
    KIND_HTTP =
        "HTTP 请求，不使用 SDK；令牌取自环境变量 TOKEN。",
        "Plain HTTP without an SDK. The token is read from the environment variable TOKEN.";
    KIND_HTTP_ANONYMOUS =
        "HTTP 请求，不使用 SDK，无需令牌。",
        "Plain HTTP without an SDK. No token is required.";
    KIND_SIGNED =
        "使用 AK/SK 签名；密钥取自环境变量。",
        "Signed with AK/SK, which are read from environment variables.";
    KIND_CLI = "stagepost 命令行工具。", "The stagepost command line.";
    OPERATIONS_LIST = "接口列表", "Operations";
    ENVIRONMENT = "环境变量", "Environment";
    YOUR_ACCESS_KEY = "您的 AK", "your AK";
    YOUR_SECRET_KEY = "您的 SK", "your SK";
    YOUR_TOKEN = "您的令牌", "your token";
    EXPLAIN_CALL = "查看原因", "Explain this";
    SCHEMA = "响应字段", "Response fields";
    FIELD = "字段", "Field";
    TYPE = "类型", "Type";
    ALWAYS = "必有", "always";
    DESCRIPTION = "说明", "Description";
    EXAMPLE = "示例", "Example";
    MORE_FIELDS = "仅显示前 {0} 个字段，完整定义见 OpenAPI 文档。", "Only the first {0} fields are shown. See the OpenAPI document for all fields.";
    NO_RESPONSE_BODY = "（无响应体）", "(no body)";
    ERRORS = "错误", "Errors";
    NO_KNOWN_ERRORS = "该状态码没有对应的错误码。", "No error code uses this status.";
    RESPONSE = "响应", "Response";
    NOT_SENT = "尚未发送请求。", "No request sent yet.";
    FAILED = "请求未发送：{0}", "Request not sent: {0}";
    SENDING = "正在发送…", "Sending…";
    UNREACHABLE = "未收到响应：{0}", "No response: {0}";
    MILLISECONDS = "{0} 毫秒", "{0} ms";
    HEADERS = "响应头", "Response headers";
    NO_BODY = "（无响应体）", "(no body)";
    TRUNCATED =
        "（内容已截断：响应过长，或为持续的事件流）",
        "(truncated: the response is too long or an endless stream)";
    ABOUT_ERROR_CODE = "查看错误码说明", "About this error code";
    SIGNATURE_STEPS = "签名步骤", "Signature steps";
    CANONICAL_REQUEST = "规范请求", "Canonical request";
    STRING_TO_SIGN = "待签名字符串", "String to sign";
    SIGNATURE = "签名", "Signature";
    AUTHORIZATION = "Authorization 请求头", "Authorization header";
    HISTORY = "本标签页的调用记录", "Calls in this tab";
    VALUE_REQUIRED = "必填项", "Required";
    VALUE_INVALID = "值无效：{0}", "Invalid value: {0}";
    JSON_INVALID = "JSON 无效：{0}", "Invalid JSON: {0}";
    WRITES_NOT_ALLOWED =
        "该接口是写操作，请先勾选“允许写操作”。",
        "This is a write operation. Select “Allow write operations” first.";
    KEYS_REQUIRED = "请输入 AK 和 SK。", "Enter the AK and the SK.";
    DEBUG_TITLE = "签名问题排查", "Troubleshoot a signature";
    DEBUG_LEAD =
        "粘贴签名校验失败的请求（HTTP 报文或 curl -v 的输出），需包含 Authorization 请求头；对于刚被拒绝的请求，只粘贴 Authorization 即可。服务器会指出差异，仅密钥所有者和管理员可查询。",
        "Paste the rejected request with its Authorization header, as raw HTTP or as the output of curl -v. For a request that was just rejected, the Authorization header alone is enough. The server reports the differences to the owner of the key and to administrators only.";
    DEBUG_NOT_RECORDED =
        "服务器没有该签名的记录，请粘贴完整的请求。",
        "The server has no record of this signature. Paste the whole request.";
    DEBUG_REQUEST = "请求", "Request";
    DEBUG_COMPARE = "查找差异", "Find differences";
    DEBUG_FINDINGS = "分析结果", "Findings";
    DEBUG_CLIENT_REQUEST = "您的规范请求", "Your canonical request";
    DEBUG_SERVER_REQUEST = "服务器的规范请求", "The server's canonical request";
    DEBUG_INCOMPLETE =
        "请粘贴完整的请求：首行为请求方法和路径，并包含 Authorization 请求头。",
        "Paste the whole request: the method and path in the first line, and the Authorization header.";
    NEEDS_SCRIPT = "此功能需要 JavaScript。", "This feature requires JavaScript.";
    KEYS_SEND = "发送请求（在表单中按 Ctrl+Enter）", "Send the request (Ctrl+Enter in the form)";
}
