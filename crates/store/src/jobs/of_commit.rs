//! The jobs of a commit: of each, by stage and name, the newest attempt in the newest pipeline that has it.

use super::find::{JobContext, with_pipelines};
use crate::lists::Conditions;
use crate::rows::deleted_pipelines::not_deleted;
use crate::sql::{Columns as _, Sql, parameters};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::jobs::Job;
use domain::model::jobs::filters::CommitJobFilter;
use domain::model::page::Page;
use domain::model::status::Status;
use domain::ports::CommitJobs;

/// The numbers of the matching jobs and a page of them. The caller runs it in one snapshot.
pub fn find(
    sql: &dyn Sql,
    repository: RepositoryId,
    filter: &CommitJobFilter,
    page: Option<Page>,
) -> Result<CommitJobs> {
    let (query, conditions) = counts(repository, filter);
    let counts: Vec<(Status, bool, i64)> = sql.all(&query, &parameters(conditions.values()))?;
    let counts = counts.into_iter().map(|(status, allow, count)| (status, allow, count.unsigned_abs()));
    let mut found = CommitJobs { counts: counts.collect(), jobs: Vec::new() };
    if let Some(page) = page {
        let (query, conditions) = self::page(repository, filter, page);
        let rows: Vec<(Job, JobContext)> = sql.all(&query, &parameters(conditions.values()))?;
        found.jobs = with_pipelines(sql, repository, rows)?;
    }
    Ok(found)
}

/// The query of the numbers.
pub fn counts(repository: RepositoryId, filter: &CommitJobFilter) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    let matching = matching(&mut conditions, repository, filter);
    let query = format!(
        "SELECT m.status, m.allow_failure, count(*) FROM ({matching}) m WHERE m.place = 1
         GROUP BY m.status, m.allow_failure"
    );
    (query, conditions)
}

/// The query of a page.
pub fn page(repository: RepositoryId, filter: &CommitJobFilter, page: Page) -> (String, Conditions) {
    let mut conditions = Conditions::default();
    let matching = matching(&mut conditions, repository, filter);
    let [limit, offset] = [page.limit, page.offset].map(|number| conditions.value(number));
    let query = format!(
        "SELECT {}, {} FROM (SELECT m.id, m.pipeline_id FROM ({matching}) m WHERE m.place = 1
            ORDER BY m.id DESC LIMIT {limit} OFFSET {offset}) n
         CROSS JOIN jobs j ON j.repository_id = ?1 AND j.pipeline_id = n.pipeline_id AND j.id = n.id
         ORDER BY j.id DESC",
        Job::COLUMNS,
        JobContext::COLUMNS,
    );
    (query, conditions)
}

/// The newest attempts in each pipeline. `place` is 1 for those of the newest pipeline that has the job. The first
/// value is the repository.
fn matching(conditions: &mut Conditions, repository: RepositoryId, filter: &CommitJobFilter) -> String {
    let [repository, sha] = [conditions.value(repository), conditions.value(filter.sha.clone())];
    let named: Vec<String> = filter
        .named
        .iter()
        .take(CommitJobFilter::NAMED_MAX)
        .map(|(stage, name)| {
            let [stage, name] = [stage, name].map(|text| conditions.value(text.clone()));
            format!("s.name = {stage} AND j.name = {name}")
        })
        .collect();
    let named = if named.is_empty() { String::new() } else { format!(" AND ({})", named.join(" OR ")) };
    format!(
        "SELECT j.id AS id, j.pipeline_id AS pipeline_id, j.status AS status, j.allow_failure AS allow_failure,
            row_number() OVER (PARTITION BY s.name, j.name ORDER BY j.pipeline_id DESC) AS place
         FROM pipelines p INDEXED BY pipelines_by_identity
         CROSS JOIN jobs j ON j.repository_id = p.repository_id AND j.pipeline_id = p.id
         CROSS JOIN stages s ON s.repository_id = j.repository_id AND s.pipeline_id = j.pipeline_id
            AND s.id = j.stage_id
         WHERE p.repository_id = {repository} AND p.sha = {sha} AND j.newest = 1 AND {}{named}",
        not_deleted("j")
    )
}
