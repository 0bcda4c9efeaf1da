//! Members of repositories.

use crate::sql::{Columns as _, Sql, columns, table, values};
use domain::Result;
use domain::model::ids::{RepositoryId, UserId};
use domain::model::members::Member;
use domain::model::roles::Role;

table! {
    /// Members of repositories.
    MEMBERS "members", upsert;
    key repository_id: Int, user_id: Int;
    replaced role: Text;
    row MemberValues;
}

columns! {
    Member from "m": repository_id, user_id, user_uuid = "u.uuid", user_name = "u.name", role
    => Self { repository_id, user_id, user_uuid, user_name, role }
}

/// Makes a user a member, or changes the role of a member.
pub fn store(sql: &dyn Sql, repository: RepositoryId, user: UserId, role: Role) -> Result<()> {
    let row =
        MemberValues { repository_id: repository.into(), user_id: user.into(), role: role.as_str().into() };
    sql.insert(&MEMBERS, row)
}

pub fn delete(sql: &dyn Sql, repository: RepositoryId, user: UserId) -> Result<bool> {
    let delete = "DELETE FROM members WHERE repository_id = ?1 AND user_id = ?2";
    Ok(sql.execute(delete, values![repository, user])? > 0)
}

pub fn role(sql: &dyn Sql, repository: RepositoryId, user: UserId) -> Result<Option<Role>> {
    let query = "SELECT role FROM members WHERE repository_id = ?1 AND user_id = ?2";
    sql.first(query, values![repository, user])
}

/// The members of a repository in order of name.
pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Vec<Member>> {
    let query = format!(
        "SELECT {} FROM members m JOIN users u ON u.id = m.user_id WHERE m.repository_id = ?1 ORDER BY u.name",
        Member::COLUMNS
    );
    sql.all(&query, values![repository])
}
