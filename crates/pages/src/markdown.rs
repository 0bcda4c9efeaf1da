//! Markdown of strangers as HTML.
//!
//! The HTML has no images, ids, classes or styles, and no HTML of the text itself: that is shown as text. A link leads
//! to `http`, `https` or `mailto`, and passes on neither the address of the page nor any rank. Headings are below
//! those of the page. Depth and size are bounded, whatever the text is.

use crate::Html;
use crate::links::is_web;
use domain::model::text::is_displayed;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

/// The heading above the text in the page.
const HEADING_ABOVE: u8 = 2;
/// Most elements inside one another. The content of deeper ones stays.
const DEPTH_MAX: usize = 24;
/// The elements of a table inside one another, without the outermost one.
const TABLE_DEPTH: usize = 2;
/// About the most bytes of the HTML. Further text is left out.
const BYTES_MAX: usize = 512 << 10;

/// The HTML of a text.
pub fn markdown(text: &str) -> Html {
    write(text, Writer { heading: HEADING_ABOVE, ..Writer::default() })
}

/// The HTML of a page of the documentation, which is part of the server: its headings start at the first level and
/// have ids, and `resolve` returns the address of a relative link.
pub fn document(text: &str, resolve: &dyn Fn(&str) -> Option<String>) -> Html {
    let ids = headings(text).into_iter().map(|heading| heading.id).rev().collect();
    write(text, Writer { document: Some(Document { ids, resolve }), ..Writer::default() })
}

fn write(text: &str, mut writer: Writer<'_>) -> Html {
    for event in parser(text) {
        writer.write(event);
        if writer.out.len() >= BYTES_MAX {
            writer.text("…");
            break;
        }
    }
    writer.finish()
}

fn parser(text: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Parser::new_ext(text, options)
}

/// A heading of a page of the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// The text without markup.
    pub text: String,
    /// The id, as code hosts make it, so that links between pages work in both places.
    pub id: String,
}

/// The headings of a text, in their order.
pub fn headings(text: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let mut open: Option<String> = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => open = Some(String::new()),
            Event::End(pulldown_cmark::TagEnd::Heading(_)) => {
                let text = open.take().unwrap_or_default();
                let id = slug(&text);
                let same = found.iter().filter(|heading| slug(&heading.text) == id).count();
                let id = if same == 0 { id } else { format!("{id}-{same}") };
                found.push(Heading { text, id });
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            _ => {}
        }
    }
    found
}

fn slug(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn is_of_table(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::TableHead | Tag::TableRow | Tag::TableCell)
}

/// How a page of the documentation is written.
struct Document<'a> {
    /// The ids of the headings that follow, the next one last.
    ids: Vec<String>,
    resolve: &'a dyn Fn(&str) -> Option<String>,
}

#[derive(Default)]
struct Writer<'a> {
    out: String,
    /// `None`: untrusted text.
    document: Option<Document<'a>>,
    /// The ends of the open elements. An element that is left out has none.
    open: Vec<&'static str>,
    /// The level of the last heading.
    heading: u8,
    /// The number of links and images that are open. Only the first of them is a link.
    links: usize,
    /// The open table is left out, so its text stays.
    leaves_out_table: bool,
    /// The cells are those of the head of a table.
    in_head: bool,
    /// The position at which the text of the open link begins, and its URL.
    link: Option<(usize, String)>,
}

impl Writer<'_> {
    fn write(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => {
                use pulldown_cmark::TagEnd;
                match tag {
                    TagEnd::Link | TagEnd::Image => self.end_link(),
                    TagEnd::TableHead | TagEnd::TableRow => {
                        self.in_head = false;
                        if self.leaves_out_table {
                            self.out += "<br>";
                        }
                    }
                    TagEnd::Table => self.leaves_out_table = false,
                    TagEnd::TableCell if self.leaves_out_table => self.out.push(' '),
                    _ => {}
                }
                self.out += self.open.pop().unwrap_or_default();
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                self.out += "<code>";
                self.text(&text);
                self.out += "</code>";
            }
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out += "<br>",
            Event::Rule => self.out += "<hr>",
            Event::TaskListMarker(is_done) => self.out += if is_done { "☑ " } else { "☐ " },
            // Not enabled.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text)
            }
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        if let Tag::Link { .. } | Tag::Image { .. } = tag {
            self.links += 1;
        }
        // A table is left out as a whole: its elements are wrong without one another.
        let depth = self.open.len() + if matches!(tag, Tag::Table(_)) { TABLE_DEPTH } else { 0 };
        if depth >= DEPTH_MAX || self.leaves_out_table && is_of_table(tag) {
            self.leaves_out_table |= matches!(tag, Tag::Table(_));
            self.open.push("");
            return;
        }
        let end = match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.element("<p>", "</p>"),
            Tag::Heading { level, .. } => self.heading(*level as u8),
            Tag::BlockQuote(_) => self.element("<blockquote>", "</blockquote>"),
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => {
                // A box that scrolls can be reached with the keyboard.
                self.element("<pre tabindex=\"0\"><code>", "</code></pre>")
            }
            Tag::List(None) => self.element("<ul>", "</ul>"),
            Tag::List(Some(1)) => self.element("<ol>", "</ol>"),
            Tag::List(Some(first)) => self.element(&format!("<ol start=\"{first}\">"), "</ol>"),
            Tag::Item => self.element("<li>", "</li>"),
            Tag::Table(_) => self.element("<div tabindex=\"0\"><table>", "</tbody></table></div>"),
            Tag::TableHead => {
                self.in_head = true;
                self.element("<thead><tr>", "</tr></thead><tbody>")
            }
            Tag::TableRow => self.element("<tr>", "</tr>"),
            Tag::TableCell if self.in_head => self.element("<th scope=\"col\">", "</th>"),
            Tag::TableCell => self.element("<td>", "</td>"),
            Tag::Emphasis => self.element("<em>", "</em>"),
            Tag::Strong => self.element("<strong>", "</strong>"),
            Tag::Strikethrough => self.element("<del>", "</del>"),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link(dest_url),
            _ => "",
        };
        self.open.push(end);
    }

    fn element(&mut self, start: &str, end: &'static str) -> &'static str {
        self.out += start;
        end
    }

    /// A heading is one level below the last one at most, so that no level is left out.
    fn heading(&mut self, level: u8) -> &'static str {
        let above = if self.document.is_some() { 0 } else { HEADING_ABOVE };
        self.heading = (above + level).min(self.heading + 1).min(6);
        if let Some(id) = self.document.as_mut().and_then(|document| document.ids.pop()) {
            self.out += &format!("<h{} id=\"", self.heading);
            self.text(&id);
            self.out += "\">";
            return match self.heading {
                1 => "</h1>",
                2 => "</h2>",
                3 => "</h3>",
                4 => "</h4>",
                5 => "</h5>",
                _ => "</h6>",
            };
        }
        match self.heading {
            3 => self.element("<h3>", "</h3>"),
            4 => self.element("<h4>", "</h4>"),
            5 => self.element("<h5>", "</h5>"),
            _ => self.element("<h6>", "</h6>"),
        }
    }

    /// A link to a page or an address. Any other one is its text.
    fn link(&mut self, url: &str) -> &'static str {
        let is_mail = url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
            && !url.contains(|c: char| c.is_control() || c.is_whitespace());
        let resolved = match &self.document {
            Some(document) if self.links == 1 && !is_web(url) => (document.resolve)(url),
            _ => None,
        };
        if let Some(address) = resolved {
            self.out += "<a class=\"inside\" href=\"";
            self.text(&address);
            self.out += "\">";
            return "</a>";
        }
        if self.links > 1 || !(is_web(url) || is_mail) {
            return "";
        }
        self.out += "<a href=\"";
        self.text(url);
        self.out += "\" rel=\"nofollow noopener noreferrer ugc\">";
        self.link = Some((self.out.len(), url.to_owned()));
        "</a>"
    }

    /// A link without a text, such as an image without one, has its URL as text.
    fn end_link(&mut self) {
        self.links = self.links.saturating_sub(1);
        if self.links == 0
            && let Some((start, url)) = self.link.take()
            && self.out[start..].trim().is_empty()
        {
            self.text(&url);
        }
    }

    /// A text without control characters, except line feeds and tabs, and without changes of its direction.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out += "&amp;",
                '<' => self.out += "&lt;",
                '>' => self.out += "&gt;",
                '"' => self.out += "&quot;",
                '\'' => self.out += "&#39;",
                c if is_displayed(c) => self.out.push(c),
                _ => {}
            }
        }
    }

    fn finish(mut self) -> Html {
        while let Some(end) = self.open.pop() {
            self.out += end;
        }
        Html(self.out)
    }
}

#[cfg(test)]
mod tests;
