//! The target branch of a commit: whose rules apply.

use super::patterns::Pattern;
use super::rules::{MergeQueue, RuleSet};
use crate::model::refs;
use std::collections::BTreeSet;

/// The possible targets of a commit, if a request names none.
#[derive(Debug, Clone, Default)]
pub struct TargetHints {
    /// The target branches of the merge requests whose head is the commit.
    pub merge_requests: Vec<String>,
    /// The refs of its pipelines.
    pub refs: Vec<String>,
    /// The default branch of the repository.
    pub default_branch: String,
}

/// The target branch of a commit, if it has only one of [`targets`]. `None`: the request must name one.
pub fn choose_target(set: &RuleSet, hints: &TargetHints) -> Option<String> {
    <[String; 1]>::try_from(targets(set, hints)).ok().map(|[target]| target)
}

/// The target branches of a commit, by name: those of its merge requests, else of its refs in a merge queue, else the
/// default branch. There is at least one.
pub fn targets(set: &RuleSet, hints: &TargetHints) -> Vec<String> {
    let queues = hints.refs.iter().filter_map(|git_ref| set.target_of_queue(git_ref));
    let merge_requests = hints.merge_requests.iter().map(|target| refs::canonical(target).to_owned());
    let known = [merge_requests.collect::<BTreeSet<_>>(), queues.collect()];
    match known.into_iter().find(|targets| !targets.is_empty()) {
        Some(targets) => targets.into_iter().collect(),
        None => vec![refs::canonical(&hints.default_branch).to_owned()],
    }
}

/// The target branches for which the verdict of a commit is recorded: those of its merge requests and of its refs in a
/// merge queue, else the default branch, and `also` those of its overrides and earlier records. At most
/// [`RECORDED_TARGETS_MAX`].
pub fn recorded_targets(
    set: &RuleSet,
    hints: &TargetHints,
    also: impl IntoIterator<Item = String>,
) -> BTreeSet<String> {
    let queues = hints.refs.iter().filter_map(|git_ref| set.target_of_queue(git_ref));
    let merge_requests = hints.merge_requests.iter().map(|target| refs::canonical(target).to_owned());
    let mut targets: BTreeSet<String> = merge_requests.chain(queues).collect();
    if targets.is_empty() {
        targets.insert(refs::canonical(&hints.default_branch).to_owned());
    }
    targets.extend(also);
    while targets.len() > RECORDED_TARGETS_MAX {
        targets.pop_last();
    }
    targets
}

/// Most target branches for which the verdict of a commit is recorded.
const RECORDED_TARGETS_MAX: usize = 100;

/// The target branch of a ref, if it is of this queue.
pub(super) fn target_of_queue(queue: &MergeQueue, git_ref: &str) -> Option<String> {
    let git_ref = refs::canonical(git_ref);
    match queue {
        MergeQueue::Of { refs, target } => refs.matches(git_ref).then(|| target.clone()),
        MergeQueue::Containing { before, after, .. } => {
            let matches = |pattern: &Option<Pattern>, text: &str| match pattern {
                Some(pattern) => pattern.matches(text),
                None => text.is_empty(),
            };
            let starts =
                git_ref.char_indices().map(|(at, _)| at).filter(|at| matches(before, &git_ref[..*at]));
            let ends: Vec<usize> = (git_ref.char_indices().map(|(at, _)| at).chain([git_ref.len()]))
                .filter(|at| matches(after, &git_ref[*at..]))
                .collect();
            // The longest name, because names of branches contain `/`.
            starts
                .filter_map(|start| Some((start, *ends.last().filter(|end| **end > start)?)))
                .map(|(start, end)| git_ref[start..end].to_owned())
                .next()
        }
    }
}
