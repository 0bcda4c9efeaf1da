//! Repositories.

use crate::sql::{Columns as _, Sql, Value, columns, table, values};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::repositories::{Project, Repository, RepositoryKey};
use std::sync::LazyLock;

table! {
    /// Repositories.
    REPOSITORIES "repositories";
    key id: Int;
    fixed uuid: Text, project_id: Text, project_name: Text, path: Text, description: Text,
        default_branch: Text, visibility: Text, archived: Int, web_url: Text, http_url: Text, ssh_url: Text,
        creator_id: Int, created_at: Int, updated_at: Int, has_pipeline: Int;
    row RepositoryValues;
}

/// The tables that the columns of a repository come from.
pub const FROM: &str =
    "repositories r JOIN counters c ON c.repository_id = r.id JOIN users u ON u.id = r.creator_id";

columns! {
    Repository from "r": id, uuid, project_id, project_name, path, description, default_branch, visibility,
        archived, web_url, http_url, ssh_url, creator_id, created_at, updated_at = "c.active_at",
        creator_name = "u.name",
        has_pipeline = "CASE WHEN r.has_pipeline = 1 OR c.pipeline > 0 THEN 1 ELSE 0 END"
    => Self {
        id,
        uuid,
        project: Project { id: project_id, name: project_name },
        path,
        description,
        default_branch,
        visibility,
        archived,
        web_url,
        http_url,
        ssh_url,
        creator_id,
        created_at,
        updated_at,
        creator_name,
        has_pipeline,
    }
}

pub fn load(sql: &dyn Sql, key: &RepositoryKey) -> Result<Option<Repository>> {
    let (column, value): (&str, Value<'_>) = match key {
        RepositoryKey::Id(id) => ("id", (*id).into()),
        RepositoryKey::Uuid(uuid) => ("uuid", uuid.as_str().into()),
        RepositoryKey::Path(path) => ("path", path.as_str().into()),
        RepositoryKey::PathIgnoringCase(path) => return load_ignoring_case(sql, path),
    };
    let query = format!("SELECT {} FROM {FROM} WHERE r.{column} = ?1", Repository::COLUMNS);
    sql.first(&query, values![value])
}

/// The query of a path in lower case: first the repository with exactly this path.
pub static LOAD_IGNORING_CASE: LazyLock<String> = LazyLock::new(|| {
    let condition = "lower(r.path) = ?1 ORDER BY r.path = ?1 DESC, r.id LIMIT 2";
    format!("SELECT {} FROM {FROM} WHERE {condition}", Repository::COLUMNS)
});

fn load_ignoring_case(sql: &dyn Sql, path: &str) -> Result<Option<Repository>> {
    let mut found: Vec<Repository> = sql.all(&LOAD_IGNORING_CASE, values![path])?;
    let is_clear = found.len() == 1 || found.first().is_some_and(|repository| repository.path == path);
    found.truncate(usize::from(is_clear));
    Ok(found.pop())
}

/// The number of pipelines of each repository, in order of id.
pub fn pipeline_counts(sql: &dyn Sql) -> Result<Vec<(RepositoryId, i64)>> {
    let query = "SELECT r.id, (SELECT count(*) FROM pipelines p WHERE p.repository_id = r.id)
        FROM repositories r ORDER BY r.id";
    sql.all(query, &[])
}
