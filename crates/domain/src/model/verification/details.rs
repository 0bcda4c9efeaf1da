//! Verifies the stored details of a pipeline: the reports refer to them by their digests.

use super::{Difference, EntityKind, StoredReport};
use crate::model::details::DetailsKey;
use crate::model::ids::hex;
use std::collections::HashMap;

/// Stored details.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDetails {
    /// The digest by which they are stored.
    pub digest: [u8; 32],
    /// The key of their content; `None`: it cannot be read.
    pub content: Option<DetailsKey>,
}

/// Compares the details that reports refer to with the stored ones. Each difference is reported once.
pub fn verify_details(reports: &[StoredReport], stored: &[StoredDetails]) -> Vec<Difference> {
    // With whether a report refers to them.
    let mut by_digest: HashMap<[u8; 32], (Option<DetailsKey>, bool)> =
        stored.iter().map(|details| (details.digest, (details.content, false))).collect();
    let mut differences = Vec::new();
    for report in reports {
        let Some(key) = report.entry.state.details.as_deref() else { continue };
        let (content, is_known) = by_digest.entry(key.digest).or_insert((None, false));
        if !*is_known && *content != Some(*key) {
            let stored = content.map(|content| text(&content));
            differences.push(difference(report.entry.report_id, stored, Some(text(key))));
        }
        *is_known = true;
    }
    let pipeline = |report: &StoredReport| (EntityKind::Pipeline, i64::from(report.pipeline_id.get()));
    let (kind, id) = reports.first().map_or((EntityKind::Report, 0), pipeline);
    let unused =
        stored.iter().filter(|details| by_digest.get(&details.digest).is_some_and(|(_, used)| !used));
    differences.extend(unused.map(|details| Difference {
        kind,
        id,
        ..difference(0, Some(hex(&details.digest)), None)
    }));
    differences
}

fn difference(report: i64, stored: Option<String>, rebuilt: Option<String>) -> Difference {
    Difference { kind: EntityKind::Report, id: report, field: "details".to_owned(), stored, rebuilt }
}

fn text(key: &DetailsKey) -> String {
    format!("{} ({} bytes, {} annotations)", hex(&key.digest), key.bytes, key.annotations)
}
