//! Messages about stores: lost data, backups, verification, migration.

texts! {
    VerifyDifference =
        "仓库 {repository}，流水线 {pipeline}：{entity} {id} 的 {field} 为 {stored}，根据上报应为 {rebuilt}",
        "repository {repository}, pipeline {pipeline}: {entity} {id}: {field} is {stored}, expected {rebuilt} according to its reports";
    VerifyCountDifference =
        "仓库 {repository}：{entity} {id} 的 {field} 为 {stored}，应为 {rebuilt}",
        "repository {repository}: {entity} {id}: {field} is {stored}, expected {rebuilt}";
    VerifyDamaged = "数据库文件已损坏：{reason}", "the database file is damaged: {reason}";
    VerifySummary =
        "已校验 {repositories} 个仓库、{pipelines} 条流水线、{jobs} 个任务、{reports} 条上报：{differences} 处不一致",
        "verified {repositories} repositories, {pipelines} pipelines, {jobs} jobs, {reports} reports: {differences} differences";
    LossDatabaseMissing =
        "数据库 {path} 不存在或为空，但该数据目录曾被使用：请放回该文件，或用 stagepost restore --force 恢复备份；如果数据在 PostgreSQL 中，请指定 --database；如果确认放弃原有数据，请用 --accept-data-loss 启动",
        "the database {path} is missing or empty, but this data directory was in use: put the file back, or restore a backup with stagepost restore --force; if the data is in PostgreSQL, use --database; to give up the former data, start with --accept-data-loss";
    LossLogMissing =
        "预写日志 {path} 不存在，其中已确认的上报随之丢失：请放回该文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "the write-ahead log {path} is missing, and with it acknowledged reports: put the file back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossLogDamaged =
        "预写日志 {path} 从第 {reason} 页起损坏，其后已确认的上报无法读取：请恢复该文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "the write-ahead log {path} is damaged from page {reason} on, and the acknowledged reports after it cannot be read: put an undamaged copy back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossOtherStore =
        "{path} 不是该数据目录原来的数据库：请放回原来的文件；如需恢复备份，请使用 stagepost restore --force；如果确认使用这个数据库，请用 --accept-data-loss 启动",
        "{path} is not the former database of this data directory: put the former file back; to restore a backup, use stagepost restore --force; to use this database, start with --accept-data-loss";
    LossOtherDatabase =
        "该数据库不是本节点原来使用的数据库：请检查 --database 的 URL；如果确认使用这个数据库，请用 --accept-data-loss 启动",
        "this is not the former database of this node: check the URL of --database; to use this database, start with --accept-data-loss";
    LossOlder =
        "{path} 比该数据目录原来的数据库旧，缺少已确认的上报：请放回原来的文件；如需恢复备份，请使用 stagepost restore --force；如果数据已迁移到 PostgreSQL，请指定 --database；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "{path} is older than the former database of this data directory, and acknowledged reports are missing: put the former file back; to restore a backup, use stagepost restore --force; if the data was moved to PostgreSQL, use --database; to give up these reports, start with --accept-data-loss";
    LossDamaged =
        "数据库 {path} 已损坏（{reason}）：请用 stagepost restore --force 恢复备份",
        "the database {path} is damaged ({reason}): restore a backup with stagepost restore --force";
    LossJournalMissing =
        "journal 文件 {path} 不存在或为空，其中已确认的上报随之丢失：请放回该文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "the journal file {path} is missing or empty, and with it acknowledged reports: put the file back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossJournalDamaged =
        "journal 文件 {path} 已损坏，其中部分已确认的上报无法读取：请恢复该文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "the journal file {path} is damaged, and some of its acknowledged reports cannot be read: put an undamaged copy back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossOtherJournal =
        "{path} 不是该数据目录原来的 journal 文件，缺少已确认的上报：请放回原来的文件，或用 stagepost restore --force 恢复备份；如果确认放弃这些上报，请用 --accept-data-loss 启动",
        "{path} is not the former journal file of this data directory, and acknowledged reports are missing: put the former file back, or restore a backup with stagepost restore --force; to give up these reports, start with --accept-data-loss";
    LossJournalRefused =
        "数据库 {path} 的 journal 文件中，有上报无法按已确认的结果写入数据库（{reason}）：如果确认放弃 journal 文件中的上报，请用 --accept-data-loss 启动，journal 文件会另存为 *.damaged",
        "the journal of the database {path} contains reports that cannot be applied with the acknowledged results ({reason}): to give up the reports of the journal, start with --accept-data-loss, which keeps copies of the journal files as *.damaged";
    LossMarkDamaged =
        "{path} 已损坏，无法确认数据库是否完整：请用 stagepost verify 检查，然后用 --accept-data-loss 启动",
        "{path} is damaged, so the server cannot tell whether the database is complete: check it with stagepost verify, then start with --accept-data-loss";
    SchemaNewer =
        "数据库 {path} 的结构版本为 {found}，本程序最高支持版本 {known}：请使用更新版本的 stagepost，或用 stagepost restore --force 恢复升级前的备份（docs/operating/upgrade.md）",
        "the database {path} has schema {found}, and this program knows schemas up to {known}: use the newer version of stagepost, or restore a backup from before the upgrade with stagepost restore --force (docs/operating/upgrade.md)";
    SchemaNewerDatabase =
        "数据库的结构版本为 {found}，本程序最高支持版本 {known}：请使用更新版本的 stagepost，或恢复升级前的 PostgreSQL 备份（docs/operating/upgrade.md）",
        "the database has schema {found}, and this program knows schemas up to {known}: use the newer version of stagepost, or restore a backup of PostgreSQL from before the upgrade (docs/operating/upgrade.md)";
    OfflineReadOnly =
        "{path} 位于只读介质上：无法修改其中的数据",
        "{path} is on a read-only medium: its data cannot be changed";
    NotEmpty = "{path} 不为空", "{path} is not empty";
    RestoreNotEmpty = "{path} 不为空：使用 --force 覆盖其中的内容", "{path} is not empty: use --force to replace its contents";
    BackupNeedsSqlite =
        "数据存储在 PostgreSQL 中：请使用 PostgreSQL 的备份工具，或用 stagepost migrate 复制到 SQLite",
        "the store is in PostgreSQL: use the PostgreSQL backup tools, or copy it to SQLite with stagepost migrate";
    Copying = "复制", "copying";
    Comparing = "比较", "comparing";
    MigrateSummary =
        "已迁移 {rows} 行到 {destination}，每张表的行数和校验和均一致",
        "migrated {rows} rows to {destination}; row counts and checksums of all tables are equal";
    MigrateDiffers =
        "{tables} 张表不一致：源数据可能在复制期间有写入。请清空目标后重新迁移",
        "{tables} tables differ: the source may have been written to during the copy. Empty the destination and migrate again";
}
