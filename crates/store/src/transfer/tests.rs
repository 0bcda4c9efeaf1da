//! The descriptions of the tables match the schema.

use super::*;
use std::collections::BTreeSet;

#[test]
fn every_table_and_column_is_described() {
    let dir = tempfile::tempdir().unwrap();
    let (sql, _lock) = sqlite::open_to_fill(dir.path()).unwrap();
    let sql: &dyn Sql = &sql;
    let names =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";
    let actual: BTreeSet<String> = sql.all(names, &[]).unwrap().into_iter().collect();
    let mut described: BTreeSet<String> = ALL.iter().map(|table| table.name.to_owned()).collect();
    // Of SQLite alone. The journal is applied before a transfer.
    described.extend(["journal", "journal_applied"].map(str::to_owned));
    assert_eq!(described, actual);
    for table in ALL {
        let columns = "SELECT name,
            CASE type WHEN 'INTEGER' THEN 'Int' WHEN 'REAL' THEN 'Real' WHEN 'TEXT' THEN 'Text' ELSE 'Blob' END
            FROM pragma_table_info(?1)";
        let actual: BTreeSet<(String, String)> =
            sql.all(columns, values![table.name]).unwrap().into_iter().collect();
        let described = table
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), format!("{:?}", column.kind)))
            .collect();
        assert_eq!(actual, described, "{}", table.name);
        let keys = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
        let actual: Vec<String> = sql.all(keys, values![table.name]).unwrap();
        let described: Vec<&str> = table.key_columns().collect();
        assert_eq!(actual, described, "{}", table.name);
        let referenced: Vec<String> =
            sql.all("SELECT \"table\" FROM pragma_foreign_key_list(?1)", values![table.name]).unwrap();
        let position = |name: &str| ALL.iter().position(|table| table.name == name);
        assert!(
            referenced.iter().all(|name| position(name) < position(table.name)),
            "{} must follow the tables that it references",
            table.name
        );
    }
    let serial = "SELECT name FROM sqlite_schema WHERE instr(sql, 'AUTOINCREMENT') > 0";
    for name in sql.all::<String>(serial, &[]).unwrap() {
        assert!(SERIAL.iter().any(|table| table.name == name), "{name}");
    }
}
