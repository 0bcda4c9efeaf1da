//! The documentation: the list of its pages, and a page.

use crate::markdown::{document, headings};
use crate::messages::docs as msg;
use crate::{Frame, Html, links};
use askama::Template;

/// The path of the documentation.
const ROOT: &str = "/docs";

/// A page of the documentation in one language.
#[derive(Debug, Clone)]
pub struct DocsPage {
    /// The path below `docs`, without `.md`: `operating/tls`.
    pub path: String,
    /// The Markdown.
    pub text: String,
}

impl DocsPage {
    /// The first heading.
    pub fn title(&self) -> String {
        headings(&self.text).into_iter().next().map_or_else(|| self.path.clone(), |first| first.text)
    }

    /// Whether the page contains every word of a search, in any case.
    pub fn matches(&self, q: &str) -> bool {
        let text = self.text.to_lowercase();
        q.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// The text without the line that leads to the other language: the preferences do.
    fn without_language_link(&self) -> String {
        let is_link = |line: &str| line.starts_with("[English](") || line.starts_with("[中文](");
        let mut text = String::with_capacity(self.text.len());
        for line in self.text.lines().filter(|line| !is_link(line)) {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    fn address(&self) -> String {
        format!("{ROOT}/{}", links::encode(&self.path).replace("%2F", "/"))
    }

    /// The folder; empty for pages at the top.
    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The address of a relative link in the page; `None` if it leads to no page.
    fn resolve(&self, link: &str, base: &str, exists: &dyn Fn(&str) -> bool) -> Option<String> {
        let (path, fragment) = link.split_once('#').map_or((link, None), |(path, id)| (path, Some(id)));
        let fragment = fragment.map(|id| format!("#{id}")).unwrap_or_default();
        if path.is_empty() {
            return Some(fragment);
        }
        let mut parts: Vec<&str> = self.folder().split('/').filter(|part| !part.is_empty()).collect();
        for part in path.strip_suffix(".md")?.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        let path = parts.join("/");
        exists(&path).then(|| format!("{base}{ROOT}/{path}{fragment}"))
    }
}

/// The list of pages.
#[derive(Debug, Template)]
#[template(path = "docs.html")]
pub struct DocsList<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The search text.
    pub q: &'a str,
    /// The matching pages, by path.
    pub pages: Vec<&'a DocsPage>,
}

impl DocsList<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    /// The folders with their pages, those at the top first.
    fn folders(&self) -> Vec<(&str, Vec<&DocsPage>)> {
        let mut folders: Vec<(&str, Vec<&DocsPage>)> = Vec::new();
        for page in &self.pages {
            match folders.iter_mut().find(|(folder, _)| *folder == page.folder()) {
                Some((_, pages)) => pages.push(page),
                None => folders.push((page.folder(), vec![page])),
            }
        }
        folders.sort_by_key(|(folder, _)| *folder);
        folders
    }

    fn folder_title(&self, folder: &str) -> &'static str {
        self.frame.text(match folder {
            "api" => msg::APIS,
            "operating" => msg::OPERATING,
            "reporters" => msg::REPORTERS,
            _ => msg::GUIDES,
        })
    }
}

/// A page.
#[derive(Template)]
#[template(path = "docs_page.html")]
pub struct DocsView<'a> {
    /// The frame.
    pub frame: &'a Frame,
    /// The page.
    pub page: &'a DocsPage,
    /// Whether a page with this path exists.
    pub exists: &'a dyn Fn(&str) -> bool,
}

impl DocsView<'_> {
    /// The page.
    pub fn html(&self) -> String {
        crate::render(self)
    }

    fn content(&self) -> Html {
        document(&self.page.without_language_link(), &|link| {
            self.page.resolve(link, &self.frame.base, self.exists)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::tests::frame;

    fn page(path: &str, text: &str) -> DocsPage {
        DocsPage { path: path.into(), text: text.into() }
    }

    #[test]
    fn links_between_pages_stay_in_the_documentation() {
        let page = page("operating/tls", "# TLS\n");
        let exists = |path: &str| ["operating/data", "pages", "operating/tls"].contains(&path);
        let resolve = |link| page.resolve(link, "/base", &exists);
        assert_eq!(resolve("data.md#backup"), Some("/base/docs/operating/data#backup".into()));
        assert_eq!(resolve("../pages.md"), Some("/base/docs/pages".into()));
        assert_eq!(resolve("#here"), Some("#here".into()));
        for outside in ["../../README.md", "none.md", "../../compat", "../../../../../etc/passwd.md"] {
            assert_eq!(resolve(outside), None, "{outside}");
        }
        assert_eq!(page.title(), "TLS");
        let page = DocsPage { text: "# TLS\n\n[English](../tls.md)\n\nText".into(), ..page.clone() };
        assert_eq!(page.without_language_link(), "# TLS\n\n\nText\n");
    }

    #[test]
    fn pages_are_listed_by_folder_and_found_by_words() {
        let pages = [page("pages", "# Pages <x>"), page("api/native", "# Native\nSSE"), page("ci", "# CI")];
        let frame = frame();
        let html = DocsList { frame: &frame, q: "", pages: pages.iter().collect() }.html();
        assert!(html.contains("href=\"/docs/api/native\">Native</a>") && !html.contains("<x>"), "{html}");
        assert!(html.find("/docs/ci") < html.find("/docs/api/native"), "{html}");
        assert!(pages[1].matches("sse NATIVE") && !pages[1].matches("sse pages"));
    }
}
