//! The texts of recent reports. A later report of the same job, or of another job of the same pipeline, refers to
//! them instead of repeating them.

use super::texts::Texts;
use domain::model::ids::{JobId, PipelineId, RepositoryId};
use std::collections::HashMap;
use std::sync::Arc;

/// The memory holds at most about twice as many bytes.
const BYTES_MAX: usize = 4 << 20;
/// The bytes of an entry besides its texts.
const ENTRY: usize = 320;
/// A reference takes some bytes, so it must spare more.
const SPARED_MIN: usize = 12;

/// The report to refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The job of the report, if it is another one. The body of such a report has all its texts.
    pub job: Option<JobId>,
    /// The number of the report.
    pub seq: i64,
    /// The texts of the report.
    pub texts: Arc<Texts<String>>,
}

/// The last report of each recent job that refers to no report of that job, and the last report of each recent
/// pipeline whose body has all its texts. Two generations: when the young one is full, it becomes the old one, and
/// the old one is dropped. A text that is not here costs only bytes.
#[derive(Default)]
pub struct RecentTexts {
    young: Generation,
    old: Generation,
    bytes: usize,
}

#[derive(Default)]
struct Generation {
    jobs: HashMap<(RepositoryId, JobId), Recent>,
    pipelines: HashMap<(RepositoryId, PipelineId), (JobId, Recent)>,
}

#[derive(Clone)]
struct Recent {
    seq: i64,
    texts: Arc<Texts<String>>,
}

impl Recent {
    /// This report as the base of one with these texts.
    fn base(&self, job: Option<JobId>, seq: i64, texts: &Texts<&str>) -> Option<Base> {
        // The same report comes again when its rows are written anew.
        let spares = self.seq < seq && texts.shared(&self.texts) >= SPARED_MIN;
        spares.then(|| Base { job, seq: self.seq, texts: Arc::clone(&self.texts) })
    }
}

impl RecentTexts {
    /// Forgets a repository whose reports may be deleted while their jobs' ids are used again.
    pub fn forget(&mut self, repository: RepositoryId) {
        for generation in [&mut self.young, &mut self.old] {
            generation.jobs.retain(|(owner, _), _| *owner != repository);
            generation.pipelines.retain(|(owner, _), _| *owner != repository);
        }
    }

    /// Chooses the report that a report with these texts refers to. `None`: it has all its texts, and later ones may
    /// refer to it. Without a pipeline, it is a report of the same job. Remembers the report, if it has no base of its
    /// own job.
    pub fn choose_base(
        &mut self,
        (repository, pipeline, job): (RepositoryId, Option<PipelineId>, JobId),
        seq: i64,
        texts: &Texts<&str>,
    ) -> Option<Base> {
        let generations = [&self.young, &self.old];
        let recent = generations.iter().find_map(|generation| generation.jobs.get(&(repository, job)));
        if let Some(base) = recent.and_then(|recent| recent.base(None, seq, texts)) {
            return Some(base);
        }
        let of_pipeline = pipeline.map(|pipeline| (repository, pipeline));
        let recent = of_pipeline
            .and_then(|key| generations.iter().find_map(|generation| generation.pipelines.get(&key)));
        let base = recent
            .filter(|(other, _)| *other != job)
            .and_then(|(other, recent)| recent.base(Some(*other), seq, texts));
        if self.bytes > BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        let recent = Recent { seq, texts: Arc::new(texts.to_owned()) };
        self.bytes += ENTRY + texts.len();
        if let Some(key) = of_pipeline.filter(|_| base.is_none()) {
            self.bytes += ENTRY;
            self.young.pipelines.insert(key, (job, recent.clone()));
        }
        self.young.jobs.insert((repository, job), recent);
        base
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job of the pipeline 1.
    fn key(job: i64) -> (RepositoryId, Option<PipelineId>, JobId) {
        (RepositoryId::new(1).unwrap(), PipelineId::new(1).ok(), JobId::new(job).unwrap())
    }

    fn texts<'a>(url: &'a str, description: &'a str) -> Texts<&'a str> {
        Texts { target_url: Some(url), description: Some(description), ..Texts::default() }
    }

    #[test]
    fn a_report_refers_to_the_last_one_of_its_job_or_pipeline_with_other_texts() {
        let mut recent = RecentTexts::default();
        let mut base = |job, seq, url: &str, text: &str| {
            let base = recent.choose_base(key(job), seq, &texts(url, text))?;
            Some((base.job.map_or(job, |job| job.get().into()), base.seq))
        };
        assert_eq!(base(1, 1, "https://ci.example.com/1", "a"), None);
        assert_eq!(base(1, 2, "https://ci.example.com/1", "b"), Some((1, 1)));
        assert_eq!(base(2, 3, "https://ci.example.com/2", "b"), Some((1, 1)), "another job");
        assert_eq!(base(2, 4, "https://ci.example.com/2", "c"), Some((2, 3)), "the same job");
        assert_eq!(base(1, 5, "http://other", "b"), None, "nothing is repeated");
        assert_eq!(base(1, 6, "https://ci.example.com/1", "a"), None, "the report 5 is the last one");
        assert_eq!(base(1, 7, "https://ci.example.com/1", "a"), Some((1, 6)));
        assert_eq!(base(3, 8, "https://ci.example.com/3", "a"), Some((1, 6)));
        assert_eq!(base(1, 6, "https://ci.example.com/1", "a"), None, "written anew");
        assert_eq!(base(1, 7, "https://ci.example.com/1", "a"), Some((1, 6)));
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut recent = RecentTexts::default();
        let description = |job: i64| format!("{job:08}").repeat(100);
        for job in 1..=40_000 {
            recent.choose_base(key(job), job, &texts("", &description(job)));
        }
        let of = |generation: &Generation| generation.jobs.len() + generation.pipelines.len();
        let entries = of(&recent.young) + of(&recent.old);
        assert!(entries * 800 < 2 * BYTES_MAX + 4_000, "{entries}");
        let base = recent.choose_base(key(40_000), 50_000, &texts("", &description(40_000)));
        assert_eq!(base.map(|base| base.seq), Some(40_000));
    }
}
