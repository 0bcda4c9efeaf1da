//! Which repository a path names. It must not know whether there is one.

use domain::error::{Error, Invalid, Result};
use domain::model::ids::{Hex32, RepositoryId};
use domain::model::repositories::{RepositoryKey, check_path};

/// The repository among the parameters of a path: by `repository_uuid`, by `project` as GitLab's clients name it, or by
/// `repository_id`.
///
/// # Errors
/// [`Error::Invalid`] for what is no id or uuid; [`Error::RepositoryNotFound`] for what is no `project`, as GitLab has it.
pub fn key(params: &[(&'static str, String)]) -> Result<RepositoryKey> {
    let param =
        |wanted: &str| params.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.as_str());
    if let Some(uuid) = param("repository_uuid") {
        return Ok(RepositoryKey::Uuid(Hex32::parse("repository_uuid", uuid)?));
    }
    if let Some(project) = param("project") {
        return by_id_or_path(project).map_err(|_| Error::RepositoryNotFound);
    }
    Ok(RepositoryKey::Id(RepositoryId::parse(param("repository_id").unwrap_or_default())?))
}

fn by_id_or_path(project: &str) -> Result<RepositoryKey, Invalid> {
    if project.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(RepositoryKey::Id(RepositoryId::parse(project)?));
    }
    check_path(project)?;
    Ok(RepositoryKey::Path(project.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_an_id_or_a_path_and_nothing_else_exists() {
        let named = |project: &str| key(&[("project", project.to_owned())]);
        assert_eq!(named("42"), Ok(RepositoryKey::Id(RepositoryId::new(42).unwrap())));
        for path in ["acme/demo", "a/b/c", "demo", "42/7", "流水线/任务"] {
            assert_eq!(named(path), Ok(RepositoryKey::Path(path.to_owned())));
        }
        for none in ["", "0", "2147483648", "-1", "acme/", "a//b", "a b", "a%2Fb", "\u{fffd}"] {
            assert_eq!(named(none), Err(Error::RepositoryNotFound), "{none:?}");
        }
    }
}
