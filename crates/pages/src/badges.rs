//! The badge of a ref: a small picture for other pages, so its colours are its own. Must not know who may see it.

use crate::layout::status_text;
use crate::messages::common;
use crate::messages::pipelines as w;
use crate::{Lang, escape, plain};
use domain::model::status::Status;

/// The badge of a ref whose newest pipeline stands so; `None`: it has none.
pub fn badge(git_ref: &str, status: Option<Status>, lang: Lang) -> String {
    let label = w::PIPELINE.in_language(lang);
    let (word, colour) = match status {
        None => (common::NONE.in_language(lang), "#57606a"),
        Some(status) => (status_text(status).in_language(lang), dark(status)),
    };
    let (left, right) = (width(label) + 16, width(word) + 16);
    let (all, first, second) = (left + right, left / 2, left + right / 2);
    let said = escape(&format!("{label} {}: {word}", plain(git_ref)));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{said}"><title>{said}</title><rect width="{all}" height="20" rx="4" fill="#2d333b"/><path d="M{left} 0h{}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H{left}z" fill="{colour}"/><g fill="#fff" text-anchor="middle" font-family="system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif" font-size="11"><text x="{first}" y="14">{label}</text><text x="{second}" y="14">{word}</text></g></svg>"##,
        right - 4,
    )
}

/// A colour that white text can be read on.
const fn dark(status: Status) -> &'static str {
    match status {
        Status::Pending => "#7d4e00",
        Status::Running => "#0550ae",
        Status::Success => "#116329",
        Status::Failed => "#a40e26",
        Status::TimedOut => "#953800",
        Status::Canceled | Status::Skipped => "#57606a",
    }
}

/// About how wide a text of this size is, in pixels.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 6 } else { 11 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::EVIL;

    #[test]
    fn every_status_has_a_word_and_each_language_its_own() {
        for status in Status::ALL.map(Some).into_iter().chain([None]) {
            let (zh, en) = (badge("dev", status, Lang::Chinese), badge("dev", status, Lang::English));
            assert!(zh.contains(">流水线<") && en.contains(">Pipeline<"), "{status:?}");
            assert_ne!(zh, en);
        }
        let failed = badge("dev", Some(Status::Failed), Lang::English);
        assert!(failed.contains(">Failed<") && failed.contains(r#"aria-label="Pipeline dev: Failed""#));
    }

    #[test]
    fn a_ref_stays_text() {
        let svg = badge(EVIL, None, Lang::English);
        assert!(!svg.contains("<img") && svg.contains("&lt;img"), "{svg}");
        assert!(!svg.contains(r#"x onerror=""#), "{svg}");
    }
}
