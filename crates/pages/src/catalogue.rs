//! The catalogue of errors: each code with what it means and what to do, in both languages.

use crate::messages::catalogue as w;
use crate::{Frame, Lang};
use askama::Template;

/// One code.
#[derive(Debug, Clone, Copy)]
pub struct CatalogueEntry {
    /// The code.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in Chinese and in English.
    pub meaning: [&'static str; 2],
    /// What to do, in Chinese and in English.
    pub advice: [&'static str; 2],
}

impl CatalogueEntry {
    /// Whether it is what somebody looks for: part of its code, its status or one of its texts, any case of ASCII letters.
    pub fn fits(&self, q: &str) -> bool {
        let q = q.trim().to_ascii_lowercase();
        let texts = [self.code].into_iter().chain(self.meaning).chain(self.advice);
        q.is_empty()
            || self.status.to_string() == q
            || texts.into_iter().any(|text| text.to_ascii_lowercase().contains(&q))
    }

    fn say(texts: &[&'static str; 2], lang: &Lang) -> &'static str {
        match *lang {
            Lang::Chinese => texts[0],
            Lang::English => texts[1],
        }
    }
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "catalogue.html")]
pub struct Catalogue<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// What was looked for.
    pub q: &'a str,
    /// What fits.
    pub entries: &'a [CatalogueEntry],
}

/// Where the answers of each interface have the code.
const PLACES: [(&str, &str); 5] = [
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

    /// The languages, that of the page first.
    fn languages(&self) -> [Lang; 2] {
        match self.frame.lang {
            Lang::Chinese => [Lang::Chinese, Lang::English],
            Lang::English => [Lang::English, Lang::Chinese],
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
    fn a_code_has_an_anchor_and_both_languages_that_of_the_page_first() {
        let frame = frame();
        let html = Catalogue { frame: &frame, q: "", entries: &[ENTRY] }.html();
        assert!(html.contains("id=\"CH.00402000\"") && html.contains("href=\"#CH.00402000\""), "{html}");
        let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text} in {html}"));
        assert!(place("The repository does not exist.") < place("该仓库不存在"));
        assert!(html.contains("lang=\"zh-CN\">该仓库不存在"), "{html}");
        assert!(!html.contains("<id>"), "{html}");
    }

    #[test]
    fn a_search_finds_by_code_status_and_text() {
        for q in ["", "ch.004", "404", "仓库", "REPOSITORY does", " check ", "402"] {
            assert!(ENTRY.fits(q), "{q}");
        }
        for q in ["500", "CH.00402001", "nothing like it"] {
            assert!(!ENTRY.fits(q), "{q}");
        }
        let frame = frame();
        let html = Catalogue { frame: &frame, q: "<x>", entries: &[] }.html();
        assert!(html.contains("No code fits") && !html.contains("<x>"), "{html}");
    }
}
