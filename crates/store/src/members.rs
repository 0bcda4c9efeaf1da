//! Members of repositories.

use crate::engine::{Engine, SqlStore};
use crate::rows;
use crate::sql::{Row, Sql, values};
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Result;
use domain::model::ids::{RepositoryId, UserId};
use domain::model::members::Member;
use domain::model::roles::Role;
use domain::ports::Members;

pub fn role(word: &str) -> Result<Role> {
    Role::parse(word).ok_or_else(|| rows::corrupt(word))
}

#[async_trait]
impl<E: Engine> Members for SqlStore<E> {
    async fn member_role(&self, repository: RepositoryId, user: UserId) -> Result<Option<Role>> {
        let query = "SELECT role FROM members WHERE repository_id = ?1 AND user_id = ?2";
        let find = move |sql: &dyn Sql| {
            let of = values![repository.get(), user.get()];
            let word: Option<String> = sql.first(query, of, |row| row.get(0))?;
            word.as_deref().map(role).transpose()
        };
        self.read(find).await
    }

    async fn members(&self, repository: RepositoryId) -> Result<Vec<Member>> {
        let query = "SELECT m.user_id, u.name, m.role FROM members m JOIN users u ON u.id = m.user_id
                     WHERE m.repository_id = ?1 ORDER BY u.name";
        let read = move |row: &dyn Row| {
            Ok(Member {
                repository_id: repository,
                user_id: UserId::new(row.get(0)?).map_err(rows::corrupt)?,
                user_name: row.get(1)?,
                role: role(&row.get::<String>(2)?)?,
            })
        };
        self.read(move |sql| sql.all(query, values![repository.get()], read)).await
    }

    async fn set_member(&self, repository: RepositoryId, user: UserId, role: Option<Role>) -> Result<bool> {
        let set = move |unit: &mut UnitOfWork| {
            unit.touch_access();
            let changed = match role {
                Some(role) => {
                    let write = "INSERT INTO members (repository_id, user_id, role) VALUES (?1, ?2, ?3)
                                 ON CONFLICT (repository_id, user_id) DO UPDATE SET role = excluded.role";
                    unit.sql().execute(write, values![repository.get(), user.get(), role.as_str()])
                }
                None => {
                    let delete = "DELETE FROM members WHERE repository_id = ?1 AND user_id = ?2";
                    unit.sql().execute(delete, values![repository.get(), user.get()])
                }
            };
            Ok(changed? > 0)
        };
        self.write(set).await
    }
}
