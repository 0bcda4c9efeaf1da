//! Repositories: reading, creating and changing them.

use super::access::{Administrator, Granted, Manages, Reporting, RequiredRole, SignedIn};
use crate::error::Result;
use crate::model::gates::MARKED_AGE;
use crate::model::ids::Hex32;
use crate::model::page::{Page, PageWithTotal};
use crate::model::repositories::{
    NewRepository, Repository, RepositoryChange, RepositoryFilter, RepositoryKey,
};
use crate::model::roles::Role;
use crate::ports::{App, RepositoryDefaults};

/// The repositories that the caller may see, each with the role of the caller.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn list(
    app: &App,
    by: &SignedIn,
    filter: RepositoryFilter,
    page: Page,
) -> Result<PageWithTotal<(Repository, Role)>> {
    app.store.repositories(by.caller(), filter, page).await
}

/// The current state of a repository.
///
/// # Errors
/// [`crate::Error::RepositoryNotFound`] when it was deleted.
pub async fn show<N: RequiredRole>(app: &App, by: &Granted<N>) -> Result<Repository> {
    let key = RepositoryKey::Id(by.repository().id);
    app.store.repository(&key).await?.ok_or(crate::Error::RepositoryNotFound)
}

/// The path of a new repository of a project, for a request with a project and without a path: in the
/// namespace of the other repositories of the project, and for the first one in a namespace with the id of
/// the project as name.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn path_in_project(app: &App, by: &Administrator, project: &Hex32, name: &str) -> Result<String> {
    let filter = RepositoryFilter { project_id: Some(project.clone()), ..RepositoryFilter::default() };
    let known = app.store.repositories(by.caller(), filter, Page { offset: 0, limit: 1 }).await?;
    let namespace = known.items.first().map(|(repository, _)| repository.namespace().to_owned());
    let namespace = namespace.unwrap_or_else(|| project.to_string());
    Ok(if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") })
}

/// Creates a repository. Its creator becomes a member with the role `manage`.
///
/// # Errors
/// [`crate::Error::Invalid`] on the invalid field.
pub async fn create(app: &App, by: &Administrator, mut new: NewRepository) -> Result<Repository> {
    new.check()?;
    let defaults = RepositoryDefaults {
        uuid: Hex32::from_bytes(app.random()?),
        project_id: Hex32::from_bytes(app.random()?),
        creator: by.caller().user.id,
        now: app.clock.now(),
    };
    app.store.create_repository(new, defaults).await
}

/// Changes a repository's settings.
///
/// # Errors
/// [`crate::Error::Invalid`] on the invalid field.
pub async fn change(app: &App, by: &Granted<Manages>, mut change: RepositoryChange) -> Result<Repository> {
    change.check()?;
    let marked_since = app.trusted_time().cutoff(MARKED_AGE);
    app.store.change_repository(by.repository().id, change, app.clock.now(), marked_since).await
}

/// Sets that the repository has a pipeline, also before the first report. This cannot be undone.
///
/// # Errors
/// [`crate::Error::RepositoryNotFound`] when it was deleted.
pub async fn note_pipeline(app: &App, by: &Granted<Reporting>) -> Result<()> {
    app.store.note_pipeline(by.repository().id, app.clock.now()).await
}
