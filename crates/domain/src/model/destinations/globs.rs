//! Patterns in which `*` matches any text, also none.

/// Whether a text matches a pattern. The time is at most the product of both lengths.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    let mut rest = rest;
    for part in parts {
        // The earliest place leaves the most for the other parts.
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_matches_any_text() {
        for (pattern, text, expected) in [
            ("build/linux", "build/linux", true),
            ("build/linux", "build/linux2", false),
            ("build/linux", "xbuild/linux", false),
            ("build/*", "build/", true),
            ("build/*", "build/a/b", true),
            ("*/lint", "test/lint", true),
            ("*/lint", "test/lint2", false),
            ("*", "", true),
            ("*", "任务/一", true),
            ("*a*b*", "xaybz", true),
            ("*a*b*", "xbya", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*ab*b", "ab", false),
            ("**", "x", true),
            ("", "", true),
            ("", "x", false),
            ("部署/*", "部署/生产", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
