//! Repositories: finding, making, changing.

use super::access::{Administrator, Granted, Manages, SignedIn};
use crate::error::Result;
use crate::model::access::Role;
use crate::model::ids::Hex32;
use crate::model::page::{Listed, Page};
use crate::model::repositories::{NewRepository, Repository, RepositoryChange, RepositoryFilter};
use crate::ports::{App, Chosen};

/// The repositories the caller may see, with its role in each.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn list(
    app: &App,
    by: &SignedIn,
    filter: RepositoryFilter,
    page: Page,
) -> Result<Listed<(Repository, Role)>> {
    app.store.repositories(by.caller(), filter, page).await
}

/// Makes a repository, managed by its maker.
///
/// # Errors
/// [`crate::Error::Invalid`] naming the field.
pub async fn create(app: &App, by: &Administrator, new: NewRepository) -> Result<Repository> {
    new.check()?;
    let chosen = Chosen {
        uuid: Hex32::from_bytes(app.random()?),
        project_id: Hex32::from_bytes(app.random()?),
        creator: by.caller().user.id,
        now: app.clock.now(),
    };
    app.store.create_repository(new, chosen).await
}

/// Changes a repository's settings.
///
/// # Errors
/// [`crate::Error::Invalid`] naming the field.
pub async fn change(app: &App, by: &Granted<Manages>, change: RepositoryChange) -> Result<Repository> {
    change.check()?;
    app.store.change_repository(by.repository().id, change, app.clock.now()).await
}
