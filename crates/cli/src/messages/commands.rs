//! Messages of the commands that report, watch and administer.

texts! {
    SecretShownOnce = "签名密钥仅显示一次，请立即保存", "the secret is shown only once: save it now";
    TestNotDelivered = "测试消息未送达：{reason}", "the test message was not delivered: {reason}";
    TestPending =
        "测试消息尚未发送，请稍后用 stagepost webhook deliveries 查看",
        "the test message has not been sent yet; check later with stagepost webhook deliveries";
    DestinationNotReached = "转发目标不可用：{reason}", "the destination cannot be used: {reason}";
    DestinationTestPending =
        "测试尚未完成，请稍后用 stagepost forward states 查看",
        "the test has not finished yet; check later with stagepost forward states";
    NoHeadPipeline = "该提交还没有流水线", "this commit has no pipeline yet";
    NotReported = "尚未上报", "not reported yet";
    WaitTimedOut = "等待超时", "timed out";
    WaitingForGate = "等待门禁（{target}）：{why}", "waiting for the gate of {target}: {why}";
    RulesVersion = "规则版本 {version}", "rules version {version}";
    WaitingForJobs = "等待任务：{jobs}", "waiting for jobs: {jobs}";
    WaitingForPipeline = "该提交还没有流水线，等待中", "this commit has no pipeline yet, waiting";
    OtherCommit = "流水线 {pipeline} 属于另一个提交 {sha}", "pipeline {pipeline} belongs to another commit: {sha}";
    RetryingConnection = "无法连接服务器，正在重试：{reason}", "server unreachable, retrying: {reason}";
    Reconnected = "已重新连接服务器", "reconnected to the server";
    MoreJobs = "另有 {count} 个任务", "{count} more jobs";
    WatchEndedEarly = "流水线尚未结束，监视已意外中断", "the watch ended before the pipeline finished";
    InsightsTruncated = "执行次数过多，仅统计最近 50000 次", "too many attempts: only the latest 50,000 are counted";
    NothingToClose = "该提交没有未结束的任务", "this commit has no unfinished jobs";
    NothingToDelete = "没有可删除的流水线", "no pipelines to delete";
    PruneWaits =
        "没有可删除的流水线；服务器曾停机或时钟发生跳变，连续运行 6 小时后才按新的时间计算",
        "no pipelines to delete; the server was stopped or its clock jumped, so it uses the new time only after it has run for 6 hours";
    NoRetention = "未设置保留策略，保留所有流水线", "no retention policy is set: all pipelines are kept";
    RepositoryNotFound = "仓库 {path} 不存在或无权查看", "repository {path} does not exist or you may not view it";
    RepositoryMissing = "未指定仓库：请使用 --repo 或 STAGEPOST_REPO", "no repository specified: use --repo or STAGEPOST_REPO";
    ReportFieldMissing = "缺少 {flag}，CI 环境变量也未提供", "{flag} is missing and the CI environment does not provide it";
    ReportFieldMissingIn = "缺少 {flag}，{title} 的环境变量也未提供", "{flag} is missing and the environment of {title} does not provide it";
    JobNameTaken =
        "同一次运行中的另一个任务已使用名称“{name}”，此任务记录为“{own_name}”。请用 --leg 或 STAGEPOST_LEG 区分这些任务，例如设为矩阵的取值",
        "another job of this run has the name '{name}', so this one is recorded as '{own_name}'. Distinguish the jobs with --leg or STAGEPOST_LEG, for example by the values of the matrix";
    RetryingReport = "无法上报，将在 {limit} 内重试：{reason}", "the report cannot be sent, retrying for {limit}: {reason}";
    RetryingReportDuringCommand =
        "无法上报，命令执行期间将持续重试：{reason}",
        "the report cannot be sent, retrying while the command runs: {reason}";
    ReportAborted = "收到信号，不再重试上报", "interrupted: the report is no longer retried";
    ReportNotSent = "上报失败，继续执行：{reason}", "the report was not sent, continuing: {reason}";
    CommitOfCheckout =
        "没有变量指明提交，使用当前目录中检出的提交 {sha}；可用 --sha 指定",
        "no variable names the commit: using {sha} from the checkout; use --sha to set another commit";
    BranchOfCheckout =
        "没有变量指明分支或标签，使用当前目录中检出的分支 {branch}；可用 --ref 指定",
        "no variable names the ref: using {branch} from the checkout; use --ref to set another ref";
    ReportKept =
        "上报未能发送，已保存在 {path}，下次上报或运行 stagepost report flush 时发送：{reason}",
        "the report was not sent and is stored in {path}; the next report or stagepost report flush sends it: {reason}";
    ReportRefused = "服务器拒绝了上报，已移到 {path}：{reason}", "the server refused a report; it was moved to {path}: {reason}";
    SpoolUnusable =
        "上报无法保存到 {path}，将直接发送：{reason}",
        "the report cannot be stored in {path} and is sent directly: {reason}";
    SpoolUnused =
        "未使用 --spool 的目录，将直接发送上报：{reason}",
        "the directory of --spool is not used, and reports are sent directly: {reason}";
    SpoolOtherServers =
        "{path} 中有 {count} 条上报属于其他服务器，未发送",
        "{path}: reports for other servers ({count}) are not sent";
    SpoolMissing =
        "未指定目录：请使用 --spool 或 STAGEPOST_SPOOL",
        "no directory specified: use --spool or STAGEPOST_SPOOL";
    ReporterEnded =
        "stagepost report exec 在上报结果前已终止",
        "stagepost report exec ended before it could report the result";
    DetailsNotRead = "无法读取 {path}，上报时不包含其内容：{reason}", "cannot read {path}, sending the report without it: {reason}";
    AnnotationsInvalid =
        "{path} 中有 {count} 条标注无效，上报时不包含：{reason}",
        "{path}: invalid annotations ({count}) are not reported: {reason}";
    AnnotationsTooLarge = "文件超过 {limit} MiB", "the file is larger than {limit} MiB";
    DetailsRefused =
        "服务器拒绝了详情，将不带详情重新上报：{reason}",
        "the server refused the details, sending the report without them: {reason}";
    DetailsCut = "{path} 过长，仅上报开头部分", "{path} is too long: only its beginning is reported";
    ReportFieldTruncated = "{field} 过长，服务器已截断", "{field} is too long: the server truncated it";
    ReportFieldSanitized =
        "{field} 包含换行符或控制字符，服务器已替换为空格",
        "{field} contains line breaks or control characters: the server replaced them with spaces";
    ReportFieldClamped = "{field} 超出范围，服务器已取最近的有效值", "{field} is out of range: the server used the nearest valid value";
    ReportFieldDropped = "{field} 无效，服务器已忽略", "{field} is not valid: the server ignored it";
    ImportLineRejected = "第 {line} 行被拒绝：{reason}", "line {line} was rejected: {reason}";
    ImportLineAdjusted = "第 {line} 行已调整：{changes}", "line {line} was adjusted: {changes}";
    ImportSummary = "新增 {added}，已存在 {known}，拒绝 {refused}", "{added} added, {known} already present, {refused} rejected";
}
