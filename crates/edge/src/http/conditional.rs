//! Conditional requests: the client names the versions that it has (RFC 9110, section 13.1.2).

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

/// Whether `If-None-Match` lists this entity tag or `*`. The comparison is weak, because a compressed body
/// has the same tag.
pub fn has(headers: &HeaderMap, tag: &str) -> bool {
    let lines = headers.get_all(IF_NONE_MATCH).into_iter().filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|known| known == "*" || weak(known) == weak(tag))
}

fn weak(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_by_weak_comparison() {
        let known =
            |line: &str| has(&[(IF_NONE_MATCH, line.parse().unwrap())].into_iter().collect(), "\"b\"");
        for line in ["\"b\"", "\"a\", W/\"b\"", "*", " \"b\" ,\"c\""] {
            assert!(known(line), "{line}");
        }
        for line in ["\"a\"", "b", "\"bb\"", ""] {
            assert!(!known(line), "{line}");
        }
        assert!(!has(&HeaderMap::new(), "\"b\""));
    }
}
