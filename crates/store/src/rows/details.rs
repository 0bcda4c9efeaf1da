//! The details of reports: a row for each different content of a pipeline, packed with LZ4.

use crate::sql::{Reader, Sql, ToValue as _, Value, corrupt, parameters, table, values};
use domain::Result;
use domain::model::details::{BYTES_MAX, Details, DetailsKey, TitleAndTests};
use domain::model::ids::{PipelineId, RepositoryId};
use domain::model::verification::StoredDetails;
use std::ops::ControlFlow;

table! {
    /// Details by their digests.
    JOB_DETAILS "job_details", upsert;
    key repository_id: Int, pipeline_id: Int, digest: Blob;
    fixed content: Blob;
    row JobDetailsValues;
}

/// The SHA-256 digest of details.
pub type Digest = [u8; 32];

/// Most rows that a query reads.
const PAGE: usize = 16;

impl<'a> JobDetailsValues<'a> {
    /// The row of details with these bytes.
    pub fn new(repository: RepositoryId, pipeline: PipelineId, digest: &'a Digest, bytes: &[u8]) -> Self {
        Self {
            repository_id: repository.into(),
            pipeline_id: pipeline.into(),
            digest: digest.to_value(),
            content: lz4_flex::compress_prepend_size(bytes).into(),
        }
    }
}

/// The bytes of details.
fn unpack(content: &[u8]) -> Result<Vec<u8>> {
    let size = content.first_chunk().copied().map_or(u32::MAX, u32::from_le_bytes);
    if size > BYTES_MAX {
        return Err(corrupt(format!("details of {size} bytes")));
    }
    lz4_flex::decompress_size_prepended(content).map_err(corrupt)
}

/// Reads the details of a pipeline with these digests, each different, in no order. `found` gets them one by
/// one with their position among the digests.
///
/// # Errors
/// [`domain::Error::Internal`] if some are missing or damaged.
pub fn each(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    digests: &[Digest],
    found: &mut dyn FnMut(usize, Details),
) -> Result<()> {
    each_content(sql, repository, pipeline, digests, &mut |position, bytes| {
        Details::from_bytes(bytes).map(|details| found(position, details))
    })
}

/// As [`each`], only the title and the counts of tests.
///
/// # Errors
/// As [`each`].
pub fn each_title_and_tests(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    digests: &[Digest],
    found: &mut dyn FnMut(usize, TitleAndTests),
) -> Result<()> {
    each_content(sql, repository, pipeline, digests, &mut |position, bytes| {
        TitleAndTests::from_bytes(bytes).map(|details| found(position, details))
    })
}

/// Reads contents. `parse` gets the bytes one by one and returns `None` for damaged ones.
fn each_content(
    sql: &dyn Sql,
    repository: RepositoryId,
    pipeline: PipelineId,
    digests: &[Digest],
    parse: &mut dyn FnMut(usize, &[u8]) -> Option<()>,
) -> Result<()> {
    let mut count = 0;
    for page in digests.chunks(PAGE) {
        let mut values: Vec<Value<'_>> = vec![repository.into(), pipeline.into()];
        // Few different lengths, so that the engines cache few statements.
        let padding = page.len().next_power_of_two() - page.len();
        let last = page.last().into_iter().cycle().take(padding);
        values.extend(page.iter().chain(last).map(|digest| digest.to_value()));
        let numbers: Vec<String> = (3..=values.len()).map(|number| format!("?{number}")).collect();
        let query = format!(
            "SELECT digest, content FROM job_details WHERE repository_id = ?1 AND pipeline_id = ?2 AND digest IN ({})",
            numbers.join(", ")
        );
        sql.stream(&query, &parameters(&values), &mut |row| {
            let mut columns = Reader::new(row, 0);
            let digest: Digest = columns.read()?;
            let bytes = unpack(columns.read_bytes()?)?;
            if let Some(position) = digests.iter().position(|known| *known == digest) {
                count += 1;
                parse(position, &bytes).ok_or_else(|| corrupt("the details of a report cannot be read"))?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    if count < digests.len() {
        return Err(corrupt("a report without its details"));
    }
    Ok(())
}

/// The details of the pipelines with ids from `first` to `last`, without their content.
pub fn of_pipelines(
    sql: &dyn Sql,
    repository: RepositoryId,
    first: PipelineId,
    last: PipelineId,
) -> Result<Vec<(PipelineId, StoredDetails)>> {
    let query = "SELECT pipeline_id, digest, content FROM job_details
        WHERE repository_id = ?1 AND (pipeline_id, digest) > (?2, ?3) AND pipeline_id <= ?4
        ORDER BY pipeline_id, digest LIMIT ?5";
    let mut found: Vec<(PipelineId, StoredDetails)> = Vec::new();
    loop {
        // An empty digest is before all others.
        let (pipeline, digest) =
            found.last().map_or((first, Vec::new()), |(pipeline, last)| (*pipeline, last.digest.to_vec()));
        let known = found.len();
        sql.stream(query, values![repository, pipeline, digest, last, PAGE as u32], &mut |row| {
            let mut columns = Reader::new(row, 0);
            let (pipeline, digest): (PipelineId, Digest) = columns.read()?;
            let bytes = unpack(columns.read_bytes()?).ok();
            let key = bytes.and_then(|bytes| {
                Details::from_bytes(&bytes).map(|details| DetailsKey::new(&details, &bytes))
            });
            found.push((pipeline, StoredDetails { digest, content: key }));
            Ok(ControlFlow::Continue(()))
        })?;
        if found.len() < known + PAGE {
            return Ok(found);
        }
    }
}

/// Deletes at most `limit` rows of a pipeline; returns their number.
pub fn delete(sql: &dyn Sql, repository: RepositoryId, pipeline: PipelineId, limit: u32) -> Result<u64> {
    let delete = "DELETE FROM job_details WHERE (repository_id, pipeline_id, digest) IN
        (SELECT repository_id, pipeline_id, digest FROM job_details WHERE repository_id = ?1 AND pipeline_id = ?2
         LIMIT ?3)";
    sql.execute(delete, values![repository, pipeline, limit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_of_any_bytes_is_unpacked_or_refused() {
        for content in [&[][..], &[1], &[0, 0, 0, 0x7f, 1, 2, 3], &[0xff; 12], &[9, 0, 0, 0, 0xf0]] {
            assert!(unpack(content).is_err(), "{content:?}");
        }
        let bytes = Details { summary: Some("a".repeat(1_000)), ..Details::default() }.to_bytes();
        let packed = lz4_flex::compress_prepend_size(&bytes);
        assert!(packed.len() < 100);
        assert_eq!(unpack(&packed).unwrap(), bytes);
    }
}
