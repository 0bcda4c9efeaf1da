//! The messages of the command line in Chinese and English, one file per area. A message without a translation does
//! not compile.
//!
//! Must not know: when a message is printed.

use crate::lang::{Lang, current};
use std::fmt::{self, Display};

/// A message. [`Text::with`] replaces its placeholders `{name}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text(domain::language::Text);

/// The messages of an area: `Name = "中文", "English";`.
macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        #[expect(non_upper_case_globals, reason = "messages are used like the variants of an enum")]
        impl $crate::messages::Text {
            $(pub const $name: Self = Self(domain::language::Text::new($zh, $en));)*
        }

        #[cfg(test)]
        pub(super) const ALL: &[(&str, $crate::messages::Text)] =
            &[$((stringify!($name), $crate::messages::Text::$name)),*];
    };
}

mod commands;
mod connections;
mod sdks;
mod serve;
mod stores;
mod tables;
mod usage;

texts! {
    Error = "错误：{message}", "error: {message}";
    Warning = "警告：{message}", "warning: {message}";
}

impl Text {
    /// The name of a field of the API that a report can change.
    pub fn of_field(name: &str) -> Option<Self> {
        Some(match name {
            "status" => Self::FieldStatus,
            "target_url" => Self::FieldLink,
            "description" => Self::FieldDescription,
            "coverage" => Self::FieldCoverage,
            "allow_failure" => Self::FieldAllowFailure,
            "created_at" => Self::FieldCreated,
            "started_at" => Self::FieldStarted,
            "finished_at" => Self::FieldFinished,
            "third_build_id" => Self::FieldBuildId,
            "newest" => Self::FieldNewest,
            "stage_order" => Self::FieldStageOrder,
            "web_url" => Self::FieldPipelineUrl,
            "trigger_user" => Self::FieldTriggerUser,
            "details" => Self::FieldDetails,
            _ => return None,
        })
    }
}

impl Text {
    /// The message in a language.
    pub const fn in_language(self, lang: Lang) -> &'static str {
        self.0.in_language(lang)
    }

    /// The message in the language of this process.
    pub fn text(self) -> &'static str {
        self.in_language(current())
    }

    /// The message with its placeholders replaced.
    pub fn with(self, values: &[(&str, &dyn Display)]) -> String {
        values.iter().fold(self.text().to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), &value.to_string())
        })
    }

    /// The name of a column in CSV output. Programs read it, so it depends neither on the language nor on the
    /// wording of the heading.
    pub fn csv_name(self) -> String {
        match self {
            Self::LastReport => "heard".to_owned(),
            Self::StatusAfter => "after".to_owned(),
            Self::Explanation => "why".to_owned(),
            Self::InactivityTimeout => "silence_limit".to_owned(),
            Self::StageTimeouts => "stage_limits".to_owned(),
            Self::NextAttempt => "next".to_owned(),
            Self::Response => "answer".to_owned(),
            _ => self.in_language(Lang::English).to_lowercase().replace(' ', "_"),
        }
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let placeholders = |text: &str| {
            let mut names: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            names.sort();
            names
        };
        let areas = [
            ALL,
            commands::ALL,
            connections::ALL,
            sdks::ALL,
            serve::ALL,
            stores::ALL,
            tables::ALL,
            usage::ALL,
        ];
        for (name, text) in areas.concat() {
            let (zh, en) = (text.in_language(Lang::Chinese), text.in_language(Lang::English));
            assert_eq!(placeholders(zh), placeholders(en), "{name}");
            assert!(!zh.is_empty() && en.is_ascii(), "{name}");
        }
    }

    #[test]
    fn csv_columns_keep_their_names() {
        let columns = [
            (Text::LastReport, "heard"),
            (Text::StatusAfter, "after"),
            (Text::ChangedFields, "changed"),
            (Text::Explanation, "why"),
            (Text::InactivityTimeout, "silence_limit"),
            (Text::StageTimeouts, "stage_limits"),
            (Text::OldSecretUntil, "old_secret_until"),
            (Text::WebhookSecret, "secret"),
            (Text::NextAttempt, "next"),
            (Text::Response, "answer"),
            (Text::FlakyCommits, "flaky_commits"),
            (Text::Sha, "commit"),
        ];
        for (text, name) in columns {
            assert_eq!(text.csv_name(), name);
        }
    }
}
