//! Addresses: ours, built with their queries encoded, and those from outside, which are never trusted.

use crate::{Html, escape};

/// A path with a query; pairs with an empty value are left out.
pub fn address(path: &str, query: &[(&str, &str)]) -> String {
    let mut out = path.to_owned();
    let mut mark = '?';
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        out.push(mark);
        out += name;
        out.push('=');
        out += &encode(value);
        mark = '&';
    }
    out
}

/// Percent-encodes what is not plain in a query or in one part of a path.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}

/// Whether a browser may be sent there: http or https, and nothing that hides where it leads.
pub fn is_web(url: &str) -> bool {
    let head = |scheme: &str| url.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    (head("http://") || head("https://")) && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// A link out. Where the address is none of the web, the text alone.
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
    fn our_addresses_are_encoded() {
        let built =
            address("/repositories/1/pipelines", &[("ref", "a/b&c=d 任"), ("q", ""), ("source", "x")]);
        assert_eq!(built, "/repositories/1/pipelines?ref=a%2Fb%26c%3Dd%20%E4%BB%BB&source=x");
    }

    #[test]
    fn only_addresses_of_the_web_become_links() {
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
