//! The two languages, and the texts: a file per area. A text without one of the languages does not compile.

/// One of the two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// The default.
    Chinese,
    /// English.
    English,
}

impl Lang {
    /// The tag for `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// The word in the form and cookie of the preferences.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    zh: &'static str,
    en: &'static str,
}

impl Text {
    /// Both languages.
    pub const fn new(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }

    /// In a language.
    pub const fn in_language(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Chinese => self.zh,
            Lang::English => self.en,
        }
    }
}

/// The texts of an area: `NAME = "中文", "English";`. `{0}`, `{1}`... are filled by [`crate::Frame::fill`].
macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        $(#[doc = $en] pub const $name: $crate::messages::Text = $crate::messages::Text::new($zh, $en);)*

        #[cfg(test)]
        pub(crate) const ALL: &[(&str, $crate::messages::Text)] = &[$((stringify!($name), $name)),*];
    };
}

pub mod accounts;
pub mod catalogue;
pub mod commits;
pub mod common;
pub mod explorer;
pub mod insights;
pub mod jobs;
pub mod pipeline;
pub mod pipelines;
pub mod repositories;
pub mod sessions;
pub mod settings;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_something_with_the_same_places() {
        let places = |text: &str| {
            let mut found: Vec<_> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            found.sort();
            found
        };
        for (name, text) in [
            common::ALL,
            commits::ALL,
            explorer::ALL,
            jobs::ALL,
            pipeline::ALL,
            pipelines::ALL,
            repositories::ALL,
            sessions::ALL,
            accounts::ALL,
            catalogue::ALL,
            insights::ALL,
            settings::ALL,
        ]
        .concat()
        {
            assert_eq!(places(text.zh), places(text.en), "{name}");
            assert!(!text.zh.is_empty() && !text.en.is_empty(), "{name}");
        }
    }
}
