//! The badge of a ref: an SVG image for other sites, without a style sheet. Must not know access rights.

use crate::layout::status_text;
use crate::messages::common;
use crate::messages::pipelines as msg;
use crate::{Language, escape, sanitize};
use domain::model::status::Status;

/// The badge of a ref with the status of its newest pipeline; `None` if the ref has no pipeline.
pub fn badge(git_ref: &str, status: Option<Status>, language: Language) -> String {
    let label = msg::PIPELINE.in_language(language);
    let (text, colour) = match status {
        None => (common::NONE.in_language(language), "#57606a"),
        Some(status) => (status_text(status).in_language(language), background(status)),
    };
    let (left, right) = (width(label) + 16, width(text) + 16);
    let (width, label_x, text_x) = (left + right, left / 2, left + right / 2);
    let description = escape(&format!("{label} {}: {text}", sanitize(git_ref)));
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
        Status::Canceled | Status::Skipped => "#57606a",
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
    fn a_ref_is_escaped() {
        let svg = badge(EVIL, None, Language::English);
        assert!(!svg.contains("<img") && svg.contains("&lt;img"), "{svg}");
        assert!(!svg.contains(r#"x onerror=""#), "{svg}");
    }
}
