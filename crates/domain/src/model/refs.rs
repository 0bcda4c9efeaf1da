//! Names of git refs. A branch has two names, `x` and `refs/heads/x`: both are one ref, which is stored as
//! `x`. A tag is `refs/tags/x`. Other refs, such as `refs/merge-requests/7/head`, have
//! their full name.

use super::text::{self, Checked};
use crate::error::{Invalid, Problem};

/// The prefix of the full name of a branch.
const HEADS: &str = "refs/heads/";
/// The prefix of the full name of a tag.
pub(crate) const TAGS: &str = "refs/tags/";
/// The prefix of every full name.
pub(crate) const FULL: &str = "refs/";

/// The name under which a ref is stored: that of a branch without `refs/heads/`.
pub fn canonical(git_ref: &str) -> &str {
    let mut name = git_ref;
    while let Some(rest) = name.strip_prefix(HEADS).filter(|rest| !rest.is_empty()) {
        name = rest;
    }
    name
}

/// The refs that a name in a request can mean, as they are stored: the branch, then the tag. A full name means one.
pub fn named(name: &str) -> impl Iterator<Item = String> {
    let tag = (!name.starts_with(FULL)).then(|| format!("{TAGS}{name}"));
    std::iter::once(canonical(name).to_owned()).chain(tag)
}

/// Checks the name of a ref, at most 255 characters without `refs/heads/`, and returns the name under which
/// it is stored.
///
/// # Errors
/// [`Problem::Blank`], [`Problem::TooLong`] or [`Problem::ControlCharacter`].
pub fn check(field: &str, git_ref: impl Checked) -> Result<String, Invalid> {
    let name = canonical(git_ref.as_ref());
    if name == HEADS {
        return Err(Invalid::new(field, Problem::Blank));
    }
    if name.len() < git_ref.as_ref().len() {
        return text::single_line(field, name, text::NAME_MAX);
    }
    text::single_line(field, git_ref, text::NAME_MAX)
}

/// The ref of a filter, as it is stored.
pub fn filter(git_ref: Option<String>) -> Option<String> {
    git_ref.map(|git_ref| canonical(&git_ref).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_names_of_a_branch_are_one_ref() {
        for (given, name) in [
            ("main", "main"),
            ("refs/heads/main", "main"),
            ("refs/heads/feature/x", "feature/x"),
            ("refs/heads/refs/heads/x", "x"),
            ("heads/main", "heads/main"),
            ("origin/refs/heads/x", "origin/refs/heads/x"),
            ("Refs/Heads/main", "Refs/Heads/main"),
            ("refs/headsmain", "refs/headsmain"),
            // Tags and the refs of merge requests keep their names.
            ("refs/tags/v1", "refs/tags/v1"),
            ("refs/pull/7/head", "refs/pull/7/head"),
            ("refs/merge-requests/7/head", "refs/merge-requests/7/head"),
            ("refs/heads/refs/tags/v1", "refs/tags/v1"),
        ] {
            assert_eq!(check("ref", given).unwrap(), name);
            assert_eq!(canonical(name), name, "the name of a name is the same");
        }
    }

    #[test]
    fn a_short_name_means_a_branch_or_else_a_tag() {
        for (name, refs) in [
            ("v1", &["v1", "refs/tags/v1"][..]),
            ("feature/x", &["feature/x", "refs/tags/feature/x"]),
            ("refs/heads/v1", &["v1"]),
            ("refs/tags/v1", &["refs/tags/v1"]),
            ("refs/pull/7/head", &["refs/pull/7/head"]),
        ] {
            assert_eq!(named(name).collect::<Vec<_>>(), refs, "{name}");
        }
    }

    #[test]
    fn a_ref_identifies_and_is_never_adjusted() {
        for (bad, problem) in [
            ("", Problem::Blank),
            (" ", Problem::Blank),
            ("refs/heads/", Problem::Blank),
            ("refs/heads/ ", Problem::Blank),
            ("a\nb", Problem::ControlCharacter),
        ] {
            assert_eq!(check("ref", bad).unwrap_err(), Invalid::new("ref", problem), "{bad:?}");
        }
        let longest = "x".repeat(text::NAME_MAX);
        assert_eq!(check("ref", format!("refs/heads/{longest}")).unwrap(), longest);
        assert!(check("ref", format!("{longest}x")).is_err());
    }
}
