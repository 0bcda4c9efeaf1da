//! The memory of a pipeline, for caches that are limited by bytes.

use super::{PipelineIdentity, PipelineState, Stage};
use crate::model::jobs::Job;
use std::sync::Arc;

/// The bytes that the allocator and the tables add to each text and each entry: an estimate.
const ENTRY_BYTES: usize = 32;

impl PipelineIdentity {
    /// Bytes on the heap.
    pub fn heap_bytes(&self) -> usize {
        let texts = [&self.sha, &self.git_ref, &self.source, &self.key];
        texts.iter().map(|text| text.capacity() + ENTRY_BYTES / 2).sum()
    }
}

impl PipelineState {
    /// Approximate bytes in memory.
    pub fn bytes(&self) -> usize {
        let labels = [&self.pipeline.web_url, &self.pipeline.trigger_user];
        let labels: usize = labels.into_iter().flatten().map(String::capacity).sum();
        let stage = |stage: &Stage| stage.name.capacity() + ENTRY_BYTES;
        // Its name is also the key of the attempts of its job.
        let job = |job: &Arc<Job>| {
            let key = size_of::<(usize, String, Vec<usize>, usize)>() + job.name.len();
            // An `Arc` has two counts.
            size_of::<(usize, usize, Job)>()
                + job.name.capacity()
                + job.attempt.heap_bytes()
                + key
                + 4 * ENTRY_BYTES
        };
        size_of::<Self>()
            + size_of::<PipelineIdentity>()
            + self.pipeline.identity.heap_bytes()
            + labels
            + self.stages.capacity() * size_of::<Stage>()
            + self.stages.iter().map(stage).sum::<usize>()
            + self.jobs.capacity() * size_of::<Arc<Job>>()
            + self.jobs.iter().map(job).sum::<usize>()
    }
}
