//! The link that an attempt likely has, because most links of one build system differ only in the build id.

use std::borrow::Cow;

/// The link of an attempt with the id `build_id`, given one of another attempt: that link with the other id.
pub fn expected_url<'a>(other: &'a str, other_id: Option<&str>, build_id: Option<&str>) -> Cow<'a, str> {
    let other_id = other_id.filter(|id| !id.is_empty());
    if let (Some(other_id), Some(build_id)) = (other_id, build_id)
        && other_id != build_id
        // Most links end with it, which is quicker to find.
        && let Some((before, after)) =
            other.strip_suffix(other_id).map(|before| (before, "")).or_else(|| other.rsplit_once(other_id))
    {
        return [before, build_id, after].concat().into();
    }
    other.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_id_in_a_link_is_replaced() {
        for (other, other_id, build_id, expected) in [
            ("https://ci/1/jobs/1/log", Some("1"), Some("23"), "https://ci/1/jobs/23/log"),
            ("https://ci/1/jobs/1", Some("1"), Some("23"), "https://ci/1/jobs/23"),
            ("https://ci/jobs/1", Some("2"), Some("3"), "https://ci/jobs/1"),
            ("https://ci/jobs/1", Some(""), Some("3"), "https://ci/jobs/1"),
            ("https://ci/jobs/1", None, Some("3"), "https://ci/jobs/1"),
            ("https://ci/jobs/1", Some("1"), None, "https://ci/jobs/1"),
        ] {
            assert_eq!(expected_url(other, other_id, build_id), expected);
        }
    }
}
