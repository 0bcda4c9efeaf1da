//! The texts of the pages in both languages, one file per area. A text without one of the languages does not
//! compile.

pub use domain::language::{Language, Text};

/// The texts of an area: `NAME = "中文", "English";`. The placeholders `{0}`, `{1}`... are filled by
/// [`Frame::format`](crate::Frame::format).
macro_rules! texts {
    ($($name:ident = $zh:literal, $en:literal;)*) => {
        $(#[doc = $en] pub const $name: $crate::messages::Text = $crate::messages::Text::new($zh, $en);)*

        #[cfg(test)]
        pub(crate) const ALL: &[(&str, $crate::messages::Text)] = &[$((stringify!($name), $name)),*];
    };
}

pub mod accounts;
pub mod as_of;
pub mod audit;
pub mod catalogue;
pub mod commits;
pub mod common;
pub mod comparisons;
pub mod connect;
pub mod destinations;
pub mod docs;
pub mod explorer;
pub mod feeds;
pub mod gate_rules;
pub mod gates;
pub mod grid;
pub mod insights;
pub mod job_runs;
pub mod jobs;
pub mod merge_requests;
pub mod pipeline;
pub mod pipelines;
pub mod repositories;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod subscriptions;
pub mod wall;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_a_text_with_the_same_placeholders() {
        let placeholders = |text: &str| {
            let mut found: Vec<_> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            found.sort();
            found
        };
        for (name, text) in [
            as_of::ALL,
            common::ALL,
            commits::ALL,
            comparisons::ALL,
            connect::ALL,
            destinations::ALL,
            docs::ALL,
            explorer::ALL,
            feeds::ALL,
            gate_rules::ALL,
            gates::ALL,
            jobs::ALL,
            merge_requests::ALL,
            pipeline::ALL,
            pipelines::ALL,
            repositories::ALL,
            search::ALL,
            sessions::ALL,
            accounts::ALL,
            audit::ALL,
            catalogue::ALL,
            grid::ALL,
            insights::ALL,
            job_runs::ALL,
            settings::ALL,
            subscriptions::ALL,
            wall::ALL,
        ]
        .concat()
        {
            let (zh, en) = (text.in_language(Language::Chinese), text.in_language(Language::English));
            assert_eq!(placeholders(zh), placeholders(en), "{name}");
            assert!(!zh.is_empty() && !en.is_empty(), "{name}");
        }
    }
}
