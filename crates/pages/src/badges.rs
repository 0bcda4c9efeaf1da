//! The badges of a ref and of a gate: SVG images for other sites, without a style sheet. Must not know access rights.

use crate::gates::verdict_look;
use crate::layout::status_text;
use crate::messages::pipelines as msg;
use crate::messages::{common, gates as gate_msg};
use crate::{Language, escape, sanitize};
use domain::model::gates::Verdict;
use domain::model::status::Status;

/// The background colour of what is neither good nor bad.
const GREY: &str = "#57606a";

/// The badge of a ref with the status of its newest pipeline; `None` if the ref has no pipeline.
pub fn badge(git_ref: &str, status: Option<Status>, language: Language) -> String {
    let label = msg::PIPELINE.in_language(language);
    let (text, colour) = match status {
        None => (common::NONE.in_language(language), GREY),
        Some(status) => (status_text(status).in_language(language), background(status)),
    };
    svg(label, git_ref, text, colour)
}

/// The badge of a gate with its verdict for a target branch; `None` if the commit is unknown. Only a verdict that
/// passed is green.
pub fn gate_badge(target: &str, verdict: Option<Verdict>, language: Language) -> String {
    let label = gate_msg::BADGE.in_language(language);
    let (text, colour) = match verdict.map(|verdict| (verdict, verdict_look(verdict))) {
        None => (common::NONE, GREY),
        Some((Verdict::Unset, (_, text))) => (text, GREY),
        Some((_, (status, text))) => (text, background(status)),
    };
    svg(label, target, text.in_language(language), colour)
}

/// A badge with two texts; `name` is in its description.
fn svg(label: &str, name: &str, text: &str, colour: &str) -> String {
    let (left, right) = (width(label) + 16, width(text) + 16);
    let (width, label_x, text_x) = (left + right, left / 2, left + right / 2);
    let description = escape(&format!("{label} {}: {text}", sanitize(name)));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{description}"><title>{description}</title><rect width="{width}" height="20" rx="4" fill="#2d333b"/><path d="M{left} 0h{}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{left}z" fill="{colour}"/><g fill="#fff" text-anchor="middle" font-family="system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif" font-size="11"><text x="{label_x}" y="14">{label}</text><text x="{text_x}" y="14">{text}</text></g></svg>"##,
        right - 4,
    )
}

/// The background colour of a status, with enough contrast for white text.
const fn background(status: Status) -> &'static str {
    match status {
        Status::Pending => "#7d4e00",
        Status::Running => "#0550ae",
        Status::Success => "#116329",
        Status::Failed => "#a40e26",
        Status::TimedOut => "#953800",
        Status::Canceled | Status::Skipped => GREY,
    }
}

/// The approximate width of a text, in pixels.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 6 } else { 11 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::EVIL;

    #[test]
    fn every_status_has_a_badge_in_both_languages() {
        for status in Status::ALL.map(Some).into_iter().chain([None]) {
            let (zh, en) = (badge("dev", status, Language::Chinese), badge("dev", status, Language::English));
            assert!(zh.contains(">流水线<") && en.contains(">Pipeline<"), "{status:?}");
            assert_ne!(zh, en);
        }
        let failed = badge("dev", Some(Status::Failed), Language::English);
        assert!(failed.contains(">Failed<") && failed.contains(r#"aria-label="Pipeline dev: Failed""#));
    }

    #[test]
    fn only_a_gate_that_passed_is_green() {
        let verdicts = [Verdict::Unset, Verdict::Passed, Verdict::Failed, Verdict::Pending, Verdict::Missing];
        let green = background(Status::Success);
        for verdict in verdicts.map(Some).into_iter().chain([None]) {
            let (zh, en) = (
                gate_badge("main", verdict, Language::Chinese),
                gate_badge("main", verdict, Language::English),
            );
            assert!(zh.contains(">门禁<") && en.contains(">Gate<"), "{verdict:?}");
            assert_eq!(en.contains(green), verdict == Some(Verdict::Passed), "{verdict:?}");
        }
        let unset = gate_badge("main", Some(Verdict::Unset), Language::English);
        assert!(
            unset.contains(GREY) && unset.contains(r#"aria-label="Gate main: No rule applies""#),
            "{unset}"
        );
        assert!(!gate_badge(EVIL, None, Language::English).contains("<img"));
    }

    #[test]
    fn a_ref_is_escaped() {
        let svg = badge(EVIL, None, Language::English);
        assert!(!svg.contains("<img") && svg.contains("&lt;img"), "{svg}");
        assert!(!svg.contains(r#"x onerror=""#), "{svg}");
    }
}
