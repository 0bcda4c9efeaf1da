//! Why a report changed what it did, or nothing: one sentence for people.

use crate::language::Language;
use domain::model::history::HistoryEntry;
use domain::model::reports::{Authority, Effect};
use domain::model::status::Status;

pub fn explain(entry: &HistoryEntry, language: Language) -> String {
    let (effect, end) = (effect(entry, language), language.pick("。", "."));
    match cause(entry, language) {
        // It did what it says.
        Some(cause) if matches!(entry.effect, Effect::Created | Effect::Changed) => format!("{cause}{end}"),
        Some(cause) => format!("{cause}{}{effect}{end}", language.pick("；", "; ")),
        None => format!("{}{end}", capital(&effect)),
    }
}

/// A status as people read it.
fn word(status: Status, language: Language) -> &'static str {
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

/// What moved whoever closed the attempt; a build system's report needs no cause.
fn cause(entry: &HistoryEntry, language: Language) -> Option<String> {
    let status = word(entry.state.status, language);
    let say = |zh: String, en: String| Some(language.pick(&zh, &en).to_owned());
    match entry.state.authority {
        Authority::Reporter => None,
        Authority::Watchdog => match &entry.closing_reason {
            Some(limit) => say(
                format!("超过 {limit} 没有收到任何上报，判定为{status}"),
                format!("No report for longer than {limit}: given up as {status}"),
            ),
            None => say(
                format!("太久没有收到任何上报，判定为{status}"),
                format!("No report for too long: given up as {status}"),
            ),
        },
        Authority::Operator => {
            let (by_zh, by_en) = match &entry.reporter {
                Some(name) => (format!("由 {name} 人工关闭"), format!("Closed by hand by {name}")),
                None => ("人工关闭".to_owned(), "Closed by hand".to_owned()),
            };
            let (reason_zh, reason_en) = match &entry.closing_reason {
                Some(reason) => (format!("（{reason}）"), format!(" ({reason})")),
                None => Default::default(),
            };
            say(format!("{by_zh}为{status}{reason_zh}"), format!("{by_en} as {status}{reason_en}"))
        }
    }
}

fn effect(entry: &HistoryEntry, language: Language) -> String {
    let said = word(entry.state.status, language);
    // An older version did not note how the attempt stood after a report.
    let stood = entry.status_after.map(|status| word(status, language));
    let fields: Vec<&str> = entry.changed.names().collect();
    let fields = fields.join(language.pick("、", ", "));
    let say = |zh: String, en: String| language.pick(&zh, &en).to_owned();
    match (entry.effect, stood) {
        (Effect::Created, _) => {
            say(format!("开始了这次执行，状态为{said}"), format!("it began this attempt as {said}"))
        }
        (Effect::Changed, Some(stood)) => say(
            format!("更新了 {fields}，此后状态为{stood}"),
            format!("it changed {fields}; since then the attempt is {stood}"),
        ),
        (Effect::Changed, None) => say(format!("更新了 {fields}"), format!("it changed {fields}")),
        (Effect::Repeated, _) => match entry.state.authority {
            Authority::Reporter => {
                say("内容均已知，没有变化".into(), "it said what was known and changed nothing".into())
            }
            Authority::Operator | Authority::Watchdog => {
                say("此前已知，没有变化".into(), "that was known already, nothing changed".into())
            }
        },
        (Effect::Late, stood) => {
            let stays = match stood {
                Some(stood) => say(format!("，状态仍为{stood}"), format!(", so the status stays {stood}")),
                None => String::new(),
            };
            let also = match fields.is_empty() {
                true => String::new(),
                false => say(format!("，只更新了 {fields}"), format!(", and only {fields} changed")),
            };
            format!("{}{stays}{also}", late(entry, language))
        }
    }
}

/// Why what was known counts more: by rank, then by whose word it is, then by the reporter's time, then by the worse end. As far as
/// the late report tells; what it came after is not at hand.
fn late(entry: &HistoryEntry, language: Language) -> String {
    let said = &entry.state;
    let say = |zh: &str, en: &str| language.pick(zh, en).to_owned();
    let something = || say("已有更优先的上报", "a report that counts more was known");
    match said.authority {
        // Of operators the last counts, so it was not another one.
        Authority::Operator => {
            return say("构建系统自己的结束优先", "the build system's own end counts more");
        }
        Authority::Watchdog => return say("已有更可信的结束", "an end that counts more was known"),
        Authority::Reporter => {}
    }
    let Some(stood) = entry.status_after else { return something() };
    if said.status.rank() < stood.rank() {
        return say(
            "该次执行已处于更后的状态，不会倒退",
            "the attempt was further already and never goes back",
        );
    }
    let milder = said.status.severity() < stood.severity();
    // Without an id of the build system's, of two that are as old the last counts.
    let by_severity = milder && said.third_build_id.is_some();
    match said.occurred_at.map(|at| format!("{at:.3}")) {
        Some(at) if by_severity => {
            say(&format!("它发生得并不更晚（{at}）"), &format!("it did not happen later ({at})"))
        }
        Some(at) => say(&format!("它发生得更早（{at}）"), &format!("it happened earlier ({at})")),
        None if by_severity => say("另一个结束状态更严重", "a worse end was reported"),
        // The other said when.
        None => something(),
    }
}

/// With a capital letter first, where the script has any.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;
    use domain::model::reports::{FieldSet, ReportedState};

    fn entry(authority: Authority, status: Status, effect: Effect, stood: Option<Status>) -> HistoryEntry {
        HistoryEntry {
            report_id: 1,
            reporter: None,
            dialect: "native".into(),
            received_at: Timestamp::UNIX_EPOCH,
            state: ReportedState::with_status(status, authority),
            effect,
            changed: FieldSet::default(),
            status_after: stood,
            closing_reason: None,
        }
    }

    #[test]
    fn every_kind_of_report_says_why_in_both_languages() {
        use {Authority::*, Effect::*, Status::*};
        let fields = |mut of: HistoryEntry, fields| {
            of.changed = fields;
            of
        };
        let because = |mut of: HistoryEntry, by: Option<&str>, reason: &str| {
            of.reporter = by.map(str::to_owned);
            of.closing_reason = Some(reason.to_owned());
            of
        };
        for (entry, zh, en) in [
            (
                entry(Reporter, Running, Created, Some(Running)),
                "开始了这次执行，状态为运行中。",
                "It began this attempt as running.",
            ),
            (
                fields(entry(Reporter, Success, Changed, Some(Success)), FieldSet::from_bits(1 | 64)),
                "更新了 status、finished_at，此后状态为成功。",
                "It changed status, finished_at; since then the attempt is success.",
            ),
            (
                fields(entry(Reporter, Success, Changed, None), FieldSet::STATUS),
                "更新了 status。",
                "It changed status.",
            ),
            (
                entry(Reporter, Success, Repeated, Some(Success)),
                "内容均已知，没有变化。",
                "It said what was known and changed nothing.",
            ),
            (
                entry(Reporter, Running, Late, Some(Success)),
                "该次执行已处于更后的状态，不会倒退，状态仍为成功。",
                "The attempt was further already and never goes back, so the status stays success.",
            ),
            (
                fields(entry(Reporter, Success, Late, Some(Failed)), FieldSet::DESCRIPTION),
                "已有更优先的上报，状态仍为失败，只更新了 description。",
                "A report that counts more was known, so the status stays failed, and only description changed.",
            ),
            (
                entry(Reporter, Success, Late, None),
                "已有更优先的上报。",
                "A report that counts more was known.",
            ),
            (
                because(entry(Watchdog, TimedOut, Changed, Some(TimedOut)), None, "2h"),
                "超过 2h 没有收到任何上报，判定为超时。",
                "No report for longer than 2h: given up as timed out.",
            ),
            (
                because(entry(Operator, Canceled, Changed, Some(Canceled)), Some("amy"), "branch is gone"),
                "由 amy 人工关闭为已取消（branch is gone）。",
                "Closed by hand by amy as canceled (branch is gone).",
            ),
            (
                entry(Operator, Canceled, Late, Some(Success)),
                "人工关闭为已取消；构建系统自己的结束优先，状态仍为成功。",
                "Closed by hand as canceled; the build system's own end counts more, so the status stays success.",
            ),
            (
                entry(Operator, Canceled, Repeated, Some(Canceled)),
                "人工关闭为已取消；此前已知，没有变化。",
                "Closed by hand as canceled; that was known already, nothing changed.",
            ),
        ] {
            assert_eq!(explain(&entry, Language::Chinese), zh);
            assert_eq!(explain(&entry, Language::English), en);
        }
    }

    #[test]
    fn a_late_report_says_what_it_can_tell() {
        use {Authority::Reporter, Effect::Late, Status::*};
        let of = |status, stood, build: Option<&str>, at: Option<&str>| {
            let mut entry = entry(Reporter, status, Late, Some(stood));
            entry.state.third_build_id = build.map(str::to_owned);
            entry.state.occurred_at = at.map(|at| at.parse().unwrap());
            (explain(&entry, Language::Chinese), explain(&entry, Language::English))
        };
        let (build, at) = (Some("b"), Some("2026-11-24T00:00:03Z"));
        for (status, stood, build, at, zh, en) in [
            // A worse end, or the same word, goes back for nothing but its time.
            (
                Failed,
                Success,
                build,
                at,
                "它发生得更早（2026-11-24T00:00:03.000Z）",
                "It happened earlier (2026-11-24T00:00:03.000Z)",
            ),
            (
                Running,
                Running,
                None,
                at,
                "它发生得更早（2026-11-24T00:00:03.000Z）",
                "It happened earlier (2026-11-24T00:00:03.000Z)",
            ),
            (
                Success,
                Failed,
                None,
                at,
                "它发生得更早（2026-11-24T00:00:03.000Z）",
                "It happened earlier (2026-11-24T00:00:03.000Z)",
            ),
            // It may be as old as the worse one.
            (
                Success,
                Failed,
                build,
                at,
                "它发生得并不更晚（2026-11-24T00:00:03.000Z）",
                "It did not happen later (2026-11-24T00:00:03.000Z)",
            ),
            (Success, Failed, build, None, "另一个结束状态更严重", "A worse end was reported"),
            // The other has a time, which this one has not.
            (Failed, Success, build, None, "已有更优先的上报", "A report that counts more was known"),
            (Success, Failed, None, None, "已有更优先的上报", "A report that counts more was known"),
            (
                Running,
                Failed,
                build,
                at,
                "该次执行已处于更后的状态，不会倒退",
                "The attempt was further already and never goes back",
            ),
        ] {
            let (chinese, english) = of(status, stood, build, at);
            let stays = format!(", so the status stays {}.", stood.as_str());
            assert_eq!((chinese.split("，状态").next(), english.strip_suffix(&*stays)), (Some(zh), Some(en)));
        }
    }

    #[test]
    fn chinese_sentences_have_chinese_words_for_every_status() {
        for status in Status::ALL {
            let said = explain(
                &entry(Authority::Reporter, status, Effect::Created, Some(status)),
                Language::Chinese,
            );
            assert!(!said.contains(|c: char| c.is_ascii_alphabetic()), "{said}");
        }
    }
}
