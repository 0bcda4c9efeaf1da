//! What a move does, without doing it: the statements, the note about how far it is, and what is compared at the end.

use crate::rows::corrupt;
use crate::sql::Value;
use crate::tables::{ALL, Table};
use domain::Result;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The note in a destination that is not whole yet.
pub const NOTE: &str = "moving";
/// Rows read and written at once.
pub const PAGE: usize = 500;

/// How far a move is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// What is moved: a move of anything else does not go on with it.
    pub from: String,
    /// The table whose rows are being copied: those before it are there; `None`: none is.
    pub table: Option<String>,
    /// The key of the last row of it that is there.
    pub after: Vec<KeyPart>,
}

/// A value of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeyPart {
    Int(i64),
    Text(String),
}

impl Note {
    /// What is still to be copied: tables, each with the key of the last row that is there.
    ///
    /// # Errors
    /// [`domain::Error::Internal`] where it names a table that this program does not know.
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
/// [`domain::Error::Internal`] for one that no table of ours has.
pub fn key_of(table: &Table, row: &[Value<'_>]) -> Result<Vec<KeyPart>> {
    let part = |value: &Value<'_>| match value {
        Value::Int(number) => Ok(KeyPart::Int(*number)),
        Value::Text(text) => Ok(KeyPart::Text(text.clone().into_owned())),
        other => Err(corrupt(format!("{other:?} in a key of {}", table.name))),
    };
    row.iter().take(table.key).map(part).collect()
}

/// The values of a key, for a statement.
pub fn values_of(key: &[KeyPart]) -> Vec<Value<'_>> {
    let value = |part: &'_ KeyPart| match part {
        KeyPart::Int(number) => Value::Int(*number),
        KeyPart::Text(text) => Value::Text(text.clone().into()),
    };
    key.iter().map(value).collect()
}

/// The query for the next rows of a table in order of their keys; `behind` a key, whose values it takes.
pub fn page(table: &Table, behind: bool) -> String {
    let key: Vec<&str> = table.columns.iter().take(table.key).map(|column| column.name).collect();
    let key = key.join(", ");
    let places: Vec<String> = (1..=table.key).map(|at| format!("?{at}")).collect();
    let conditions = [
        behind.then(|| format!("({key}) > ({})", places.join(", "))),
        (table.name == "notes").then(|| format!("name <> '{NOTE}'")),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    let only =
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };
    format!("SELECT {} FROM {}{only} ORDER BY {key} LIMIT {PAGE}", table.names(), table.name)
}

/// Count and checksum of the rows of a table, taken in order of their keys: the same on every engine.
#[derive(Clone, Default)]
pub struct Sum {
    rows: u64,
    digest: Sha256,
}

impl Sum {
    /// Takes one row: of each value its kind, and where lengths differ its length, before its bytes.
    pub fn row(&mut self, row: &[Value<'_>]) {
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

    /// How many rows, and their SHA-256 in hexadecimal.
    pub fn finish(self) -> (u64, String) {
        (self.rows, domain::model::ids::hex(&self.digest.finalize()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{NOTES, REPORTS, USERS};

    #[test]
    fn a_move_goes_on_where_it_was() {
        let begun = Note { from: "x".into(), table: None, after: Vec::new() };
        assert_eq!(begun.left().unwrap().len(), ALL.len());
        let after = vec![KeyPart::Int(7), KeyPart::Int(3), KeyPart::Int(12)];
        let note = Note { table: Some("reports".into()), after, ..begun };
        let text = serde_json::to_string(&note).unwrap();
        assert_eq!(text, r#"{"from":"x","table":"reports","after":[7,3,12]}"#);
        assert_eq!(serde_json::from_str::<Note>(&text).unwrap(), note);
        let left = note.left().unwrap();
        assert_eq!((left[0].0.name, left[0].1.len()), ("reports", 3));
        assert!(left.iter().all(|(table, _)| !["users", "jobs"].contains(&table.name)));
        assert_eq!(left.last().unwrap().0.name, "notes");
        assert!(Note { table: Some("nonsense".into()), ..note }.left().is_err());
    }

    #[test]
    fn pages_are_ranges_of_the_key() {
        let of_users = page(&USERS, true);
        assert!(of_users.ends_with(" FROM users WHERE (id) > (?1) ORDER BY id LIMIT 500"), "{of_users}");
        let of_reports = page(&REPORTS, true);
        let range = " WHERE (repository_id, job_id, seq) > (?1, ?2, ?3) ORDER BY repository_id, job_id, seq LIMIT 500";
        assert!(of_reports.ends_with(range), "{of_reports}");
        assert!(page(&NOTES, false).contains(" WHERE name <> 'moving' ORDER BY name "));
    }

    #[test]
    fn what_differs_has_another_checksum() {
        let sum = |rows: &[&[Value<'_>]]| {
            let mut sum = Sum::default();
            rows.iter().for_each(|row| sum.row(row));
            sum.finish().1
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
        let sums: std::collections::HashSet<String> = rows.iter().map(|rows| sum(rows)).collect();
        assert_eq!(sums.len(), rows.len());
    }
}
