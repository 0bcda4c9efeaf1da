//! A repository as a project: what build systems look up by its path before they report.

use super::translate::Presenter;
use crate::http::reply::Reply;
use crate::routes::{Ctx, Incoming, Member};
use domain::actions::access::Reads;
use domain::actions::repositories;
use domain::error::{Error, Invalid, Result};
use domain::model::ids::RepositoryId;
use domain::model::repositories::{RepositoryKey, check_path};

/// Which repository `{project}` names: an id, or a path. What is neither is as unknown as what does not exist.
///
/// # Errors
/// [`Error::RepositoryNotFound`].
pub fn key(request: &Incoming) -> Result<RepositoryKey> {
    by_id_or_path(request.param("project")).map_err(|_| Error::RepositoryNotFound)
}

fn by_id_or_path(project: &str) -> Result<RepositoryKey, Invalid> {
    if project.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(RepositoryKey::Id(RepositoryId::parse(project)?));
    }
    check_path(project)?;
    Ok(RepositoryKey::Path(project.to_owned()))
}

pub async fn show(ctx: Ctx<Member<Reads>>) -> Result<Reply> {
    let fresh = repositories::show(&ctx.edge.app, &ctx.proof).await?;
    Reply::json(&Presenter::new(&ctx, &fresh).project(ctx.proof.role()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_an_id_or_a_path_and_nothing_else_exists() {
        assert_eq!(by_id_or_path("42"), Ok(RepositoryKey::Id(RepositoryId::new(42).unwrap())));
        for path in ["acme/demo", "a/b/c", "demo", "42/7", "流水线/任务"] {
            assert_eq!(by_id_or_path(path), Ok(RepositoryKey::Path(path.to_owned())));
        }
        for none in ["", "0", "2147483648", "-1", "acme/", "a//b", "a b", "a%2Fb", "\u{fffd}"] {
            assert!(by_id_or_path(none).is_err(), "{none:?}");
        }
    }
}
