//! An older program on a store of a newer version: the refusal, and the way back with a backup.

use crate::command::{failure, json_output, start_error, stdout};
use crate::server::Server;
use std::path::Path;
use testkit::postgres::Cluster;

/// The content of the files of a store.
fn content(data: &Path) -> Vec<Vec<u8>> {
    let names = ["stagepost.db", "stagepost.journal-0", "stagepost.journal-1", "stagepost.mark"];
    names.iter().map(|name| std::fs::read(data.join(name)).unwrap()).collect()
}

#[test]
fn an_older_program_refuses_a_newer_store_and_changes_nothing() {
    let (data, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (data, backup) = (data.path(), backup.path().join("before"));
    let server = Server::ready(data);
    stdout(data, "repo add acme/demo --id 7");
    stdout(data, &format!("backup --to {}", backup.display()));
    stdout(data, "repo add acme/later --id 8");
    assert_eq!(server.terminate(), Some(0));

    let sql = rusqlite::Connection::open(data.join("stagepost.db")).unwrap();
    let known: u32 = sql.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    sql.pragma_update(None, "user_version", known + 1).unwrap();
    drop(sql);
    let before = content(data);

    let newer = format!("has schema {}, and this program knows schemas up to {known}", known + 1);
    let english = start_error("en", data, "");
    assert!(english.contains(&newer) && english.contains("stagepost restore --force"), "{english}");
    let chinese = start_error("zh", data, "");
    let newer_zh = format!("结构版本为 {}，本程序最高支持版本 {known}", known + 1);
    assert!(chinese.starts_with("错误：数据库 ") && chinese.contains(&newer_zh), "{chinese}");
    let copy = data.join("copy");
    for command in [
        "repo list --offline".to_owned(),
        "verify".to_owned(),
        format!("backup --to {}", copy.display()),
        format!("restore --from {} --data {}", data.display(), copy.display()),
        format!("migrate --from sqlite:{} --to sqlite:{}", data.display(), copy.display()),
    ] {
        let (code, message) = failure(data, &command);
        assert!(code == Some(1) && message.contains(&newer), "{command}: {message}");
    }
    assert!(content(data) == before, "a refused start changes the store");

    stdout(data, &format!("restore --force --from {}", backup.display()));
    let server = Server::ready(data);
    let repositories = json_output(data, "repo list");
    assert_eq!(repositories.as_array().unwrap().len(), 1, "those of the backup: {repositories}");
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn an_older_node_refuses_a_newer_database() {
    let database = Cluster::shared().database();
    let data = tempfile::tempdir().unwrap();
    let data = data.path();
    let argument = format!("--database {}", database.url);
    let start = || Server::ready_with(data, &["--database", &database.url]);
    assert_eq!(start().terminate(), Some(0));
    database.sql("INSERT INTO schema_version SELECT max(version) + 1 FROM schema_version");
    let found = database.sql("SELECT max(version) FROM schema_version");
    let english = start_error("en", data, &argument);
    assert!(
        english.contains(&format!("the database has schema {found}, and this program knows")),
        "{english}"
    );
    assert!(english.contains("restore a backup of PostgreSQL"), "{english}");
    let chinese = start_error("zh", data, &argument);
    assert!(chinese.contains(&format!("数据库的结构版本为 {found}，")), "{chinese}");
    database.sql("DELETE FROM schema_version WHERE version = (SELECT max(version) FROM schema_version)");
    assert_eq!(start().terminate(), Some(0), "the refused start changed nothing");
}
