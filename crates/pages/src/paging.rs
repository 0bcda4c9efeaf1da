//! The links to the pages before and after.

use crate::Frame;
use askama::Template;

/// Two links; one that leads nowhere is not there.
#[derive(Debug, Clone, Default)]
pub struct Pager {
    /// Where the page before is.
    pub before: Option<String>,
    /// Where the page after is.
    pub after: Option<String>,
    /// The order is by time: say newer and older.
    pub by_time: bool,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% if pager.before.is_some() || pager.after.is_some() -%}
<nav class="pager" aria-label="{{ frame.say(crate::messages::common::PAGES) }}">
{%- if let Some(address) = pager.before %}<a class="button" rel="prev" href="{{ address }}">← {{ before }}</a>{% endif -%}
{%- if let Some(address) = pager.after %}<a class="button" rel="next" href="{{ address }}">{{ after }} →</a>{% endif -%}
</nav>{% endif %}"#
)]
struct View<'a> {
    frame: &'a Frame,
    pager: &'a Pager,
    before: &'static str,
    after: &'static str,
}

impl Pager {
    /// The links.
    pub fn html(&self, frame: &Frame) -> crate::Html {
        use crate::messages::common as w;
        let (before, after) = if self.by_time { (w::NEWER, w::OLDER) } else { (w::PREVIOUS, w::NEXT) };
        let view = View { frame, pager: self, before: frame.say(before), after: frame.say(after) };
        crate::Html(crate::render(&view))
    }
}
