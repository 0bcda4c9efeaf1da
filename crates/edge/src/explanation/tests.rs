//! The sentence of every reason, in both languages.

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
        reporter_id: None,
        reporter: None,
        credential: None,
        credential_name: None,
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
fn old(authority: Authority, status: Status, effect: Effect, status_after: Option<Status>) -> HistoryEntry {
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
            "The report changed description; the resulting status is failed.",
        );
        (Reason::Won(rule), (zh, en), (zh, en))
    };
    // With the time of the reporter, and without it.
    let further = (
        "该次执行已处于更后的状态，不会倒退，状态仍为失败，只更新了 description。",
        "The attempt already had a later status, and a status never goes back, so the status stays failed, and only description changed.",
    );
    let earlier = (
        "该状态发生得更早（2026-11-24T00:00:03.000Z），状态仍为失败，只更新了 description。",
        "The reported time is earlier (2026-11-24T00:00:03.000Z), so the status stays failed, and only description changed.",
    );
    let not_later = (
        "该状态的发生时间并不更晚（2026-11-24T00:00:03.000Z），状态仍为失败，只更新了 description。",
        "The reported time is not later (2026-11-24T00:00:03.000Z), so the status stays failed, and only description changed.",
    );
    let worse = (
        "已有更严重的结束状态，状态仍为失败，只更新了 description。",
        "A more severe result was reported, so the status stays failed, and only description changed.",
    );
    let trusted = (
        "已有更可信的结束状态，状态仍为失败，只更新了 description。",
        "A result with higher authority was already known, so the status stays failed, and only description changed.",
    );
    let other = (
        "已有优先级更高的上报，状态仍为失败，只更新了 description。",
        "A report that takes precedence was already known, so the status stays failed, and only description changed.",
    );
    let later_known = (
        "已有发生时间更晚的状态，状态仍为失败，只更新了 description。",
        "A status with a later time was already known, so the status stays failed, and only description changed.",
    );
    let updated = won(Rule::Rank).1;
    let created = ("开始了这次执行，状态为成功。", "The report started this attempt with status success.");
    let repeated = ("与当前状态一致，没有变化。", "The report repeats the known state and changed nothing.");
    let superseded = (
        "已有优先级更高的内容，没有变化。",
        "Values that take precedence were already known, so the report changed nothing.",
    );
    let cases = [
        (Reason::Created, created, created),
        (Reason::Repeated, repeated, repeated),
        (Reason::Superseded, superseded, superseded),
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
        late(Rule::Time, earlier, later_known),
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
fn the_adjustments_of_a_report_are_listed() {
    let mut entry = recorded(Authority::Reporter, Status::Failed, Reason::Created, Some(Status::Failed));
    for (field, kind) in ["target_url", "description", "coverage", "started_at"].into_iter().zip([
        AdjustmentKind::Dropped,
        AdjustmentKind::Truncated,
        AdjustmentKind::Clamped,
        AdjustmentKind::Dropped,
    ]) {
        entry.state.adjusted.add(field, kind);
    }
    entry.state.adjusted.add("description", AdjustmentKind::Sanitized);
    let zh = "开始了这次执行，状态为失败。服务器调整了 target_url（已忽略）、description（已截断）、\
              description（控制字符已替换为空格）、coverage（已取最近的有效值）、started_at（已忽略）。";
    let en = "The report started this attempt with status failed. The server adjusted target_url (dropped), \
              description (truncated), description (sanitized), coverage (clamped), started_at (dropped).";
    assert_eq!(both(&entry), (zh.to_owned(), en.to_owned()));
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
            "No report for longer than 2h: closed as timed out.",
        ),
        (
            recorded(Watchdog, TimedOut, Reason::Late(Rule::Authority), Some(Canceled)),
            "长时间没有收到任何上报，判定为超时；已有更可信的结束状态，状态仍为已取消。",
            "No report for too long: closed as timed out; a result with higher authority was already known, so the status stays canceled.",
        ),
        (
            closed(recorded(Operator, Canceled, rank, Some(Canceled)), Some("amy"), "branch is gone"),
            "由 amy 手动关闭为已取消（branch is gone）。",
            "Closed manually by amy as canceled (branch is gone).",
        ),
        (
            recorded(Operator, Failed, Reason::Won(Rule::Arrival), Some(Failed)),
            "手动关闭为失败。",
            "Closed manually as failed.",
        ),
        (
            recorded(Operator, Canceled, Reason::Late(Rule::Authority), Some(Success)),
            "手动关闭为已取消；以构建系统上报的结束状态为准，状态仍为成功。",
            "Closed manually as canceled; a result of the build system takes precedence, so the status stays success.",
        ),
        (
            recorded(Operator, Canceled, Reason::Repeated, Some(Canceled)),
            "手动关闭为已取消；与已有记录一致，没有变化。",
            "Closed manually as canceled; this was already known and changed nothing.",
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
            "The report started this attempt with status running.",
        ),
        (
            fields(old(Reporter, Success, Changed, Some(Success)), FieldSet::from_bits(1 | 64)),
            "更新了 status、finished_at，此后状态为成功。",
            "The report changed status, finished_at; the resulting status is success.",
        ),
        (
            fields(old(Reporter, Success, Changed, None), FieldSet::STATUS),
            "更新了 status。",
            "The report changed status.",
        ),
        (
            old(Reporter, Success, Repeated, Some(Success)),
            "与当前状态一致，没有变化。",
            "The report repeats the known state and changed nothing.",
        ),
        (
            old(Reporter, Running, Late, Some(Success)),
            "该次执行已处于更后的状态，不会倒退，状态仍为成功。",
            "The attempt already had a later status, and a status never goes back, so the status stays success.",
        ),
        (
            fields(old(Reporter, Success, Late, Some(Failed)), FieldSet::DESCRIPTION),
            "已有优先级更高的上报，状态仍为失败，只更新了 description。",
            "A report that takes precedence was already known, so the status stays failed, and only description changed.",
        ),
        (
            old(Reporter, Success, Late, None),
            "已有优先级更高的上报。",
            "A report that takes precedence was already known.",
        ),
        (
            closed(old(Watchdog, TimedOut, Changed, Some(TimedOut)), None, "2h"),
            "超过 2h 没有收到任何上报，判定为超时。",
            "No report for longer than 2h: closed as timed out.",
        ),
        (
            closed(old(Operator, Canceled, Changed, Some(Canceled)), Some("amy"), "branch is gone"),
            "由 amy 手动关闭为已取消（branch is gone）。",
            "Closed manually by amy as canceled (branch is gone).",
        ),
        (
            old(Operator, Canceled, Late, Some(Success)),
            "手动关闭为已取消；以构建系统上报的结束状态为准，状态仍为成功。",
            "Closed manually as canceled; a result of the build system takes precedence, so the status stays success.",
        ),
        (
            old(Operator, Canceled, Repeated, Some(Canceled)),
            "手动关闭为已取消；与已有记录一致，没有变化。",
            "Closed manually as canceled; this was already known and changed nothing.",
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
            "该状态发生得更早（2026-11-24T00:00:03.000Z）",
            "The reported time is earlier (2026-11-24T00:00:03.000Z)",
        ),
        (
            Running,
            Running,
            None,
            at,
            "该状态发生得更早（2026-11-24T00:00:03.000Z）",
            "The reported time is earlier (2026-11-24T00:00:03.000Z)",
        ),
        (
            Success,
            Failed,
            None,
            at,
            "该状态发生得更早（2026-11-24T00:00:03.000Z）",
            "The reported time is earlier (2026-11-24T00:00:03.000Z)",
        ),
        // It may have the same time as the worse end.
        (
            Success,
            Failed,
            build,
            at,
            "该状态的发生时间并不更晚（2026-11-24T00:00:03.000Z）",
            "The reported time is not later (2026-11-24T00:00:03.000Z)",
        ),
        (Success, Failed, build, None, "已有更严重的结束状态", "A more severe result was reported"),
        // Only the other report has a time.
        (
            Failed,
            Success,
            build,
            None,
            "已有优先级更高的上报",
            "A report that takes precedence was already known",
        ),
        (
            Success,
            Failed,
            None,
            None,
            "已有优先级更高的上报",
            "A report that takes precedence was already known",
        ),
        (
            Running,
            Failed,
            build,
            at,
            "该次执行已处于更后的状态，不会倒退",
            "The attempt already had a later status, and a status never goes back",
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
