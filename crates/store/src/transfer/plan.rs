//! The statements of a transfer, its position, and the checksums that are compared at the end.

use crate::rows::ALL;
use crate::rows::details::JOB_DETAILS;
use crate::rows::settings::{SETTINGS, TRANSFER};
use crate::sql::{Table, Value, corrupt};
use domain::Result;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The number of rows that are read and written at once.
const PAGE: usize = 500;
/// The same of a table whose rows may be large.
const LARGE_ROWS: usize = 16;

/// The position of a transfer, stored in an incomplete destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Identifies the source: a transfer of another store does not continue with this destination.
    pub from: String,
    /// The table whose rows are being copied, after the tables before it were copied. `None` at the start.
    pub table: Option<String>,
    /// The key of the last copied row of this table.
    pub after: Vec<KeyPart>,
}

/// One column of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyPart {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// The number of rows of a table that are read and written at once.
pub fn page_len(table: &Table) -> usize {
    if table.name == JOB_DETAILS.name { LARGE_ROWS } else { PAGE }
}

impl Position {
    /// The tables still to be copied, each with the key of its last copied row.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] for the name of a table that this program does not know.
    pub fn left(&self) -> Result<Vec<(&'static Table, &[KeyPart])>> {
        let Some(name) = &self.table else { return Ok(ALL.iter().map(|table| (*table, &[][..])).collect()) };
        let at = ALL.iter().position(|table| table.name == name).ok_or_else(|| corrupt(name))?;
        let rest = ALL.iter().skip(at + 1).map(|table| (*table, &[][..]));
        Ok(std::iter::once((ALL[at], self.after.as_slice())).chain(rest).collect())
    }
}

/// The key of a row.
///
/// # Errors
/// [`domain::Error::Internal`] for a type that no key has.
pub fn key_of(table: &Table, row: &[Value<'_>]) -> Result<Vec<KeyPart>> {
    let part = |value: &Value<'_>| match value {
        Value::Int(number) => Ok(KeyPart::Int(*number)),
        Value::Text(text) => Ok(KeyPart::Text(text.clone().into_owned())),
        Value::Blob(bytes) => Ok(KeyPart::Bytes(bytes.clone().into_owned())),
        other => Err(corrupt(format!("{other} in a key of {}", table.name))),
    };
    row.iter().take(table.key).map(part).collect()
}

/// The values of a key.
pub fn values_of(key: &[KeyPart]) -> Vec<Value<'_>> {
    fn value(part: &KeyPart) -> Value<'_> {
        match part {
            KeyPart::Int(number) => Value::Int(*number),
            KeyPart::Text(text) => Value::Text(text.into()),
            KeyPart::Bytes(bytes) => Value::Blob(bytes.into()),
        }
    }
    key.iter().map(value).collect()
}

/// The query of the next rows of a table in order of their keys, after a key if `after`, whose values are its
/// parameters. The position itself is not copied.
pub fn page(table: &Table, after: bool) -> String {
    let key = table.key_columns().collect::<Vec<_>>().join(", ");
    let parameters: Vec<String> = (1..=table.key).map(|at| format!("?{at}")).collect();
    let conditions = [
        after.then(|| format!("({key}) > ({})", parameters.join(", "))),
        (table.name == SETTINGS.name).then(|| format!("name <> '{TRANSFER}'")),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    let condition =
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    let limit = page_len(table);
    format!("SELECT {} FROM {}{condition} ORDER BY {key} LIMIT {limit}", table.names(), table.name)
}

/// The number of the rows of a table, and their checksum in order of their keys: the same on every engine.
#[derive(Clone, Default)]
pub struct Checksum {
    rows: u64,
    digest: Sha256,
}

impl Checksum {
    /// Adds a row: for each value its kind, its length if it varies, and its bytes.
    pub fn add_row(&mut self, row: &[Value<'_>]) {
        self.rows += 1;
        for value in row {
            let bytes: &[u8] = match value {
                Value::Null => {
                    self.digest.update([0]);
                    continue;
                }
                Value::Int(number) => {
                    self.digest.update([1]);
                    self.digest.update(number.to_be_bytes());
                    continue;
                }
                Value::Real(number) => {
                    self.digest.update([2]);
                    self.digest.update(number.to_bits().to_be_bytes());
                    continue;
                }
                Value::Text(text) => {
                    self.digest.update([3]);
                    text.as_bytes()
                }
                Value::Blob(bytes) => {
                    self.digest.update([4]);
                    bytes
                }
            };
            self.digest.update((bytes.len() as u64).to_be_bytes());
            self.digest.update(bytes);
        }
    }

    /// The number of rows, and their SHA-256 in hexadecimal.
    pub fn finish(self) -> (u64, String) {
        (self.rows, domain::model::ids::hex(&self.digest.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::reports::REPORTS;
    use crate::rows::users::USERS;

    #[test]
    fn a_transfer_resumes_where_it_stopped() {
        let start = Position { from: "x".into(), table: None, after: Vec::new() };
        assert_eq!(start.left().unwrap().len(), ALL.len());
        let after = vec![KeyPart::Int(7), KeyPart::Int(3), KeyPart::Int(12)];
        let position = Position { table: Some("reports".into()), after, ..start };
        let text = serde_json::to_string(&position).unwrap();
        assert_eq!(text, r#"{"from":"x","table":"reports","after":[7,3,12]}"#);
        assert_eq!(serde_json::from_str::<Position>(&text).unwrap(), position);
        let left = position.left().unwrap();
        assert_eq!((left[0].0.name, left[0].1.len()), ("reports", 3));
        assert!(left.iter().all(|(table, _)| !["users", "jobs"].contains(&table.name)));
        assert_eq!(left.last().unwrap().0.name, "settings");
        let key = vec![KeyPart::Int(7), KeyPart::Bytes(vec![1, 255])];
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<Vec<KeyPart>>(&text).unwrap(), key);
        assert!(Position { table: Some("nonsense".into()), ..position }.left().is_err());
    }

    #[test]
    fn pages_are_ranges_of_the_key() {
        let of_users = page(&USERS, true);
        assert!(of_users.ends_with(" FROM users WHERE (id) > (?1) ORDER BY id LIMIT 500"), "{of_users}");
        let of_reports = page(&REPORTS, true);
        let range = " WHERE (repository_id, job_id, seq) > (?1, ?2, ?3) ORDER BY repository_id, job_id, seq LIMIT 500";
        assert!(of_reports.ends_with(range), "{of_reports}");
        assert!(page(&SETTINGS, false).contains(" WHERE name <> 'transfer' ORDER BY name "));
    }

    #[test]
    fn different_rows_have_different_checksums() {
        let checksum = |rows: &[&[Value<'_>]]| {
            let mut checksum = Checksum::default();
            rows.iter().for_each(|row| checksum.add_row(row));
            checksum.finish().1
        };
        let text = |text: &'static str| Value::Text(text.into());
        let rows: &[&[&[Value<'_>]]] = &[
            &[],
            &[&[text("ab"), text("c")]],
            &[&[text("a"), text("bc")]],
            &[&[text("abc"), Value::Null]],
            &[&[Value::Blob(b"ab"[..].into()), text("c")]],
            &[&[Value::Int(1)]],
            &[&[Value::Real(1.0)]],
            &[&[Value::Int(1)], &[Value::Int(1)]],
        ];
        let checksums: std::collections::HashSet<String> = rows.iter().map(|rows| checksum(rows)).collect();
        assert_eq!(checksums.len(), rows.len());
    }
}
