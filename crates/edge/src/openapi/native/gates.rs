//! Merge gates.

use crate::openapi::operation::{Operation, operation};
use wire::native::gates::{
    Gate, GateExpectation, GateOverride, GateRules, GateVerdicts, NewGateOverride, NewGateRules,
};

pub fn operations() -> Vec<Operation> {
    let mut all = rules();
    all.extend(facts());
    all
}

fn rules() -> Vec<Operation> {
    vec![
        operation(
            "GateRules",
            ("查询门禁规则", "Show the rules of merge gates"),
            ("返回最新版本，或指定的版本。", "The latest version, or the given one."),
        )
        .query("version")
        .returns::<GateRules>(200),
        operation(
            "SetGateRules",
            ("设置门禁规则", "Set the rules of merge gates"),
            (
                "整体替换全部规则并产生新版本；内容相同时版本不变。指定 `dry_run` 时仅检查，不做修改。",
                "Replaces all rules and creates a new version; equal rules keep the version. With `dry_run` it only checks the rules.",
            ),
        )
        .takes::<NewGateRules>()
        .returns::<GateRules>(200),
        operation(
            "Gate",
            ("查询提交的门禁结论", "Show the verdict of a commit"),
            (
                "指定 `wait` 时，在版本大于 `after` 或等待超时后返回。指定 `as_of` 时返回当时的结论。",
                "With `wait` it responds when the version is greater than `after`, or when the wait ends. With `as_of` it returns the verdict of that time.",
            ),
        )
        .query("target wait after as_of")
        .returns::<Gate>(200),
        operation(
            "GateVerdicts",
            ("查询提交的结论记录", "List the recorded verdicts of a commit"),
            (
                "结论或某项要求的状态每次变化的记录，最新的在前。翻页时将 `next_before` 作为 `before`，null 表示没有下一页。",
                "One record for each change of the verdict or of the state of a requirement, newest first. Pass `next_before` as `before` for the next page; null means the end.",
            ),
        )
        .query("target until before limit")
        .returns::<GateVerdicts>(200),
    ]
}

fn facts() -> Vec<Operation> {
    vec![
        operation(
            "ExpectJobs",
            ("预先声明提交的任务", "Announce the jobs of a commit"),
            (
                "预先声明将要上报的任务；全部结束之前门禁不会通过。可重复发送。",
                "Announces jobs that will be reported. The gate does not pass until all of them have finished. The request may be repeated.",
            ),
        )
        .takes::<GateExpectation>()
        .returns::<GateExpectation>(201),
        operation(
            "OverrideGate",
            ("放行门禁", "Override a merge gate"),
            (
                "放行一项要求或整个门禁，仅对该提交和目标分支有效，并记录原因。",
                "Treats a requirement, or the whole gate, as passed for this commit and one target branch, and records the reason.",
            ),
        )
        .takes::<NewGateOverride>()
        .returns::<GateOverride>(201),
        operation(
            "WithdrawGateOverride",
            ("撤销放行", "Withdraw an override"),
            ("放行记录会保留。", "The record of the override is kept."),
        )
        .returns_nothing(204),
    ]
}
