//! A merge request, as far as its pipelines go: where its head is, and which pipeline is the head's. Nothing of it is hosted here.
//!
//! **It is known** from pipelines on its ref, `refs/merge-requests/{iid}/head`, or because somebody said so.
//!
//! **Its head** is where the later word puts it ([`head`]): a word says the head outright; a pipeline on its ref says it by being made. Later
//! means later by the ids of pipelines, which are given out in order: no clock decides. A commit that an earlier word named is an old head,
//! whenever it is built; the same word twice in a row is one.
//!
//! **Its pipelines** are those on its ref; where its branches were said, also those on the source branch for a commit that is its head or
//! was said to be. A branch's other pipelines are not: the branch may be older than the merge request. Of one commit's pipelines one on its
//! ref goes before one on the branch, whichever came last ([`choose`]): build systems that start both for one push would else take turns.

use super::ids::{MergeRequestIid, PipelineId};
use super::pipelines::{Pipeline, Stage};
use super::text;
use crate::error::{Invalid, Problem};
use jiff::Timestamp;

/// How the ref of every merge request begins and ends, as git hosts publish it.
const REF: (&str, &str) = ("refs/merge-requests/", "/head");

/// The ref of a merge request.
pub fn ref_for(iid: MergeRequestIid) -> String {
    format!("{}{iid}{}", REF.0, REF.1)
}

/// The merge request whose ref this is. The number is in its one usual spelling, so that a merge request has one ref.
pub fn iid_from_ref(git_ref: &str) -> Option<MergeRequestIid> {
    let number = git_ref.strip_prefix(REF.0)?.strip_suffix(REF.1)?;
    MergeRequestIid::parse(number).ok().filter(|iid| iid.to_string() == number)
}

/// What somebody says of a merge request, as a dialect read it: types right and values unchecked.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "the fields are those of Said, where they are described")]
pub struct MergeRequestInput {
    pub source_branch: Option<String>,
    pub target_branch: Option<String>,
    pub head_sha: Option<String>,
}

/// What somebody says of a merge request, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadUpdate {
    /// The branch that is to be merged, up to 255 characters. It may be called like the target, when it is another fork's.
    pub source_branch: String,
    /// The branch it is to be merged into, up to 255 characters.
    pub target_branch: String,
    /// Full commit id, lower case.
    pub head_sha: String,
}

impl MergeRequestInput {
    /// # Errors
    /// The first field that cannot be taken, and why.
    pub fn check(self) -> Result<HeadUpdate, Invalid> {
        let required = |field: &'static str, value: Option<String>| {
            value.ok_or_else(|| Invalid::new(field, Problem::Missing))
        };
        let branch =
            |field, value| required(field, value).and_then(|v| text::single_line(field, &v, text::NAME_MAX));
        Ok(HeadUpdate {
            source_branch: branch("source_branch", self.source_branch)?,
            target_branch: branch("target_branch", self.target_branch)?,
            head_sha: text::sha("head_sha", &required("head_sha", self.head_sha)?)?,
        })
    }
}

/// What was said of a merge request, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRecord {
    /// What was said.
    pub head: HeadUpdate,
    /// The last pipeline id that the repository had given out then; 0: none.
    pub after: i32,
    /// When it was said, by our clock.
    pub at: Timestamp,
}

/// A pipeline, as far as the rules here ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidatePipeline {
    /// Which.
    pub id: PipelineId,
    /// Its commit.
    pub sha: String,
    /// It is on the merge request's own ref, not on the source branch.
    pub own_ref: bool,
    /// The first that was known of it.
    pub created_at: Timestamp,
}

/// The head of a merge request, by what was said of it, the last word first, and the pipelines on its ref: the commit of the newest of them that
///
/// - was made after the last word: a report to a pipeline that was there before the word moves nothing; and
/// - is of a commit that no earlier word named: two pushes in a row wait in a queue, and the first one's build may well begin after the second is
///   known, or built.
///
/// Without one, what the last word said. `None`: there is no such merge request. Of the pipelines those that are older than such a one, or than
/// the last word, may be left out.
pub fn head<'a>(words: &'a [HeadRecord], on_ref: &'a [CandidatePipeline]) -> Option<&'a str> {
    let Some((last, earlier)) = words.split_first() else {
        return newest(on_ref).map(|seen| seen.sha.as_str());
    };
    let moves = |seen: &&CandidatePipeline| {
        seen.id.get() > last.after && earlier.iter().all(|word| word.head.head_sha != seen.sha)
    };
    let newest = on_ref.iter().filter(moves).max_by_key(|seen| seen.id);
    Some(newest.map_or(&last.head.head_sha, |newest| &newest.sha))
}

/// The newest of them.
pub fn newest(pipelines: &[CandidatePipeline]) -> Option<&CandidatePipeline> {
    pipelines.iter().max_by_key(|seen| seen.id)
}

/// What is to be remembered of what is said now; `None`: the last word said it. So whoever sends a word again, not knowing whether it arrived,
/// moves nothing back that a report has moved on meanwhile.
pub fn next_head(
    words: &[HeadRecord],
    said: HeadUpdate,
    last_pipeline: i32,
    now: Timestamp,
) -> Option<HeadRecord> {
    let known = words.first().is_some_and(|last| last.head == said);
    (!known).then_some(HeadRecord { head: said, after: last_pipeline, at: now })
}

/// The pipeline to show of a merge request, of its pipelines: of the head's if it has one; else of the commit of the newest. Of one commit's, one
/// on the merge request's ref, and of those the newest.
pub fn choose_pipeline<'a>(head: &str, pipelines: &'a [CandidatePipeline]) -> Option<&'a CandidatePipeline> {
    let newest = newest(pipelines)?;
    let has_head = pipelines.iter().any(|seen| seen.sha == head);
    let sha = if has_head { head } else { &newest.sha };
    pipelines.iter().filter(|seen| seen.sha == sha).max_by_key(|seen| (seen.own_ref, seen.id))
}

/// A merge request.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRequest {
    /// Unique in the repository.
    pub iid: MergeRequestIid,
    /// Source and target, where somebody said them.
    pub branches: Option<(String, String)>,
    /// The commit that would be merged.
    pub head_sha: String,
    /// When it was last said anew, or its newest pipeline on its ref was made, whichever is later.
    pub updated_at: Timestamp,
    /// What is shown of its pipelines ([`choose`]); `None`: it has none.
    pub pipeline: Option<Pipeline>,
}

impl MergeRequest {
    /// The merge request that follows from what was said, the last word first, and the pipelines on its ref, as [`head`] wants them and the
    /// newest; `None`: there is none.
    pub fn new(
        iid: MergeRequestIid,
        words: &[HeadRecord],
        on_ref: &[CandidatePipeline],
        pipeline: Option<Pipeline>,
    ) -> Option<Self> {
        let head_sha = head(words, on_ref)?.to_owned();
        let told = words.first();
        let times = [told.map(|told| told.at), newest(on_ref).map(|newest| newest.created_at)];
        Some(Self {
            iid,
            branches: told.map(|HeadRecord { head: said, .. }| {
                (said.source_branch.clone(), said.target_branch.clone())
            }),
            head_sha,
            updated_at: times.into_iter().flatten().max()?,
            pipeline,
        })
    }

    /// The head's pipeline; `None` while it has none.
    pub fn head_pipeline(&self) -> Option<&Pipeline> {
        self.pipeline.as_ref().filter(|pipeline| pipeline.identity.sha == self.head_sha)
    }
}

/// A merge request with all that is shown of its pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRequestDetails {
    /// The merge request.
    pub merge_request: MergeRequest,
    /// The stages of its pipeline, in order of id.
    pub stages: Vec<Stage>,
    /// No newer pipeline is on the same ref.
    pub is_latest: bool,
}

#[cfg(test)]
mod tests;
