//! Why a report changed what it did, or nothing: one sentence for people.

use crate::language::Language;
use domain::model::history::HistoryEntry;
use domain::model::reports::{Authority, Effect};

pub fn why(entry: &HistoryEntry, language: Language) -> String {
    let (effect, end) = (effect(entry, language), language.pick("。", "."));
    match cause(entry, language) {
        // It did what it says.
        Some(cause) if matches!(entry.effect, Effect::Created | Effect::Changed) => format!("{cause}{end}"),
        Some(cause) => format!("{cause}{}{effect}{end}", language.pick("；", "; ")),
        None => format!("{}{end}", capital(&effect)),
    }
}

/// What moved whoever closed the attempt; a build system's report needs no cause.
fn cause(entry: &HistoryEntry, language: Language) -> Option<String> {
    let status = entry.said.status.as_str();
    let say = |zh: String, en: String| Some(language.pick(&zh, &en).to_owned());
    match entry.said.authority {
        Authority::Reporter => None,
        Authority::Watchdog => match &entry.reason {
            Some(limit) => say(
                format!("超过 {limit} 没有收到任何上报，判定为 {status}"),
                format!("No report for longer than {limit}: given up as {status}"),
            ),
            None => say(
                format!("太久没有收到任何上报，判定为 {status}"),
                format!("No report for too long: given up as {status}"),
            ),
        },
        Authority::Operator => {
            let (by_zh, by_en) = match &entry.reporter {
                Some(name) => (format!("由 {name} 人工关闭"), format!("Closed by hand by {name}")),
                None => ("人工关闭".to_owned(), "Closed by hand".to_owned()),
            };
            let (reason_zh, reason_en) = match &entry.reason {
                Some(reason) => (format!("（{reason}）"), format!(" ({reason})")),
                None => Default::default(),
            };
            say(format!("{by_zh}为 {status}{reason_zh}"), format!("{by_en} as {status}{reason_en}"))
        }
    }
}

fn effect(entry: &HistoryEntry, language: Language) -> String {
    let said = entry.said.status;
    // An older version did not note how the attempt stood after a report.
    let stood = entry.stood.map(|status| status.as_str());
    let fields: Vec<&str> = entry.changed.names().collect();
    let fields = fields.join(language.pick("、", ", "));
    let say = |zh: String, en: String| language.pick(&zh, &en).to_owned();
    match (entry.effect, stood) {
        (Effect::Created, _) => say(
            format!("开始了这次执行，状态为 {}", said.as_str()),
            format!("it began this attempt as {}", said.as_str()),
        ),
        (Effect::Changed, Some(stood)) => say(
            format!("更新了 {fields}，此后状态为 {stood}"),
            format!("it changed {fields}; since then the attempt is {stood}"),
        ),
        (Effect::Changed, None) => say(format!("更新了 {fields}"), format!("it changed {fields}")),
        (Effect::Repeated, _) => {
            say("内容均已知，没有变化".to_owned(), "it said what was known and changed nothing".to_owned())
        }
        (Effect::Late, stood) => {
            let back = entry.stood.is_some_and(|stood| said.rank() < stood.rank());
            let better = match (entry.said.authority, back) {
                (Authority::Reporter, true) => say(
                    "任务已走得更远，不会后退".into(),
                    "the attempt was further already and never goes back".into(),
                ),
                (Authority::Reporter, false) => {
                    say("已有更优先的上报".into(), "a report that counts more was known".into())
                }
                _ => say("已有更可信的上报".into(), "a word that counts more was known".into()),
            };
            let stays = match stood {
                Some(stood) => say(format!("，状态仍为 {stood}"), format!(", so it stays {stood}")),
                None => String::new(),
            };
            let also = match fields.is_empty() {
                true => String::new(),
                false => say(format!("，只更新了 {fields}"), format!(", and only {fields} changed")),
            };
            format!("{better}{stays}{also}")
        }
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
    use domain::model::reports::{Fields, Said};
    use domain::model::status::Status;

    fn entry(authority: Authority, status: Status, effect: Effect, stood: Option<Status>) -> HistoryEntry {
        let said = Said {
            status,
            authority,
            third_build_id: None,
            target_url: None,
            description: None,
            coverage: None,
            allow_failure: None,
            occurred_at: None,
            started_at: None,
            finished_at: None,
        };
        HistoryEntry {
            report_id: 1,
            reporter: None,
            dialect: "native".into(),
            received_at: Timestamp::UNIX_EPOCH,
            said,
            effect,
            changed: Fields::default(),
            stood,
            reason: None,
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
            of.reason = Some(reason.to_owned());
            of
        };
        for (entry, zh, en) in [
            (
                entry(Reporter, Running, Created, Some(Running)),
                "开始了这次执行，状态为 running。",
                "It began this attempt as running.",
            ),
            (
                fields(entry(Reporter, Success, Changed, Some(Success)), Fields::from_bits(1 | 64)),
                "更新了 status、finished_at，此后状态为 success。",
                "It changed status, finished_at; since then the attempt is success.",
            ),
            (
                fields(entry(Reporter, Success, Changed, None), Fields::STATUS),
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
                "任务已走得更远，不会后退，状态仍为 success。",
                "The attempt was further already and never goes back, so it stays success.",
            ),
            (
                fields(entry(Reporter, Success, Late, Some(Failed)), Fields::DESCRIPTION),
                "已有更优先的上报，状态仍为 failed，只更新了 description。",
                "A report that counts more was known, so it stays failed, and only description changed.",
            ),
            (
                entry(Reporter, Success, Late, None),
                "已有更优先的上报。",
                "A report that counts more was known.",
            ),
            (
                because(entry(Watchdog, TimedOut, Changed, Some(TimedOut)), None, "2h"),
                "超过 2h 没有收到任何上报，判定为 timedout。",
                "No report for longer than 2h: given up as timedout.",
            ),
            (
                because(entry(Operator, Canceled, Changed, Some(Canceled)), Some("amy"), "branch is gone"),
                "由 amy 人工关闭为 canceled（branch is gone）。",
                "Closed by hand by amy as canceled (branch is gone).",
            ),
            (
                entry(Operator, Canceled, Late, Some(Success)),
                "人工关闭为 canceled；已有更可信的上报，状态仍为 success。",
                "Closed by hand as canceled; a word that counts more was known, so it stays success.",
            ),
            (
                entry(Operator, Canceled, Repeated, Some(Canceled)),
                "人工关闭为 canceled；内容均已知，没有变化。",
                "Closed by hand as canceled; it said what was known and changed nothing.",
            ),
        ] {
            assert_eq!(why(&entry, Language::Chinese), zh);
            assert_eq!(why(&entry, Language::English), en);
        }
    }
}
