//! What Markdown becomes, and what it cannot do.

use super::*;

fn html(text: &str) -> String {
    markdown(text).to_string()
}

const REL: &str = "rel=\"nofollow noopener noreferrer ugc\"";

#[test]
fn the_usual_elements_are_shown() {
    for (text, expected) in [
        ("a *b* **c** ~~d~~ `e<`", "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>e&lt;</code></p>"),
        ("a\nb  \nc", "<p>a\nb<br>c</p>"),
        ("> q", "<blockquote><p>q</p></blockquote>"),
        ("---", "<hr>"),
        (
            "```rust\nlet x = \"<\";\n```",
            "<pre tabindex=\"0\"><code>let x = &quot;&lt;&quot;;\n</code></pre>",
        ),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("7. a\n8. b", "<ol start=\"7\"><li>a</li><li>b</li></ol>"),
        ("- [x] a\n- [ ] b", "<ul><li>☑ a</li><li>☐ b</li></ul>"),
        (
            "|a|b|\n|-|-|\n|1|`2`|",
            "<div tabindex=\"0\"><table><thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead><tbody>\
             <tr><td>1</td><td><code>2</code></td></tr></tbody></table></div>",
        ),
        ("任务 & 'x'", "<p>任务 &amp; &#39;x&#39;</p>"),
        ("", ""),
    ] {
        assert_eq!(html(text), expected, "{text}");
    }
}

#[test]
fn headings_are_below_the_page_and_leave_out_no_level() {
    assert_eq!(html("# a\n## b\n# c"), "<h3>a</h3><h4>b</h4><h3>c</h3>");
    assert_eq!(html("#### a\n###### b"), "<h3>a</h3><h4>b</h4>");
    assert_eq!(
        html("# a\n## b\n### c\n#### d\n##### e"),
        "<h3>a</h3><h4>b</h4><h5>c</h5><h6>d</h6><h6>e</h6>"
    );
    assert_eq!(html("# a {#id .class}"), "<h3>a {#id .class}</h3>");
}

#[test]
fn only_links_to_pages_and_addresses_are_links() {
    for (text, url, label) in [
        ("[a](https://ci.example/x)", "https://ci.example/x", "a"),
        ("[a](HTTP://x \"title\")", "HTTP://x", "a"),
        ("[a](mailto:a@b.example)", "mailto:a@b.example", "a"),
        ("<https://x/?a=1&b>", "https://x/?a=1&amp;b", "https://x/?a=1&amp;b"),
        ("[a][r]\n\n[r]: https://x", "https://x", "a"),
        ("[a](https://x/\"onclick=\"y)", "https://x/&quot;onclick=&quot;y", "a"),
        ("![a](https://x/i.png)", "https://x/i.png", "a"),
        ("![](https://x/i.png)", "https://x/i.png", "https://x/i.png"),
        ("[](https://x)", "https://x", "https://x"),
        ("[![](https://img/b.svg)](https://x)", "https://x", "https://x"),
    ] {
        assert_eq!(html(text), format!("<p><a href=\"{url}\" {REL}>{label}</a></p>"), "{text}");
    }
    for bad in [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](<java\tscript:alert(1)>)",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "[a](//evil.example)",
        "[a](/repositories)",
        "[a](#x)",
        "[a](file:///etc/passwd)",
        "[a][r]\n\n[r]: javascript:x",
        "![a](data:image/svg+xml,<svg/onload=alert(1)>)",
        "![a](x.png)",
    ] {
        assert_eq!(html(bad), "<p>a</p>", "{bad}");
    }
    assert_eq!(html("<javascript:alert(1)>"), "<p>javascript:alert(1)</p>");
    // A link in a link, and an image in one.
    let nested = html("[![badge](https://img.example/b.svg)](https://ci.example)");
    assert_eq!(nested, format!("<p><a href=\"https://ci.example\" {REL}>badge</a></p>"));
}

#[test]
fn html_is_text() {
    for text in [
        "<script>alert(1)</script>",
        "a <b onclick=x>c</b> <img src=x onerror=alert(1)>",
        "<div id=main class=x style=y>\n\n*a*\n\n</div>",
        "<!-- a -->",
        "<iframe src=https://x></iframe>",
        "```\n</code></pre><script>\n```",
        "`</code><script>`",
        "|<img src=x>|\n|-|\n|<svg/onload=x>|",
        "[<img src=x onerror=y>](https://x)",
        "<a href=\"javascript:x\">y</a>",
        "&lt;script&gt;",
    ] {
        let html = html(text);
        for tag in html.split('<').skip(1).map(|part| part.split('>').next().unwrap()) {
            let is_known =
                ["p", "/p", "em", "/em", "code", "/code", "/code", "/pre", "/a", "pre tabindex=\"0\""]
                    .contains(&tag)
                    || tag == format!("a href=\"https://x\" {REL}")
                    || ["div tabindex=\"0\"", "/div", "th scope=\"col\""].contains(&tag)
                    || ["table", "thead", "tbody", "tr", "th", "td"].contains(&tag.trim_start_matches('/'));
            assert!(is_known, "<{tag}> of {text} in {html}");
        }
        assert!(html.contains("&lt;"), "{text} in {html}");
    }
}

#[test]
fn control_characters_and_changes_of_direction_are_left_out() {
    assert_eq!(html("a\u{1b}[31m\u{202e}b\u{7}`\u{2066}c`"), "<p>a[31mb<code>c</code></p>");
}

/// Every element is closed in its order.
fn is_balanced(html: &str) -> bool {
    let mut open = Vec::new();
    for part in html.split('<').skip(1) {
        let tag = part.split(['>', ' ']).next().unwrap();
        match tag.strip_prefix('/') {
            Some(tag) if open.pop() == Some(tag) => {}
            Some(_) => return false,
            None if matches!(tag, "br" | "hr") => {}
            None => open.push(tag),
        }
    }
    open.is_empty()
}

#[test]
fn depth_and_size_are_bounded() {
    let long = 65_000;
    for text in [
        ">".repeat(long) + "a",
        "- ".repeat(long / 2) + "a",
        "*a ".repeat(long / 3),
        "**".repeat(long / 2),
        "[".repeat(long),
        "![".repeat(long / 2) + &"](https://x)".repeat(1_000),
        "<".repeat(long),
        "'".repeat(long),
        "`".repeat(long),
        "|a|b|\n|-|-|\n".to_owned() + &"|\n".repeat(long / 2),
        "[a](https://x) ".repeat(long / 15),
        "<a ".repeat(long / 3),
        "&amp;".repeat(long / 5),
    ] {
        let html = html(&text);
        let start: String = text.chars().take(20).collect();
        assert!(html.len() < BYTES_MAX + (8 << 10), "{start}: {} bytes", html.len());
        assert!(is_balanced(&html), "{start}");
        let depth = html.matches("<blockquote>").count().max(html.matches("<ul>").count());
        assert!(depth <= DEPTH_MAX, "{start}: {depth}");
    }
    for depth in 18..=26 {
        let html = html(&format!("{0}|a|b|\n{0}|-|-|\n{0}|*c*|d|\n", ">".repeat(depth)));
        assert!(is_balanced(&html), "{depth}: {html}");
        assert_eq!(html.matches("<table>").count(), html.matches("<td>").count() / 2, "{depth}: {html}");
        assert!(html.contains('a') && html.contains('d'), "{depth}: {html}");
    }
    let shown = html(&"[a](https://x) ".repeat(20_000));
    assert!(shown.contains('…') && shown.ends_with("</p>") && is_balanced(&shown));
}

#[test]
fn a_document_has_ids_and_resolves_relative_links() {
    let resolve = |link: &str| link.strip_suffix(".md").map(|page| format!("/docs/{page}"));
    let text = "# Install `x`\n\n## Set up\n\n[next](other.md) [gone](../Cargo.toml) <b>\n\n## Set up\n\n# 部署 (TLS)";
    let html = document(text, &resolve).to_string();
    for part in [
        "<h1 id=\"install-x\">Install <code>x</code></h1>",
        "<h2 id=\"set-up\">Set up</h2>",
        "<h2 id=\"set-up-1\">Set up</h2>",
        "<h1 id=\"部署-tls\">部署 (TLS)</h1>",
        "<a class=\"inside\" href=\"/docs/other\">next</a> gone &lt;b&gt;",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}
