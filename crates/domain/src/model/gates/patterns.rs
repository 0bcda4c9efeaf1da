//! Patterns of names of branches, stages and jobs.

use crate::error::{Invalid, Problem};
use crate::model::text;
use std::borrow::Cow;

/// A pattern of a name. `*` matches any characters, also none and also `/`; `\*` and `\\` match `*` and `\`. Every
/// other character matches itself. Case distinguishes, except in a name of a job that ignores it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    text: String,
    exact: Parts,
    /// Without case; `None`: as `exact`.
    without_case: Option<Parts>,
}

/// The subject of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Parts {
    /// The texts before, between and after the stars. One text: there is no star.
    texts: Vec<String>,
    /// The pairs that every matching name has.
    pairs: Pairs,
}

/// A name of a job, as patterns compare it. All spellings of a name that ignores case are equal.
#[derive(Debug, Clone)]
pub(super) struct JobName<'a> {
    text: Cow<'a, str>,
    ignores_case: bool,
    pairs: Pairs,
}

impl<'a> JobName<'a> {
    pub(super) fn new(name: &'a str, ignores_case: bool) -> Self {
        let text = if ignores_case { Cow::Owned(text::without_case(name)) } else { Cow::Borrowed(name) };
        let pairs = Pairs::of(&text);
        Self { text, ignores_case, pairs }
    }
}

/// Names of jobs. A pattern compares only those that have its pairs.
#[derive(Debug, Clone, Default)]
pub(super) struct JobNames<'a> {
    names: Vec<JobName<'a>>,
    /// The pairs of each name, beside each other, because every pattern reads all of them.
    pairs: Vec<Pairs>,
    /// Whether a name ignores case.
    any_ignores_case: bool,
}

impl<'a> FromIterator<JobName<'a>> for JobNames<'a> {
    fn from_iter<I: IntoIterator<Item = JobName<'a>>>(names: I) -> Self {
        let names: Vec<JobName<'a>> = names.into_iter().collect();
        let pairs = names.iter().map(|name| name.pairs).collect();
        let any_ignores_case = names.iter().any(|name| name.ignores_case);
        Self { names, pairs, any_ignores_case }
    }
}

impl JobNames<'_> {
    /// The indices of the names that a pattern matches, ascending.
    pub(super) fn matching(&self, pattern: &Pattern) -> impl Iterator<Item = usize> {
        let exact = pattern.exact.pairs;
        let without_case = pattern.without_case.as_ref().filter(|_| self.any_ignores_case);
        let without_case = without_case.map_or(exact, |parts| parts.pairs);
        let has_pairs = move |pairs: Pairs| pairs.contains(exact) || pairs.contains(without_case);
        let candidates = self.pairs.iter().enumerate().filter(move |(_, pairs)| has_pairs(**pairs));
        candidates.map(|(at, _)| at).filter(|at| pattern.matches_job(&self.names[*at]))
    }
}

/// The pairs of adjacent bytes of a text, as a set that may take one for another: what another set lacks is not in its
/// text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Pairs(u64);

impl Pairs {
    fn of(text: &str) -> Self {
        let bit = |pair: &[u8]| match *pair {
            [first, second] => 1 << ((u32::from(first) * 37 + u32::from(second) * 11) % u64::BITS),
            _ => 0,
        };
        Self(text.as_bytes().windows(2).map(bit).fold(0, |set, pair| set | pair))
    }

    const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Pattern {
    /// Most stars of a pattern, so that a comparison takes bounded time.
    const STARS_MAX: usize = 10;

    /// Parses a pattern of at most [`text::NAME_MAX`] characters.
    ///
    /// # Errors
    /// [`Problem::Blank`], [`Problem::TooLong`], [`Problem::ControlCharacter`]; [`Problem::TooMany`] for more than
    /// 10 stars; [`Problem::NotPattern`] for a `\` before another character.
    pub fn parse(field: &str, pattern: &str) -> Result<Self, Invalid> {
        let text = text::single_line(field, pattern, text::NAME_MAX)?;
        let mut parts = vec![String::new()];
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            let literal = match char {
                '*' => {
                    parts.push(String::new());
                    continue;
                }
                '\\' => chars.next().filter(|next| matches!(next, '*' | '\\')),
                other => Some(other),
            };
            let literal = literal.ok_or_else(|| Invalid::new(field, Problem::NotPattern))?;
            parts.last_mut().into_iter().for_each(|part| part.push(literal));
        }
        if parts.len() > Self::STARS_MAX + 1 {
            return Err(Invalid::new(field, Problem::TooMany { max: Self::STARS_MAX }));
        }
        let exact = Parts::new(parts);
        let without_case = Parts::new(exact.texts.iter().map(|part| text::without_case(part)).collect());
        let without_case = Some(without_case).filter(|parts| *parts != exact);
        Ok(Self { text, exact, without_case })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches the whole text.
    pub fn matches(&self, text: &str) -> bool {
        self.exact.match_text(text)
    }

    /// Whether the pattern matches the whole name of a job.
    pub(super) fn matches_job(&self, name: &JobName) -> bool {
        let parts = match &self.without_case {
            Some(without_case) if name.ignores_case => without_case,
            _ => &self.exact,
        };
        // Much faster than a comparison.
        name.pairs.contains(parts.pairs) && parts.match_text(&name.text)
    }
}

impl Parts {
    fn new(texts: Vec<String>) -> Self {
        let pairs = Pairs(texts.iter().fold(0, |set, text| set | Pairs::of(text).0));
        Self { texts, pairs }
    }

    fn match_text(&self, name: &str) -> bool {
        let [first, middle @ .., last] = self.texts.as_slice() else {
            return self.texts.first().is_some_and(|only| only == name);
        };
        let Some(mut rest) =
            name.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str()))
        else {
            return false;
        };
        // The first occurrence of each part leaves the most for the others.
        for part in middle {
            let Some(at) = find(rest, part) else { return false };
            rest = &rest[at + part.len()..];
        }
        true
    }
}

/// The position at which a text first contains a part. Faster than [`str::find`] for short parts, which needs a
/// preparation.
fn find(text: &str, part: &str) -> Option<usize> {
    const SHORT: usize = 16;
    match part.as_bytes() {
        [] => Some(0),
        bytes @ [first, ..] if bytes.len() <= SHORT => {
            text.as_bytes().windows(bytes.len()).position(|window| window[0] == *first && window == bytes)
        }
        _ => text.find(part),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, matching, other) in [
            ("main", &["main"][..], &["Main", "main2", "mai", "", "*"][..]),
            ("*", &["", "main", "a/b", "任务"], &[]),
            ("release/*", &["release/", "release/1", "release/1/x"], &["release", "prerelease/1"]),
            ("*/linux", &["test/linux", "/linux", "a/b/linux"], &["linux", "test/linux2"]),
            ("test (*, *)", &["test (1, 2)", "test (, )"], &["test (1)", "test (1, 2) "]),
            ("a*a", &["aa", "aba", "aaa"], &["a", "ab"]),
            ("a*b*c", &["abc", "a-b-c", "abbcc", "abcbc"], &["acb", "ab", "ac"]),
            ("**", &["", "x"], &[]),
            (r"2 \* 3", &["2 * 3"], &["2 x 3", r"2 \* 3"]),
            (r"a\\*", &[r"a\", r"a\b"], &["a", "ab"]),
            ("单元测试*", &["单元测试", "单元测试 1"], &["单元"]),
        ] {
            let parsed = Pattern::parse("job", pattern).unwrap();
            assert_eq!(parsed.as_str(), pattern);
            for name in matching {
                assert!(parsed.matches(name), "{pattern:?} {name:?}");
                assert!(parsed.matches_job(&JobName::new(name, false)), "{pattern:?} {name:?}");
                assert!(
                    parsed.matches_job(&JobName::new(&name.to_uppercase(), true)),
                    "{pattern:?} {name:?}"
                );
            }
            for name in other {
                assert!(!parsed.matches(name), "{pattern:?} {name:?}");
                assert!(!parsed.matches_job(&JobName::new(name, false)), "{pattern:?} {name:?}");
            }
        }
    }

    #[test]
    fn case_distinguishes_unless_the_name_ignores_it() {
        for pattern in ["Unit-*", "unit-*", "UNIT-X", "*-x"] {
            assert!(
                Pattern::parse("job", pattern).unwrap().matches_job(&JobName::new("uniT-X", true)),
                "{pattern}"
            );
        }
        for (pattern, name) in [("unit-*", "Unit-x"), ("Unit-*", "unit-x"), ("*-X", "unit-x")] {
            assert!(
                !Pattern::parse("job", pattern).unwrap().matches_job(&JobName::new(name, false)),
                "{pattern}"
            );
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_meant_is_refused() {
        for (pattern, problem) in [
            ("", Problem::Blank),
            (" ", Problem::Blank),
            ("a\nb", Problem::ControlCharacter),
            (r"a\b", Problem::NotPattern),
            (r"a\", Problem::NotPattern),
            ("*-*-*-*-*-*-*-*-*-*-*", Problem::TooMany { max: 10 }),
        ] {
            assert_eq!(
                Pattern::parse("job", pattern).unwrap_err(),
                Invalid::new("job", problem),
                "{pattern:?}"
            );
        }
        let long = "x".repeat(text::NAME_MAX + 1);
        assert_eq!(
            Pattern::parse("job", &long).unwrap_err().problem,
            Problem::TooLong { max: text::NAME_MAX }
        );
    }
}
