//! The caller of an action: a user, limited by the credential that the request carries.

use super::ids::RepositoryId;
use super::repositories::{Repository, Visibility};
use super::roles::{Role, Scope};
use super::users::User;
use std::sync::Arc;

/// The user of a request and the limits of its credential.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The user.
    pub user: Arc<User>,
    /// The scope of the credential.
    pub scope: Scope,
    /// The repositories that the credential is valid for; `None`: all.
    pub repositories: Option<Arc<[RepositoryId]>>,
}

impl Caller {
    /// True for an administrator with a credential of full scope for all repositories.
    pub fn is_administrator(&self) -> bool {
        self.user.is_administrator() && self.scope == Scope::Full && self.repositories.is_none()
    }

    /// The role of the caller in `repository`, where `member` is its role as a member. `None`: the caller may
    /// not see the repository.
    pub fn role_in(&self, repository: &Repository, member: Option<Role>) -> Option<Role> {
        let by_visibility = (repository.visibility != Visibility::Private).then_some(Role::Read);
        let by_groups = || self.user.role_by_groups(&repository.path);
        let role = if self.user.is_administrator() {
            Some(Role::Manage)
        } else {
            member.max(by_visibility).max(by_groups())
        };
        self.role_by_credential(repository.id, role?)
    }

    /// Limits the role of the user to what the credential allows.
    pub fn role_by_credential(&self, repository: RepositoryId, role: Role) -> Option<Role> {
        let is_valid_here = self.repositories.as_ref().is_none_or(|only| only.contains(&repository));
        is_valid_here.then(|| role.min(self.scope.max_role()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::repositories::tests::repository;
    use crate::model::users::User;

    fn caller(admin: bool, scope: Scope, only: Option<&[i64]>) -> Caller {
        let user = User {
            id: crate::model::ids::UserId::new(7).unwrap(),
            uuid: crate::model::ids::Hex32::from_bytes([7; 16]),
            name: "u".into(),
            admin,
            disabled: false,
            created_at: jiff::Timestamp::UNIX_EPOCH,
            group_rights: Vec::new(),
        };
        let only = only.map(|ids| ids.iter().map(|id| RepositoryId::new(*id).unwrap()).collect());
        Caller { user: Arc::new(user), scope, repositories: only }
    }

    #[test]
    fn roles_follow_from_membership_visibility_and_credential() {
        use Role::*;
        let role = |admin, scope, only: Option<&[i64]>, visibility, member| {
            caller(admin, scope, only).role_in(&repository(1, visibility), member)
        };
        let private = Visibility::Private;
        assert_eq!(role(false, Scope::Full, None, private, None), None);
        assert_eq!(role(false, Scope::Full, None, private, Some(Report)), Some(Report));
        assert_eq!(role(false, Scope::Full, None, Visibility::Public, None), Some(Read));
        assert_eq!(role(false, Scope::Full, None, Visibility::Internal, Some(Manage)), Some(Manage));
        assert_eq!(role(false, Scope::Read, None, private, Some(Manage)), Some(Read));
        assert_eq!(role(false, Scope::Report, None, private, Some(Manage)), Some(Report));
        assert_eq!(role(true, Scope::Full, None, private, None), Some(Manage));
        assert_eq!(role(true, Scope::Report, None, private, None), Some(Report));
        assert_eq!(
            role(true, Scope::Full, Some(&[2]), private, None),
            None,
            "a token for other repositories"
        );
        assert_eq!(role(false, Scope::Full, Some(&[2]), Visibility::Public, None), None);
        assert_eq!(role(false, Scope::Full, Some(&[1, 2]), private, Some(Report)), Some(Report));
    }

    #[test]
    fn a_narrow_token_makes_no_administrator() {
        assert!(caller(true, Scope::Full, None).is_administrator());
        assert!(!caller(true, Scope::Report, None).is_administrator());
        assert!(!caller(true, Scope::Full, Some(&[1])).is_administrator());
        assert!(!caller(false, Scope::Full, None).is_administrator());
    }
}
