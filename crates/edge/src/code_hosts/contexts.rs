//! The name of a job on a code host, which has no stages.

use domain::model::jobs::filters::{CommitJobFilter, FoundJob};
use domain::model::reports::DEFAULT_STAGE;
use domain::model::text::NAME_MAX;
use std::borrow::Cow;

/// The name of a job in the default stage, where all reports of code hosts are; of others with their stage before
/// it, so that two jobs of two stages are not taken for one. A job of the default stage whose name has a `/` may have
/// the context of one of another stage.
pub fn context(found: &FoundJob) -> Cow<'_, str> {
    match found.stage.as_str() {
        DEFAULT_STAGE => Cow::Borrowed(&found.job.name),
        stage => Cow::Owned(format!("{stage}/{}", found.job.name)),
    }
}

/// The stages and names of the jobs that have this context, first that of the default stage. Names of at most
/// [`NAME_MAX`] characters, and no more than a filter takes.
pub fn jobs_of_context(context: &str) -> Vec<(String, String)> {
    let in_stages = context.match_indices('/').map(|(at, _)| (&context[..at], &context[at + 1..]));
    let is_name = |text: &str| !text.is_empty() && text.chars().count() <= NAME_MAX;
    let all = [(DEFAULT_STAGE, context)].into_iter().chain(in_stages);
    all.filter(|(stage, name)| is_name(stage) && is_name(name))
        .take(CommitJobFilter::NAMED_MAX)
        .map(|(stage, name)| (stage.to_owned(), name.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_has_few_jobs() {
        let of = |context: &str| jobs_of_context(context);
        let pair = |stage: &str, name: &str| (stage.to_owned(), name.to_owned());
        assert_eq!(of("build"), [pair("external", "build")]);
        assert_eq!(of("a/b/c"), [pair("external", "a/b/c"), pair("a", "b/c"), pair("a/b", "c")]);
        assert_eq!(of("/b/"), [pair("external", "/b/")]);
        assert_eq!(of(&"/".repeat(2 * NAME_MAX + 3)), []);
        assert_eq!(of(&"a/".repeat(200)).len(), CommitJobFilter::NAMED_MAX);
        let long = "长".repeat(NAME_MAX);
        assert_eq!(of(&format!("{long}/{long}")), [pair(&long, &long)]);
    }
}
