//! What the command line says, in Chinese and English. One catalogue: a text without one of the languages does not compile.
//!
//! Must not know: when anything is said.

use crate::lang::{Lang, chosen};
use std::fmt::{self, Display};

macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        /// A text of the catalogue. `{name}` in it is filled by [`Text::with`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Text { $($name),* }

        impl Text {
            /// In a language.
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
    NoTable = "--csv：这个命令不输出表格", "--csv: this command prints no table";
    NoMethod = "没有 {method} 这个方法", "there is no method {method}";
    Warning = "警告：{message}", "warning: {message}";
    ConfigMissing = "配置文件 {path} 不存在", "there is no configuration file {path}";
    ConfigInvalid = "配置文件 {path} 有误：{why}", "configuration file {path}: {why}";
    FileError = "{path}：{why}", "{path}: {why}";
    CertificateRefused = "服务器证书不受信任：{why}（用 --ca 指定证书）", "the server's certificate is not trusted: {why} (name one with --ca)";
    Unreachable = "无法连接服务器：{why}", "the server cannot be reached: {why}";
    CredentialRejected = "认证信息缺失或被拒绝：{why}", "no credential, or it was rejected: {why}";
    NotAllowed = "没有权限：{why}", "not allowed: {why}";
    Overloaded = "服务器繁忙：{why}", "the server is busy: {why}";
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
    Access = "AK", "ACCESS KEY";
    Secret = "SK", "SECRET KEY";
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
    Ref = "分支", "REF";
    Jobs = "任务数", "JOBS";
    Updated = "更新时间", "UPDATED";
    Stage = "阶段", "STAGE";
    Attempt = "第几次", "ATTEMPT";
    Started = "开始时间", "STARTED";
    Finished = "结束时间", "FINISHED";
    Pipeline = "流水线", "PIPELINE";
    Job = "任务", "JOB";
    Effect = "结果", "EFFECT";
    Uuid = "UUID", "UUID";
    Reporter = "上报者", "REPORTER";
    Heard = "最近上报", "HEARD";
    Received = "收到时间", "RECEIVED";
    Changed = "更新内容", "CHANGED";
    After = "此后状态", "AFTER";
    Why = "说明", "WHY";
    EffectCreated = "新执行", "created";
    EffectChanged = "有变化", "changed";
    EffectRepeated = "重复", "repeated";
    EffectLate = "迟到", "late";
    FieldStatus = "状态", "status";
    FieldLink = "链接", "link";
    FieldDescription = "描述", "description";
    FieldCoverage = "覆盖率", "coverage";
    FieldAllowFailure = "允许失败", "allowed to fail";
    FieldStarted = "开始时间", "start";
    FieldFinished = "结束时间", "end";
    FieldBuildId = "构建 ID", "build id";
    Comma = "、", ", ";
    Link = "链接", "LINK";
    BuildId = "构建 ID", "BUILD ID";
    Pipelines = "流水线数", "PIPELINES";
    Reports = "上报数", "REPORTS";
    SilenceLimit = "无上报时限", "SILENCE LIMIT";
    StageLimits = "各阶段时限", "STAGE LIMITS";
    KeepFor = "保留时长", "KEEP FOR";
    KeepPerRef = "每个分支保留数", "KEEP PER REF";
    Off = "未设置", "not set";
    Url = "地址", "URL";
    Events = "事件", "EVENTS";
    SignedUntil = "旧密钥有效至", "OLD SECRET UNTIL";
    WebhookSecret = "签名密钥", "SECRET";
    FailingSince = "失败始于", "FAILING SINCE";
    On = "已启用", "on";
    WhyManual = "手动停用", "switched off";
    WhyGone = "接收方应答 410，已停用", "disabled: the receiver answered 410";
    WhyFailing = "连续五天失败，已停用", "disabled: failing for five days";
    Delivery = "投递", "DELIVERY";
    Type = "类型", "TYPE";
    Attempts = "尝试次数", "ATTEMPTS";
    Next = "下次尝试", "NEXT";
    Answer = "应答", "ANSWER";
    Body = "内容", "BODY";
    StatePending = "待发送", "waiting";
    StateDelivered = "已送达", "delivered";
    StateFailed = "已放弃", "given up";
    SecretOnce = "签名密钥只显示这一次，请现在保存", "the secret is shown this once: keep it now";
    NotDelivered = "测试消息没有送达：{why}", "the test was not delivered: {why}";
    NotYetDelivered = "测试消息还没有发出；用 stagepost webhook deliveries 查看", "the test has not been sent yet; see stagepost webhook deliveries";
    MergeRequest = "合并请求", "MERGE REQUEST";
    SourceBranch = "源分支", "SOURCE BRANCH";
    TargetBranch = "目标分支", "TARGET BRANCH";
    NoHeadPipeline = "该提交还没有流水线", "no pipeline of this commit yet";
    NotReported = "尚未上报", "not reported yet";
    TimeOver = "等待时间已到", "the time is over";
    WaitingFor = "等待：{jobs}", "waiting for {jobs}";
    WatchWaiting = "该提交还没有流水线，等待中", "no pipeline of this commit yet: waiting for one";
    WatchOther = "流水线 {pipeline} 属于另一个提交 {sha}", "pipeline {pipeline} is for another commit, {sha}";
    WatchOutage = "暂时无法访问服务器，继续尝试：{why}", "the server is away, trying again: {why}";
    WatchBack = "服务器已恢复", "the server is back";
    WatchMore = "另有 {count} 个任务", "{count} more jobs";
    WatchNoEnd = "流水线的跟踪意外结束", "the watching ended before the pipeline";
    Runs = "执行数", "RUNS";
    SuccessRate = "成功率", "SUCCESS RATE";
    Median = "中位耗时", "MEDIAN";
    P95 = "P95 耗时", "P95";
    Retried = "被重试数", "RETRIED";
    Flaky = "不稳定的提交数", "FLAKY COMMITS";
    InsightsCut = "执行太多，只统计了最新的 50000 次", "too many attempts: only the newest 50,000 were looked at";
    NothingToClose = "没有属于该提交的未结束任务", "no unfinished job of this commit";
    NothingToDelete = "没有可删除的流水线", "nothing to delete";
    NoRetention = "没有保留策略，全部保留", "no retention policy: everything is kept";
    RepoUnknown = "没有仓库 {path}，或无权查看", "there is no repository {path}, or you may not see it";
    RepoMissing = "没有指定仓库：使用 --repo 或 STAGEPOST_REPO", "no repository: use --repo or STAGEPOST_REPO";
    ReportMissing = "缺少 {flag}（也没能从 CI 环境得知）", "{flag} is missing, and the CI environment does not tell it";
    ReportLost = "上报失败，继续：{why}", "the report did not get through, going on: {why}";
    ImportLine = "第 {line} 行被拒绝：{why}", "line {line} was refused: {why}";
    ImportDone = "新增 {added}，已有 {known}，拒绝 {refused}", "{added} added, {known} known, {refused} refused";
    BadPlace = "“{text}”不是数据目录、文件，也不是 postgres:// 地址", "'{text}' is neither a data directory, nor a file, nor a postgres:// URL";
    Nothing = "无", "nothing";
    NounRepository = "仓库", "repository";
    NounPipeline = "流水线", "pipeline";
    NounStage = "阶段", "stage";
    NounJob = "任务", "job";
    NounReport = "上报", "report";
    VerifyDiffers = "仓库 {repository}，流水线 {pipeline}：{noun} {id} 的 {field} 为 {stored}，按上报应为 {rebuilt}", "repository {repository}, pipeline {pipeline}: {noun} {id} has {field} {stored}, by its reports it is {rebuilt}";
    VerifyCountDiffers = "仓库 {repository}：{noun} {id} 的 {field} 为 {stored}，应为 {rebuilt}", "repository {repository}: {noun} {id} has {field} {stored}, and should have {rebuilt}";
    VerifyDamaged = "数据库文件已损坏：{why}", "the database file is damaged: {why}";
    VerifyDone = "已核对 {repositories} 个仓库、{pipelines} 条流水线、{jobs} 个任务、{reports} 条上报：{differences} 处不一致", "verified {repositories} repositories, {pipelines} pipelines, {jobs} jobs, {reports} reports: {differences} differences";
    NotEmpty = "{path} 不为空", "{path} is not empty";
    RestoreNotEmpty = "{path} 不为空：用 --force 替换其中的内容", "{path} is not empty: --force replaces what it holds";
    BackupOfPostgres = "数据在 PostgreSQL 中：用它自己的工具备份，或用 stagepost migrate 复制到 SQLite", "the store is in PostgreSQL: back it up with its own tools, or copy it into SQLite with stagepost migrate";
    Copying = "复制", "copying";
    Comparing = "比较", "comparing";
    Table = "表", "TABLE";
    Rows = "行数", "ROWS";
    Checksum = "SHA-256", "SHA-256";
    Equal = "一致", "EQUAL";
    MigrateDone = "已迁移 {rows} 行到 {place}，每张表的行数与校验和一致", "moved {rows} rows to {place}; counts and checksums of every table are equal";
    MigrateDiffers = "{tables} 张表不一致：源数据在复制期间有改动？清空目标后重新开始", "{tables} tables differ: was the source written to meanwhile? Empty the destination and begin again";
    Bytes = "字节数", "BYTES";
    BadDuration = "“{text}”不是时长（例如 90d、12h、10m、30s）", "'{text}' is no duration such as 90d, 12h, 10m or 30s";
    BadTime = "{flag}：“{text}”既不是 RFC 3339 时间，也不是时长（如 2h、7d）", "{flag}: '{text}' is neither an RFC 3339 time nor a duration such as 2h or 7d";
    BadLimit = "{flag}：“{text}”不是时长（例如 90d、12h、10m、30s），也不是 off", "{flag}: '{text}' is neither a duration such as 90d, 12h, 10m or 30s, nor off";
    BadStageLimit = "--stage-limit：“{text}”应为 阶段=时长、阶段=off 或 阶段=default", "--stage-limit: '{text}' is not STAGE=DURATION, STAGE=off or STAGE=default";
    BadKeep = "--keep-per-ref：“{text}”既不是整数，也不是 off", "--keep-per-ref: '{text}' is neither an integer nor off";
    ListFlagsOnly = "列表的过滤条件不能与子命令 {command} 同用", "the filters of the list do not go with {command}";
    CommandFailed = "无法启动命令 {command}：{why}", "the command {command} cannot be started: {why}";
    EnvFor = "把 SDK 指向 {server}", "points the SDKs at {server}";
    EnvNoCredentials = "没有可用的 AK/SK：用 stagepost key add 用户名 生成，再设置 CLOUD_SDK_AK 和 CLOUD_SDK_SK", "no AK and SK are known: make them with stagepost key add USER, and set CLOUD_SDK_AK and CLOUD_SDK_SK";
    EnvProxy = "已设置代理：如果应直连 {host}，把它加入 NO_PROXY 和 no_proxy", "a proxy is set: if {host} is to be reached without it, add it to NO_PROXY and no_proxy";
    EnvTrustsOnly = "由此 shell 启动的程序此后只信任该证书，不再信任系统自带的证书", "programs of this shell trust this certificate then, and not those of the machine";
    ServerAddress = "服务器地址必须形如 http(s)://主机[:端口]，SDK 不支持路径前缀：{server}", "the server's address must be http(s)://HOST[:PORT], since no SDK takes a path: {server}";
    EnvTrustStore = "先生成 Java 信任库：", "first make the trust store for Java:";
    EnvGoHttps = "Go SDK 只接受 https 的 IAM 地址，请启用 --tls-listen", "the Go SDK takes https IAM endpoints only: serve with --tls-listen";
    ExplainNoKey = "不知道是哪个访问密钥：用 --access-key 指定", "which access key? name it with --access-key";
    ExplainNothing = "服务器不记得 {access} 有被拒绝的签名（只记住启动以来最近的几次）", "the server remembers no refused signature of {access} (it keeps the last few since its start)";
    ExplainNotYours = "{access} 不是您的访问密钥，或不存在：用 stagepost key list 核对", "{access} is not an access key of yours, or does not exist: compare with stagepost key list";
    ExplainNeedsToken = "认证信息无效：{why}。请用令牌来查询（STAGEPOST_TOKEN 或 --token-file），而不是有问题的密钥本身", "the credential is not accepted: {why}. Ask with a token (STAGEPOST_TOKEN or --token-file), not with the key that does not fit";
    ExplainNoRequest = "没有找到 HTTP 请求：需要原始请求，或 curl -v 的输出", "there is no HTTP request in it: raw HTTP is wanted, or what curl -v prints";
    ExplainNoInput = "请给出文件，或从标准输入送入请求；或用 --last", "name a file, or pipe the request in; or use --last";
    ExplainReceived = "{at} 收到，来自 {from}，请求 ID {id}", "received {at} from {from}, request id {id}";
    ExplainCanonical = "规范请求：", "Canonical request:";
    ExplainStringToSign = "待签字符串：", "String to sign:";
    ExplainServer = "服务器", "server";
    ExplainSigner = "发送方", "sender";
    DoctorReachable = "服务器可达", "the server is reachable";
    DoctorReachableHelp = "启动 stagepost serve，或用 --server 指定地址", "start stagepost serve, or name the address with --server";
    DoctorCertificate = "证书可信", "the certificate is trusted";
    DoctorCertificateHelp = "用 --ca（或 STAGEPOST_CA）指定要信任的证书：自签证书是服务器数据目录下的 tls/cert.pem；stagepost env 会打印各语言 SDK 的写法", "name the certificate to trust with --ca (or STAGEPOST_CA): a self-made one is tls/cert.pem in the server's data directory; stagepost env prints how each SDK is told";
    DoctorCertificateFile = "用 --ca（或 STAGEPOST_CA）指定证书 {path}，再用 stagepost env 查看各语言 SDK 的写法", "name the certificate {path} with --ca (or STAGEPOST_CA); stagepost env prints how each SDK is told";
    DoctorNoHttps = "没有尝试：不知道 https 地址（Go SDK 需要：serve 时启用 --tls-listen）", "not tried: no https address is known (the Go SDK needs one: serve with --tls-listen)";
    DoctorUnreached = "没有尝试：请求无法到达服务器", "not tried, since no call gets through";
    DoctorClock = "时钟相差不超过 15 分钟", "the clocks are within 15 minutes";
    DoctorClockHelp = "校准时钟：签名超过 15 分钟即失效", "set the clock: signatures are good for 15 minutes";
    DoctorClockAhead = "本机时钟比服务器快约 {minutes} 分钟", "this machine's clock is about {minutes} minutes ahead of the server's";
    DoctorClockBehind = "本机时钟比服务器慢约 {minutes} 分钟", "this machine's clock is about {minutes} minutes behind the server's";
    DoctorToken = "令牌有效", "the token is accepted";
    DoctorTokenHelp = "检查 STAGEPOST_TOKEN 或令牌文件；用 stagepost token add 生成新的", "check STAGEPOST_TOKEN or the token file; stagepost token add makes another";
    DoctorKey = "访问密钥（AK/SK）的签名有效", "a signature by the access key (AK and SK) is accepted";
    DoctorKeyHelp = "检查 CLOUD_SDK_AK 和 CLOUD_SDK_SK；stagepost explain-signature --last 会说明原因", "check CLOUD_SDK_AK and CLOUD_SDK_SK; stagepost explain-signature --last says why";
    DoctorNotSet = "没有设置", "it is not set";
    DoctorNotAccepted = "没有尝试：没有有效的认证信息", "not tried, since no credential is accepted";
    DoctorNoKey = "没有尝试：SDK 会为此调用签名，而没有有效的访问密钥", "not tried: an SDK signs this call, and no access key is accepted";
    DoctorProject = "区域查询恰好返回一个项目", "the region look-up answers exactly one project";
    DoctorProjects = "返回了 {count} 个", "it answers {count}";
    DoctorProjectHelp = "IAM 地址是否指向本服务？", "does the IAM endpoint point at this server?";
    DoctorList = "列表接口有应答", "the list call answers";
    DoctorListHelp = "查看服务器日志", "look at the server's log";
    DoctorProxy = "已设置代理", "a proxy is set";
    DoctorProxyHelp = "如果应直连，把 {host} 加入 NO_PROXY 和 no_proxy；Python SDK 会使用代理，Go 和 Java 不会", "if {host} is to be reached without it, add it to NO_PROXY and no_proxy; the Python SDK uses the proxy, those for Go and Java do not";
}

impl Text {
    /// In the language of this process.
    pub fn text(self) -> &'static str {
        self.in_language(chosen())
    }

    /// With its places filled.
    pub fn with(self, values: &[(&str, &dyn Display)]) -> String {
        values.iter().fold(self.text().to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        })
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
    fn both_languages_fill_the_same_places() {
        let places = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            names.sort();
            names
        };
        for text in Text::ALL {
            let (zh, en) = (text.in_language(Lang::Chinese), text.in_language(Lang::English));
            assert_eq!(places(zh), places(en), "{text:?}");
            assert!(!zh.is_empty() && en.is_ascii(), "{text:?}");
        }
    }
}
