//! Search in some repositories. Each query takes them as a list, in its one parameter, and reads ranges of existing
//! indexes for each, of which it stops after a bounded number of rows.
//!
//! A part of a name is searched among the different names of jobs and refs. A recursive query takes the next name from
//! an index that lists need anyway, with one look-up for each name, however many attempts or pipelines have it.
//! So a repository with millions of jobs costs as much as it has names, reports write nothing for the search, and no
//! full-text index is kept. The names are compared by the domain, so both engines find and order the same. The number
//! of names is limited, in each repository and in all; if there are more, the result is marked as incomplete, and
//! names that begin with the text are found by a range of the same index.

use crate::engine::{Engine, SqlStore};
use crate::rows::deleted_pipelines::not_deleted;
use crate::sql::{Columns as _, Flavor, FromRow, Query, Reader, Sql, ToValue, columns, values};
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::pipelines::Pipeline;
use domain::model::search::{BuildTerms, FoundAttempt, FoundRows, NameMatch, SearchLimits, SearchTerms};
use domain::ports::Search;
use std::collections::{BTreeSet, HashMap};
use std::ops::ControlFlow;

/// Most rows of an index of which the different commits or builds are taken.
const ROWS_MAX: u32 = 1_000;
/// Most attempts with an id whose `target_url` is compared with a URL. Many have the id if a build system numbers the
/// builds of each job.
const URL_ROWS_MAX: u32 = 10_000;
/// Sorts after every text with the same start.
const LAST: char = char::MAX;

// Subqueries instead of joins, so that no engine scans a whole table.
columns! {
    FoundAttempt from "j": repository = "j.repository_id", pipeline = "j.pipeline_id", id, name, status,
        third_build_id,
        stage: Option<String> = "(SELECT s.name FROM stages s WHERE s.repository_id = j.repository_id
            AND s.pipeline_id = j.pipeline_id AND s.id = j.stage_id)",
        git_ref: Option<String> = "(SELECT p.ref FROM pipelines p WHERE p.repository_id = j.repository_id
            AND p.id = j.pipeline_id)",
        source: Option<String> = "(SELECT p.source FROM pipelines p WHERE p.repository_id = j.repository_id
            AND p.id = j.pipeline_id)"
    => Self {
        repository,
        pipeline,
        id,
        stage: stage.unwrap_or_default(),
        name,
        git_ref: git_ref.unwrap_or_default(),
        source: source.unwrap_or_default(),
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
        limits: SearchLimits,
    ) -> Result<FoundRows> {
        if repositories.is_empty() {
            return Ok(FoundRows::default());
        }
        let (repositories, only) = (repositories.to_vec(), repositories.first().copied());
        let only = only.filter(|_| repositories.len() == 1);
        self.scan(only, move |sql| Reading::new(sql, &repositories, limits).all(&terms)).await
    }
}

/// A search in some repositories.
struct Reading<'a> {
    sql: &'a dyn Sql,
    queries: Queries,
    repositories: &'a [RepositoryId],
    ids: String,
    limits: SearchLimits,
}

/// A name of a job or ref in a repository, in the order of hits: by match, then by the position of the repository.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Matched {
    rank: NameMatch,
    at: usize,
    name: String,
}

impl<'a> Reading<'a> {
    fn new(sql: &'a dyn Sql, repositories: &'a [RepositoryId], limits: SearchLimits) -> Self {
        let queries = Queries { flavor: sql.flavor() };
        let ids = queries.list_of(repositories);
        Self { sql, queries, repositories, ids, limits }
    }

    fn all(&self, terms: &SearchTerms) -> Result<FoundRows> {
        let (sql, queries, ids, limit) = (self.sql, &self.queries, &self.ids, self.limits.hits);
        let mut found = FoundRows::default();
        if let Some(number) = terms.pipeline {
            found.pipelines = sql.all(&queries.pipelines(), values![ids, number, limit])?;
        }
        if let Some(sha) = &terms.sha {
            // No hexadecimal digit sorts after `f`.
            let end = format!("{sha}g");
            found.commits = sql.all(&queries.commits(), values![ids, sha, end, ROWS_MAX, limit])?;
        }
        let (refs, are_all_refs) = self.matched(Names::Refs, &terms.refs, |name| terms.in_ref(name))?;
        found.refs = self.of_each(&Queries::newest_of_ref(), &refs, &[])?;
        let (jobs, are_all_jobs) =
            self.matched(Names::Jobs, terms.name.as_slice(), |name| terms.in_name(name))?;
        let further = values![self.limits.attempts_of_name, limit];
        found.jobs = self.of_each(&Queries::jobs_of_name(), &jobs, further)?;
        found.jobs.truncate(limit as usize);
        found.incomplete = !(are_all_refs && are_all_jobs);
        for build in &terms.builds {
            found.builds.extend(self.builds(build)?);
        }
        found.builds.truncate(limit as usize);
        Ok(found)
    }

    /// The names that best match, and whether all names were compared. `starts`: the texts as they begin a name.
    fn matched(
        &self,
        names: Names,
        starts: &[String],
        matches: impl Fn(&str) -> Option<NameMatch>,
    ) -> Result<(Vec<Matched>, bool)> {
        if starts.is_empty() {
            return Ok((Vec::new(), true));
        }
        let statement = self.queries.names(names);
        let positions: HashMap<_, _> = self.repositories.iter().zip(0..).collect();
        let mut best = BTreeSet::new();
        // Compares the names of a range; returns whether these are all of the range.
        let mut compare = |first: &str, end: &str, of_each: u32, of_all: u32| -> Result<bool> {
            let (mut count, mut greatest) = (0, 0);
            // One more than the limits, to know whether there are more.
            let limits = [of_each, of_all].map(|limit| limit.saturating_add(1));
            let values = values![self.ids, first, end, limits[0], limits[1]];
            self.sql.stream(&statement, values, &mut |row| {
                let mut columns = Reader::new(row, 0);
                let id: RepositoryId = columns.read()?;
                let name = columns.read_text()?.unwrap_or_default();
                let number: i64 = columns.read()?;
                (count, greatest) = (count + 1, number.max(greatest));
                if let (Some(rank), Some(at)) = (matches(name), positions.get(&id)) {
                    best.insert(Matched { rank, at: *at, name: name.to_owned() });
                    if best.len() > self.limits.hits as usize {
                        best.pop_last();
                    }
                }
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(count <= of_all && greatest <= i64::from(of_each))
        };
        let SearchLimits { hits, names_of_repository, names, .. } = self.limits;
        let is_complete = compare("", &LAST.to_string(), names_of_repository, names)?;
        if !is_complete {
            for start in starts {
                compare(start, &format!("{start}{LAST}"), hits, names)?;
            }
        }
        Ok((best.into_iter().collect(), is_complete))
    }

    /// The rows of a statement for each name, whose repository and name are its first values.
    fn of_each<T: FromRow>(
        &self,
        statement: &str,
        names: &[Matched],
        further: &[&dyn ToValue],
    ) -> Result<Vec<T>> {
        let values = names.iter().map(|found| {
            let of_name: [&dyn ToValue; 2] = [&self.repositories[found.at], &found.name];
            of_name.into_iter().chain(further.iter().copied()).collect::<Vec<_>>()
        });
        let values: Vec<Vec<&dyn ToValue>> = values.collect();
        let queries: Vec<Query<'_>> = values.iter().map(|values| (statement, values.as_slice())).collect();
        let mut rows = Vec::new();
        self.sql.each_of(&queries, &mut |_, row| {
            rows.push(T::from_row(row, 0)?);
            Ok(())
        })?;
        Ok(rows)
    }

    fn builds(&self, build: &BuildTerms) -> Result<Vec<FoundAttempt>> {
        let (ids, id, limit) = (&self.ids, &build.id, self.limits.hits);
        let statement = self.queries.builds(build.url.is_some());
        match &build.url {
            None => self.sql.all(&statement, values![ids, id, ROWS_MAX, limit]),
            Some(url) => self.sql.all(&statement, values![ids, id, URL_ROWS_MAX, limit, url.page, url.start]),
        }
    }
}

/// The names that are searched for a part.
#[derive(Debug, Clone, Copy)]
pub enum Names {
    /// Of jobs.
    Jobs,
    /// Of refs.
    Refs,
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

    /// The different names from ?2 up to ?3, each with its repository and its number in that: at most ?4 of a
    /// repository, and ?5 of all. Each step of the recursion takes the next name of every repository from the index, so
    /// rows with one name are read once, and no repository uses up the limit alone.
    pub fn names(&self, names: Names) -> String {
        let (column, from) = match names {
            Names::Jobs => ("name", "jobs n INDEXED BY jobs_by_name"),
            Names::Refs => ("ref", "pipelines n INDEXED BY pipelines_by_ref"),
        };
        format!(
            "WITH RECURSIVE names(repository_id, name, step) AS (
                SELECT r.id, (SELECT min(n.{column}) FROM {from}
                    WHERE n.repository_id = r.id AND n.{column} >= ?2 AND n.{column} < ?3), 1 FROM {} r
                UNION ALL
                SELECT k.repository_id, (SELECT min(n.{column}) FROM {from}
                    WHERE n.repository_id = k.repository_id AND n.{column} > k.name AND n.{column} < ?3), k.step + 1
                FROM names k WHERE k.name IS NOT NULL AND k.step < ?4)
             SELECT k.repository_id, k.name, k.step FROM names k WHERE k.name IS NOT NULL LIMIT ?5",
            self.repositories(),
        )
    }

    /// The newest pipeline of the ref ?2 in the repository ?1.
    pub fn newest_of_ref() -> String {
        format!(
            "SELECT {} FROM pipelines p WHERE p.repository_id = ?1 AND p.id =
                (SELECT max(n.id) FROM pipelines n INDEXED BY pipelines_by_ref
                 WHERE n.repository_id = ?1 AND n.ref = ?2)",
            Pipeline::COLUMNS
        )
    }

    /// The newest attempt of each stage and source among the newest ?3 attempts with the name ?2 in the repository ?1,
    /// newest first; at most ?4.
    pub fn jobs_of_name() -> String {
        format!(
            "SELECT {} FROM (SELECT f.repository_id, max(f.id) AS id FROM
                (SELECT a.repository_id, a.id,
                    (SELECT s.name FROM stages s WHERE s.repository_id = a.repository_id
                     AND s.pipeline_id = a.pipeline_id AND s.id = a.stage_id) AS stage,
                    (SELECT p.source FROM pipelines p WHERE p.repository_id = a.repository_id
                     AND p.id = a.pipeline_id) AS source
                 FROM (SELECT i.repository_id, i.pipeline_id, i.id, i.stage_id FROM jobs i INDEXED BY jobs_by_name
                    WHERE i.repository_id = ?1 AND i.name = ?2 ORDER BY i.id DESC LIMIT ?3) a
                 WHERE {}) f
                GROUP BY f.repository_id, f.stage, f.source ORDER BY 2 DESC LIMIT ?4) b
             CROSS JOIN jobs j INDEXED BY jobs_by_id ON j.repository_id = b.repository_id AND j.id = b.id
             ORDER BY j.id DESC",
            FoundAttempt::COLUMNS,
            not_deleted("a")
        )
    }

    /// The newest of the attempts with an id of the build system, ?2, of at most ?3; at most ?4. With a URL, only
    /// attempts whose `target_url` begins with ?6 and is a start of ?5.
    pub fn builds(&self, has_url: bool) -> String {
        let of_url = match has_url {
            true => {
                " AND substr(j.target_url, 1, length(?6)) = ?6
                AND substr(?5, 1, length(j.target_url)) = j.target_url"
            }
            false => "",
        };
        format!(
            "SELECT {} FROM (SELECT j.repository_id, j.pipeline_id, j.id FROM {} r
                CROSS JOIN jobs j INDEXED BY jobs_by_build ON j.repository_id = r.id AND j.third_build_id = ?2
                AND j.third_build_id IS NOT NULL LIMIT ?3) b
             CROSS JOIN jobs j ON j.repository_id = b.repository_id AND j.pipeline_id = b.pipeline_id
                AND j.id = b.id
             WHERE {}{of_url} ORDER BY j.id DESC LIMIT ?4",
            FoundAttempt::COLUMNS,
            self.repositories(),
            not_deleted("j")
        )
    }
}
