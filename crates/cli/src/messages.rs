//! The messages of the command line in Chinese and English. A message without a translation does not compile.
//!
//! Must not know: when a message is printed.

use crate::lang::{Lang, current};
use std::fmt::{self, Display};

macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        /// A message. [`Text::with`] replaces its placeholders `{name}`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Text { $($name),* }

        impl Text {
            /// The message in a language.
            pub fn in_language(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::Chinese) => $zh, (Self::$name, Lang::English) => $en,)*
                }
            }

            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

texts! {
    Error = "错误：{message}", "error: {message}";
    Warning = "警告：{message}", "warning: {message}";
    CsvNotSupported = "--csv：该命令不输出表格", "--csv: this command does not print a table";
    InvalidMethod = "无效的 HTTP 方法：{method}", "invalid HTTP method: {method}";
    ConfigMissing = "配置文件 {path} 不存在", "configuration file {path} does not exist";
    ConfigInvalid = "配置文件 {path} 有误：{reason}", "configuration file {path}: {reason}";
    FileError = "{path}：{reason}", "{path}: {reason}";
    ConfigUntrusted =
        "{path} 设置了 {key}，而该目录未被信任（该文件可能属于他人的代码仓库，会改变凭据发送的目标）。请改用命令行参数、环境变量或 --config，或在 {user_file} 中加入：trusted-directories = [\"{directory}\"]",
        "{path} sets {key}, and this directory is not trusted: the file may belong to a checkout of somebody else and decides where credentials are sent. Use a flag, a variable or --config, or add to {user_file}: trusted-directories = [\"{directory}\"]";
    UnusableVariable =
        "环境变量 {name} 已设置，但为空或不是 UTF-8 文本：请设置有效值，或取消该变量",
        "the variable {name} is set, but it is empty or not UTF-8 text: set a value, or unset it";
    FileEmpty = "{path} 为空", "{path} is empty";
    NoCertificate = "{path} 中没有 PEM 格式的证书", "{path} contains no certificate in PEM format";
    NotUtf8 = "文件不是 UTF-8 文本", "the file is not UTF-8 text";
    NoStore =
        "{path} 中没有数据：请检查 --data（STAGEPOST_DATA）；新的数据目录由 stagepost serve 或 stagepost restore 创建",
        "there is no store in {path}: check --data (STAGEPOST_DATA); stagepost serve and stagepost restore create one";
    CertificateRejected =
        "服务器证书不受信任：{reason}（--ca 或 STAGEPOST_CA 指定受信任的证书）",
        "the server certificate is not trusted: {reason} (--ca or STAGEPOST_CA name a certificate to trust)";
    ServerWithoutTls = "该端口不支持 TLS，请使用 http://", "the server does not speak TLS on this port: use http://";
    ServerOnlyTls =
        "响应不是 HTTP；如果该端口只支持 TLS，请使用 https://",
        "the response is not HTTP; if the port speaks TLS, use https://";
    CertificateUnknownIssuer = "证书及其签发者均不受信任", "neither the certificate nor its issuer is trusted";
    CertificateExpired = "证书已过期", "the certificate has expired";
    CertificateNotYetValid = "证书尚未生效，请检查时钟", "the certificate is not valid yet: check the clock";
    CertificateName = "证书不适用于该主机名", "the certificate is not valid for this host name";
    CertificateInvalid = "证书无效", "the certificate is not valid";
    HandshakeFailed = "TLS 握手失败", "the TLS handshake failed";
    ConnectionTimedOut = "请求超时", "the request timed out";
    ConnectionRefused = "连接被拒绝", "the connection was refused";
    HostUnknown = "无法解析主机名", "the host name cannot be resolved";
    ConnectionClosed = "服务器未返回响应就关闭了连接", "the server closed the connection without a response";
    ServerUnreachable = "无法连接服务器：{reason}", "cannot reach the server: {reason}";
    CredentialRejected = "认证信息缺失或无效：{reason}", "the credential is missing or invalid: {reason}";
    PermissionDenied = "没有权限：{reason}", "permission denied: {reason}";
    ServerOverloaded = "服务器繁忙：{reason}", "the server is overloaded: {reason}";
    Yes = "是", "yes";
    No = "否", "no";
    Pending = "排队中", "Pending";
    Running = "运行中", "Running";
    Success = "成功", "Success";
    Failed = "失败", "Failed";
    TimedOut = "超时", "Timed out";
    Canceled = "已取消", "Canceled";
    Skipped = "已跳过", "Skipped";
    Id = "ID", "ID";
    Name = "名称", "NAME";
    Admin = "管理员", "ADMIN";
    Disabled = "已停用", "DISABLED";
    Created = "创建时间", "CREATED";
    AccessKey = "AK", "ACCESS KEY";
    SecretKey = "SK", "SECRET KEY";
    Description = "描述", "DESCRIPTION";
    Scope = "权限范围", "SCOPE";
    Repositories = "仓库", "REPOSITORIES";
    Expires = "过期时间", "EXPIRES";
    Token = "令牌", "TOKEN";
    Path = "路径", "PATH";
    Visibility = "可见性", "VISIBILITY";
    Role = "角色", "ROLE";
    User = "用户", "USER";
    Status = "状态", "STATUS";
    Sha = "提交", "COMMIT";
    Ref = "分支或标签", "REF";
    Jobs = "任务数", "JOBS";
    Updated = "更新时间", "UPDATED";
    Stage = "阶段", "STAGE";
    Attempt = "执行序号", "ATTEMPT";
    Started = "开始时间", "STARTED";
    Finished = "结束时间", "FINISHED";
    Pipeline = "流水线", "PIPELINE";
    Job = "任务", "JOB";
    Effect = "处理结果", "EFFECT";
    Uuid = "UUID", "UUID";
    Reporter = "上报者", "REPORTER";
    LastReport = "最近上报时间", "LAST REPORT";
    Received = "接收时间", "RECEIVED";
    ChangedFields = "变更字段", "CHANGED";
    StatusAfter = "处理后状态", "STATUS AFTER";
    Explanation = "说明", "EXPLANATION";
    EffectCreated = "新建", "created";
    EffectChanged = "已更新", "changed";
    EffectRepeated = "重复", "repeated";
    EffectLate = "延迟到达", "late";
    FieldStatus = "状态", "status";
    FieldLink = "链接", "link";
    FieldDescription = "描述", "description";
    FieldCoverage = "覆盖率", "coverage";
    FieldAllowFailure = "允许失败", "allowed to fail";
    FieldCreated = "创建时间", "creation time";
    FieldNewest = "最新一次执行", "newest attempt";
    FieldStageOrder = "阶段顺序", "stage order";
    FieldPipelineUrl = "流水线链接", "pipeline URL";
    FieldTriggerUser = "触发人", "triggered by";
    FieldStarted = "开始时间", "start time";
    FieldFinished = "结束时间", "finish time";
    FieldBuildId = "构建 ID", "build id";
    ListSeparator = "、", ", ";
    Link = "链接", "LINK";
    BuildId = "构建 ID", "BUILD ID";
    Pipelines = "流水线数", "PIPELINES";
    Reports = "上报数", "REPORTS";
    InactivityTimeout = "无上报超时", "INACTIVITY TIMEOUT";
    StageTimeouts = "各阶段无上报超时", "STAGE TIMEOUTS";
    KeepFor = "保留时长", "KEEP FOR";
    KeepPerRef = "每个分支保留数", "KEEP PER REF";
    NotSet = "未设置", "not set";
    Url = "URL", "URL";
    Events = "事件", "EVENTS";
    OldSecretUntil = "旧密钥有效期至", "OLD SECRET UNTIL";
    WebhookSecret = "签名密钥", "SECRET";
    FailingSince = "开始失败时间", "FAILING SINCE";
    WebhookEnabled = "已启用", "enabled";
    DisabledManually = "已手动停用", "disabled manually";
    DisabledGone = "接收方返回 410，已自动停用", "disabled: the receiver returned 410";
    DisabledFailing = "连续失败五天，已自动停用", "disabled: failing for five days";
    Delivery = "投递 ID", "DELIVERY";
    Type = "类型", "TYPE";
    Attempts = "尝试次数", "ATTEMPTS";
    NextAttempt = "下次尝试时间", "NEXT ATTEMPT";
    Response = "响应", "RESPONSE";
    Body = "消息体", "BODY";
    DeliveryPending = "待发送", "pending";
    DeliveryDelivered = "已送达", "delivered";
    DeliveryFailed = "失败", "failed";
    SecretShownOnce = "签名密钥仅显示一次，请妥善保存", "the secret is shown only once: store it now";
    TestNotDelivered = "测试消息未送达：{reason}", "the test message was not delivered: {reason}";
    TestPending =
        "测试消息尚未发送，请稍后用 stagepost webhook deliveries 查看",
        "the test message has not been sent yet; check later with stagepost webhook deliveries";
    MergeRequest = "合并请求", "MERGE REQUEST";
    SourceBranch = "源分支", "SOURCE BRANCH";
    TargetBranch = "目标分支", "TARGET BRANCH";
    NoHeadPipeline = "该提交还没有流水线", "this commit has no pipeline yet";
    NotReported = "尚未上报", "not reported yet";
    WaitTimedOut = "等待超时", "timed out";
    WaitingForJobs = "等待任务：{jobs}", "waiting for jobs: {jobs}";
    WaitingForPipeline = "该提交还没有流水线，等待中", "this commit has no pipeline yet, waiting";
    OtherCommit = "流水线 {pipeline} 属于另一个提交 {sha}", "pipeline {pipeline} belongs to another commit, {sha}";
    RetryingConnection = "无法连接服务器，正在重试：{reason}", "server unreachable, retrying: {reason}";
    Reconnected = "已重新连接服务器", "reconnected to the server";
    MoreJobs = "另有 {count} 个任务", "{count} more jobs";
    WatchEndedEarly = "流水线尚未结束，监视已意外中断", "the watch ended before the pipeline finished";
    Runs = "执行次数", "RUNS";
    SuccessRate = "成功率", "SUCCESS RATE";
    Median = "耗时中位数", "MEDIAN";
    P95 = "P95 耗时", "P95";
    Retried = "重试次数", "RETRIED";
    FlakyCommits = "不稳定提交数", "FLAKY COMMITS";
    InsightsTruncated = "执行记录过多，仅统计最近 50000 次", "too many attempts: only the newest 50,000 were evaluated";
    NothingToClose = "该提交没有未结束的任务", "this commit has no unfinished jobs";
    NothingToDelete = "没有可删除的流水线", "nothing to delete";
    PruneWaits =
        "没有可删除的流水线；服务器曾停机或时钟发生跳变，运行 6 小时后才会按新的时间计算",
        "nothing to delete; the server was off or its clock leapt, and it counts the new time after it has run for 6 hours";
    NoRetention = "未设置保留策略，保留所有流水线", "no retention policy is set: all pipelines are kept";
    RepositoryNotFound = "仓库 {path} 不存在或无权查看", "repository {path} does not exist or you may not view it";
    RepositoryMissing = "未指定仓库：请使用 --repo 或 STAGEPOST_REPO", "no repository specified: use --repo or STAGEPOST_REPO";
    ReportFieldMissing = "缺少 {flag}，CI 环境变量也未提供", "{flag} is missing and the CI environment does not provide it";
    ReportFieldMissingIn = "缺少 {flag}，{title} 的环境变量也未提供", "{flag} is missing and the environment of {title} does not provide it";
    FlagEmpty = "{flag} 为空", "{flag} is empty";
    CommitIdNotFull =
        "--sha：“{sha}”不是完整的提交 ID（40 或 64 位十六进制数）：可用 --sha \"$(git rev-parse HEAD)\" 指定",
        "--sha: '{sha}' is not a full commit id of 40 or 64 hexadecimal digits: use --sha \"$(git rev-parse HEAD)\"";
    JobNameTaken =
        "同一次运行中的另一个任务已使用名称“{name}”，此任务记录为“{own_name}”。请用 --leg 或 STAGEPOST_LEG 区分这些任务，例如设为矩阵的取值",
        "another job of this run has the name '{name}', so this one is recorded as '{own_name}'. Distinguish the jobs with --leg or STAGEPOST_LEG, for example by the values of the matrix";
    RetryingReport = "无法上报，将在 {limit} 内重试：{reason}", "the report cannot be sent, retrying for {limit}: {reason}";
    RetryingReportDuringCommand =
        "无法上报，命令执行期间将持续重试：{reason}",
        "the report cannot be sent, retrying while the command runs: {reason}";
    ReportAborted = "收到信号，不再重试上报", "interrupted: the report is not retried any more";
    ReportNotSent = "上报失败，命令继续执行：{reason}", "the report was not sent, continuing: {reason}";
    ReportFieldTruncated = "{field} 过长，服务器已截断", "{field} is too long: the server truncated it";
    ReportFieldSanitized =
        "{field} 包含换行符或控制字符，服务器已替换为空格",
        "{field} contains line breaks or control characters: the server replaced them by spaces";
    ReportFieldClamped = "{field} 超出范围，服务器已取最近的有效值", "{field} is out of range: the server used the nearest valid value";
    ReportFieldDropped = "{field} 无效，服务器已忽略", "{field} is not valid: the server ignored it";
    ImportLineRejected = "第 {line} 行被拒绝：{reason}", "line {line} was rejected: {reason}";
    ImportLineAdjusted = "第 {line} 行已调整：{changes}", "line {line} was adjusted: {changes}";
    ImportSummary = "新增 {added}，已存在 {known}，拒绝 {refused}", "{added} added, {known} already present, {refused} rejected";
    InvalidStoreLocation =
        "“{text}”既不是数据目录或文件，也不是 postgres:// URL",
        "'{text}' is neither a data directory, nor a file, nor a postgres:// URL";
    NoValue = "无", "nothing";
    EntityRepository = "仓库", "repository";
    EntityPipeline = "流水线", "pipeline";
    EntityStage = "阶段", "stage";
    EntityJob = "任务", "job";
    EntityReport = "上报", "report";
    VerifyDifference =
        "仓库 {repository}，流水线 {pipeline}：{entity} {id} 的 {field} 为 {stored}，根据上报应为 {rebuilt}",
        "repository {repository}, pipeline {pipeline}: {entity} {id}: {field} is {stored}, expected {rebuilt} according to its reports";
    VerifyCountDifference =
        "仓库 {repository}：{entity} {id} 的 {field} 为 {stored}，应为 {rebuilt}",
        "repository {repository}: {entity} {id}: {field} is {stored}, expected {rebuilt}";
    VerifyDamaged = "数据库文件已损坏：{reason}", "the database file is damaged: {reason}";
    VerifySummary =
        "已校验 {repositories} 个仓库、{pipelines} 条流水线、{jobs} 个任务、{reports} 条上报：{differences} 处不一致",
        "verified {repositories} repositories, {pipelines} pipelines, {jobs} jobs, {reports} reports: {differences} differences";
    LossDatabaseMissing =
        "数据库 {path} 不存在或为空，但该数据目录曾被使用：请放回该文件，或用 stagepost restore --force 恢复备份；如果数据在 PostgreSQL 中，请指定 --database；如果确认放弃原有数据，请用 --accept-data-loss 启动",
        "the database {path} is missing or empty, but this data directory was in use: put the file back, or restore a backup with stagepost restore --force; if the data is in PostgreSQL, use --database; to give up the former data, start with --accept-data-loss";
    LossLogMissing =
        "预写日志 {path} 不存在，其中已确认的上报随之丢失：请放回该文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "the write-ahead log {path} is missing, and with it acknowledged reports: put the file back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossLogDamaged =
        "预写日志 {path} 从第 {reason} 页起损坏，其后已确认的上报无法读取：请恢复该文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "the write-ahead log {path} is damaged from page {reason} on, and the acknowledged reports after it cannot be read: put an undamaged copy back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossOtherStore =
        "{path} 不是该数据目录原来的数据库：请放回原来的文件；如需恢复备份，请使用 stagepost restore --force；如果确认使用这个数据库，请用 --accept-data-loss 启动",
        "{path} is not the database that this data directory had: put the former file back; to restore a backup, use stagepost restore --force; to use this database, start with --accept-data-loss";
    LossOtherDatabase =
        "该数据库不是本节点原来使用的数据库：请检查 --database 的 URL；如果确认使用这个数据库，请用 --accept-data-loss 启动",
        "this is not the database that this node had: check the URL of --database; to use this database, start with --accept-data-loss";
    LossOlder =
        "{path} 比该数据目录原来的数据库旧，缺少已确认的上报：请放回原来的文件；如需恢复备份，请使用 stagepost restore --force；如果数据已迁移到 PostgreSQL，请指定 --database；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "{path} is older than the database that this data directory had, and acknowledged reports are missing: put the former file back; to restore a backup, use stagepost restore --force; if the data was moved to PostgreSQL, use --database; to give up these reports, start with --accept-data-loss";
    LossDamaged =
        "数据库 {path} 已损坏（{reason}）：请用 stagepost restore --force 恢复备份",
        "the database {path} is damaged ({reason}): restore a backup with stagepost restore --force";
    LossMarkDamaged =
        "{path} 已损坏，无法确认数据库是否完整：请用 stagepost verify 检查，然后用 --accept-data-loss 启动",
        "{path} is damaged, so it is not known whether the database is complete: check it with stagepost verify, then start with --accept-data-loss";
    OfflineReadOnly =
        "{path} 位于只读介质上：无法修改其中的数据",
        "{path} is on read-only media: its data cannot be changed";
    NotEmpty = "{path} 不为空", "{path} is not empty";
    RestoreNotEmpty = "{path} 不为空：使用 --force 覆盖其中的内容", "{path} is not empty: use --force to replace its contents";
    BackupNeedsSqlite =
        "数据存储在 PostgreSQL 中：请使用 PostgreSQL 的备份工具，或用 stagepost migrate 复制到 SQLite",
        "the store is in PostgreSQL: use the PostgreSQL backup tools, or copy it to SQLite with stagepost migrate";
    Copying = "复制", "copying";
    Comparing = "比较", "comparing";
    Table = "表", "TABLE";
    Rows = "行数", "ROWS";
    Checksum = "SHA-256", "SHA-256";
    Equal = "一致", "EQUAL";
    MigrateSummary =
        "已迁移 {rows} 行到 {destination}，每张表的行数和校验和均一致",
        "migrated {rows} rows to {destination}; row counts and checksums of all tables are equal";
    MigrateDiffers =
        "{tables} 张表不一致：源数据可能在复制期间有写入。请清空目标后重新迁移",
        "{tables} tables differ: the source may have been written to meanwhile. Empty the destination and start again";
    Bytes = "字节数", "BYTES";
    InvalidDuration =
        "{flag}：“{text}”不是有效的时长（例如 30、90s、1h30m、2d、1w）",
        "{flag}: '{text}' is not a duration such as 30, 90s, 1h30m, 2d or 1w";
    InvalidTime =
        "{flag}：“{text}”既不是日期或 RFC 3339 时间，也不是时长（如 2h、7d、1w）",
        "{flag}: '{text}' is neither a date, nor an RFC 3339 time, nor a duration such as 2h, 7d or 1w";
    InvalidLimit =
        "{flag}：“{text}”既不是时长（例如 90d、1w、1h30m、30s），也不是 off",
        "{flag}: '{text}' is neither a duration such as 90d, 1w, 1h30m or 30s, nor off";
    KeepForSeconds =
        "--keep-for：不带单位的数字表示秒；天请用 d，例如 90d",
        "--keep-for: a number without a unit is seconds; write days as 90d";
    NotFullSha =
        "{flag}：“{text}”不是完整的提交 ID（40 或 64 位十六进制数）",
        "{flag}: '{text}' is not a full commit id of 40 or 64 hexadecimal digits";
    NotShaPrefix =
        "{flag}：“{text}”不是提交 ID 或其开头的十六进制数",
        "{flag}: '{text}' is not a commit id or the beginning of one";
    RequireEmpty =
        "--require：“{text}”中有空的任务名",
        "--require: '{text}' contains an empty job name";
    InvalidStageLimit =
        "--stage-limit：“{text}”应为 阶段=时长、阶段=off 或 阶段=default",
        "--stage-limit: '{text}' is not STAGE=DURATION, STAGE=off or STAGE=default";
    InvalidKeepPerRef =
        "--keep-per-ref：“{text}”既不是整数，也不是 off",
        "--keep-per-ref: '{text}' is neither an integer nor off";
    ListFlagsOnly = "列表的筛选条件不能与子命令 {command} 同时使用", "list filters cannot be used with {command}";
    CommandNotStarted = "无法启动命令 {command}：{reason}", "cannot start the command {command}: {reason}";
    EnvHeader = "使 SDK 访问 {server} 的设置", "settings for the SDKs to use {server}";
    EnvNoCredentials =
        "没有可用的 AK/SK：用 stagepost key add 用户名 创建，并设置 CLOUD_SDK_AK 和 CLOUD_SDK_SK",
        "no AK and SK available: create them with stagepost key add USER, and set CLOUD_SDK_AK and CLOUD_SDK_SK";
    EnvProxy =
        "已设置代理：如需直连 {host}，请将其加入 NO_PROXY 和 no_proxy",
        "a proxy is set: to connect to {host} directly, add it to NO_PROXY and no_proxy";
    EnvTrustsOnly =
        "此后由该 shell 启动的程序仅信任该证书，不再信任系统证书",
        "programs started from this shell will trust this certificate only, not those of the system";
    InvalidServerUrl =
        "服务器地址必须为 http(s)://主机[:端口]，SDK 不支持路径前缀：{server}",
        "the server URL must be http(s)://HOST[:PORT], because SDKs do not support a path: {server}";
    EnvTrustStore = "先生成 Java 信任库：", "create the trust store for Java first:";
    EnvGoHttps =
        "Go SDK 只支持 https 的 IAM 地址：启动 serve 时请指定 --tls-listen",
        "the Go SDK requires an https IAM endpoint: start serve with --tls-listen";
    ExplainNoKey = "未指定访问密钥：请使用 --access-key", "no access key specified: use --access-key";
    ExplainNoFailures =
        "没有 {access} 的签名被拒绝的记录（服务器仅保留启动以来最近的几次）",
        "no rejected signatures of {access} are stored (the server keeps the last few since its start)";
    ExplainKeyNotFound =
        "访问密钥 {access} 不存在或不属于您：请用 stagepost key list 核对",
        "access key {access} does not exist or is not yours: check with stagepost key list";
    ExplainNeedsToken =
        "认证信息无效：{reason}。请使用令牌查询（STAGEPOST_TOKEN 或 --token-file），不要使用签名有问题的密钥",
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
        "查看服务器日志；docs/operating.md 说明了时钟、预写日志和磁盘空间",
        "check the server log; docs/operating.md describes the clock, the write-ahead log and the disk space";
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
    DoctorNoCredential = "已跳过：没有有效的认证信息", "skipped: there is no valid credential";
    DoctorNoKey = "已跳过：SDK 需要对该调用签名，但没有有效的访问密钥", "skipped: SDKs sign this call, and there is no valid access key";
    DoctorProject = "按区域查询返回唯一的项目", "the region lookup returns exactly one project";
    DoctorProjectCount = "返回了 {count} 个项目", "it returns {count} projects";
    DoctorProjectHelp = "检查 IAM 地址是否指向该服务器", "check that the IAM endpoint points to this server";
    DoctorList = "列表接口可用", "the list call works";
    DoctorListHelp = "查看服务器日志", "check the server log";
    DoctorProxy = "已设置代理", "a proxy is set";
    DoctorProxyHelp =
        "如需直连，请将 {host} 加入 NO_PROXY 和 no_proxy；Python SDK 会使用代理，Go 和 Java SDK 不会",
        "to connect to {host} directly, add it to NO_PROXY and no_proxy; the Python SDK uses the proxy, the Go and Java SDKs do not";
}

impl Text {
    /// The name of a field of the API that a report can change.
    pub fn of_field(name: &str) -> Option<Self> {
        Some(match name {
            "status" => Self::FieldStatus,
            "target_url" => Self::FieldLink,
            "description" => Self::FieldDescription,
            "coverage" => Self::FieldCoverage,
            "allow_failure" => Self::FieldAllowFailure,
            "created_at" => Self::FieldCreated,
            "started_at" => Self::FieldStarted,
            "finished_at" => Self::FieldFinished,
            "third_build_id" => Self::FieldBuildId,
            "newest" => Self::FieldNewest,
            "stage_order" => Self::FieldStageOrder,
            "web_url" => Self::FieldPipelineUrl,
            "trigger_user" => Self::FieldTriggerUser,
            _ => return None,
        })
    }
}

impl Text {
    /// The message in the language of this process.
    pub fn text(self) -> &'static str {
        self.in_language(current())
    }

    /// The message with its placeholders replaced.
    pub fn with(self, values: &[(&str, &dyn Display)]) -> String {
        values.iter().fold(self.text().to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        })
    }

    /// The name of a column in CSV output. Programs read it, so it depends neither on the language nor on the
    /// wording of the heading.
    pub fn csv_name(self) -> String {
        match self {
            Self::LastReport => "heard".to_owned(),
            Self::StatusAfter => "after".to_owned(),
            Self::Explanation => "why".to_owned(),
            Self::InactivityTimeout => "silence_limit".to_owned(),
            Self::StageTimeouts => "stage_limits".to_owned(),
            Self::NextAttempt => "next".to_owned(),
            Self::Response => "answer".to_owned(),
            _ => self.in_language(Lang::English).to_lowercase().replace(' ', "_"),
        }
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let placeholders = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            names.sort();
            names
        };
        for text in Text::ALL {
            let (zh, en) = (text.in_language(Lang::Chinese), text.in_language(Lang::English));
            assert_eq!(placeholders(zh), placeholders(en), "{text:?}");
            assert!(!zh.is_empty() && en.is_ascii(), "{text:?}");
        }
    }

    #[test]
    fn csv_columns_keep_their_names() {
        let columns = [
            (Text::LastReport, "heard"),
            (Text::StatusAfter, "after"),
            (Text::ChangedFields, "changed"),
            (Text::Explanation, "why"),
            (Text::InactivityTimeout, "silence_limit"),
            (Text::StageTimeouts, "stage_limits"),
            (Text::OldSecretUntil, "old_secret_until"),
            (Text::WebhookSecret, "secret"),
            (Text::NextAttempt, "next"),
            (Text::Response, "answer"),
            (Text::FlakyCommits, "flaky_commits"),
            (Text::Sha, "commit"),
        ];
        for (text, name) in columns {
            assert_eq!(text.csv_name(), name);
        }
    }
}
