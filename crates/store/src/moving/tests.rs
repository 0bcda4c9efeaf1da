//! The description of the tables is that of the engine.

use super::*;
use std::collections::BTreeSet;

#[test]
fn every_table_and_column_is_moved() {
    let dir = tempfile::tempdir().unwrap();
    let (sql, _lock) = sqlite::open_to_fill(dir.path()).unwrap();
    let sql: &dyn Sql = &sql;
    let names =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";
    let there: BTreeSet<String> = sql.all(names, &[], |row| row.get(0)).unwrap().into_iter().collect();
    let moved: BTreeSet<String> = ALL.iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(moved, there);
    for table in ALL {
        let columns = "SELECT name, CASE type WHEN 'INTEGER' THEN 'Int' WHEN 'REAL' THEN 'Real' WHEN 'TEXT' THEN 'Text' ELSE 'Blob' END
            FROM pragma_table_info(?1)";
        let read = |row: &dyn crate::sql::Row| Ok((row.get::<String>(0)?, row.get::<String>(1)?));
        let there: BTreeSet<_> = sql.all(columns, values![table.name], read).unwrap().into_iter().collect();
        let told = table
            .columns
            .iter()
            .map(|column| (column.name.to_owned(), format!("{:?}", column.kind)))
            .collect();
        assert_eq!(there, told, "{}", table.name);
        let keys = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
        let key: Vec<String> = sql.all(keys, values![table.name], |row| row.get(0)).unwrap();
        let told: Vec<&str> = table.columns.iter().take(table.key).map(|column| column.name).collect();
        assert_eq!(key, told, "{}", table.name);
        let points_to: Vec<String> = sql
            .all("SELECT \"table\" FROM pragma_foreign_key_list(?1)", values![table.name], |row| row.get(0))
            .unwrap();
        let place = |name: &str| ALL.iter().position(|table| table.name == name);
        assert!(points_to.iter().all(|of| place(of) < place(table.name)), "{} comes too early", table.name);
    }
    let given = "SELECT name FROM sqlite_schema WHERE instr(sql, 'AUTOINCREMENT') > 0";
    for name in sql.all(given, &[], |row| row.get::<String>(0)).unwrap() {
        assert!(SERIAL.iter().any(|table| table.name == name), "{name}");
    }
}
