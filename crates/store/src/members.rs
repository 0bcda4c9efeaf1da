//! Members of repositories.

use crate::engine::{Engine, SqlStore};
use crate::rows::{members, users};
use crate::unapplied::ReadScope;
use crate::unit_of_work::UnitOfWork;
use crate::writer::Flow;
use async_trait::async_trait;
use domain::Result;
use domain::model::audit::{Action, Change, Membership};
use domain::model::ids::{RepositoryId, UserId};
use domain::model::members::Member;
use domain::model::roles::Role;
use domain::ports::Members;

#[async_trait]
impl<E: Engine> Members for SqlStore<E> {
    async fn member_role(&self, repository: RepositoryId, user: UserId) -> Result<Option<Role>> {
        self.lookup(ReadScope::Accounts, move |sql| members::role(sql, repository, user)).await
    }

    async fn members(&self, repository: RepositoryId) -> Result<Vec<Member>> {
        self.read(ReadScope::Accounts, move |sql| members::load(sql, repository)).await
    }

    async fn set_member(&self, repository: RepositoryId, user: UserId, role: Option<Role>) -> Result<bool> {
        let set = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let sql = unit.sql();
            let before = members::role(sql, repository, user)?;
            let name = users::name(sql, user)?.unwrap_or_default();
            let (is_changed, action) = match role {
                Some(role) => {
                    members::store(sql, repository, user, role)?;
                    (true, Action::MemberSet)
                }
                None => (members::delete(sql, repository, user)?, Action::MemberRemove),
            };
            if is_changed {
                let of = |role| Membership { repository, user, name: &name, role };
                unit.audit(&Change::updated(action, &of(before), &of(role)));
            }
            Ok(is_changed)
        };
        self.write(Flow::Repository(repository), set).await
    }
}
