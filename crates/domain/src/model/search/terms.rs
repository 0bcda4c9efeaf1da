//! What the text of a search can name.

use super::NameMatch;
use crate::error::Invalid;
use crate::model::ids::PipelineId;
use crate::model::refs;
use crate::model::text;
use std::collections::HashSet;

/// The shortest text that is searched as the start of a commit id.
pub const SHA_MIN: usize = 4;
/// The lengths of complete commit ids, SHA-1 and SHA-256.
pub(super) const SHA_LENGTHS: [usize; 2] = [40, 64];
/// What precedes the path of the only repository to search.
const WITHIN: &str = "repo:";
/// Most parts of a URL that are searched as ids of a build system: the last ones.
const URL_PARTS_MAX: usize = 8;
/// The characters between the parts of a URL.
const URL_SEPARATORS: [char; 5] = ['/', '?', '#', '&', '='];

/// What a text can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerms {
    /// The text without white space at its ends, and without `repo:PATH`.
    pub text: String,
    /// The path after `repo:`, of the only repository to search.
    pub within: Option<String>,
    /// The number of a pipeline: `175`, `#175` or `acme/demo#175`.
    pub pipeline: Option<PipelineId>,
    /// The path before `#`, to whose repository the number of the pipeline belongs.
    pub repository: Option<String>,
    /// The start of a commit id, in lower case.
    pub sha: Option<String>,
    /// The refs that the text names: the branch, then the tag. None after a `#`.
    pub refs: Vec<String>,
    /// The text as a part of a name; `None` after a `#`.
    pub name: Option<String>,
    /// The text as an id of a build system, and the parts of a URL that can be one. None after a `#`.
    pub builds: Vec<BuildTerms>,
    /// The text as [`text::without_case`] returns it.
    without_case: String,
}

/// An id of a build system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildTerms {
    /// The id.
    pub id: String,
    /// The URL that has the id as a part: only attempts with this `target_url` are meant.
    pub url: Option<BuildUrl>,
}

/// The URL of a page of a build, or of a page below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildUrl {
    /// The URL begins with the `target_url`, or is equal.
    pub page: String,
    /// The `target_url` begins with this: the part of the URL up to the id.
    pub start: String,
}

impl SearchTerms {
    /// The name of the text in a request.
    pub const FIELD: &'static str = "q";

    /// Reads a text: one line of 1 to 255 characters, or the URL of a build. `repo:PATH` before or after other text
    /// names the only repository to search.
    ///
    /// # Errors
    /// [`Problem::Blank`](crate::error::Problem::Blank), [`Problem::TooLong`](crate::error::Problem::TooLong) or
    /// [`Problem::ControlCharacter`](crate::error::Problem::ControlCharacter) on `q`.
    pub fn parse(given: &str) -> Result<Self, Invalid> {
        let (within, text) = within(given.trim());
        let is_url = text::is_http_url(text);
        let max = if is_url { text::URL_MAX } else { text::NAME_MAX };
        let text = text::single_line(Self::FIELD, text, max)?;
        let within = within.map(|path| text::single_line(Self::FIELD, path, text::NAME_MAX)).transpose()?;
        let after_hash = text.rsplit_once('#').and_then(|(path, number)| Some((path, number_of(number)?)));
        let after_hash = after_hash.filter(|_| !is_url);
        let only_pipeline = after_hash.is_some_and(|(path, _)| path.is_empty());
        let is_hexadecimal = text.len() >= SHA_MIN && text.bytes().all(|b| b.is_ascii_hexdigit());
        let longest = SHA_LENGTHS[1];
        let mut builds = Vec::new();
        if !only_pipeline {
            builds.push(BuildTerms { id: text.clone(), url: None });
        }
        if is_url {
            builds.extend(builds_of(&text));
        }
        Ok(Self {
            within,
            pipeline: after_hash.map(|(_, number)| number).or_else(|| number_of(&text)),
            repository: after_hash.map(|(path, _)| path.to_owned()).filter(|path| !path.is_empty()),
            sha: (is_hexadecimal && text.len() <= longest).then(|| text.to_ascii_lowercase()),
            refs: if only_pipeline { Vec::new() } else { refs::named(&text).collect() },
            name: (!only_pipeline).then(|| text.clone()),
            builds,
            without_case: text::without_case(&text),
            text,
        })
    }

    /// How the text matches the name of a job.
    pub fn in_name(&self, name: &str) -> Option<NameMatch> {
        NameMatch::of(name, self.name.as_deref()?, &self.without_case)
    }

    /// How the text matches a ref as it is stored. A tag has its short name, unless the text begins with `refs/`.
    pub fn in_ref(&self, git_ref: &str) -> Option<NameMatch> {
        let text = refs::canonical(self.name.as_deref()?);
        let is_full = |name: &str| name.starts_with(refs::FULL);
        if !is_full(&self.text) {
            let name = git_ref.strip_prefix(refs::TAGS).unwrap_or(git_ref);
            return NameMatch::of(name, text, &self.without_case);
        }
        // A full name of a branch names no other ref.
        let is_meant = is_full(text) || !is_full(git_ref);
        NameMatch::of(git_ref, text, &text::without_case(text)).filter(|_| is_meant)
    }

    /// How the text matches the path of a repository. It is complete in any case.
    pub fn in_path(&self, path: &str) -> Option<NameMatch> {
        let text = self.name.as_deref()?;
        let is_same = path.eq_ignore_ascii_case(text);
        if is_same { Some(NameMatch::Exact) } else { NameMatch::of(path, text, &self.without_case) }
    }
}

/// The path after `repo:` and the rest of a text, if it has both.
fn within(text: &str) -> (Option<&str>, &str) {
    let first = text.split_once(char::is_whitespace);
    let last = text.rsplit_once(char::is_whitespace).map(|(rest, path)| (path, rest));
    let both = first.into_iter().chain(last).find_map(|(word, rest)| {
        let path = word.strip_prefix(WITHIN).filter(|path| !path.is_empty())?;
        Some((path, rest.trim()))
    });
    both.map_or((None, text), |(path, rest)| (Some(path), rest))
}

fn number_of(text: &str) -> Option<PipelineId> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    PipelineId::parse(text).ok().filter(|_| is_number)
}

/// The last parts of a URL, each once, as an id of a build system.
fn builds_of(url: &str) -> Vec<BuildTerms> {
    // The page of a build and the same with a slash at its end are one.
    let page =
        if url.contains(['?', '#']) { url.to_owned() } else { format!("{}/", url.trim_end_matches('/')) };
    let host = url.find("://").map_or(0, |at| at + 3);
    let mut end = host;
    let mut builds = Vec::new();
    for (at, part) in url[host..].split(URL_SEPARATORS).enumerate() {
        // Every separator has one byte.
        end += part.len() + usize::from(at > 0);
        let is_id = at > 0 && !part.is_empty() && part.chars().count() <= text::NAME_MAX;
        if is_id {
            let url = BuildUrl { page: page.clone(), start: url[..end].to_owned() };
            builds.push(BuildTerms { id: part.to_owned(), url: Some(url) });
        }
    }
    let mut builds = builds.split_off(builds.len().saturating_sub(URL_PARTS_MAX));
    // The first of equal parts finds what a later one finds.
    let mut ids = HashSet::new();
    builds.retain(|build: &BuildTerms| ids.insert(build.id.clone()));
    builds
}
