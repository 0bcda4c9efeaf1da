//! Importing repositories and pipelines from other systems, with their ids.

use super::access::Administrator;
use crate::error::{Error, Problem, Result};
use crate::model::ids::Hex32;
use crate::model::imports::ImportedPipeline;
use crate::model::repositories::{NewRepository, RepositoryKey};
use crate::model::{refs, text};
use crate::ports::{App, RepositoryDefaults};

/// The result of one line of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The entity was created.
    Added,
    /// The entity existed and did not change, so an interrupted import can be repeated.
    Existing,
}

/// Imports a repository. It exists when there is one with its id or, if the line has no id, with its path.
///
/// # Errors
/// [`Error::Invalid`] on the invalid field.
pub async fn repository(app: &App, by: &Administrator, mut new: NewRepository) -> Result<ImportOutcome> {
    new.check()?;
    let key = new.id.map_or_else(|| RepositoryKey::Path(new.path.clone()), RepositoryKey::Id);
    if let Some(found) = app.store.repository(&key).await? {
        if found.path != new.path {
            return Err(crate::Invalid::new("id", Problem::Taken).into());
        }
        return Ok(ImportOutcome::Existing);
    }
    let defaults = RepositoryDefaults {
        uuid: Hex32::from_bytes(app.random()?),
        project_id: Hex32::from_bytes(app.random()?),
        creator: by.caller().user.id,
        now: app.clock.now(),
    };
    app.store.create_repository(new, defaults).await?;
    Ok(ImportOutcome::Added)
}

/// Imports a pipeline.
///
/// # Errors
/// [`Error::RepositoryNotFound`]; [`Error::Invalid`] on the invalid field.
pub async fn pipeline(
    app: &App,
    by: &Administrator,
    mut imported: ImportedPipeline,
) -> Result<ImportOutcome> {
    let identity = &mut imported.identity;
    identity.sha = text::sha("sha", &identity.sha)?;
    identity.git_ref = refs::check("ref", &identity.git_ref)?;
    text::single_line("source", &identity.source, text::NAME_MAX)?;
    text::within("key", &identity.key, text::NAME_MAX)?;
    imported.check_ids()?;
    for stage in &imported.stages {
        text::single_line("stage", &stage.name, text::NAME_MAX)?;
        for job in &stage.jobs {
            text::single_line("name", &job.name, text::NAME_MAX)?;
        }
    }
    let (reporter, credential) = (by.caller().user.id, by.signed_in().credential().of_report());
    let added = app.store.import_pipeline(imported, reporter, credential, app.clock.now()).await?;
    Ok(if added { ImportOutcome::Added } else { ImportOutcome::Existing })
}

/// The error for a line of another type.
pub fn unknown_line() -> Error {
    crate::Invalid::new("type", Problem::NotOneOf { allowed: &["repository", "pipeline"] }).into()
}
