//! Links: addresses of this server with an encoded query, and external URLs, which are not trusted.

use crate::{Html, escape};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// A path with a query string. Pairs with an empty value are omitted.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut separator = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(separator);
        out += name;
        out.push('=');
        out += &encode(value);
        separator = '&';
    }
    out
}

/// Every character but the unreserved ones of RFC 3986: letters, digits, `-`, `.`, `_` and `~`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes a value of a query or one segment of a path.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Whether a page may link to a URL: http or https, without control characters and white space, which could
/// hide the target.
pub fn is_web(url: &str) -> bool {
    let starts_with =
        |scheme: &str| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    (starts_with("http://") || starts_with("https://"))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// A link to an external URL. The text alone if [`is_web`] refuses the URL.
pub fn external(url: &str, text: &str) -> Html {
    let text = escape(text);
    if !is_web(url) {
        return Html(text);
    }
    Html(format!(
        "<a href=\"{}\" rel=\"noopener noreferrer nofollow\" class=\"external\">{text}</a>",
        escape(url)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_encoded() {
        let built =
            address("/repositories/1/pipelines", &[("ref", "a/b&c=d 任"), ("q", ""), ("source", "x")]);
        assert_eq!(built, "/repositories/1/pipelines?ref=a%2Fb%26c%3Dd%20%E4%BB%BB&source=x");
    }

    #[test]
    fn only_http_and_https_urls_become_links() {
        let link = external("https://ci.example.com/?a=\"><script>", "<b>").to_string();
        assert!(
            link.starts_with("<a href=\"https://ci.example.com/?a=&quot;&gt;&lt;script&gt;\" rel="),
            "{link}"
        );
        for bad in ["javascript:alert(1)", "//evil", "data:text/html,x", "https://a\tb", ""] {
            assert_eq!(external(bad, "<b>").to_string(), "&lt;b&gt;", "{bad}");
        }
    }
}
