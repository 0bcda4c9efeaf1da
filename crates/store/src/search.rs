//! Search in some repositories. Each query takes them as a list, in its one parameter, and reads ranges of existing
//! indexes for each, of which it stops after a bounded number of rows.

use crate::engine::{Engine, SqlStore};
use crate::rows::deleted_pipelines::not_deleted;
use crate::sql::{Columns as _, Flavor, Sql, columns, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::search::{FoundAttempt, FoundRows, SearchTerms};
use domain::ports::Search;

/// Most rows of an index of which the different commits, refs or builds are taken.
const ROWS_MAX: u32 = 1_000;
/// Sorts after every text with the same start.
const LAST: char = char::MAX;

// Subqueries instead of joins, so that no engine scans a whole table.
columns! {
    FoundAttempt from "j": repository = "j.repository_id", pipeline = "j.pipeline_id", id, name, status,
        third_build_id,
        stage: Option<String> = "(SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id
            AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id)",
        git_ref: Option<String> = "(SELECT p.ref FROM pipelines p WHERE p.repository_id = j.repository_id
            AND p.id = j.pipeline_id)"
    => Self {
        repository,
        pipeline,
        id,
        stage: stage.unwrap_or_default(),
        name,
        git_ref: git_ref.unwrap_or_default(),
        status,
        third_build_id,
    }
}

#[async_trait]
impl<E: Engine> Search for SqlStore<E> {
    async fn search(
        &self,
        repositories: &[RepositoryId],
        terms: SearchTerms,
        limit: u32,
    ) -> Result<FoundRows> {
        if repositories.is_empty() {
            return Ok(FoundRows::default());
        }
        let (repositories, only) = (repositories.to_vec(), repositories.first().copied());
        let only = only.filter(|_| repositories.len() == 1);
        self.scan(only, move |sql| read(sql, &repositories, &terms, limit)).await
    }
}

fn read(sql: &dyn Sql, repositories: &[RepositoryId], terms: &SearchTerms, limit: u32) -> Result<FoundRows> {
    let queries = Queries { flavor: sql.flavor() };
    let ids = queries.list_of(repositories);
    let mut found = FoundRows::default();
    if let Some(number) = terms.pipeline {
        found.pipelines = sql.all(&queries.pipelines(), values![ids, number, limit])?;
    }
    if let Some(sha) = &terms.sha {
        // No hexadecimal digit sorts after `f`.
        let end = format!("{sha}g");
        found.commits = sql.all(&queries.commits(), values![ids, sha, end, ROWS_MAX, limit])?;
    }
    for git_ref in &terms.refs {
        let exact: Vec<Pipeline> = sql.all(&queries.named_refs(), values![ids, git_ref, limit])?;
        found.refs.extend(exact);
    }
    for git_ref in &terms.refs {
        let (first, end) = after(git_ref);
        let begun: Vec<Pipeline> =
            sql.all(&queries.begun_refs(), values![ids, first, end, ROWS_MAX, limit])?;
        found.refs.extend(begun);
    }
    found.refs.truncate(limit as usize);
    if let Some(name) = &terms.name {
        found.jobs = sql.all(&queries.named_jobs(), values![ids, name, limit])?;
        let (first, end) = after(name);
        let begun: Vec<FoundAttempt> =
            sql.all(&queries.begun_jobs(), values![ids, first, end, limit, limit])?;
        found.jobs.extend(begun);
        found.jobs.truncate(limit as usize);
        found.builds = sql.all(&queries.builds(), values![ids, name, ROWS_MAX, limit])?;
    }
    Ok(found)
}

/// The range of the texts that begin with `text` and are longer: from the first, up to the second.
fn after(text: &str) -> (String, String) {
    (format!("{text}\u{1}"), format!("{text}{LAST}"))
}

/// The statements. Their first parameter is [`Queries::list_of`] the repositories, so each is prepared once.
pub struct Queries {
    pub flavor: Flavor,
}

impl Queries {
    /// The parameter of the repositories.
    fn list_of(&self, repositories: &[RepositoryId]) -> String {
        let ids = repositories.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        match self.flavor {
            Flavor::Sqlite => format!("[{ids}]"),
            Flavor::Postgres => ids,
        }
    }

    /// The repositories as a table with the column `id`.
    fn repositories(&self) -> &'static str {
        match self.flavor {
            Flavor::Sqlite => "(SELECT value AS id FROM json_each(?1))",
            Flavor::Postgres => "(SELECT unnest(CAST(string_to_array(?1, ',') AS bigint[])) AS id)",
        }
    }

    /// The pipelines with a number, ?2, at most ?3.
    pub fn pipelines(&self) -> String {
        format!(
            "SELECT {} FROM {} r CROSS JOIN pipelines p ON p.repository_id = r.id AND p.id = ?2 LIMIT ?3",
            Pipeline::COLUMNS,
            self.repositories()
        )
    }

    /// A pipeline of each commit from ?2 up to ?3, of at most ?4 pipelines; at most ?5.
    pub fn commits(&self) -> String {
        format!(
            "SELECT {} FROM (SELECT f.repository_id, f.sha, max(f.id) AS id FROM
                (SELECT p.repository_id, p.sha, p.id FROM {} r
                 CROSS JOIN pipelines p INDEXED BY pipelines_by_identity
                 ON p.repository_id = r.id AND p.sha >= ?2 AND p.sha < ?3 LIMIT ?4) f
                GROUP BY f.repository_id, f.sha LIMIT ?5) c
             CROSS JOIN pipelines p ON p.repository_id = c.repository_id AND p.id = c.id",
            Pipeline::COLUMNS,
            self.repositories()
        )
    }

    /// The newest pipeline of the ref ?2, at most ?3.
    pub fn named_refs(&self) -> String {
        format!(
            "SELECT {} FROM {} r CROSS JOIN pipelines p ON p.repository_id = r.id AND p.id =
                (SELECT max(n.id) FROM pipelines n INDEXED BY pipelines_by_ref WHERE n.repository_id = r.id
                 AND n.ref = ?2) LIMIT ?3",
            Pipeline::COLUMNS,
            self.repositories()
        )
    }

    /// The newest pipeline of each ref from ?2 up to ?3, of at most ?4 counts of refs by status; at most ?5.
    pub fn begun_refs(&self) -> String {
        format!(
            "SELECT {} FROM (SELECT DISTINCT f.repository_id, f.ref FROM
                (SELECT c.repository_id, c.ref FROM {} r CROSS JOIN pipeline_counts c
                 ON c.repository_id = r.id AND c.ref >= ?2 AND c.ref < ?3 AND c.count > 0 LIMIT ?4) f
                LIMIT ?5) d
             CROSS JOIN pipelines p ON p.repository_id = d.repository_id AND p.id =
                (SELECT max(n.id) FROM pipelines n INDEXED BY pipelines_by_ref
                 WHERE n.repository_id = d.repository_id AND n.ref = d.ref)",
            Pipeline::COLUMNS,
            self.repositories()
        )
    }

    /// The newest attempt with the name ?2 of each repository, at most ?3.
    pub fn named_jobs(&self) -> String {
        format!(
            "SELECT {} FROM {} r CROSS JOIN jobs j INDEXED BY jobs_by_id ON j.repository_id = r.id AND j.id =
                (SELECT max(n.id) FROM jobs n INDEXED BY jobs_by_name WHERE n.repository_id = r.id
                 AND n.name = ?2)
             WHERE {} LIMIT ?3",
            FoundAttempt::COLUMNS,
            self.repositories(),
            not_deleted("j")
        )
    }

    /// The newest attempt with each name from ?2 up to ?3: at most ?4 names of a repository, and ?5 of all. Each step
    /// of the recursion takes the next name from the index, so attempts with one name are read once.
    pub fn begun_jobs(&self) -> String {
        format!(
            "WITH RECURSIVE names(repository_id, name, step) AS (
                SELECT r.id, (SELECT min(n.name) FROM jobs n INDEXED BY jobs_by_name
                    WHERE n.repository_id = r.id AND n.name >= ?2 AND n.name < ?3), 1 FROM {} r
                UNION ALL
                SELECT k.repository_id, (SELECT min(n.name) FROM jobs n INDEXED BY jobs_by_name
                    WHERE n.repository_id = k.repository_id AND n.name > k.name AND n.name < ?3), k.step + 1
                FROM names k WHERE k.name IS NOT NULL AND k.step < ?4)
             SELECT {} FROM (SELECT k.repository_id, k.name FROM names k WHERE k.name IS NOT NULL LIMIT ?5) b
             CROSS JOIN jobs j INDEXED BY jobs_by_id ON j.repository_id = b.repository_id AND j.id =
                (SELECT max(n.id) FROM jobs n INDEXED BY jobs_by_name
                 WHERE n.repository_id = b.repository_id AND n.name = b.name)
             WHERE {}",
            self.repositories(),
            FoundAttempt::COLUMNS,
            not_deleted("j")
        )
    }

    /// The newest of the attempts with an id of the build system, ?2, of at most ?3; at most ?4.
    pub fn builds(&self) -> String {
        format!(
            "SELECT {} FROM (SELECT j.repository_id, j.pipeline_id, j.id FROM {} r
                CROSS JOIN jobs j INDEXED BY jobs_by_build ON j.repository_id = r.id AND j.third_build_id = ?2
                AND j.third_build_id IS NOT NULL LIMIT ?3) b
             CROSS JOIN jobs j ON j.repository_id = b.repository_id AND j.pipeline_id = b.pipeline_id
                AND j.id = b.id
             WHERE {} ORDER BY j.id DESC LIMIT ?4",
            FoundAttempt::COLUMNS,
            self.repositories(),
            not_deleted("j")
        )
    }
}
