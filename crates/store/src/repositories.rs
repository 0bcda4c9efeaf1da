//! Repositories.

pub mod find;

use crate::engine::{Engine, SqlStore};
use crate::rows::counters::{COUNTERS, CounterValues};
use crate::rows::repositories::{REPOSITORIES, RepositoryValues, load};
use crate::rows::{members, verdicts};
use crate::sql::{Sql, ToValue as _, values};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use crate::writer::Flow;
use async_trait::async_trait;
use domain::Timestamp;
use domain::error::{Error, Invalid, Problem, Result};
use domain::model::access::Caller;
use domain::model::audit::{Action, Change};
use domain::model::ids::{Hex32, RepositoryId};
use domain::model::page::{Page, PageWithTotal};
use domain::model::repositories::{
    NewRepository, Project, Repository, RepositoryChange, RepositoryFilter, RepositoryKey, Visibility,
};
use domain::model::roles::Role;
use domain::ports::{Repositories, RepositoryDefaults};

#[async_trait]
impl<E: Engine> Repositories for SqlStore<E> {
    async fn create_repository(&self, new: NewRepository, chosen: RepositoryDefaults) -> Result<Repository> {
        let create = move |unit: &mut UnitOfWork| {
            let created = create(unit, &new, &chosen)?;
            unit.audit(&Change::created(Action::RepositoryCreate, &created));
            Ok(created)
        };
        self.write_account(create).await
    }

    async fn change_repository(
        &self,
        id: RepositoryId,
        change: RepositoryChange,
        now: Timestamp,
        marked_since: Timestamp,
    ) -> Result<Repository> {
        let write = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let key = RepositoryKey::Id(id);
            let before = load(unit.sql(), &key)?.ok_or(Error::RepositoryNotFound)?;
            let RepositoryChange { description, default_branch, visibility, archived } = &change;
            let row = values![id, description, default_branch, visibility, archived, now];
            let update = "UPDATE repositories SET description = coalesce(?2, description),
                          default_branch = coalesce(?3, default_branch), visibility = coalesce(?4, visibility),
                          archived = coalesce(?5, archived), updated_at = ?6 WHERE id = ?1";
            unit.sql().execute(update, row)?;
            set_active(unit, id, now)?;
            // Without a merge request, it decides for which branch a commit is evaluated.
            if default_branch.is_some() && verdicts::has_rules(unit.sql(), id)? {
                verdicts::mark_recent(unit.sql(), id, now, marked_since)?;
                unit.notify_gates();
            }
            let after = load(unit.sql(), &key)?.ok_or(Error::RepositoryNotFound)?;
            unit.audit(&Change::updated(Action::RepositoryChange, &before, &after));
            Ok(after)
        };
        self.write(Flow::Repository(id), write).await
    }

    async fn note_pipeline(&self, id: RepositoryId, now: Timestamp) -> Result<()> {
        let write = move |unit: &mut UnitOfWork| {
            let repository = load(unit.sql(), &RepositoryKey::Id(id))?.ok_or(Error::RepositoryNotFound)?;
            if !repository.has_pipeline {
                unit.touch_access();
                let update = "UPDATE repositories SET has_pipeline = 1, updated_at = ?2 WHERE id = ?1";
                unit.sql().execute(update, values![id, now])?;
                set_active(unit, id, now)?;
            }
            Ok(())
        };
        self.write(Flow::Repository(id), write).await
    }

    async fn repository(&self, key: &RepositoryKey) -> Result<Option<Repository>> {
        let key = key.clone();
        let scope = match &key {
            RepositoryKey::Id(id) => ReadScope::Repository(*id),
            _ => ReadScope::All,
        };
        self.lookup(scope, move |sql| load(sql, &key)).await
    }

    async fn repositories(
        &self,
        viewer: &Caller,
        filter: RepositoryFilter,
        page: Page,
    ) -> Result<PageWithTotal<(Repository, Role)>> {
        let viewer = viewer.clone();
        self.scan(None, move |sql| find::list(sql, &viewer, &filter, page)).await
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
        None => free_id(sql)?,
    };
    let project = project(sql, new, chosen)?;
    let created_at = new.created_at.unwrap_or(chosen.now);
    let visibility = new.visibility.unwrap_or(Visibility::Private);
    let row = RepositoryValues {
        id: id.into(),
        uuid: uuid.to_value(),
        project_id: project.id.to_value(),
        project_name: project.name.to_value(),
        path: new.path.to_value(),
        description: new.description.to_value(),
        default_branch: new.default_branch.as_deref().unwrap_or("main").into(),
        visibility: visibility.to_value(),
        archived: false.into(),
        web_url: new.web_url.to_value(),
        http_url: new.http_url.to_value(),
        ssh_url: new.ssh_url.to_value(),
        creator_id: chosen.creator.into(),
        created_at: created_at.into(),
        updated_at: created_at.into(),
        has_pipeline: false.into(),
    };
    unit.touch_access();
    let sql = unit.sql();
    sql.insert(&REPOSITORIES, row)?;
    let counters = CounterValues {
        repository_id: id.into(),
        pipeline: 0.into(),
        stage: 0.into(),
        job: 0.into(),
        report: 0.into(),
        event: 0.into(),
        active_at: created_at.into(),
    };
    sql.insert(&COUNTERS, counters)?;
    members::store(sql, id, chosen.creator, Role::Manage)?;
    load(sql, &RepositoryKey::Id(id))?.ok_or(Error::RepositoryNotFound)
}

/// Moves a repository to the end of the order by update.
fn set_active(unit: &mut UnitOfWork, id: RepositoryId, now: Timestamp) -> Result<()> {
    let counters = unit.counters(id)?.ok_or(Error::RepositoryNotFound)?;
    unit.set_counters(id, counters, now);
    unit.flush()
}

/// The id of a new repository: the one after the greatest. If that is the end of the range, because a
/// repository was created with such an id, the first free one.
fn free_id(sql: &dyn Sql) -> Result<RepositoryId> {
    let last: i64 = sql.one("SELECT coalesce(max(id), 0) FROM repositories", values![])?;
    let free = "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM repositories WHERE id = 1) THEN 1 ELSE
                (SELECT min(r.id) + 1 FROM repositories r WHERE NOT EXISTS
                 (SELECT 1 FROM repositories s WHERE s.id = r.id + 1)) END";
    match RepositoryId::new(last + 1) {
        Ok(id) => Ok(id),
        Err(_) => Ok(RepositoryId::new(sql.one(free, values![])?)?),
    }
}

/// The project of a new repository: the one that it names by id; otherwise the existing one of its name;
/// otherwise a new one.
fn project(sql: &dyn Sql, new: &NewRepository, chosen: &RepositoryDefaults) -> Result<Project> {
    let namespace = new.path.rsplit_once('/').map_or(new.path.as_str(), |(namespace, _)| namespace);
    let name = new.project_name.as_deref().unwrap_or(namespace).to_owned();
    if let Some(id) = &new.project_id {
        let known = "SELECT project_name FROM repositories WHERE project_id = ?1 LIMIT 1";
        let known: Option<String> = sql.first(known, values![id])?;
        let name = new.project_name.clone().or(known).unwrap_or(name);
        return Ok(Project { id: id.clone(), name });
    }
    let known = "SELECT project_id FROM repositories WHERE project_name = ?1 LIMIT 1";
    let known: Option<Hex32> = sql.first(known, values![name])?;
    Ok(Project { id: known.unwrap_or_else(|| chosen.project_id.clone()), name })
}
