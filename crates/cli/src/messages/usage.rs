//! Messages about flags, variables and configuration files.

texts! {
    CsvNotSupported = "--csv：该命令不输出表格", "--csv: this command does not print a table";
    InvalidMethod = "无效的 HTTP 方法：{method}", "invalid HTTP method: {method}";
    InvalidHeader = "-H：“{text}”应为“名称: 值”", "-H: '{text}' is not of the form NAME: VALUE";
    NotAList = "--paginate：{path} 的响应不是列表", "--paginate: the response of {path} is not a list";
    ConfigMissing = "配置文件 {path} 不存在", "configuration file {path} does not exist";
    ConfigInvalid = "配置文件 {path} 有误：{reason}", "configuration file {path}: {reason}";
    ConfigValue = "值无效：{reason}", "invalid value: {reason}";
    ConfigUnknownKey = "未知的键 {key}", "unknown key {key}";
    ConfigUnknownKeyNear = "未知的键 {key}，是否应为 {nearest}？", "unknown key {key}; did you mean {nearest}?";
    ConfigKeyTwice = "{key} 设置了两次", "{key} is set twice";
    ConfigHasProblems = "配置有误", "the configuration has errors";
    ConfigNoFile = "没有配置文件", "there is no configuration file";
    ConfigNoListener = "[serve]：listen 和 tls-listen 均为 none，服务器没有监听地址", "[serve]: listen and tls-listen are both none, so the server has no address to listen on";
    ConfigSameAddress = "[serve]：{one} 和 {other} 的地址相同：{address}", "[serve]: {one} and {other} have the same address {address}";
    CredentialsReadable =
        "其他用户可以读取 {path}，其中保存着令牌：请运行 chmod 600 {path}",
        "other users can access {path}, which contains tokens: run chmod 600 {path}";
    NoSuchProfile = "没有配置档“{name}”，已有：{known}", "no profile '{name}'; known profiles: {known}";
    NoHome = "XDG_CONFIG_HOME 和 HOME 均未设置", "neither XDG_CONFIG_HOME nor HOME is set";
    TokenPrompt = "{server} 的令牌：", "Token for {server}: ";
    TokenEmpty = "未提供令牌：请在提示后输入，或通过标准输入传入", "no token: type it at the prompt, or pass it on stdin";
    NotSignedIn = "尚未登录：请使用 stagepost login", "not signed in: use stagepost login";
    ProfileDeleted = "已删除配置档；令牌在服务器上仍然有效，可用 stagepost token 吊销", "the profile is deleted; its token stays valid on the server until you revoke it with stagepost token";
    OtherServerConfigured =
        "配置中的服务器 {server} 优先：请使用 --profile {name}，或删除该设置",
        "the configured server {server} has priority: use --profile {name}, or remove that setting";
    FileError = "{path}：{reason}", "{path}: {reason}";
    ConfigUntrusted =
        "{path} 设置了 {key}，但该目录不受信任（该文件可能来自他人的代码仓库，会改变凭据的发送目标）。请改用命令行选项、环境变量或 --config，或在 {user_file} 中加入：trusted-directories = [\"{directory}\"]",
        "{path} sets {key}, but this directory is not trusted: the file may come from another person's checkout and changes where credentials are sent. Use a flag, a variable or --config, or add to {user_file}: trusted-directories = [\"{directory}\"]";
    UnusableVariable =
        "环境变量 {name} 已设置，但为空或不是 UTF-8 文本：请设置有效值，或取消该变量",
        "the variable {name} is set but is empty or not UTF-8 text: set a value, or unset it";
    NoSuchCommand = "没有命令“{name}”", "there is no command '{name}'";
    FileEmpty = "{path} 为空", "{path} is empty";
    NotUtf8 = "文件不是 UTF-8 文本", "the file is not UTF-8 text";
    NoStore =
        "{path} 中没有数据：请检查 --data（STAGEPOST_DATA）；新的数据目录由 stagepost serve 或 stagepost restore 创建",
        "there is no store in {path}: check --data (STAGEPOST_DATA); stagepost serve and stagepost restore create one";
    InvalidTestCounts =
        "--tests：“{text}”应为 failed=1,passed=20,skipped=2 的形式",
        "--tests: '{text}' is not of the form failed=1,passed=20,skipped=2";
    StdinNotAvailable =
        "- 只能用于一个参数，且不能与要运行的命令同时使用（命令会读取标准输入）",
        "- can be the value of only one flag, and cannot be used with a command to run, because that command reads stdin";
    FlagEmpty = "{flag} 为空", "{flag} is empty";
    CommitIdNotFull =
        "--sha：“{sha}”不是完整的提交 ID（40 或 64 位十六进制数）：可用 --sha \"$(git rev-parse HEAD)\" 指定",
        "--sha: '{sha}' is not a full commit id of 40 or 64 hexadecimal digits: use --sha \"$(git rev-parse HEAD)\"";
    InvalidStoreLocation =
        "“{text}”既不是数据目录或文件，也不是 postgres:// URL",
        "'{text}' is neither a data directory, nor a file, nor a postgres:// URL";
    NoValue = "无", "none";
    InvalidDuration =
        "{flag}：“{text}”不是有效的时长（例如 30、90s、1h30m、2d、1w）",
        "{flag}: '{text}' is not a duration such as 30, 90s, 1h30m, 2d or 1w";
    InvalidTime =
        "{flag}：“{text}”既不是日期或 RFC 3339 时间，也不是时长（如 2h、7d、1w）",
        "{flag}: '{text}' is neither a date, nor an RFC 3339 time, nor a duration such as 2h, 7d or 1w";
    InvalidLimit =
        "{flag}：“{text}”既不是时长（例如 90d、1w、1h30m、30s），也不是 off",
        "{flag}: '{text}' is neither a duration such as 90d, 1w, 1h30m or 30s, nor off";
    RetentionWithoutUnit =
        "{flag}：“{text}”没有单位：天请写 {text}d，秒请写 {text}s",
        "{flag}: '{text}' has no unit: write {text}d for days or {text}s for seconds";
    InvalidRulesFile = "{place}：{reason}", "{place}: {reason}";
    GateUnset = "目标分支 {target} 没有适用的门禁规则", "no gate rule applies to the target branch {target}";
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
    AsOfWithFilter =
        "--as-of 只能与流水线 ID 和 --latest 一起使用",
        "--as-of can be used only with a pipeline id and --latest";
    AsItWas =
        "{at} 时的状态；计入的最后一次上报：#{report}，由 {reporter} 上报",
        "as it was at {at}; last report included: #{report}, by {reporter}";
    AsItWasWithoutReport = "{at} 时的状态；当时还没有上报", "as it was at {at}; no report was received by that time";
    IncompletePast =
        "早于 {since} 的记录已删除一部分，该状态可能不完整",
        "some records before {since} were deleted, so this state may be incomplete";
    ListFlagsOnly = "列表的筛选条件不能与子命令 {command} 同时使用", "list filters cannot be used with {command}";
    CommandNotStarted = "无法启动命令 {command}：{reason}", "cannot start the command {command}: {reason}";
}
