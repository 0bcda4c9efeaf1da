//! The two languages of texts that people read, and a text in both of them.

/// A language of pages, messages and documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Simplified Chinese, the default of the server.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language tag of HTML and HTTP: `zh-CN` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The ISO 639-1 code: `zh` or `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The language of a tag, by its first two letters in any case; `None` for any other language.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let code = tag.trim().get(..2)?;
        [Self::Chinese, Self::English].into_iter().find(|language| code.eq_ignore_ascii_case(language.code()))
    }

    /// The text in this language.
    pub fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Chinese => chinese,
            Self::English => english,
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    chinese: &'static str,
    english: &'static str,
}

impl Text {
    /// A text in both languages.
    pub const fn new(chinese: &'static str, english: &'static str) -> Self {
        Self { chinese, english }
    }

    /// The text in one language.
    pub const fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.chinese,
            Language::English => self.english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_tag_is_read_by_its_first_two_letters() {
        for (tag, expected) in [
            ("zh-CN", Some(Language::Chinese)),
            (" EN-us", Some(Language::English)),
            ("en_us", Some(Language::English)),
            ("fr", None),
            ("z", None),
            ("é", None),
        ] {
            assert_eq!(Language::from_tag(tag), expected, "{tag}");
        }
    }
}
