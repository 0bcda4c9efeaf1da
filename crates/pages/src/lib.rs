//! What a person sees, as text: data in, HTML out. No HTTP, no store, no clock.
//!
//! A page is one file here (`src/pipelines.rs`), one template (`templates/pipelines.html`), its words (`src/words/pipelines.rs`), and a
//! handler in the edge (`pages/pipelines.rs`), all called by the same noun.
//!
//! - **View**: a struct with `#[derive(Template)] #[template(path = "x.html")]` that borrows `frame: &'a Frame` and the model's types, and
//!   a `pub fn html(&self) -> String` that calls [`render`]. Import the page's words as `use crate::messages::x as w;`.
//! - **Template**: `{% extends "layout.html" %}`; blocks `title`, `main` (inside `<main id="main">`, begins with an `<h1>`), and where
//!   needed `scripts` (more `<script type="module" src="{{ crate::assets::address("x.js") }}"></script>`) and `favicon`. A request with
//!   `X-Fragment: 1` gets what is inside `<main>` alone, so what changes live stands there, under an `id` or a `data-key`.
//! - **Words**: `{{ frame.say(w::TITLE) }}`, with values `{{ frame.fill(w::COUNT, total) }}` for `{0}`, `fill2` for two. Both languages or it does not
//!   compile. The status's and other shared words are in [`words::common`].
//! - **Pieces** that are HTML already (never `|safe`): [`Frame::badge`] and [`Frame::icon`] for a status, [`Frame::time`],
//!   [`Frame::external`] for an address from outside, [`paging::Pager`]. [`links::address`] builds one of ours, [`times::duration`]
//!   writes a duration. Names, refs and descriptions go through [`Frame::plain`]; the template escapes.
//!   A template calls methods and `crate::paths()`; a bare `name()` means a method of the view.
//! - **Classes** (`assets/app.css`, its list of contents is at its top): `page-head`, `crumbs`, `table-wrap` + `table`, `num` (right,
//!   fixed width), `mono`, `muted`, `truncate`, `status status-WORD`, `dots` + `dot`, `chip`, `pill`, `button` (`primary`, `danger`,
//!   `small`), `field`, `form-row`, `filters`, `card`, `grid`, `notice` (`bad`, `good`), `empty`, `tabs`, `menu`, `visually-hidden`.
//!   Colours only by custom properties (`--text`, `--muted`, `--line`, `--surface`, `--accent`, `--status-WORD`). No `style=` anywhere.

mod accounts;
pub mod assets;
mod catalogue;
pub mod explorer;
pub mod forms;
pub mod icons;
pub mod layout;
pub mod limits;
pub mod links;
pub mod messages;
pub mod paging;
pub mod times;
pub mod zones;

mod badges;
mod columns;
mod commits;
mod durations;
mod errors;
mod insights;
mod jobs;
mod pipeline;
mod pipelines;
mod repositories;
#[cfg(test)]
mod samples;
mod sessions;
mod settings;
mod timeline;
mod webhooks;

pub use accounts::{Account, Administration, Notice, Secret};
pub use badges::badge;
pub use catalogue::{Catalogue, CatalogueEntry};
pub use commits::{CommitPage, CommitRow};
pub use errors::{ErrorPage, again};
pub use insights::InsightsPage;
pub use jobs::{HistoryRow, JobPage};
pub use layout::{Frame, Person, Theme};
pub use messages::{Lang, Text};
pub use pipeline::{Part, PipelinePage};
pub use pipelines::{PipelineRow, Pipelines, PipelinesFilter};
pub use repositories::Repositories;
pub use sessions::{SignIn, SignInOnce};
pub use settings::{Prune, Settings};
pub use webhooks::WebhookPage;

use std::fmt;

/// Text that is HTML already: every part from outside was escaped when it was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// A text with what HTML would read as its own replaced.
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

/// A text from outside without its control characters, and without those that turn the direction of what follows.
pub fn plain(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !c.is_control() && !turns(*c)).collect()
}

/// A template as text. Ours write into memory, which does not fail.
fn render(template: &impl askama::Template) -> String {
    template.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_html_reads_is_escaped_and_control_characters_go() {
        assert_eq!(escape("<a href=\"x\" id='y'>&\u{7}"), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
        assert_eq!(plain("a\u{1b}[31m\u{202e}b\n"), "a[31mb");
    }

    #[test]
    fn no_template_has_an_inline_style_or_script_or_trusts_a_text() {
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
