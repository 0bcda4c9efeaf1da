//! `/native/v1/repositories/{id}/gates`: the rules of merge gates, and the verdict of a commit. `docs/gates.md`
//! describes them.

use super::as_of::AsOf;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `GET .../gates`: a version of the rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateRules {
    /// The version, counted from 1; 0: the repository never had rules.
    #[schemars(extend("zh" = "规则的版本，从 1 开始；0 表示仓库从未设置规则。"))]
    pub version: i64,
    /// The user who made this version.
    #[schemars(extend("zh" = "修改规则的用户。"))]
    pub changed_by: Option<String>,
    /// The time of this version.
    #[schemars(extend("zh" = "修改时间。"))]
    pub changed_at: Option<String>,
    /// The rules. All that match a target branch apply to it.
    #[schemars(extend("zh" = "规则列表；与目标分支匹配的规则全部生效。"))]
    pub rules: Vec<GateRule>,
    /// The refs of merge queues, which use the rules of their target branch.
    #[schemars(extend("zh" = "合并队列的 ref，使用其目标分支的规则。"))]
    pub merge_queues: Vec<GateMergeQueue>,
}

/// `PUT .../gates`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewGateRules {
    /// The rules.
    #[schemars(extend("zh" = "规则列表。"))]
    pub rules: Vec<GateRule>,
    /// The refs of merge queues. Absent: those of GitHub's merge queue.
    #[schemars(extend("zh" = "合并队列的 ref；不填则为 GitHub 合并队列的 ref。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_queues: Option<Vec<GateMergeQueue>>,
    /// Checks the rules and returns what they would be, without changing anything.
    #[schemars(extend("zh" = "仅检查规则并返回结果，不做任何修改。"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// The rules as a TOML file, which a user edits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GateRulesFile {
    /// The rules.
    pub rules: Vec<GateRule>,
    /// The refs of merge queues. Absent: those of GitHub's merge queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_queues: Option<Vec<GateMergeQueue>>,
}

impl From<GateRulesFile> for NewGateRules {
    fn from(file: GateRulesFile) -> Self {
        let GateRulesFile { rules, merge_queues } = file;
        Self { rules, merge_queues, dry_run: false }
    }
}

/// How a requirement differs between two versions of the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequirementChange {
    /// It is new.
    Added,
    /// It, the targets of its rule, or who may override it, differs.
    Changed,
    /// It is gone.
    Removed,
}

impl GateRules {
    /// The requirements that differ from an earlier version, by name; the removed ones come last.
    pub fn changes_since(&self, before: &Self) -> Vec<(RequirementChange, String)> {
        let (before, after) = (before.requirements(), self.requirements());
        let change = |(name, requirement): (&String, &_)| match before.get(name) {
            None => Some((RequirementChange::Added, name.clone())),
            Some(known) if known != requirement => Some((RequirementChange::Changed, name.clone())),
            Some(_) => None,
        };
        let mut changes: Vec<_> = after.iter().filter_map(change).collect();
        let removed = before.keys().filter(|name| !after.contains_key(*name));
        changes.extend(removed.map(|name| (RequirementChange::Removed, name.clone())));
        changes
    }

    /// Whether the refs of merge queues differ from those of an earlier version.
    pub fn has_other_queues(&self, before: &Self) -> bool {
        before.version > 0 && before.merge_queues != self.merge_queues
    }

    /// Each requirement by its name, with the targets of its rule and who may override it.
    fn requirements(&self) -> BTreeMap<String, (&[String], Option<&GateOverriders>, &GateRequirement)> {
        let mut found = BTreeMap::new();
        for rule in &self.rules {
            for requirement in &rule.requirements {
                let name = requirement.name.clone().unwrap_or_default();
                found.insert(name, (rule.targets.as_slice(), rule.overriders.as_ref(), requirement));
            }
        }
        found
    }
}

impl From<GateRules> for GateRulesFile {
    fn from(known: GateRules) -> Self {
        let GateRules { rules, merge_queues, .. } = known;
        Self { rules, merge_queues: Some(merge_queues) }
    }
}

/// The requirements for a commit that is to be merged into certain branches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateRule {
    /// Patterns of the target branches; `*` matches any characters.
    #[schemars(extend("zh" = "目标分支的匹配模式；`*` 匹配任意字符。"))]
    pub targets: Vec<String>,
    /// The requirements; all must pass.
    #[schemars(extend("zh" = "要求列表，必须全部通过。"))]
    pub requirements: Vec<GateRequirement>,
    /// The users who may override the requirements.
    #[schemars(extend("zh" = "可以手动放行的用户。"))]
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub overriders: Option<GateOverriders>,
}

/// Jobs that must pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateRequirement {
    /// The name of the requirement, unique in the repository. Absent: stage and job as they are written.
    #[schemars(extend("zh" = "要求的名称，在仓库内唯一；不填则由阶段和任务的模式组成。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A pattern of the stage; absent: any stage.
    #[schemars(extend("zh" = "阶段的匹配模式；不填则不限。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// A pattern of the name of the jobs. All that match must pass.
    #[schemars(extend("zh" = "任务名称的匹配模式；匹配的任务必须全部通过。"))]
    pub job: Option<String>,
    /// The accepted reporters, at least one; absent: all users who may report.
    #[schemars(extend("zh" = "仅认可这些上报者的上报，至少一个；不填则认可所有有权上报的用户。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reporters: Option<Vec<GateReporter>>,
    /// The result of a skipped job: `failed` (the default), `passed` or `not_applicable`.
    #[schemars(description = "The result of a skipped job.", extend("zh" = "任务已跳过时的结果，默认为 `failed`。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
    /// Whether a job that failed with `allow_failure` passes.
    #[schemars(extend("zh" = "允许失败（`allow_failure`）的任务失败时是否视为通过。"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_failure: bool,
    /// The result if no job matches: `missing` (the default), `passed` or `not_applicable`.
    #[schemars(description = "The result if no job matches.", extend("zh" = "没有匹配的任务时的结果，默认为 `missing`。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// The time to wait for an absent job, in seconds, from the first report or announcement of the commit; 3600 by
    /// default.
    #[schemars(extend("zh" = "等待缺失任务的秒数，自该提交的首次上报或预先声明起计；默认 3600。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub absent_after: Option<i64>,
}

/// A permitted reporter: exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateReporter {
    /// The name of a user, with any credential.
    #[schemars(extend("zh" = "用户名，不限凭据。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The id of a token.
    #[schemars(extend("zh" = "令牌 ID。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<i64>,
    /// The AK of an access key.
    #[schemars(extend("zh" = "访问密钥的 AK。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The users who may override.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateOverriders {
    /// The least role: `manage` (the default), `report`, or `none`: only the users.
    #[schemars(description = "The minimum role.", extend("zh" = "所需的最低角色，默认为 `manage`；`none` 表示仅限指定用户。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The names of further users, who need the role `report`.
    #[schemars(extend("zh" = "其他可以放行的用户名，须具有 `report` 角色。"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
}

/// The refs of a merge queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateMergeQueue {
    /// A pattern of the refs; `{target}` matches the name of the target branch.
    #[schemars(extend("zh" = "ref 的匹配模式；`{target}` 表示目标分支名。"))]
    pub refs: Option<String>,
    /// The target branch, if `refs` has no `{target}`.
    #[schemars(extend("zh" = "`refs` 中没有 `{target}` 时的目标分支。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// `GET .../gates/{sha}`: the verdict of a commit for a target branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// The commit.
    #[schemars(extend("zh" = "提交 ID。"))]
    pub sha: String,
    /// The target branch.
    #[schemars(extend("zh" = "目标分支。"))]
    pub target: String,
    /// The verdict.
    #[schemars(extend("zh" = "结论。"))]
    pub verdict: String,
    /// It grows when a fact or a rule changes, and when a period of waiting ends.
    #[schemars(extend("zh" = "结论的版本：事实或规则变化、等待期结束时增大。"))]
    pub version: i64,
    /// The version of the rules in force; 0: there are none.
    #[schemars(extend("zh" = "生效规则的版本；0 表示没有规则。"))]
    pub rules_version: i64,
    /// One sentence about the verdict.
    #[schemars(extend("zh" = "一句话说明。"))]
    pub why: String,
    /// The results, in order of the rules.
    #[schemars(extend("zh" = "各项要求的结果。"))]
    pub requirements: Vec<GateResult>,
    /// The result about the announced jobs; null: none was announced, or no rule applies.
    #[schemars(extend("zh" = "预先声明任务的结果；没有预先声明或没有规则时为 null。"))]
    pub announced: Option<GateResult>,
    /// The next end of a period of waiting.
    #[schemars(extend("zh" = "下一个等待期的结束时间。"))]
    pub next_due: Option<String>,
    /// The overrides for the target branch, also withdrawn ones.
    #[schemars(extend("zh" = "该目标分支的放行记录，包括已撤销的。"))]
    pub overrides: Vec<GateOverride>,
    /// The moment of a past state; only with `as_of`.
    #[schemars(extend("zh" = "历史状态的时间点；仅在指定 `as_of` 时返回。"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub as_of: Option<AsOf>,
}

/// `GET .../gates/{sha}/verdicts`: a page of the recorded verdicts of a commit for a target branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateVerdicts {
    /// The commit.
    #[schemars(extend("zh" = "提交 ID。"))]
    pub sha: String,
    /// The target branch.
    #[schemars(extend("zh" = "目标分支。"))]
    pub target: String,
    /// The records, the last first.
    #[schemars(extend("zh" = "结论记录，最新的在前。"))]
    pub verdicts: Vec<GateVerdict>,
    /// The `before` of the next page; null: this is the last one.
    #[schemars(extend("zh" = "下一页的 `before`；没有下一页时为 null。"))]
    pub next_before: Option<i64>,
}

/// A recorded verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateVerdict {
    /// Its number, counted from 1 for each commit and target branch.
    #[schemars(extend("zh" = "编号，每个提交和目标分支从 1 开始。"))]
    pub number: i64,
    /// When it was recorded.
    #[schemars(extend("zh" = "记录时间。"))]
    pub recorded_at: String,
    /// The last report of the repository that it takes into account.
    #[schemars(extend("zh" = "计入的仓库最后一次上报的 ID。"))]
    pub last_report: i64,
    /// The verdict.
    #[schemars(extend("zh" = "结论。"))]
    pub verdict: String,
    /// Its version.
    #[schemars(extend("zh" = "结论的版本。"))]
    pub version: i64,
    /// The version of the rules; 0: there were none.
    #[schemars(extend("zh" = "规则的版本；0 表示没有规则。"))]
    pub rules_version: i64,
    /// One sentence about the verdict.
    #[schemars(extend("zh" = "一句话说明。"))]
    pub why: String,
    /// The results, in order of the rules, each with at most 3 jobs.
    #[schemars(extend("zh" = "各项要求的结果，每项最多 3 个任务。"))]
    pub requirements: Vec<GateResult>,
    /// The result about the announced jobs; null: none was announced, or no rule applied.
    #[schemars(extend("zh" = "预先声明任务的结果；没有预先声明或没有规则时为 null。"))]
    pub announced: Option<GateResult>,
}

/// The result of one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// The name of the requirement; null: the announced jobs.
    #[schemars(extend("zh" = "要求的名称；预先声明任务为 null。"))]
    pub name: Option<String>,
    /// The state.
    #[schemars(extend("zh" = "状态。"))]
    pub state: String,
    /// One sentence why.
    #[schemars(extend("zh" = "原因。"))]
    pub why: String,
    /// Since when a job is absent or missing.
    #[schemars(extend("zh" = "任务缺失的起始时间。"))]
    pub since: Option<String>,
    /// When the wait for an absent job ends.
    #[schemars(extend("zh" = "等待缺失任务的截止时间。"))]
    pub due: Option<String>,
    /// The number of the override that counts.
    #[schemars(extend("zh" = "生效的放行记录编号。"))]
    pub overridden_by: Option<i64>,
    /// The jobs that decided, at most 20.
    #[schemars(extend("zh" = "决定结果的任务，最多 20 个。"))]
    pub jobs: Vec<GateJob>,
    /// The number of jobs that decided.
    #[schemars(extend("zh" = "决定结果的任务总数。"))]
    pub job_count: u64,
}

/// A job that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateJob {
    /// The id of the attempt that counts.
    #[schemars(extend("zh" = "计入的执行的 ID。"))]
    pub id: i32,
    /// Its pipeline.
    #[schemars(extend("zh" = "流水线 ID。"))]
    pub pipeline_id: i32,
    /// The source of its pipeline.
    #[schemars(extend("zh" = "来源。"))]
    pub source: String,
    /// Its stage.
    #[schemars(extend("zh" = "阶段。"))]
    pub stage: String,
    /// Its name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: String,
    /// The status that counts.
    #[schemars(extend("zh" = "计入的状态。"))]
    pub status: String,
}

/// An override.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateOverride {
    /// Its number, counted from 1 for each commit.
    #[schemars(extend("zh" = "编号，每个提交从 1 开始。"))]
    pub id: i64,
    /// The target branch.
    #[schemars(extend("zh" = "目标分支。"))]
    pub target: String,
    /// The requirement; null: the whole gate.
    #[schemars(extend("zh" = "要求的名称；null 表示整个门禁。"))]
    pub requirement: Option<String>,
    /// The user who decided.
    #[schemars(extend("zh" = "放行的用户。"))]
    pub by: Option<String>,
    /// The reason.
    #[schemars(extend("zh" = "原因。"))]
    pub reason: String,
    /// The time of the decision.
    #[schemars(extend("zh" = "放行时间。"))]
    pub at: String,
    /// When it was withdrawn; null: it holds.
    #[schemars(extend("zh" = "撤销时间；未撤销为 null。"))]
    pub withdrawn_at: Option<String>,
    /// The user who withdrew it.
    #[schemars(extend("zh" = "撤销的用户。"))]
    pub withdrawn_by: Option<String>,
}

/// `POST .../gates/{sha}/overrides`. Only `reason` is required.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct NewGateOverride {
    /// The target branch; absent: that of the merge request of the commit, else the default branch.
    #[schemars(extend("zh" = "目标分支；不填则为该提交的合并请求的目标分支，否则为默认分支。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The requirement; absent: the whole gate.
    #[schemars(extend("zh" = "要求的名称；不填则放行整个门禁。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
    /// The reason.
    #[schemars(extend("zh" = "原因。"))]
    pub reason: Option<String>,
}

/// `POST .../gates/{sha}/expect`: the jobs that a build system will report for a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateExpectation {
    /// The source of the jobs; absent: any.
    #[schemars(extend("zh" = "任务的来源；不填则不限。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The jobs.
    #[schemars(extend("zh" = "任务列表。"))]
    pub jobs: Vec<GateAnnouncedJob>,
    /// Whether these are all jobs that the caller will report with this credential and source. Then they replace its
    /// earlier lists.
    #[schemars(extend("zh" = "是否为该上报者以该凭据和来源上报的全部任务；是则取代其之前的预先声明。"))]
    pub complete: bool,
}

/// A job that is announced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GateAnnouncedJob {
    /// The stage; absent: any.
    #[schemars(extend("zh" = "阶段；不填则不限。"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// The name.
    #[schemars(extend("zh" = "名称。"))]
    pub name: Option<String>,
}
