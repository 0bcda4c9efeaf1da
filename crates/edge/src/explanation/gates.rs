//! The sentences about the results of merge gates, in both languages.

use super::status_text;
use crate::http::time_text::TimeText;
use crate::language::Language;
use domain::Timestamp;
use domain::model::gates::{
    Absent, DecidingJob, Evaluation, Reason, RequirementResult, RequirementState, Verdict,
};

/// Why a requirement has its state, with times in UTC.
pub fn explain_result(result: &RequirementResult<'_>, language: Language) -> String {
    explain_result_with(result, language, &utc)
}

/// Why a requirement has its state. `time` writes a time.
pub fn explain_result_with(
    result: &RequirementResult<'_>,
    language: Language,
    time: &dyn Fn(Timestamp) -> String,
) -> String {
    let reason = reason(result, language, time);
    let Some(decision) = result.overridden else { return reason };
    let by = decision.by_name.as_deref().unwrap_or(language.pick("已删除的用户", "a deleted user"));
    match language {
        Language::Chinese => format!("由 {by} 放行：{}。未放行时：{reason}", decision.reason),
        Language::English => format!("Overridden by {by}: {}. Without it: {reason}", decision.reason),
    }
}

fn reason(result: &RequirementResult<'_>, language: Language, time: &dyn Fn(Timestamp) -> String) -> String {
    let jobs = || Jobs { jobs: &result.jobs, count: result.job_count, language }.to_string();
    let text = |zh: String, en: String| match language {
        Language::Chinese => zh,
        Language::English => en,
    };
    match result.reason {
        Reason::Succeeded => text("所有任务均已成功。".into(), "All jobs succeeded.".into()),
        Reason::Accepted => text(
            "所有任务均已通过，其中有规则接受的跳过或失败。".into(),
            "All jobs passed, including skipped or failed jobs that the rule accepts.".into(),
        ),
        Reason::SkippedNotApplicable => text(
            "任务已跳过，不适用于该提交。".into(),
            "The jobs were skipped, so the requirement does not apply.".into(),
        ),
        Reason::Failed => text(format!("未通过的任务：{}。", jobs()), format!("Failed jobs: {}.", jobs())),
        Reason::Skipped => text(
            format!("已跳过的任务：{}；规则要求必须执行。", jobs()),
            format!("Skipped jobs, which the rule does not accept: {}.", jobs()),
        ),
        Reason::Running => text(format!("运行中的任务：{}。", jobs()), format!("Running jobs: {}.", jobs())),
        Reason::Queued => text(format!("排队中的任务：{}。", jobs()), format!("Queued jobs: {}.", jobs())),
        Reason::AnnouncedAbsent { stage, name, since, due } => {
            let job = job_name(stage, name);
            text(
                format!(
                    "任务 {job} 已于 {since} 预先声明，尚未上报，等待至 {due}。",
                    since = time(since),
                    due = time(due)
                ),
                format!(
                    "The job {job} was announced at {} and is not reported yet; the wait ends at {}.",
                    time(since),
                    time(due)
                ),
            )
        }
        Reason::AnnouncedMissing { stage, name, since } => {
            let job = job_name(stage, name);
            text(
                format!("任务 {job} 已于 {} 预先声明，至今未上报。", time(since)),
                format!("The job {job} was announced at {} and was not reported in time.", time(since)),
            )
        }
        Reason::Absent { period: None } => {
            text("尚无该提交的任何上报。".into(), "Nothing was reported for this commit yet.".into())
        }
        Reason::Absent { period: Some((since, due)) } => text(
            format!("自 {} 起没有匹配的任务，等待至 {}。", time(since), time(due)),
            format!("No matching job since {}; the wait ends at {}.", time(since), time(due)),
        ),
        Reason::AbsentSince { since, meaning, by_lists } => absent(&time(since), meaning, by_lists, language),
        Reason::OtherReporters { .. } => text(
            format!("只有不被认可的上报者上报了：{}。", jobs()),
            format!("Only reporters that the rule does not accept reported: {}.", jobs()),
        ),
        Reason::AnnouncedEnded => {
            text("所有预先声明的任务均已结束。".into(), "All announced jobs have ended.".into())
        }
    }
}

/// The sentence about an absence whose meaning counts.
fn absent(since: &str, meaning: Absent, by_lists: bool, language: Language) -> String {
    match language {
        Language::Chinese => {
            let why = match by_lists {
                true => format!("{since} 的完整预先声明中没有匹配的任务"),
                false => format!("自 {since} 起没有匹配的任务"),
            };
            let meaning = match meaning {
                Absent::Missing => "任务缺失",
                Absent::Passed => "按规则视为通过",
                Absent::NotApplicable => "按规则不适用于该提交",
            };
            format!("{why}，{meaning}。")
        }
        Language::English => {
            let why = match by_lists {
                true => format!("The complete list of {since} has no matching job"),
                false => format!("No matching job since {since}"),
            };
            let meaning = match meaning {
                Absent::Missing => "the job is missing",
                Absent::Passed => "the rule treats this as passed",
                Absent::NotApplicable => "by the rule, the requirement does not apply",
            };
            format!("{why}; {meaning}.")
        }
    }
}

/// One sentence about the verdict.
pub fn explain_verdict(evaluation: &Evaluation<'_>, target: &str, language: Language) -> String {
    let count = |states: &[RequirementState]| {
        evaluation.requirements.iter().filter(|result| states.contains(&result.state())).count()
    };
    use RequirementState::{Failed, Missing, Running, Waiting, WrongSource};
    let (zh, en) = match evaluation.verdict {
        Verdict::Unset => (
            format!("目标分支 {target} 没有适用的门禁规则。"),
            format!("No gate rule applies to the target branch {target}."),
        ),
        Verdict::Passed => {
            (format!("可以合并到 {target}。"), format!("The commit may be merged into {target}."))
        }
        Verdict::Failed => {
            let count = count(&[Failed]);
            (format!("{count} 项要求未通过。"), format!("Failed requirements: {count}."))
        }
        Verdict::Missing => {
            let count = count(&[Missing, WrongSource]);
            (format!("{count} 项要求缺少任务。"), format!("Requirements with missing jobs: {count}."))
        }
        Verdict::Pending => {
            let count = count(&[Running, Waiting, WrongSource]);
            (format!("{count} 项要求尚未完成。"), format!("Unfinished requirements: {count}."))
        }
    };
    language.pick(&zh, &en).to_owned()
}

fn utc(time: Timestamp) -> String {
    TimeText::utc(time).to_string()
}

fn job_name(stage: Option<&str>, name: &str) -> String {
    stage.map_or_else(|| name.to_owned(), |stage| format!("{stage}/{name}"))
}

/// The first jobs of a result.
struct Jobs<'a> {
    jobs: &'a [DecidingJob<'a>],
    count: usize,
    language: Language,
}

/// Most jobs that a sentence names.
const NAMED_MAX: usize = 3;

impl std::fmt::Display for Jobs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = self.jobs.iter().take(NAMED_MAX).map(|deciding| {
            let (stage, name) = (deciding.stage, deciding.name);
            let status = status_text(deciding.status, self.language);
            match self.language {
                Language::Chinese => format!("{stage}/{name}（{status}）"),
                Language::English => format!("{stage}/{name} ({status})"),
            }
        });
        let named: Vec<String> = named.collect();
        f.write_str(&named.join(self.language.pick("、", ", ")))?;
        match (self.count.saturating_sub(named.len()), self.language) {
            (0, _) => Ok(()),
            (more, Language::Chinese) => write!(f, " 等 {} 个", more + named.len()),
            (more, Language::English) => write!(f, " and {more} more"),
        }
    }
}
