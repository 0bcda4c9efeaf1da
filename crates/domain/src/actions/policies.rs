//! The policies of a repository.

use super::access::{Granted, Manages, RequiredRole};
use crate::error::Result;
use crate::model::policies::Policies;
use crate::ports::App;

/// The current policies.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn show<N: RequiredRole>(app: &App, by: &Granted<N>) -> Result<Policies> {
    app.store.policies(by.repository().id).await
}

/// Replaces the policies.
///
/// # Errors
/// [`crate::Error::Invalid`] on the invalid field.
pub async fn set(app: &App, by: &Granted<Manages>, policies: Policies) -> Result<Policies> {
    policies.check()?;
    app.store.set_policies(by.repository().id, policies.clone()).await?;
    Ok(policies)
}
