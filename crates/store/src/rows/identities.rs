//! Identities, and the rights of groups, which users have too.

use crate::sql::{Columns as _, FromValue, Sql, ToValue, Value, columns, corrupt, table, values};
use domain::model::identities::{GroupRights, Identity, PathPattern, Rights};
use domain::model::ids::UserId;
use domain::model::roles::Role;
use domain::{Result, Timestamp};
use serde::{Deserialize, Serialize};

table! {
    /// Accounts at identity providers that sign users in.
    IDENTITIES "identities";
    key id: Int;
    fixed user_id: Int, issuer: Text, subject: Text, display: Text, created_at: Int, signed_in_at: Int, rights: Text;
    new_row NewIdentityValues;
}

columns! {
    Identity from "i": id, user_id, issuer, subject, display, created_at, signed_in_at, rights
    => Self { id, user_id, issuer, subject, display, created_at, signed_in_at, rights }
}

/// Inserts an identity that has not signed in; returns its id.
pub fn insert(
    sql: &dyn Sql,
    user: UserId,
    (issuer, subject, display): (&str, &str, &str),
    now: Timestamp,
) -> Result<i64> {
    let rights = Rights::default();
    let row = NewIdentityValues {
        user_id: user.into(),
        issuer: issuer.into(),
        subject: subject.into(),
        display: display.into(),
        created_at: now.into(),
        signed_in_at: Value::Null,
        rights: rights.to_value(),
    };
    sql.insert_new(&IDENTITIES, row)
}

/// The identity of an account; it is locked until the commit.
pub fn lock(sql: &dyn Sql, issuer: &str, subject: &str) -> Result<Option<Identity>> {
    let query = format!(
        "SELECT {} FROM identities i WHERE i.issuer = ?1 AND i.subject = ?2{}",
        Identity::COLUMNS,
        sql.flavor().for_update()
    );
    sql.first(&query, values![issuer, subject])
}

pub fn load(sql: &dyn Sql, id: i64) -> Result<Option<Identity>> {
    sql.first(&format!("SELECT {} FROM identities i WHERE i.id = ?1", Identity::COLUMNS), values![id])
}

/// As [`load`]; the identity is locked until the commit.
pub fn lock_by_id(sql: &dyn Sql, id: i64) -> Result<Option<Identity>> {
    let query = format!(
        "SELECT {} FROM identities i WHERE i.id = ?1{}",
        Identity::COLUMNS,
        sql.flavor().for_update()
    );
    sql.first(&query, values![id])
}

/// The identities of a user in order of id.
pub fn of_user(sql: &dyn Sql, user: UserId) -> Result<Vec<Identity>> {
    let query = format!("SELECT {} FROM identities i WHERE i.user_id = ?1 ORDER BY i.id", Identity::COLUMNS);
    sql.all(&query, values![user])
}

/// Records a sign-in.
pub fn update(sql: &dyn Sql, id: i64, display: &str, rights: &Rights, now: Timestamp) -> Result<()> {
    let update = "UPDATE identities SET display = ?2, rights = ?3, signed_in_at = ?4 WHERE id = ?1";
    sql.execute(update, values![id, display, rights, now]).map(drop)
}

/// Removes the rights of an identity.
pub fn clear_rights(sql: &dyn Sql, id: i64) -> Result<()> {
    sql.execute("UPDATE identities SET rights = ?2 WHERE id = ?1", values![id, Rights::default()]).map(drop)
}

pub fn delete(sql: &dyn Sql, id: i64) -> Result<()> {
    sql.execute("DELETE FROM identities WHERE id = ?1", values![id]).map(drop)
}

/// Rights as stored.
#[derive(Serialize, Deserialize)]
struct StoredRights {
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    admin: bool,
    /// Pairs of a pattern and a role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<(String, String)>,
}

/// Rights of an identity of a user, as stored.
#[derive(Serialize, Deserialize)]
struct StoredGroupRights {
    identity: i64,
    /// In milliseconds since 1970.
    until: i64,
    #[serde(flatten)]
    rights: StoredRights,
}

impl StoredRights {
    fn of(rights: &Rights) -> Self {
        let pair =
            |(pattern, role): &(PathPattern, Role)| (pattern.as_str().to_owned(), role.as_str().to_owned());
        Self { admin: rights.admin, roles: rights.roles.iter().map(pair).collect() }
    }

    fn rights(self) -> Result<Rights> {
        let pair = |(pattern, role): (String, String)| {
            let role = Role::parse(&role).ok_or_else(|| corrupt("an unknown role"))?;
            Ok((PathPattern::parse("pattern", &pattern).map_err(corrupt)?, role))
        };
        Ok(Rights { admin: self.admin, roles: self.roles.into_iter().map(pair).collect::<Result<_>>()? })
    }
}

fn json<T: Serialize>(stored: &T) -> Value<'static> {
    // Numbers and texts always have a JSON form.
    serde_json::to_string(stored).map_or(Value::Null, Value::from)
}

fn parsed<T: for<'a> Deserialize<'a>>(value: &Value<'_>) -> Result<T> {
    match value {
        Value::Text(text) => serde_json::from_str(text).map_err(corrupt),
        other => Err(corrupt(format!("{other} instead of text"))),
    }
}

impl ToValue for Rights {
    fn to_value(&self) -> Value<'_> {
        json(&StoredRights::of(self))
    }
}

impl FromValue for Rights {
    fn from_value(value: Value<'_>) -> Result<Self> {
        parsed::<StoredRights>(&value)?.rights()
    }
}

/// NULL without rights.
impl ToValue for Vec<GroupRights> {
    fn to_value(&self) -> Value<'_> {
        if self.is_empty() {
            return Value::Null;
        }
        let stored = self.iter().map(|of| StoredGroupRights {
            identity: of.identity,
            until: of.until.as_millisecond(),
            rights: StoredRights::of(&of.rights),
        });
        json(&stored.collect::<Vec<_>>())
    }
}

impl FromValue for Vec<GroupRights> {
    fn from_value(value: Value<'_>) -> Result<Self> {
        let rights = |of: StoredGroupRights| {
            Ok(GroupRights {
                identity: of.identity,
                until: Timestamp::from_millisecond(of.until).map_err(corrupt)?,
                rights: of.rights.rights()?,
            })
        };
        parsed::<Vec<StoredGroupRights>>(&value)?.into_iter().map(rights).collect()
    }
}
