//! The page of error codes: each code with its message and solution in both languages.

use crate::messages::catalogue as msg;
use crate::{Frame, Language};
use askama::Template;

/// An error code.
#[derive(Debug, Clone, Copy)]
pub struct CatalogueEntry {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The message in Chinese and in English.
    pub meaning: [&'static str; 2],
    /// The solution in Chinese and in English.
    pub advice: [&'static str; 2],
}

impl CatalogueEntry {
    /// Whether a search matches: part of the code or of a text in any ASCII case, or the whole HTTP status.
    pub fn matches(&self, q: &str) -> bool {
        let q = q.trim().to_ascii_lowercase();
        let texts = [self.code].into_iter().chain(self.meaning).chain(self.advice);
        q.is_empty()
            || self.status.to_string() == q
            || texts.into_iter().any(|text| text.to_ascii_lowercase().contains(&q))
    }

    fn pick(texts: &[&'static str; 2], language: &Language) -> &'static str {
        match *language {
            Language::Chinese => texts[0],
            Language::English => texts[1],
        }
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "catalogue.html")]
pub struct Catalogue<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The search text.
    pub q: &'a str,
    /// The matching codes.
    pub entries: &'a [CatalogueEntry],
}

/// The interfaces, and the field of the response that holds the code.
const CODE_FIELDS: [(&str, &str); 5] = [
    ("CodeArts Repo v4", "error_code"),
    ("CodeArts Repo v1, v2", "error.code"),
    ("IAM v3 (AK/SK)", "error_code"),
    ("GitLab v4", "—"),
    ("/native/v1", "code"),
];

impl Catalogue<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    /// Both languages, the language of the page first.
    fn languages(&self) -> [Language; 2] {
        match self.frame.language {
            Language::Chinese => [Language::Chinese, Language::English],
            Language::English => [Language::English, Language::Chinese],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;

    const ENTRY: CatalogueEntry = CatalogueEntry {
        code: "CH.00402000",
        status: 404,
        meaning: ["该仓库不存在", "The repository does not exist."],
        advice: ["检查仓库 ID", "Check the <id>"],
    };

    #[test]
    fn a_code_has_an_anchor_and_texts_in_both_languages() {
        let frame = frame();
        let html = Catalogue { frame: &frame, q: "", entries: &[ENTRY] }.html();
        assert!(html.contains("id=\"CH.00402000\"") && html.contains("href=\"#CH.00402000\""), "{html}");
        let position = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} in {html}"));
        assert!(position("The repository does not exist.") < position("该仓库不存在"));
        assert!(html.contains("lang=\"zh-CN\">该仓库不存在"), "{html}");
        assert!(!html.contains("<id>"), "{html}");
    }

    #[test]
    fn a_search_finds_by_code_status_and_text() {
        for q in ["", "ch.004", "404", "仓库", "REPOSITORY does", " check ", "402"] {
            assert!(ENTRY.matches(q), "{q}");
        }
        for q in ["500", "CH.00402001", "nothing like it"] {
            assert!(!ENTRY.matches(q), "{q}");
        }
        let frame = frame();
        let html = Catalogue { frame: &frame, q: "<x>", entries: &[] }.html();
        assert!(html.contains("No codes match") && !html.contains("<x>"), "{html}");
    }
}
