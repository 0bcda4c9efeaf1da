//! The texts of recent reports. A later report of the same job refers to them instead of repeating them.

use super::body::{Repeated, Texts};
use domain::model::ids::{JobId, RepositoryId};
use std::collections::HashMap;

/// The memory holds at most about twice as many bytes.
const BYTES_MAX: usize = 4 << 20;
/// The bytes of an entry besides its texts.
const ENTRY: usize = 256;
/// A reference takes some bytes, so it must spare at least as many.
const SPARED_MIN: usize = 8;

type Key = (RepositoryId, JobId);

/// The report to refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base {
    /// The number of the report.
    pub seq: i64,
    /// Which of its texts are repeated.
    pub repeated: Repeated,
}

/// The last report of each recent job whose body has all its texts. Two generations: when the young one is full,
/// it becomes the old one, and the old one is dropped. A job that is not here costs only bytes.
#[derive(Default)]
pub struct RecentTexts {
    young: HashMap<Key, (i64, Texts<String>)>,
    old: HashMap<Key, (i64, Texts<String>)>,
    bytes: usize,
}

impl RecentTexts {
    /// The report that a report with these texts refers to. `None`: it has all its texts, and later ones may
    /// refer to it.
    pub fn base(&mut self, job: Key, seq: i64, texts: &Texts<&str>) -> Option<Base> {
        if let Some((base, known)) = self.young.get(&job).or_else(|| self.old.get(&job)) {
            let (repeated, spared) = texts.repeated(known);
            // The same report comes again when its rows are written anew.
            if *base < seq && spared >= SPARED_MIN {
                return Some(Base { seq: *base, repeated });
            }
        }
        if self.bytes > BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += ENTRY + texts.len();
        self.young.insert(job, (seq, texts.to_owned()));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(job: i64) -> Key {
        (RepositoryId::new(1).unwrap(), JobId::new(job).unwrap())
    }

    fn texts<'a>(url: &'a str, description: &'a str) -> Texts<&'a str> {
        Texts { target_url: Some(url), description: Some(description), ..Texts::default() }
    }

    #[test]
    fn a_report_refers_to_the_last_one_with_all_texts() {
        let mut recent = RecentTexts::default();
        let mut base = |job, seq, url: &str, text: &str| {
            recent.base(key(job), seq, &texts(url, text)).map(|base| base.seq)
        };
        assert_eq!(base(1, 1, "https://ci/1", "a"), None);
        assert_eq!(base(1, 2, "https://ci/1", "b"), Some(1));
        assert_eq!(base(2, 3, "https://ci/1", "b"), None, "another job");
        assert_eq!(base(1, 4, "https://ci/other", "b"), None, "nothing is repeated");
        assert_eq!(base(1, 5, "https://ci/1", "a"), None, "the report 4 is the last one with all texts");
        assert_eq!(base(1, 6, "https://ci/1", "a"), Some(5));
        assert_eq!(base(1, 5, "https://ci/1", "a"), None, "written anew");
        assert_eq!(base(1, 6, "https://ci/1", "a"), Some(5));
    }

    #[test]
    fn the_memory_is_bounded() {
        let mut recent = RecentTexts::default();
        let url = "https://ci/".repeat(90);
        for job in 1..=40_000 {
            recent.base(key(job), job, &texts(&url, ""));
        }
        let entries = recent.young.len() + recent.old.len();
        assert!(entries * url.len() < 2 * BYTES_MAX + 4_000, "{entries}");
        assert_eq!(recent.base(key(40_000), 50_000, &texts(&url, "")).map(|base| base.seq), Some(40_000));
    }
}
