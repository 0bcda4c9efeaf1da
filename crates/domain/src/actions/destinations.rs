//! The destinations of a repository.

use super::access::{Granted, Manages};
use crate::error::{Error, Result};
use crate::model::destinations::{Destination, DestinationChange, DestinationInput};
use crate::model::ids::DestinationId;
use crate::model::webhooks::networks::Networks;
use crate::ports::App;

/// Adds a destination. No response contains its token. `allowed` are the networks that are allowed besides the public
/// ones.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn add(
    app: &App,
    by: &Granted<Manages>,
    allowed: &Networks,
    new: DestinationInput,
) -> Result<Destination> {
    let ids = (DestinationId::new(1)?, by.repository().id);
    app.store.create_destination(new.check(ids, allowed, app.clock.now())?).await
}

/// The destinations, oldest first. A response must not contain their tokens.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(app: &App, by: &Granted<Manages>) -> Result<Vec<Destination>> {
    app.store.destinations(by.repository().id).await
}

/// One destination.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn show(app: &App, by: &Granted<Manages>, id: DestinationId) -> Result<Destination> {
    list(app, by).await?.into_iter().find(|destination| destination.id == id).ok_or_else(not_found)
}

/// Changes a destination. Refused states are retried.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field, [`Error::NotFound`].
pub async fn change(
    app: &App,
    by: &Granted<Manages>,
    allowed: &Networks,
    id: DestinationId,
    change: DestinationChange,
) -> Result<Destination> {
    let (repository, now) = (by.repository().id, app.clock.now());
    app.store.change_destination(repository, id, change, allowed.clone(), now).await?.ok_or_else(not_found)
}

/// Deletes a destination and what is known about its states.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn remove(app: &App, by: &Granted<Manages>, id: DestinationId) -> Result<()> {
    if app.store.delete_destination(by.repository().id, id).await? { Ok(()) } else { Err(not_found()) }
}

/// The error for an unknown destination.
pub(super) fn not_found() -> Error {
    Error::NotFound { noun: "destination" }
}
