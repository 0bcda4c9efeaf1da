//! Repositories.

use crate::engine::{Engine, SqlStore};
use crate::members::role;
use crate::rows;
use crate::sql::{Row, Sql, Value, places, values};
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::access::Caller;
use domain::model::ids::{Hex32, RepositoryId, UserId};
use domain::model::page::{Page, PageWithTotal};
use domain::model::repositories::{
    NewRepository, Project, Repository, RepositoryChange, RepositoryFilter, RepositoryKey, RepositoryOrder,
    Visibility,
};
use domain::model::roles::Role;
use domain::ports::{Repositories, RepositoryDefaults};

const SELECT: &str = "SELECT r.id, r.uuid, r.project_id, r.project_name, r.path, r.description, r.default_branch, r.visibility,
                      r.archived, r.web_url, r.http_url, r.ssh_url, r.creator_id, r.created_at, CASE WHEN r.updated_at > c.active_at THEN r.updated_at ELSE c.active_at END, u.name,
                      CASE WHEN r.has_pipeline = 1 OR c.pipeline > 0 THEN 1 ELSE 0 END";
const FROM: &str =
    "FROM repositories r JOIN counters c ON c.repository_id = r.id JOIN users u ON u.id = r.creator_id";

/// Reads a repository from the first columns, which are those of [`SELECT`].
fn read(row: &dyn Row) -> Result<Repository> {
    let hex = |name: &'static str, at| Hex32::parse(name, &row.get::<String>(at)?).map_err(rows::corrupt);
    let visibility: String = row.get(7)?;
    Ok(Repository {
        id: rows::repository_id(row.get(0)?)?,
        uuid: hex("uuid", 1)?,
        project: Project { id: hex("project_id", 2)?, name: row.get(3)? },
        path: row.get(4)?,
        description: row.get(5)?,
        default_branch: row.get(6)?,
        visibility: Visibility::parse(&visibility).ok_or_else(|| rows::corrupt(&visibility))?,
        archived: row.get(8)?,
        web_url: row.get(9)?,
        http_url: row.get(10)?,
        ssh_url: row.get(11)?,
        creator_id: UserId::new(row.get(12)?).map_err(rows::corrupt)?,
        created_at: rows::time(row.get(13)?)?,
        updated_at: rows::time(row.get(14)?)?,
        creator_name: row.get(15)?,
        has_pipeline: row.get(16)?,
    })
}

fn load(sql: &dyn Sql, key: &RepositoryKey) -> Result<Option<Repository>> {
    let (column, value): (&str, Value<'_>) = match key {
        RepositoryKey::Id(id) => ("id", id.get().into()),
        RepositoryKey::Uuid(uuid) => ("uuid", uuid.as_str().to_owned().into()),
        RepositoryKey::Path(path) => ("path", path.clone().into()),
    };
    sql.first(&format!("{SELECT} {FROM} WHERE r.{column} = ?1"), values![value], read)
}

#[async_trait]
impl<E: Engine> Repositories for SqlStore<E> {
    async fn create_repository(&self, new: NewRepository, chosen: RepositoryDefaults) -> Result<Repository> {
        self.write(move |unit| create(unit, &new, &chosen)).await
    }

    async fn change_repository(
        &self,
        id: RepositoryId,
        change: RepositoryChange,
        now: Timestamp,
    ) -> Result<Repository> {
        let write = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let row = values![
                id.get(),
                change.description,
                change.default_branch,
                change.visibility.map(Visibility::as_str),
                change.archived,
                now.as_millisecond(),
            ];
            let update = "UPDATE repositories SET description = coalesce(?2, description),
                          default_branch = coalesce(?3, default_branch), visibility = coalesce(?4, visibility),
                          archived = coalesce(?5, archived), updated_at = ?6 WHERE id = ?1";
            unit.sql().execute(update, row)?;
            load(unit.sql(), &RepositoryKey::Id(id))?.ok_or(Error::RepositoryNotFound)
        };
        self.write(write).await
    }

    async fn note_pipeline(&self, id: RepositoryId, now: Timestamp) -> Result<()> {
        let write = move |unit: &mut UnitOfWork| {
            let known = load(unit.sql(), &RepositoryKey::Id(id))?.ok_or(Error::RepositoryNotFound)?;
            if !known.has_pipeline {
                unit.touch_access();
                let update = "UPDATE repositories SET has_pipeline = 1, updated_at = ?2 WHERE id = ?1";
                unit.sql().execute(update, values![id.get(), now.as_millisecond()])?;
            }
            Ok(())
        };
        self.write(write).await
    }

    async fn repository(&self, key: &RepositoryKey) -> Result<Option<Repository>> {
        let key = key.clone();
        self.read(move |sql| load(sql, &key)).await
    }

    async fn repositories(
        &self,
        viewer: &Caller,
        filter: RepositoryFilter,
        page: Page,
    ) -> Result<PageWithTotal<(Repository, Role)>> {
        let viewer = viewer.clone();
        self.read(move |sql| list(sql, &viewer, &filter, page)).await
    }
}

fn create(unit: &mut UnitOfWork, new: &NewRepository, chosen: &RepositoryDefaults) -> Result<Repository> {
    let sql = unit.sql();
    let uuid = new.uuid.as_ref().unwrap_or(&chosen.uuid);
    let mut taken =
        vec![("uuid", RepositoryKey::Uuid(uuid.clone())), ("path", RepositoryKey::Path(new.path.clone()))];
    taken.extend(new.id.map(|id| ("id", RepositoryKey::Id(id))));
    for (field, key) in taken {
        if load(sql, &key)?.is_some() {
            return Err(Invalid::new(field, Problem::Taken).into());
        }
    }
    let id = match new.id {
        Some(id) => id,
        None => {
            let last: i64 =
                sql.one("SELECT coalesce(max(id), 0) FROM repositories", values![], |row| row.get(0))?;
            // After an id at the end of the range was brought along, the first free one below is taken.
            let free = "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM repositories WHERE id = 1) THEN 1 ELSE
                        (SELECT min(r.id) + 1 FROM repositories r WHERE NOT EXISTS
                         (SELECT 1 FROM repositories s WHERE s.id = r.id + 1)) END";
            match RepositoryId::new(last + 1) {
                Ok(id) => id,
                Err(_) => RepositoryId::new(sql.one(free, values![], |row| row.get(0))?)?,
            }
        }
    };
    let project = project(sql, new, chosen)?;
    let created_at = new.created_at.unwrap_or(chosen.now).as_millisecond();
    let row = values![
        id.get(),
        uuid.as_str(),
        project.id.as_str(),
        project.name,
        new.path,
        new.description,
        new.default_branch.as_deref().unwrap_or("main"),
        new.visibility.unwrap_or(Visibility::Private).as_str(),
        new.web_url,
        new.http_url,
        new.ssh_url,
        chosen.creator.get(),
        created_at,
    ];
    unit.touch_access();
    let sql = unit.sql();
    let write = "INSERT INTO repositories (id, uuid, project_id, project_name, path, description, default_branch, visibility,
                 web_url, http_url, ssh_url, creator_id, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)";
    sql.execute(write, row)?;
    let count = "INSERT INTO counters (repository_id, active_at) VALUES (?1, ?2)";
    sql.execute(count, values![id.get(), created_at])?;
    let member = "INSERT INTO members (repository_id, user_id, role) VALUES (?1, ?2, ?3)";
    sql.execute(member, values![id.get(), chosen.creator.get(), Role::Manage.as_str()])?;
    load(sql, &RepositoryKey::Id(id))?.ok_or(Error::RepositoryNotFound)
}

/// The project a new repository belongs to: the one it names; else the one of its name, of which the first repository makes it.
fn project(sql: &dyn Sql, new: &NewRepository, chosen: &RepositoryDefaults) -> Result<Project> {
    let namespace = new.path.rsplit_once('/').map_or(new.path.as_str(), |(namespace, _)| namespace);
    let name = new.project_name.as_deref().unwrap_or(namespace).to_owned();
    if let Some(id) = &new.project_id {
        let known = "SELECT project_name FROM repositories WHERE project_id = ?1 LIMIT 1";
        let known: Option<String> = sql.first(known, values![id.as_str()], |row| row.get(0))?;
        let name = new.project_name.clone().or(known).unwrap_or(name);
        return Ok(Project { id: id.clone(), name });
    }
    let known = "SELECT project_id FROM repositories WHERE project_name = ?1 LIMIT 1";
    let known: Option<String> = sql.first(known, values![&name], |row| row.get(0))?;
    let id = match known {
        Some(id) => Hex32::parse("project_id", &id).map_err(rows::corrupt)?,
        None => chosen.project_id.clone(),
    };
    Ok(Project { id, name })
}

fn list(
    sql: &dyn Sql,
    viewer: &Caller,
    filter: &RepositoryFilter,
    page: Page,
) -> Result<PageWithTotal<(Repository, Role)>> {
    let mut values: Vec<Value<'static>> = vec![viewer.user.id.get().into()];
    let mut conditions = Vec::new();
    let mut value = |v: Value<'static>| {
        values.push(v);
        format!("?{}", values.len())
    };
    if !viewer.user.admin {
        conditions.push("(m.role IS NOT NULL OR r.visibility <> 'private')".to_owned());
    }
    if let Some(only) = &viewer.repositories {
        let ids: Vec<String> = only.iter().map(|id| id.get().to_string()).collect();
        conditions.push(format!("r.id IN ({})", ids.join(",")));
    }
    if let Some(project) = &filter.project_id {
        conditions.push(format!("r.project_id = {}", value(project.as_str().to_owned().into())));
    }
    if let Some(archived) = filter.archived {
        conditions.push(format!("r.archived = {}", i32::from(archived)));
    }
    if let Some(search) = &filter.search {
        // Any case of ASCII letters, on every engine.
        let pattern =
            search.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = value(format!("%{pattern}%").into());
        conditions.push(format!(
            "(lower(r.path) LIKE {pattern} ESCAPE '\\' OR lower(r.description) LIKE {pattern} ESCAPE '\\')"
        ));
    }
    if filter.membership {
        conditions.push("m.role IS NOT NULL".to_owned());
    }
    if filter.created {
        conditions.push("r.creator_id = ?1".to_owned());
    }
    let order = match filter.order {
        RepositoryOrder::Id => "r.id",
        RepositoryOrder::Name => "r.path",
        RepositoryOrder::CreatedAt => "r.created_at",
        RepositoryOrder::UpdatedAt => {
            "CASE WHEN r.updated_at > c.active_at THEN r.updated_at ELSE c.active_at END"
        }
    };
    let direction = if filter.descending { "DESC" } else { "ASC" };
    let with =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let from = format!("{FROM} LEFT JOIN members m ON m.repository_id = r.id AND m.user_id = ?1 {with}");
    let total: i64 = sql.one(&format!("SELECT count(*) {from}"), &places(&values), |row| row.get(0))?;
    let query = format!(
        "{SELECT}, m.role {from} ORDER BY {order} {direction}, r.id {direction} LIMIT {} OFFSET {}",
        page.limit, page.offset
    );
    let found: Vec<(Repository, Option<String>)> =
        sql.all(&query, &places(&values), |row| Ok((read(row)?, row.get(17)?)))?;
    let mut items = Vec::with_capacity(found.len());
    for (repository, word) in found {
        let member = word.as_deref().map(role).transpose()?;
        // The conditions above are this rule in SQL; the rule itself has the last word.
        if let Some(role) = viewer.role_in(&repository, member) {
            items.push((repository, role));
        }
    }
    Ok(PageWithTotal { items, total: u64::try_from(total).unwrap_or_default() })
}
