//! The links to the previous and the next page.

use crate::Frame;
use askama::Template;

/// The two links. A link without an address is omitted.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// The address of the previous page.
    pub before: Option<String>,
    /// The address of the next page.
    pub after: Option<String>,
    /// Whether the list is ordered by time, so that the links are called newer and older.
    pub by_time: bool,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if pager.before.is_some() || pager.after.is_some() -%}
<nav class="pager" aria-label="{{ frame.text(crate::messages::common::PAGES) }}">
{%- if let Some(address) = pager.before %}<a class="button" rel="prev" href="{{ frame.base }}{{ address }}">← {{ before }}</a>{% endif -%}
{%- if let Some(address) = pager.after %}<a class="button" rel="next" href="{{ frame.base }}{{ address }}">{{ after }} →</a>{% endif -%}
</nav>{% endif %}"#
)]
struct View<'a> {
    frame: &'a Frame,
    pager: &'a Pager,
    before: &'static str,
    after: &'static str,
}

impl Pager {
    /// The links as HTML.
    pub fn html(&self, frame: &Frame) -> crate::Html {
        use crate::messages::common as msg;
        let (before, after) =
            if self.by_time { (msg::NEWER, msg::OLDER) } else { (msg::PREVIOUS, msg::NEXT) };
        let view = View { frame, pager: self, before: frame.text(before), after: frame.text(after) };
        crate::Html(crate::render(&view))
    }
}
