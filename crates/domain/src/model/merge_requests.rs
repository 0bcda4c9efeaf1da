//! A merge request with its head commit and its pipelines. The git host has the merge request itself.
//!
//! **A merge request exists** when it has a pipeline on its ref, `refs/merge-requests/{iid}/head`, or a
//! recorded update.
//!
//! **The head** follows from the updates and from the pipelines on the ref ([`head`]): an update gives the
//! head, and a new pipeline on the ref has the head as its commit. Updates and pipelines are ordered by the
//! ids of pipelines, which are assigned in order; no clock decides. A commit of an earlier update is an old
//! head, whenever it is built. Two equal updates in a row are one.
//!
//! **The pipelines** are those on the ref. If an update gave the branches, pipelines on the source branch
//! count too, for a commit that is or was the head according to an update. Other pipelines of the branch do
//! not count, because the branch may be older than the merge request. Of the pipelines of one commit, one on
//! the ref is preferred to one on the branch ([`choose_pipeline`]): if a build system starts both for one
//! push, the shown pipeline does not alternate.

pub mod filters;

use super::ids::{MergeRequestIid, PipelineId};
use super::jobs::combined::CombinedState;
use super::pipelines::{Pipeline, Stage};
use super::status::Status;
use super::{refs, text};
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// Prefix and suffix of the ref of a merge request, as git hosts publish it.
const REF: (&str, &str) = ("refs/merge-requests/", "/head");

/// The ref of a merge request.
pub fn ref_for(iid: MergeRequestIid) -> String {
    format!("{}{iid}{}", REF.0, REF.1)
}

/// The merge request with this ref. The number must have no leading zeros or sign, so that a merge request
/// has one ref.
pub fn iid_from_ref(git_ref: &str) -> Option<MergeRequestIid> {
    let number = git_ref.strip_prefix(REF.0)?.strip_suffix(REF.1)?;
    MergeRequestIid::parse(number).ok().filter(|iid| iid.to_string() == number)
}

/// The merge request of one of its refs: `head`, or `merge` and `train`, on which some hosts build the result of the
/// merge.
pub fn iid_from_any_ref(git_ref: &str) -> Option<MergeRequestIid> {
    let (of, _) = git_ref.rsplit_once('/').filter(|(_, kind)| matches!(*kind, "head" | "merge" | "train"))?;
    iid_from_ref(&format!("{of}{}", REF.1))
}

/// An update of a merge request as a dialect parsed it: types are right, values are unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of HeadUpdate, which describes them")]
pub struct MergeRequestInput {
    pub source_branch: Option<String>,
    pub target_branch: Option<String>,
    pub head_sha: Option<String>,
}

/// A checked update of a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadUpdate {
    /// The source branch, up to 255 characters. It may have the same name as the target, when it is in a
    /// fork.
    pub source_branch: String,
    /// The target branch, up to 255 characters.
    pub target_branch: String,
    /// Full commit id, lower case.
    pub head_sha: String,
}

impl MergeRequestInput {
    /// Checks every value.
    ///
    /// # Errors
    /// The first invalid field, and its problem.
    pub fn check(self) -> Result<HeadUpdate, Invalid> {
        let required = |field: &'static str, value: Option<String>| {
            value.ok_or_else(|| Invalid::new(field, Problem::Missing))
        };
        let branch = |field, value| required(field, value).and_then(|v| refs::check(field, v));
        Ok(HeadUpdate {
            source_branch: branch("source_branch", self.source_branch)?,
            target_branch: branch("target_branch", self.target_branch)?,
            head_sha: text::sha("head_sha", required("head_sha", self.head_sha)?)?,
        })
    }
}

/// A recorded update of a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRecord {
    /// The update.
    pub head: HeadUpdate,
    /// The last pipeline id of the repository at the time of the update; 0: none.
    pub after: i32,
    /// The time of the update, by the clock of the server.
    pub at: Timestamp,
}

/// A pipeline of a merge request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePipeline {
    /// The id.
    pub id: PipelineId,
    /// The commit.
    pub sha: String,
    /// True when it is on the ref of the merge request, false when it is on the source branch.
    pub own_ref: bool,
}

/// The head of a merge request, from its updates, latest first, and the pipelines on its ref. It is the
/// commit of the newest pipeline that
///
/// - was created after the last update: a report to an older pipeline does not change the head; and
/// - has a commit that is in no earlier update: after two pushes in a row, the pipeline of the first may
///   start after the second is known or built.
///
/// Without such a pipeline it is the head of the last update. `None`: there is no such merge request.
/// `on_ref` may omit pipelines that are older than such a pipeline or than the last update.
pub fn head<'a>(updates: &'a [HeadRecord], on_ref: &'a [CandidatePipeline]) -> Option<&'a str> {
    let Some((last, earlier)) = updates.split_first() else {
        return newest(on_ref).map(|pipeline| pipeline.sha.as_str());
    };
    let moves_head = |pipeline: &&CandidatePipeline| {
        pipeline.id.get() > last.after && earlier.iter().all(|update| update.head.head_sha != pipeline.sha)
    };
    let newest = on_ref.iter().filter(moves_head).max_by_key(|pipeline| pipeline.id);
    Some(newest.map_or(&last.head.head_sha, |newest| &newest.sha))
}

/// A head that a merge request has or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastHead {
    /// The commit.
    pub sha: String,
    /// When it became the head: the time of its update, or the creation of its pipeline.
    pub at: Timestamp,
}

/// The heads of a merge request, latest first, by [`head`] after each update and each new pipeline. `updates`: latest
/// first. `on_ref`: the pipelines on its ref with their times of creation, in any order.
pub fn heads_over_time(updates: &[HeadRecord], on_ref: &[(CandidatePipeline, Timestamp)]) -> Vec<PastHead> {
    // An update comes after the pipelines that existed at its time.
    let of_updates = updates.iter().rev().enumerate().map(|(n, update)| ((update.after, 1, n), update.at));
    let of_pipelines = on_ref.iter().enumerate().map(|(n, (pipeline, at))| ((pipeline.id.get(), 0, n), *at));
    let mut changes: Vec<_> = of_updates.chain(of_pipelines).collect();
    changes.sort_unstable();
    let (mut known, mut built) = (0, Vec::new());
    let mut heads: Vec<PastHead> = Vec::new();
    for ((_, kind, n), at) in changes {
        match kind {
            1 => known += 1,
            _ => built.extend(on_ref.get(n).map(|(pipeline, _)| pipeline.clone())),
        }
        let sha = head(&updates[updates.len() - known..], &built);
        if let Some(sha) = sha.filter(|sha| heads.last().is_none_or(|last| last.sha != *sha)) {
            heads.push(PastHead { sha: sha.to_owned(), at });
        }
    }
    heads.reverse();
    heads
}

/// The newest pipeline.
pub fn newest(pipelines: &[CandidatePipeline]) -> Option<&CandidatePipeline> {
    pipelines.iter().max_by_key(|pipeline| pipeline.id)
}

/// The record of a new update; `None`: it is equal to the last update. A client that repeats an update,
/// because it got no response, does not move the head back when a report has moved it meanwhile.
pub fn next_head(
    updates: &[HeadRecord],
    update: HeadUpdate,
    last_pipeline: i32,
    now: Timestamp,
) -> Option<HeadRecord> {
    let known = updates.first().is_some_and(|last| last.head == update);
    (!known).then_some(HeadRecord { head: update, after: last_pipeline, at: now })
}

/// The pipeline to show for a merge request: one of the head commit if there is one, else one of the commit
/// of the newest pipeline. Of the pipelines of that commit, those on the ref of the merge request come first,
/// then the newest.
pub fn choose_pipeline<'a>(head: &str, pipelines: &'a [CandidatePipeline]) -> Option<&'a CandidatePipeline> {
    let newest = newest(pipelines)?;
    let has_head = pipelines.iter().any(|pipeline| pipeline.sha == head);
    let sha = if has_head { head } else { &newest.sha };
    let candidates = pipelines.iter().filter(|pipeline| pipeline.sha == sha);
    candidates.max_by_key(|pipeline| (pipeline.own_ref, pipeline.id))
}

/// When a merge request became known, and when it last changed. An update counts with its time, a pipeline on its ref
/// with the time of its creation. They stay when old updates and pipelines are deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The earliest.
    pub created_at: Timestamp,
    /// The latest.
    pub updated_at: Timestamp,
}

impl Times {
    /// The times of a merge request of which one update or pipeline is known.
    pub const fn at(time: Timestamp) -> Self {
        Self { created_at: time, updated_at: time }
    }

    /// The times with another update or pipeline.
    #[must_use]
    pub fn including(self, other: Self) -> Self {
        Self {
            created_at: self.created_at.min(other.created_at),
            updated_at: self.updated_at.max(other.updated_at),
        }
    }
}

/// A merge request.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRequest {
    /// Unique in the repository.
    pub iid: MergeRequestIid,
    /// Source and target branch, if an update gave them.
    pub branches: Option<(String, String)>,
    /// The head commit.
    pub head_sha: String,
    /// As in [`Times`].
    pub created_at: Timestamp,
    /// As in [`Times`].
    pub updated_at: Timestamp,
    /// The pipeline to show ([`choose_pipeline`]); `None`: it has none.
    pub pipeline: Option<Pipeline>,
}

impl MergeRequest {
    /// The merge request that follows from its updates, latest first, and the pipelines on its ref: those
    /// that [`head`] needs, and the newest. `None`: there is no such merge request.
    pub fn new(
        iid: MergeRequestIid,
        updates: &[HeadRecord],
        on_ref: &[CandidatePipeline],
        times: Times,
        pipeline: Option<Pipeline>,
    ) -> Option<Self> {
        let head_sha = head(updates, on_ref)?.to_owned();
        let last = updates.first();
        Some(Self {
            iid,
            branches: last.map(|last| (last.head.source_branch.clone(), last.head.target_branch.clone())),
            head_sha,
            created_at: times.created_at,
            updated_at: times.updated_at,
            pipeline,
        })
    }

    /// The pipeline of the head commit, if it has one.
    pub fn head_pipeline(&self) -> Option<&Pipeline> {
        self.pipeline.as_ref().filter(|pipeline| pipeline.identity.sha == self.head_sha)
    }
}

/// Whether the results of a head commit allow its merge: its pipeline succeeded, and no job of the commit, in any
/// pipeline, failed or is unfinished. A head without a pipeline may not be merged, as in CodeArts. The jobs count
/// beside the pipeline, so that the success of one build system hides no failure of another one.
pub fn results_allow_merge(head_pipeline: Option<Status>, of_commit: CombinedState) -> bool {
    head_pipeline == Some(Status::Success) && of_commit == CombinedState::Success
}

/// A merge request with the results of its head.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRequestResults {
    /// The merge request.
    pub merge_request: MergeRequest,
    /// The numbers of jobs of its head by status and `allow_failure`, as in [`CombinedState::new`].
    pub counts: Vec<(Status, bool, u64)>,
}

impl MergeRequestResults {
    /// Whether the results of the head allow the merge ([`results_allow_merge`]).
    pub fn allow_merge(&self) -> bool {
        let head_pipeline = self.merge_request.head_pipeline().map(|pipeline| pipeline.status);
        results_allow_merge(head_pipeline, CombinedState::new(&self.counts))
    }
}

/// The pipelines and the merge requests of a commit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CommitOverview {
    /// Its first pipeline.
    pub oldest_pipeline: Option<Pipeline>,
    /// Its last pipeline.
    pub newest_pipeline: Option<Pipeline>,
    /// Its merge request with the greatest iid.
    pub merge_request: Option<MergeRequest>,
}

/// A merge request with its heads over time.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRequestHistory {
    /// The merge request.
    pub merge_request: MergeRequest,
    /// The heads, latest first, as far as their updates and pipelines are kept.
    pub heads: Vec<PastHead>,
    /// The latest pipelines on its ref, and those of its heads on its source branch, newest first.
    pub pipelines: Vec<Pipeline>,
    /// Whether these are all of them. If not, a head without a pipeline here may have one.
    pub is_complete: bool,
}

/// A merge request with the stages of its pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRequestDetails {
    /// The merge request.
    pub merge_request: MergeRequest,
    /// The stages of the pipeline, in order of id.
    pub stages: Vec<Stage>,
    /// True when the ref of the pipeline has no newer pipeline.
    pub is_latest: bool,
}

#[cfg(test)]
mod tests;
