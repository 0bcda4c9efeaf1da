//! Texts of the list of repositories.

texts! {
    REPOSITORY = "仓库", "Repository";
    DEFAULT_BRANCH = "默认分支", "Default branch";
    ENDED = "结束时间", "Ended";
    COUNT_FAILING = "{0} 个失败", "{0} failing";
    COUNT_RUNNING = "{0} 个运行中", "{0} running";
    COUNT_PASSING = "{0} 个成功", "{0} passing";
    COUNT_UNKNOWN = "{0} 个无结果", "{0} without a result";
    COUNT_EMPTY = "{0} 个默认分支无流水线", "{0} without pipelines on the default branch";
    TOO_MANY =
        "超过 {0} 个，按路径排序；搜索可缩小范围",
        "sorted by path, because there are more than {0}; search to narrow the list";
    FULL_SCREEN = "大屏", "Full screen";
    PROGRESS = "已运行 {0}，中位时长 {1}", "{0} elapsed, the median is {1}";
    RUNNING_ELSEWHERE = "其他分支或标签：{0} 条运行中", "{0} running on other refs";
    FAILING_SINCE = "连续失败始于", "failing since";
    RESULTS = "最近 30 条流水线", "Last 30 pipelines";
    RESULTS_TEXT = "最近 {0} 次，成功 {1} 次", "{1} of the last {0} passed";
    FIND = "路径或描述", "Path or description";
    TOTAL = "共 {0} 个", "{0} in total";
    NONE_FOUND = "没有符合条件的仓库", "No matching repositories";
    NONE_ON_PAGE = "本页没有仓库", "No repositories on this page";
    NONE_YET = "暂无您可查看的仓库", "No repositories that you can view";
    NEW = "新建仓库", "New repository";
    NEW_LEAD =
        "一个仓库汇总一个 Git 仓库的流水线和任务。创建后即可接入构建系统。",
        "A repository collects the pipelines and jobs of one Git repository. Connect a build system after you create it.";
    PATH = "路径", "Path";
    PATH_HINT = "与代码托管平台上的路径相同，例如 acme/demo", "The same as on the code host, for example acme/demo";
    CREATE = "创建", "Create";
    FIRST_STEPS = "从这里开始", "First steps";
    STEP_CREATE = "新建仓库。", "Create a repository.";
    STEP_TOKEN = "为构建系统创建令牌。", "Create a token for your build system.";
    STEP_REPORT = "复制一条命令，上报第一个任务。", "Copy one command and report the first job.";
    ASK_ADMINISTRATOR =
        "请联系管理员创建仓库，或将您添加为仓库成员。",
        "Ask an administrator to create a repository, or to add you as a member.";
    NO_PIPELINE = "暂无流水线", "no pipelines";
    ARCHIVED = "已归档", "archived";
    PRIVATE = "私有", "private";
    INTERNAL = "内部", "internal";
    PUBLIC = "公开", "public";
}
