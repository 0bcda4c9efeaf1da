//! Turns the reason of a report into a sentence for people, in both languages.

pub mod gates;

use crate::language::Language;
use domain::model::history::HistoryEntry;
use domain::model::reports::{AdjustmentKind, Adjustments, Authority, Reason, Rule};
use domain::model::status::Status;

/// Why the report of this entry has its effect, and what was adjusted in it. For a closing, the sentence
/// first names who closed the attempt.
pub fn explain(entry: &HistoryEntry, language: Language) -> String {
    let why = explain_effect(entry, language);
    match adjustments(entry.state.adjusted, language) {
        None => why,
        Some(adjusted) => format!("{why}{}{adjusted}", language.pick("", " ")),
    }
}

/// The adjustments of a report, as a sentence; `None`: there are none.
fn adjustments(adjusted: Adjustments, language: Language) -> Option<String> {
    let one = |(field, kind): (&str, AdjustmentKind)| match language {
        Language::Chinese => {
            let kind = match kind {
                AdjustmentKind::Truncated => "已截断",
                AdjustmentKind::Sanitized => "控制字符已替换为空格",
                AdjustmentKind::Clamped => "已取最近的有效值",
                AdjustmentKind::Dropped => "已忽略",
            };
            format!("{field}（{kind}）")
        }
        Language::English => format!("{field} ({})", kind.as_str()),
    };
    let fields: Vec<String> = adjusted.iter().map(one).collect();
    let fields = fields.join(language.pick("、", ", "));
    let sentence = match language {
        Language::Chinese => format!("服务器调整了 {fields}。"),
        Language::English => format!("The server adjusted {fields}."),
    };
    (!adjusted.is_empty()).then_some(sentence)
}

fn explain_effect(entry: &HistoryEntry, language: Language) -> String {
    let (result, end) = (result(entry, language), language.pick("。", "."));
    match (closing(entry, language), entry.reason) {
        (None, _) => format!("{}{end}", capitalize(&result)),
        // A closing that took effect needs no second clause.
        (Some(closing), Reason::Created | Reason::Won(_) | Reason::FieldsUpdated) => {
            format!("{closing}{end}")
        }
        (Some(closing), Reason::Repeated | Reason::Superseded | Reason::Late(_)) => {
            format!("{closing}{}{result}{end}", language.pick("；", "; "))
        }
    }
}

/// The text of a status.
fn status_text(status: Status, language: Language) -> &'static str {
    let chinese = match status {
        Status::Pending => "排队中",
        Status::Running => "运行中",
        Status::Success => "成功",
        Status::Failed => "失败",
        Status::Canceled => "已取消",
        Status::Skipped => "已跳过",
        Status::TimedOut => "超时",
    };
    let english = if status == Status::TimedOut { "timed out" } else { status.as_str() };
    language.pick(chinese, english)
}

/// The originator and the reason of a closing; `None` for a report of the build system.
fn closing(entry: &HistoryEntry, language: Language) -> Option<String> {
    let status = status_text(entry.state.status, language);
    let text = |zh: String, en: String| Some(language.pick(&zh, &en).to_owned());
    match entry.state.authority {
        Authority::Reporter => None,
        Authority::Watchdog => match &entry.closing_reason {
            Some(timeout) => text(
                format!("超过 {timeout} 没有收到任何上报，判定为{status}"),
                format!("No report for longer than {timeout}: closed as {status}"),
            ),
            None => text(
                format!("长时间没有收到任何上报，判定为{status}"),
                format!("No report for too long: closed as {status}"),
            ),
        },
        Authority::Operator => {
            let (by_zh, by_en) = match &entry.reporter {
                Some(name) => (format!("由 {name} 手动关闭"), format!("Closed manually by {name}")),
                None => ("手动关闭".to_owned(), "Closed manually".to_owned()),
            };
            let (reason_zh, reason_en) = match &entry.closing_reason {
                Some(reason) => (format!("（{reason}）"), format!(" ({reason})")),
                None => Default::default(),
            };
            text(format!("{by_zh}为{status}{reason_zh}"), format!("{by_en} as {status}{reason_en}"))
        }
    }
}

/// The changes of a report, or the reason why it changed nothing.
fn result(entry: &HistoryEntry, language: Language) -> String {
    let reported = status_text(entry.state.status, language);
    let after = entry.status_after.map(|status| status_text(status, language));
    let fields: Vec<&str> = entry.changed.names().collect();
    let fields = fields.join(language.pick("、", ", "));
    let text = |zh: String, en: String| language.pick(&zh, &en).to_owned();
    match (entry.reason, after) {
        (Reason::Created, _) => text(
            format!("开始了这次执行，状态为{reported}"),
            format!("the report started this attempt with status {reported}"),
        ),
        (Reason::Won(_) | Reason::FieldsUpdated, Some(after)) => text(
            format!("更新了 {fields}，此后状态为{after}"),
            format!("the report changed {fields}; the resulting status is {after}"),
        ),
        (Reason::Won(_) | Reason::FieldsUpdated, None) => {
            text(format!("更新了 {fields}"), format!("the report changed {fields}"))
        }
        (Reason::Repeated, _) => match entry.state.authority {
            Authority::Reporter => text(
                "与当前状态一致，没有变化".into(),
                "the report repeats the known state and changed nothing".into(),
            ),
            Authority::Operator | Authority::Watchdog => {
                text("与已有记录一致，没有变化".into(), "this was already known and changed nothing".into())
            }
        },
        (Reason::Superseded, _) => text(
            "已有优先级更高的内容，没有变化".into(),
            "values that take precedence were already known, so the report changed nothing".into(),
        ),
        (Reason::Late(rule), after) => {
            let status = match after {
                Some(after) => text(format!("，状态仍为{after}"), format!(", so the status stays {after}")),
                None => String::new(),
            };
            let other_fields = match fields.is_empty() {
                true => String::new(),
                false => text(format!("，只更新了 {fields}"), format!(", and only {fields} changed")),
            };
            format!("{}{status}{other_fields}", late(entry, rule, language))
        }
    }
}

/// The rule by which a late report did not take effect.
fn late(entry: &HistoryEntry, rule: Rule, language: Language) -> String {
    let text = |zh: &str, en: &str| language.pick(zh, en).to_owned();
    let at = entry.state.occurred_at.map(|at| format!("{at:.3}"));
    match (rule, at) {
        (Rule::Rank, _) => text(
            "该次执行已处于更后的状态，不会倒退",
            "the attempt already had a later status, and a status never goes back",
        ),
        (Rule::Authority, _) => match entry.state.authority {
            Authority::Operator => {
                text("以构建系统上报的结束状态为准", "a result of the build system takes precedence")
            }
            Authority::Watchdog | Authority::Reporter => {
                text("已有更可信的结束状态", "a result with higher authority was already known")
            }
        },
        (Rule::Time, Some(at)) => {
            text(&format!("该状态发生得更早（{at}）"), &format!("the reported time is earlier ({at})"))
        }
        (Rule::Severity | Rule::TimeOrSeverity, Some(at)) => text(
            &format!("该状态的发生时间并不更晚（{at}）"),
            &format!("the reported time is not later ({at})"),
        ),
        (Rule::Severity, None) => text("已有更严重的结束状态", "a more severe result was reported"),
        // The time of receipt, which the history has beside the reason.
        (Rule::Time, None) => text("已有发生时间更晚的状态", "a status with a later time was already known"),
        (Rule::TimePresence | Rule::Arrival | Rule::Unrecorded, _) | (Rule::TimeOrSeverity, None) => {
            text("已有优先级更高的上报", "a report that takes precedence was already known")
        }
    }
}

/// The sentence with a capital letter first, where the script has capitals.
fn capitalize(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
