//! Turns the reason of a report into a sentence for people, in both languages.

use crate::language::Language;
use domain::model::history::HistoryEntry;
use domain::model::reports::{Authority, Reason, Rule};
use domain::model::status::Status;

/// Why the report of this entry has its effect. For a closing, the sentence first says who closed the attempt.
pub fn explain(entry: &HistoryEntry, language: Language) -> String {
    let (result, end) = (result(entry, language), language.pick("。", "."));
    match (closing(entry, language), entry.reason) {
        (None, _) => format!("{}{end}", capitalize(&result)),
        // The closing had its effect, which needs no second clause.
        (Some(closing), Reason::Created | Reason::Won(_) | Reason::FieldsUpdated) => {
            format!("{closing}{end}")
        }
        (Some(closing), Reason::Repeated | Reason::Late(_)) => {
            format!("{closing}{}{result}{end}", language.pick("；", "; "))
        }
    }
}

/// A status as people read it.
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

/// Who closed the attempt and why; `None` for a report of the build system.
fn closing(entry: &HistoryEntry, language: Language) -> Option<String> {
    let status = status_text(entry.state.status, language);
    let text = |zh: String, en: String| Some(language.pick(&zh, &en).to_owned());
    match entry.state.authority {
        Authority::Reporter => None,
        Authority::Watchdog => match &entry.closing_reason {
            Some(timeout) => text(
                format!("超过 {timeout} 没有收到任何上报，判定为{status}"),
                format!("No report for longer than {timeout}: given up as {status}"),
            ),
            None => text(
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
            text(format!("{by_zh}为{status}{reason_zh}"), format!("{by_en} as {status}{reason_en}"))
        }
    }
}

/// What the report changed, or why it changed nothing.
fn result(entry: &HistoryEntry, language: Language) -> String {
    let reported = status_text(entry.state.status, language);
    let after = entry.status_after.map(|status| status_text(status, language));
    let fields: Vec<&str> = entry.changed.names().collect();
    let fields = fields.join(language.pick("、", ", "));
    let text = |zh: String, en: String| language.pick(&zh, &en).to_owned();
    match (entry.reason, after) {
        (Reason::Created, _) => {
            text(format!("开始了这次执行，状态为{reported}"), format!("it began this attempt as {reported}"))
        }
        (Reason::Won(_) | Reason::FieldsUpdated, Some(after)) => text(
            format!("更新了 {fields}，此后状态为{after}"),
            format!("it changed {fields}; since then the attempt is {after}"),
        ),
        (Reason::Won(_) | Reason::FieldsUpdated, None) => {
            text(format!("更新了 {fields}"), format!("it changed {fields}"))
        }
        (Reason::Repeated, _) => match entry.state.authority {
            Authority::Reporter => {
                text("内容均已知，没有变化".into(), "it said what was known and changed nothing".into())
            }
            Authority::Operator | Authority::Watchdog => {
                text("此前已知，没有变化".into(), "that was known already, nothing changed".into())
            }
        },
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

/// The rule by which a late report lost.
fn late(entry: &HistoryEntry, rule: Rule, language: Language) -> String {
    let text = |zh: &str, en: &str| language.pick(zh, en).to_owned();
    let at = entry.state.occurred_at.map(|at| format!("{at:.3}"));
    match (rule, at) {
        (Rule::Rank, _) => {
            text("该次执行已处于更后的状态，不会倒退", "the attempt was further already and never goes back")
        }
        (Rule::Authority, _) => match entry.state.authority {
            Authority::Operator => text("构建系统自己的结束优先", "the build system's own end counts more"),
            Authority::Watchdog | Authority::Reporter => {
                text("已有更可信的结束", "an end that counts more was known")
            }
        },
        (Rule::Time, Some(at)) => {
            text(&format!("它发生得更早（{at}）"), &format!("it happened earlier ({at})"))
        }
        (Rule::Severity | Rule::TimeOrSeverity, Some(at)) => {
            text(&format!("它发生得并不更晚（{at}）"), &format!("it did not happen later ({at})"))
        }
        (Rule::Severity, None) => text("另一个结束状态更严重", "a worse end was reported"),
        (Rule::TimePresence | Rule::Arrival | Rule::Unrecorded, _)
        | (Rule::Time | Rule::TimeOrSeverity, None) => {
            text("已有更优先的上报", "a report that counts more was known")
        }
    }
}

/// The sentence with a capital letter first, where the script has capitals.
fn capitalize(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;
    use domain::model::reports::{Effect, FieldSet, ReportedState};

    /// An entry with a recorded reason.
    fn recorded(
        authority: Authority,
        status: Status,
        reason: Reason,
        status_after: Option<Status>,
    ) -> HistoryEntry {
        HistoryEntry {
            report_id: 1,
            reporter: None,
            dialect: "native".into(),
            received_at: Timestamp::UNIX_EPOCH,
            state: ReportedState::with_status(status, authority),
            effect: reason.effect(),
            reason,
            changed: FieldSet::default(),
            status_after,
            closing_reason: None,
        }
    }

    /// The same entry as an older version wrote it, without a reason.
    fn unrecorded(mut entry: HistoryEntry) -> HistoryEntry {
        entry.reason = Reason::derive(&entry.state, entry.effect, entry.changed, entry.status_after);
        entry
    }

    /// An entry that an older version wrote.
    fn old(
        authority: Authority,
        status: Status,
        effect: Effect,
        status_after: Option<Status>,
    ) -> HistoryEntry {
        unrecorded(recorded(authority, status, Reason::unrecorded(effect), status_after))
    }

    fn both(entry: &HistoryEntry) -> (String, String) {
        (explain(entry, Language::Chinese), explain(entry, Language::English))
    }

    #[test]
    fn every_reason_has_a_sentence_in_both_languages() {
        use {Authority::Reporter, Status::*};
        let at = || "2026-11-24T00:00:03Z".parse().ok();
        let late = |rule, zh, en| (Reason::Late(rule), zh, en);
        let won = |rule| {
            let (zh, en) = (
                "更新了 description，此后状态为失败。",
                "It changed description; since then the attempt is failed.",
            );
            (Reason::Won(rule), (zh, en), (zh, en))
        };
        // With the time of the reporter, and without it.
        let further = (
            "该次执行已处于更后的状态，不会倒退，状态仍为失败，只更新了 description。",
            "The attempt was further already and never goes back, so the status stays failed, and only description changed.",
        );
        let earlier = (
            "它发生得更早（2026-11-24T00:00:03.000Z），状态仍为失败，只更新了 description。",
            "It happened earlier (2026-11-24T00:00:03.000Z), so the status stays failed, and only description changed.",
        );
        let not_later = (
            "它发生得并不更晚（2026-11-24T00:00:03.000Z），状态仍为失败，只更新了 description。",
            "It did not happen later (2026-11-24T00:00:03.000Z), so the status stays failed, and only description changed.",
        );
        let worse = (
            "另一个结束状态更严重，状态仍为失败，只更新了 description。",
            "A worse end was reported, so the status stays failed, and only description changed.",
        );
        let trusted = (
            "已有更可信的结束，状态仍为失败，只更新了 description。",
            "An end that counts more was known, so the status stays failed, and only description changed.",
        );
        let other = (
            "已有更优先的上报，状态仍为失败，只更新了 description。",
            "A report that counts more was known, so the status stays failed, and only description changed.",
        );
        let updated = won(Rule::Rank).1;
        let created = ("开始了这次执行，状态为成功。", "It began this attempt as success.");
        let repeated = ("内容均已知，没有变化。", "It said what was known and changed nothing.");
        let cases = [
            (Reason::Created, created, created),
            (Reason::Repeated, repeated, repeated),
            (Reason::FieldsUpdated, updated, updated),
            won(Rule::Rank),
            won(Rule::Authority),
            won(Rule::TimePresence),
            won(Rule::Time),
            won(Rule::Arrival),
            won(Rule::Severity),
            won(Rule::TimeOrSeverity),
            won(Rule::Unrecorded),
            late(Rule::Rank, further, further),
            late(Rule::Authority, trusted, trusted),
            late(Rule::TimePresence, other, other),
            late(Rule::Time, earlier, other),
            late(Rule::Arrival, other, other),
            late(Rule::Severity, not_later, worse),
            late(Rule::TimeOrSeverity, not_later, other),
            late(Rule::Unrecorded, other, other),
        ];
        for reason in Reason::all() {
            let case = cases.iter().find(|(known, _, _)| *known == reason);
            let (_, with_time, without_time) = case.unwrap_or_else(|| panic!("no sentence of {reason:?}"));
            let mut entry = recorded(Reporter, Success, reason, Some(Failed));
            entry.changed = FieldSet::DESCRIPTION;
            let (zh, en) = without_time;
            assert_eq!(both(&entry), ((*zh).to_owned(), (*en).to_owned()), "{reason:?}");
            entry.state.occurred_at = at();
            let (zh, en) = with_time;
            assert_eq!(both(&entry), ((*zh).to_owned(), (*en).to_owned()), "{reason:?} with a time");
        }
    }

    #[test]
    fn a_closing_says_who_closed_the_attempt() {
        use {Authority::*, Status::*};
        let rank = Reason::Won(Rule::Rank);
        let closed = |mut entry: HistoryEntry, by: Option<&str>, reason: &str| {
            entry.reporter = by.map(str::to_owned);
            entry.closing_reason = Some(reason.to_owned());
            entry
        };
        for (entry, zh, en) in [
            (
                closed(recorded(Watchdog, TimedOut, rank, Some(TimedOut)), None, "2h"),
                "超过 2h 没有收到任何上报，判定为超时。",
                "No report for longer than 2h: given up as timed out.",
            ),
            (
                recorded(Watchdog, TimedOut, Reason::Late(Rule::Authority), Some(Canceled)),
                "太久没有收到任何上报，判定为超时；已有更可信的结束，状态仍为已取消。",
                "No report for too long: given up as timed out; an end that counts more was known, so the status stays canceled.",
            ),
            (
                closed(recorded(Operator, Canceled, rank, Some(Canceled)), Some("amy"), "branch is gone"),
                "由 amy 人工关闭为已取消（branch is gone）。",
                "Closed by hand by amy as canceled (branch is gone).",
            ),
            (
                recorded(Operator, Failed, Reason::Won(Rule::Arrival), Some(Failed)),
                "人工关闭为失败。",
                "Closed by hand as failed.",
            ),
            (
                recorded(Operator, Canceled, Reason::Late(Rule::Authority), Some(Success)),
                "人工关闭为已取消；构建系统自己的结束优先，状态仍为成功。",
                "Closed by hand as canceled; the build system's own end counts more, so the status stays success.",
            ),
            (
                recorded(Operator, Canceled, Reason::Repeated, Some(Canceled)),
                "人工关闭为已取消；此前已知，没有变化。",
                "Closed by hand as canceled; that was known already, nothing changed.",
            ),
        ] {
            assert_eq!(both(&entry), (zh.to_owned(), en.to_owned()));
            // A row of an older version has the same sentence.
            assert_eq!(both(&unrecorded(entry)), (zh.to_owned(), en.to_owned()));
        }
    }

    #[test]
    fn every_kind_of_old_report_is_explained_in_both_languages() {
        use {Authority::*, Effect::*, Status::*};
        let fields = |mut entry: HistoryEntry, fields| {
            entry.changed = fields;
            unrecorded(entry)
        };
        let closed = |mut entry: HistoryEntry, by: Option<&str>, reason: &str| {
            entry.reporter = by.map(str::to_owned);
            entry.closing_reason = Some(reason.to_owned());
            entry
        };
        for (entry, zh, en) in [
            (
                old(Reporter, Running, Created, Some(Running)),
                "开始了这次执行，状态为运行中。",
                "It began this attempt as running.",
            ),
            (
                fields(old(Reporter, Success, Changed, Some(Success)), FieldSet::from_bits(1 | 64)),
                "更新了 status、finished_at，此后状态为成功。",
                "It changed status, finished_at; since then the attempt is success.",
            ),
            (
                fields(old(Reporter, Success, Changed, None), FieldSet::STATUS),
                "更新了 status。",
                "It changed status.",
            ),
            (
                old(Reporter, Success, Repeated, Some(Success)),
                "内容均已知，没有变化。",
                "It said what was known and changed nothing.",
            ),
            (
                old(Reporter, Running, Late, Some(Success)),
                "该次执行已处于更后的状态，不会倒退，状态仍为成功。",
                "The attempt was further already and never goes back, so the status stays success.",
            ),
            (
                fields(old(Reporter, Success, Late, Some(Failed)), FieldSet::DESCRIPTION),
                "已有更优先的上报，状态仍为失败，只更新了 description。",
                "A report that counts more was known, so the status stays failed, and only description changed.",
            ),
            (
                old(Reporter, Success, Late, None),
                "已有更优先的上报。",
                "A report that counts more was known.",
            ),
            (
                closed(old(Watchdog, TimedOut, Changed, Some(TimedOut)), None, "2h"),
                "超过 2h 没有收到任何上报，判定为超时。",
                "No report for longer than 2h: given up as timed out.",
            ),
            (
                closed(old(Operator, Canceled, Changed, Some(Canceled)), Some("amy"), "branch is gone"),
                "由 amy 人工关闭为已取消（branch is gone）。",
                "Closed by hand by amy as canceled (branch is gone).",
            ),
            (
                old(Operator, Canceled, Late, Some(Success)),
                "人工关闭为已取消；构建系统自己的结束优先，状态仍为成功。",
                "Closed by hand as canceled; the build system's own end counts more, so the status stays success.",
            ),
            (
                old(Operator, Canceled, Repeated, Some(Canceled)),
                "人工关闭为已取消；此前已知，没有变化。",
                "Closed by hand as canceled; that was known already, nothing changed.",
            ),
        ] {
            assert_eq!(explain(&entry, Language::Chinese), zh);
            assert_eq!(explain(&entry, Language::English), en);
        }
    }

    #[test]
    fn a_late_old_report_is_explained_as_far_as_it_is_known() {
        use {Authority::Reporter, Effect::Late, Status::*};
        let explained = |status, after, build: Option<&str>, at: Option<&str>| {
            let mut entry = old(Reporter, status, Late, Some(after));
            entry.state.third_build_id = build.map(str::to_owned);
            entry.state.occurred_at = at.map(|at| at.parse().unwrap());
            both(&unrecorded(entry))
        };
        let (build, at) = (Some("b"), Some("2026-11-24T00:00:03Z"));
        for (status, after, build, at, zh, en) in [
            // A worse end or the same status loses only by its time.
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
            // It may have the same time as the worse end.
            (
                Success,
                Failed,
                build,
                at,
                "它发生得并不更晚（2026-11-24T00:00:03.000Z）",
                "It did not happen later (2026-11-24T00:00:03.000Z)",
            ),
            (Success, Failed, build, None, "另一个结束状态更严重", "A worse end was reported"),
            // Only the other report has a time.
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
            let (chinese, english) = explained(status, after, build, at);
            let status_stays = format!(", so the status stays {}.", after.as_str());
            assert_eq!(
                (chinese.split("，状态").next(), english.strip_suffix(&*status_stays)),
                (Some(zh), Some(en))
            );
        }
    }

    #[test]
    fn chinese_sentences_have_chinese_words_for_every_status() {
        for status in Status::ALL {
            let sentence =
                explain(&old(Authority::Reporter, status, Effect::Created, Some(status)), Language::Chinese);
            assert!(!sentence.contains(|c: char| c.is_ascii_alphabetic()), "{sentence}");
        }
    }
}
