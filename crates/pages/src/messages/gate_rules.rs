//! Texts of the page of gate rules.

texts! {
    TITLE = "{0} 的门禁规则", "Gate rules of {0}";
    RULES = "门禁规则", "Gate rules";
    HINT =
        "规则按目标分支规定合并前必须通过的任务。",
        "Rules define which jobs must pass before a commit is merged into a branch.";
    MANAGE = "管理门禁规则", "Manage gate rules";
    NONE = "暂无规则，所有目标分支均没有门禁结论", "No rules, so no branch has a gate verdict";
    VERSION = "版本 {0}", "Version {0}";
    CURRENT = "当前版本", "current";
    EARLIER = "上一版本", "Previous version";
    TO_CURRENT = "查看当前版本", "Current version";
    TARGETS = "目标分支", "Target branches";
    REQUIREMENT = "要求", "Requirement";
    STAGE = "阶段", "Stage";
    ANY_STAGE = "不限", "any";
    JOB = "任务", "Job";
    REPORTERS = "认可的上报者", "Accepted reporters";
    EVERYBODY = "所有有权上报的用户", "all users who may report";
    TOKEN = "令牌 {0}", "token {0}";
    KEY = "AK {0}", "AK {0}";
    ABSENCE = "无匹配任务时", "If no job matches";
    ABSENT_MISSING = "等待 {0} 后视为缺失", "missing after {0}";
    ABSENT_PASSED = "等待 {0} 后视为通过", "passed after {0}";
    ABSENT_NOT_APPLICABLE = "等待 {0} 后视为不适用", "not applicable after {0}";
    SKIPPED = "任务已跳过时", "If skipped";
    SKIPPED_FAILED = "未通过", "fails";
    SKIPPED_PASSED = "通过", "passes";
    SKIPPED_NOT_APPLICABLE = "不适用", "not applicable";
    ALLOW_FAILURE = "允许失败的任务失败时视为通过", "jobs with allow_failure may fail";
    OVERRIDERS = "可放行：{0}", "May override: {0}";
    ROLE_AT_LEAST = "角色不低于“{0}”的用户", "users with role {0} or higher";
    NOBODY = "无人", "nobody";
    QUEUES = "合并队列的分支", "Refs of merge queues";
    EDIT = "修改规则", "Change the rules";
    TEXT = "规则文件（TOML）", "Rules file (TOML)";
    TEXT_HINT =
        "格式与 stagepost gate apply 使用的文件相同；包含未知的键时拒绝应用",
        "Same format as for stagepost gate apply. Unknown keys are refused.";
    FORMAT = "格式说明", "About the format";
    PREVIEW = "预览变更", "Preview changes";
    APPLY = "应用", "Apply";
    CHANGES = "变更预览", "Changes to apply";
    NO_CHANGES = "没有变更。", "No changes.";
    ADDED = "新增", "Added";
    CHANGED = "修改", "Changed";
    REMOVED = "删除", "Removed";
    LINE = "第 {0} 行：{1}", "Line {0}: {1}";
    CHANGED_MEANWHILE =
        "规则已被他人更新为版本 {0}，请核对后重新应用。",
        "The rules have changed meanwhile and are now version {0}. Check them and apply again.";
}
