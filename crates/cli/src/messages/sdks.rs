//! Messages of the commands for SDKs: `env`, `explain-signature`, `doctor`.

texts! {
    EnvHeader = "使 SDK 访问 {server} 的设置", "settings for the SDKs to use {server}";
    EnvNoCredentials =
        "没有可用的 AK/SK：用 stagepost key create 用户名 创建，并设置 CLOUD_SDK_AK 和 CLOUD_SDK_SK",
        "no AK and SK available: create them with stagepost key create USER, and set CLOUD_SDK_AK and CLOUD_SDK_SK";
    EnvProxy =
        "已设置代理：如需直连 {host}，请将其加入 NO_PROXY 和 no_proxy",
        "a proxy is set: to connect to {host} directly, add it to NO_PROXY and no_proxy";
    EnvTrustsOnly =
        "此后由该 shell 启动的程序仅信任该证书，不再信任系统证书",
        "programs started from this shell will trust this certificate only, not those of the system";
    InvalidServerUrl =
        "服务器地址必须为 http(s)://主机[:端口][/路径]：{server}",
        "the server URL must be http(s)://HOST[:PORT][/PATH]: {server}";
    EnvTrustStore = "先生成 Java 信任库：", "create the trust store for Java first:";
    EnvGoHttps =
        "Go SDK 只支持 https 的 IAM 地址：启动 serve 时请指定 --tls-listen",
        "the Go SDK requires an https IAM endpoint: start serve with --tls-listen";
    ExplainNoKey = "未指定访问密钥：请使用 --access-key", "no access key specified: use --access-key";
    ExplainNoFailures =
        "没有 {access} 的签名被拒绝的记录（服务器仅保留启动以来最近的几次）",
        "the server has no rejected signatures of {access} (it keeps the last few since its start)";
    ExplainKeyNotFound =
        "访问密钥 {access} 不存在或不属于您：请用 stagepost key list 核对",
        "access key {access} does not exist or is not yours: check with stagepost key list";
    ExplainNeedsToken =
        "凭据无效：{reason}。请使用令牌查询（STAGEPOST_TOKEN 或 --token-file），不要使用签名有问题的密钥",
        "invalid credential: {reason}. Use a token (STAGEPOST_TOKEN or --token-file), not the key whose signature is rejected";
    ExplainNoRequest =
        "未找到 HTTP 请求：请提供原始请求或 curl -v 的输出",
        "no HTTP request found: provide a raw HTTP request or the output of curl -v";
    ExplainNoInput = "请指定文件、从标准输入传入请求，或使用 --last", "specify a file, pipe the request to stdin, or use --last";
    ExplainReceived = "接收时间 {at}，来源 {from}，请求 ID {id}", "received {at} from {from}, request id {id}";
    ExplainCanonical = "规范请求：", "Canonical request:";
    ExplainStringToSign = "待签名字符串：", "String to sign:";
    ExplainServer = "服务器", "server";
    ExplainSigner = "发送方", "sender";
    DoctorState = "服务器报告了问题", "the server reports a problem";
    DoctorStateHelp =
        "查看服务器日志；docs/operating/monitoring.md 说明了时钟、ID、预写日志和磁盘空间",
        "check the server log; docs/operating/monitoring.md describes the clock, the ids, the write-ahead log and the disk space";
    DoctorReachable = "服务器可达", "the server is reachable";
    DoctorReachableHelp =
        "启动 stagepost serve，或用 --server 指定地址",
        "start stagepost serve, or specify the URL with --server";
    DoctorCertificate = "证书可信", "the certificate is trusted";
    DoctorCertificateHelp =
        "用 --ca（或 STAGEPOST_CA）指定要信任的证书：自签名证书为服务器数据目录下的 tls/cert.pem；stagepost env 会输出各语言 SDK 的设置",
        "specify the certificate to trust with --ca (or STAGEPOST_CA): a self-signed one is tls/cert.pem in the server's data directory; stagepost env prints the settings of each SDK";
    DoctorCertificateFile =
        "用 --ca（或 STAGEPOST_CA）指定证书 {path}；stagepost env 会输出各语言 SDK 的设置",
        "specify the certificate {path} with --ca (or STAGEPOST_CA); stagepost env prints the settings of each SDK";
    DoctorNoHttps =
        "已跳过：没有 https 地址（Go SDK 需要，启动 serve 时请指定 --tls-listen）",
        "skipped: no https URL is known (the Go SDK needs one: start serve with --tls-listen)";
    DoctorUnreachable = "已跳过：服务器不可达", "skipped: the server is not reachable";
    DoctorClock = "时钟偏差不超过 15 分钟", "the clocks differ by at most 15 minutes";
    DoctorClockHelp = "请校准时钟：签名的有效期为 15 分钟", "set the clock: signatures are valid for 15 minutes";
    DoctorClockAhead =
        "本机时钟比服务器快约 {minutes} 分钟",
        "this machine's clock is about {minutes} minutes ahead of the server's";
    DoctorClockBehind =
        "本机时钟比服务器慢约 {minutes} 分钟",
        "this machine's clock is about {minutes} minutes behind the server's";
    DoctorNoDate = "响应没有有效的 Date 头", "the response has no valid header Date";
    DoctorNoTotal = "响应没有 X-Total 头", "the response has no header X-Total";
    DoctorToken = "令牌有效", "the token is valid";
    DoctorTokenHelp =
        "检查 STAGEPOST_TOKEN 或令牌文件；可用 stagepost token create 创建新令牌",
        "check STAGEPOST_TOKEN or the token file; stagepost token create creates a new token";
    DoctorKey = "访问密钥（AK/SK）的签名有效", "signatures with the access key (AK and SK) are valid";
    DoctorKeyHelp =
        "检查 CLOUD_SDK_AK 和 CLOUD_SDK_SK；stagepost explain-signature --last 可查看原因",
        "check CLOUD_SDK_AK and CLOUD_SDK_SK; stagepost explain-signature --last explains the reason";
    DoctorNotSet = "未设置", "not set";
    DoctorNoCredential = "已跳过：没有有效的凭据", "skipped: there is no valid credential";
    DoctorNoKey = "已跳过：SDK 需要对该调用签名，但没有有效的访问密钥", "skipped: SDKs sign this call, and there is no valid access key";
    DoctorProject = "按区域查询返回唯一的项目", "the region lookup returns exactly one project";
    DoctorProjectCount = "返回了 {count} 个项目", "it returns {count} projects";
    DoctorProjectHelp = "检查 IAM 地址是否指向该服务器", "check that the IAM endpoint points to this server";
    DoctorList = "列表接口可用", "the list call works";
    DoctorListHelp = "查看服务器日志", "check the server log";
    DoctorEndpointHelp =
        "SDK 不支持路径：反向代理还须在根路径转发 /v1、/v2、/v3、/v3.0 和 /v4，使 {endpoint} 可用（docs/operating/reverse-proxy.md）",
        "SDKs support no path: the reverse proxy must also forward /v1, /v2, /v3, /v3.0 and /v4 at the root of {endpoint} (docs/operating/reverse-proxy.md)";
    DoctorProxy = "已设置代理", "a proxy is set";
    DoctorProxyHelp =
        "如需直连，请将 {host} 加入 NO_PROXY 和 no_proxy；Python SDK 会使用代理，Go 和 Java SDK 不会",
        "to connect to {host} directly, add it to NO_PROXY and no_proxy; the Python SDK uses the proxy, the Go and Java SDKs do not";
}
