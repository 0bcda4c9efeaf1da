//! The guarantees of a table of the schema about its rows: the types of its columns, the order of its key, an entry of
//! each row in its indexes, and a row for each entry. The integrity check compares the rows with it.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

/// A table and what its rows must be.
pub struct CheckedTable {
    pub name: String,
    /// The number of columns of the key. They are the first columns of [`CheckedTable::rows`].
    pub key_len: usize,
    pub columns: Vec<Column>,
    /// Returns rows in the order of the key: `?1` is the number of rows.
    pub first_rows: String,
    /// The same after a key, whose columns are the parameters from `?2` on.
    pub next_rows: String,
    pub indexes: Vec<CheckedIndex>,
}

/// A column of a table.
pub struct Column {
    name: String,
    /// The type that the schema enforces; `None`: any.
    kind: Option<Kind>,
    is_null_allowed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Real,
    Text,
    Blob,
}

/// An index.
pub struct CheckedIndex {
    pub name: String,
    /// Counts the rows without an entry in the index, up to a key. Its columns are the parameters.
    pub missing_first: String,
    /// The same between two keys; the columns of the later one follow those of the earlier one.
    pub missing_next: String,
    /// The columns of an entry, in the order of the entries.
    columns: Vec<String>,
    /// Returns entries, and whether each has its row, up to the conditions on their position.
    entries: String,
}

impl CheckedIndex {
    /// The number of columns of an entry.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Returns the first entries in their order: the columns of each, and whether its row exists. `?1` is the
    /// number of entries.
    pub fn first_entries(&self) -> String {
        format!("{} ORDER BY {} LIMIT ?1", self.entries, self.columns.join(", "))
    }

    /// The same for those entries after `position` that have the same first `same` columns and another one after
    /// these. The parameters from `?2` on are the first `same` columns of the position, and the next one unless it
    /// is null, which is less than every value.
    pub fn next_entries(&self, position: &[Value], same: usize) -> String {
        let equal = self.columns.iter().take(same).zip(2..);
        let equal: String = equal.map(|(column, number)| format!(" AND {column} IS ?{number}")).collect();
        let greater = match (self.columns.get(same), position.get(same)) {
            (Some(column), Some(Value::Null)) => format!(" AND {column} IS NOT NULL"),
            (Some(column), _) => format!(" AND {column} > ?{}", same + 2),
            (None, _) => String::new(),
        };
        format!("{}{equal}{greater} ORDER BY {} LIMIT ?1", self.entries, self.columns.join(", "))
    }
}

impl Column {
    /// Why the column cannot have this value; `None`: it can.
    pub fn problem(&self, value: ValueRef<'_>) -> Option<String> {
        let is_valid = match value {
            ValueRef::Null => self.is_null_allowed,
            ValueRef::Integer(_) => self.kind.is_none_or(|kind| kind == Kind::Integer),
            ValueRef::Real(_) => self.kind.is_none_or(|kind| kind == Kind::Real),
            ValueRef::Blob(_) => self.kind.is_none_or(|kind| kind == Kind::Blob),
            ValueRef::Text(text) => {
                self.kind.is_none_or(|kind| kind == Kind::Text) && std::str::from_utf8(text).is_ok()
            }
        };
        (!is_valid).then(|| format!("the column {} has an invalid value", self.name))
    }
}

/// The tables of a database.
pub fn load(sql: &Connection) -> Result<Vec<CheckedTable>> {
    let query = "SELECT name, wr, strict FROM pragma_table_list
        WHERE schema = 'main' AND type = 'table' AND name <> 'sqlite_schema' ORDER BY name";
    let mut statement = sql.prepare(query)?;
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    tables.map(|table| table.and_then(|(name, wr, strict)| load_table(sql, name, wr, strict))).collect()
}

fn load_table(
    sql: &Connection,
    name: String,
    is_without_rowid: bool,
    is_strict: bool,
) -> Result<CheckedTable> {
    let mut columns = Vec::new();
    let mut key: Vec<(i64, String)> = Vec::new();
    let mut statement = sql.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_info(?1)")?;
    let mut rows = statement.query([&name])?;
    while let Some(row) = rows.next()? {
        let (column, kind): (String, String) = (row.get(0)?, row.get(1)?);
        let (not_null, position): (bool, i64) = (row.get(2)?, row.get(3)?);
        if position > 0 {
            key.push((position, quote(&column)));
        }
        let kind = match kind.as_str() {
            "INTEGER" | "INT" => Some(Kind::Integer),
            "REAL" => Some(Kind::Real),
            "TEXT" => Some(Kind::Text),
            "BLOB" => Some(Kind::Blob),
            _ => None,
        };
        columns.push(Column { name: column, kind: kind.filter(|_| is_strict), is_null_allowed: !not_null });
    }
    key.sort();
    let key: Vec<String> = match is_without_rowid {
        true => key.into_iter().map(|(_, column)| column).collect(),
        false => vec!["rowid".to_owned()],
    };
    // The rows themselves, and never an index that contains the same columns.
    let source = match primary_index(sql, &name)? {
        Some(index) if is_without_rowid => format!("{} r INDEXED BY {}", quote(&name), quote(&index)),
        _ => format!("{} r NOT INDEXED", quote(&name)),
    };
    let indexes = load_indexes(sql, &name, &source, &key)?;
    let list = key.join(", ");
    let all: String = columns.iter().map(|column| format!(", {}", quote(&column.name))).collect();
    let rows = |after: &str| format!("SELECT {list}{all} FROM {source}{after} ORDER BY {list} LIMIT ?1");
    let after = format!(" WHERE ({list}) > ({})", parameters(2, key.len()));
    Ok(CheckedTable {
        key_len: key.len(),
        columns,
        first_rows: rows(""),
        next_rows: rows(&after),
        indexes,
        name,
    })
}

/// The index that holds the rows of a table without row ids.
fn primary_index(sql: &Connection, table: &str) -> Result<Option<String>> {
    let query = "SELECT name FROM pragma_index_list(?1) WHERE origin = 'pk'";
    sql.prepare(query)?.query_map([table], |row| row.get(0))?.next().transpose()
}

fn load_indexes(sql: &Connection, table: &str, source: &str, key: &[String]) -> Result<Vec<CheckedIndex>> {
    let query = "SELECT i.name, i.partial, s.sql FROM pragma_index_list(?1) i
        JOIN sqlite_schema s ON s.type = 'index' AND s.name = i.name ORDER BY i.name";
    let mut statement = sql.prepare(query)?;
    let mut rows = statement.query([table])?;
    let mut indexes = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, is_partial, definition): (String, bool, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let columns: Vec<Option<String>> = sql
            .prepare("SELECT name FROM pragma_index_info(?1)")?
            .query_map([&name], |row| row.get(0))?
            .collect::<Result<_>>()?;
        // The columns of an index on an expression have no names.
        let Some(columns) = columns.into_iter().collect::<Option<Vec<String>>>() else { continue };
        let condition = match (is_partial, definition.as_deref().and_then(|sql| sql.split_once(" WHERE "))) {
            (false, _) => String::new(),
            // It names its columns without a table, so it applies to the innermost one.
            (true, Some((_, condition))) => format!(" AND ({condition})"),
            (true, None) => continue,
        };
        indexes.push(checked_index(name, table, source, key, &columns, &condition));
    }
    Ok(indexes)
}

fn checked_index(
    name: String,
    table: &str,
    source: &str,
    key: &[String],
    columns: &[String],
    condition: &str,
) -> CheckedIndex {
    let mut columns: Vec<String> = columns.iter().map(|column| quote(column)).collect();
    let of_key: Vec<String> = key.iter().filter(|column| !columns.contains(column)).cloned().collect();
    columns.extend(of_key);
    let is_same: String = columns.iter().map(|column| format!(" AND e.{column} IS r.{column}")).collect();
    let (table, index) = (quote(table), quote(&name));
    let entry = format!("SELECT 1 FROM {table} e INDEXED BY {index} WHERE true{condition}{is_same}");
    let missing = |range: &str| {
        format!("SELECT count(*) FROM {source} WHERE {range}{condition} AND NOT EXISTS ({entry})")
    };
    let len = key.len();
    let row = key.iter().map(|column| format!("r.{column}")).collect::<Vec<_>>().join(", ");
    let columns: Vec<String> = columns.iter().map(|column| format!("e.{column}")).collect();
    let until = |first: usize| format!("({row}) <= ({})", parameters(first, len));
    CheckedIndex {
        missing_first: missing(&until(1)),
        missing_next: missing(&format!("({row}) > ({}) AND {}", parameters(1, len), until(len + 1))),
        entries: format!(
            "SELECT {}, EXISTS (SELECT 1 FROM {source} WHERE true{condition}{is_same})
             FROM {table} e INDEXED BY {index} WHERE true{condition}",
            columns.join(", ")
        ),
        columns,
        name,
    }
}

fn parameters(first: usize, count: usize) -> String {
    (first..first + count).map(|number| format!("?{number}")).collect::<Vec<_>>().join(", ")
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::super::super::connect;
    use super::*;

    #[test]
    fn the_schema_has_what_the_check_assumes() {
        let dir = tempfile::tempdir().unwrap();
        let (sql, _lock) = connect::open_to_fill(dir.path()).unwrap();
        let tables = load(&sql).unwrap();
        assert!(tables.iter().any(|table| table.name == "jobs" && table.indexes.len() > 4));
        let count = |query: &str| sql.query_row(query, [], |row| row.get::<_, i64>(0)).unwrap();
        // Every index but those that hold the rows themselves, also partial ones, and the one on an expression.
        let indexes = count(
            "SELECT count(*) FROM pragma_table_list t, pragma_index_list(t.name) i
             WHERE t.schema = 'main' AND NOT (t.wr AND i.origin = 'pk') AND i.name <> 'repositories_by_lower_path'",
        );
        assert_eq!(tables.iter().map(|table| table.indexes.len() as i64).sum::<i64>(), indexes);
        // Keys in another order would be taken for damage.
        let others = count(
            "SELECT count(*) FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
             WHERE t.schema = 'main' AND t.wr AND i.origin = 'pk' AND c.key AND (c.desc OR c.coll <> 'BINARY')",
        );
        assert_eq!(others, 0);
        // An entry in a descending order would be taken for damage.
        let descending = count(
            "SELECT count(*) FROM pragma_table_list t, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
             WHERE t.schema = 'main' AND c.key AND (c.desc OR c.coll <> 'BINARY')",
        );
        assert_eq!(descending, 0);
        // Rows are read from the table, and looked up in the index alone.
        let plan = |query: &str| plan(&sql, query);
        for table in &tables {
            for index in &table.indexes {
                let plan = plan(&index.missing_next);
                let is_looked_up = plan.contains(&format!("SEARCH e USING COVERING INDEX {}", index.name))
                    || plan.contains(&format!("SEARCH e USING INDEX {}", index.name));
                assert!(is_looked_up && plan.starts_with("SEARCH r USING "), "{plan}");
                // Entries are read in their order from the index alone, and looked up in the table.
                let position = vec![Value::Integer(1); index.width()];
                for same in 0..index.width() {
                    let plan = self::plan(&sql, &index.next_entries(&position, same));
                    let entries =
                        ["COVERING INDEX", "INDEX"].map(|of| format!("SEARCH e USING {of} {}", index.name));
                    let is_read = entries.iter().any(|entries| plan.starts_with(entries));
                    assert!(
                        is_read && plan.contains("SEARCH r USING ") && !plan.contains("B-TREE"),
                        "{plan}"
                    );
                }
            }
            let plan = plan(&table.next_rows);
            assert!(plan.starts_with("SEARCH r USING ") && !plan.contains("B-TREE"), "{plan}");
        }
    }
    fn plan(sql: &Connection, query: &str) -> String {
        let mut statement = sql.prepare(&format!("EXPLAIN QUERY PLAN {query}")).unwrap();
        let values = vec![1; statement.parameter_count()];
        let details = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3)).unwrap();
        details.collect::<Result<Vec<String>>>().unwrap().join("\n")
    }
}
