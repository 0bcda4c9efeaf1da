//! The HTML pages as text. Must not know HTTP, the store and the clock.
//!
//! A page has one file here (`src/pipelines.rs`), one template (`templates/pipelines.html`), its texts
//! (`src/messages/pipelines.rs`) and a handler in the edge (`pages/pipelines.rs`), all with the same name.
//!
//! - **View**: a struct with `#[derive(Template)] #[template(path = "x.html")]` that borrows `frame: &'a
//!   Frame` and the types of the model, and a `pub fn html(&self) -> String` that calls [`render`]. It
//!   imports the texts of the page with `use crate::messages::x as msg;`.
//! - **Template**: `{% extends "layout.html" %}` with the blocks `title`, `main` (inside `<main id="main">`,
//!   starts with an `<h1>`), and where needed `scripts` (more `<script type="module" src="{{ frame.base }}{{
//!   crate::assets::address("x.js") }}"></script>`) and `favicon`. `{{ frame.base }}` is before every path. A request with `X-Fragment: 1` gets only
//!   the content of `<main>`, so everything that is updated live is there, with an `id` or a `data-key`.
//! - **Texts**: `{{ frame.text(msg::TITLE) }}`; with a value for `{0}`, `{{ frame.format(msg::COUNT, total)
//!   }}`; with two values, `format2`. Both languages are required at compile time. Texts that pages share are
//!   in [`messages::common`].
//! - **HTML fragments** (never `|safe`): [`Frame::badge`] and [`Frame::icon`] for a status, [`Frame::time`],
//!   [`Frame::external`] for an external URL, [`paging::Pager`]. [`links::address`] builds an internal link,
//!   [`times::duration`] formats a duration. Names, refs and descriptions go through [`Frame::sanitize`]; the
//!   template escapes them. A template calls methods and `crate::paths()`; a bare `name()` is a method of the
//!   view.
//! - **Classes** (`assets/app.css`, which starts with a table of contents): `page-head`, `crumbs`,
//!   `table-wrap` + `table`, `num` (right-aligned, fixed width), `mono`, `muted`, `truncate`, `status
//!   status-WORD`, `dots` + `dot`, `chip`, `pill`, `button` (`primary`, `danger`, `small`), `field`,
//!   `form-row`, `filters`, `card`, `grid`, `notice` (`bad`, `good`), `empty`, `tabs`, `menu`,
//!   `visually-hidden`. Colours come only from custom properties (`--text`, `--muted`, `--line`, `--surface`,
//!   `--accent`, `--status-WORD`). No `style=` anywhere.

mod accounts;
mod as_of;
pub mod assets;
mod audit;
pub mod build_systems;
mod catalogue;
pub mod explorer;
pub mod forms;
pub mod icons;
pub mod layout;
pub mod links;
pub mod messages;
pub mod paging;
pub mod times;
pub mod zones;

mod badges;
mod columns;
mod commits;
mod comparisons;
mod connect;
mod deliveries;
mod destinations;
mod docs;
mod durations;
mod errors;
mod feeds;
mod gate_rules;
mod gates;
mod grid;
mod insights;
mod job_runs;
mod jobs;
mod markdown;
mod merge_requests;
mod pipeline;
mod pipelines;
mod repositories;
#[cfg(test)]
mod samples;
mod search;
mod sessions;
mod settings;
mod subscriptions;
mod timeline;
mod wall;
mod webhooks;

pub use accounts::{Account, Administration, Notice, Secret};
pub use as_of::Past;
pub use audit::AuditLogPage;
pub use badges::{badge, gate_badge};
pub use catalogue::{Catalogue, CatalogueEntry};
pub use commits::{CommitPage, CommitRow};
pub use comparisons::{ChangesSection, ComparisonPage};
pub use connect::ConnectPage;
pub use destinations::{DestinationPage, Destinations};
pub use docs::{DocsList, DocsPage, DocsView};
pub use domain::language::{Language, Text};
pub use errors::{ErrorPage, forward_page, leave_page, reload_page};
pub use feeds::{AtomEntry, AtomFeed, CctrayProject, FeedSubject, cctray};
pub use gate_rules::{EditedRules, GateRulesPage, RuleChange};
pub use gates::{GateCard, OVERRIDE_FORM, Overridden};
pub use grid::GridPage;
pub use insights::InsightsPage;
pub use job_runs::{JobRunsFilters, JobRunsPage};
pub use jobs::{HistoryRow, JobPage};
pub use layout::{Frame, Person, Theme};
pub use merge_requests::{MergeRequestPage, MergeRequests};
pub use pipeline::{JobsFilter, PipelinePage, StageSelection};
pub use pipelines::{PipelineRow, Pipelines, PipelinesFilter};
pub use repositories::{NewRepositoryPage, Repositories, is_active};
pub use search::{SearchPage, hit_address};
pub use sessions::{ProviderLink, SignIn, SignInLink};
pub use settings::{Prune, Settings, SettingsSection};
pub use subscriptions::{SubscriptionPage, SubscriptionsPage};
pub use wall::{TILES, Wall};
pub use webhooks::WebhookPage;

use std::fmt;

/// HTML in which every external text is already escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Escapes the special characters of HTML and removes control characters.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// An external text without control characters and without characters that change the text direction.
pub fn sanitize(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !domain::model::text::changes_direction(*c)).collect()
}

/// Renders a template. Writing into memory does not fail.
fn render(template: &impl askama::Template) -> String {
    template.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped_and_control_characters_are_removed() {
        assert_eq!(escape("<a href=\"x\" id='y'>&\u{7}"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
        assert_eq!(sanitize("a\u{1b}[31m\u{202e}b\n"), "a[31mb");
    }

    /// Behind a reverse proxy the server may have a path.
    #[test]
    fn every_path_in_a_template_is_below_that_of_the_server() {
        const ELSEWHERE: [&str; 2] = ["#", "{{ url }}"];
        let mut count = 0;
        for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for attribute in [" href=\"", " src=\"", " action=\"", " formaction=\"", " data-alone=\""] {
                for rest in text.split(attribute).skip(1) {
                    let value = rest;
                    let is_elsewhere = ELSEWHERE.iter().any(|start| value.starts_with(start));
                    let line = rest.lines().next().unwrap_or_default();
                    assert!(
                        is_elsewhere || value.starts_with("{{ frame.base }}"),
                        "{}: {line}",
                        path.display()
                    );
                    count += 1;
                }
            }
        }
        assert!(count > 100, "{count}");
    }

    #[test]
    fn no_template_has_inline_styles_or_scripts_or_skips_escaping() {
        let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
        for file in std::fs::read_dir(templates).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for bad in ["style=", "<style", "|safe", "| safe", "onclick", "onload", "javascript:", "<script>"]
            {
                assert!(!text.contains(bad), "{bad} in {}", path.display());
            }
        }
    }
}
