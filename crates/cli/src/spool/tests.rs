//! Tests of the spool.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

fn entry(key: &str, status: &str) -> Entry {
    let report =
        Report { sha: "a".repeat(40), name: "unit".into(), status: status.into(), ..Report::default() };
    Entry {
        server: "http://127.0.0.1:8080".into(),
        repository: "acme/demo".into(),
        idempotency_key: key.into(),
        report,
        claim: None,
        has_explicit_build_id: false,
    }
}

fn names(directory: &Path, folder: &str) -> Vec<String> {
    let entries = fs::read_dir(directory.join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn statuses(spool: &Spool) -> Vec<String> {
    let paths = spool.paths().unwrap();
    paths.iter().map(|path| read(path).unwrap().unwrap().report.status).collect()
}

#[test]
fn reports_keep_their_order_over_processes_and_refusals() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path()).unwrap();
    let first = spool.add(&entry("a", "running")).unwrap();
    spool.add(&entry("b", "success")).unwrap();
    assert_eq!(statuses(&Spool::open(directory.path()).unwrap()), ["running", "success"]);
    let refused = spool.refuse(&first, Some(&entry("a", "running")), "sha: short").unwrap();
    let text = fs::read_to_string(&refused).unwrap();
    assert!(text.contains("sha: short") && text.contains("\"idempotency_key\":\"a\""), "{text}");
    for path in spool.paths().unwrap() {
        spool.refuse(&path, Some(&entry("b", "success")), "no").unwrap();
    }
    let third = spool.add(&entry("c", "failed")).unwrap();
    assert!(third.ends_with("00000000000000000003.json"), "a number is not used twice: {third:?}");
    assert_eq!(spool.refusal("a").unwrap().as_deref(), Some("sha: short"));
    assert_eq!(spool.refusal("c").unwrap(), None, "it waits");
}

#[test]
fn only_the_owner_reads_the_reports() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(&directory.path().join("spool")).unwrap();
    let path = spool.add(&entry("a", "running")).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(spool.directory())), (0o600, 0o700));
}

#[test]
fn the_end_of_a_process_that_was_killed_is_sent_once() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path()).unwrap();
    let job = spool.begin(&entry("start", "running"), &entry("end", "canceled")).unwrap();
    spool.recover().unwrap();
    assert_eq!(statuses(&spool), ["running"], "its process runs");
    spool.finish(&job, &entry("end", "success")).unwrap();
    spool.recover().unwrap();
    assert_eq!(statuses(&spool), ["running", "success"]);

    // Killed: the lock is released.
    drop(spool.begin(&entry("other-start", "running"), &entry("other", "canceled")).unwrap());
    spool.recover().unwrap();
    spool.recover().unwrap();
    assert_eq!(statuses(&spool), ["running", "success", "running", "canceled"]);
    assert_eq!(names(directory.path(), RUNNING), [""; 0]);

    // Its end was sent in another way.
    let job = spool.begin(&entry("third-start", "running"), &entry("third", "canceled")).unwrap();
    spool.abandon(&job);
    drop(job);
    spool.recover().unwrap();
    assert_eq!(statuses(&spool).len(), 5);
}

#[test]
fn a_full_disk_neither_hides_an_end_nor_invents_one() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path()).unwrap();
    // No file can be written under the name of a directory.
    let block = |name: &str| fs::create_dir(directory.path().join(name)).unwrap();
    block("pending/00000000000000000001.new");
    let begun = spool.begin(&entry("start", "running"), &entry("end", "canceled"));
    assert!(
        begun.is_err() && names(directory.path(), RUNNING).is_empty(),
        "the command is reported directly"
    );
    fs::remove_dir(directory.path().join("pending/00000000000000000001.new")).unwrap();

    let job = spool.begin(&entry("start", "running"), &entry("end", "canceled")).unwrap();
    block("running/end.new");
    spool.finish(&job, &entry("end", "failed")).unwrap();
    assert_eq!(statuses(&spool), ["running", "failed"]);

    // Neither a new file nor the room can be written: the recorded end is wrong, and is not sent later.
    let job = spool.begin(&entry("next", "running"), &entry("other", "canceled")).unwrap();
    block("running/other.new");
    fs::remove_file(directory.path().join("running/other.room")).unwrap();
    block("running/other.room");
    spool.finish(&job, &entry("other", "success")).unwrap_err();
    drop(job);
    for blocked in names(directory.path(), RUNNING) {
        fs::remove_dir(directory.path().join(RUNNING).join(blocked)).unwrap();
    }
    spool.recover().unwrap();
    assert_eq!(statuses(&spool), ["running", "failed", "running"]);

    let path = spool.paths().unwrap().remove(0);
    block("refused/00000000000000000001.new");
    let refused = spool.refuse(&path, Some(&entry("start", "running")), "no").unwrap();
    assert_eq!((statuses(&spool).len(), refused.exists()), (2, true));
    assert_eq!(spool.refusal("start").unwrap().as_deref(), Some(""));
}

#[test]
fn a_half_written_file_is_no_report() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path()).unwrap();
    fs::write(directory.path().join("pending/1.new"), "{\"serv").unwrap();
    spool.recover().unwrap();
    assert!(spool.paths().unwrap().is_empty());
    assert!(!directory.path().join("pending/1.new").exists());
    let other = directory.path().join("pending/1.json");
    fs::write(&other, "no report").unwrap();
    assert!(read(&other).is_err());
    assert!(spool.refuse(&other, None, "").unwrap().exists());
    assert_eq!(read(&other).unwrap(), None, "a file that is gone is no error");
    fs::write(&other, "{\"server\":").unwrap();
    assert!(is_no_report(&read(&other).unwrap_err()));
    fs::remove_file(&other).unwrap();
    fs::create_dir(&other).unwrap();
    assert!(!is_no_report(&read(&other).unwrap_err()), "its content is not known");
}

#[test]
fn a_full_spool_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path()).unwrap();
    for number in 1..MAX_PENDING {
        File::create(spool.pending(number as u64)).unwrap();
    }
    let error = spool.begin(&entry("a", "running"), &entry("b", "canceled")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded, "a start without its end");
    spool.add(&entry("a", "running")).unwrap();
    let error = spool.add(&entry("b", "running")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::QuotaExceeded);
}

#[test]
fn one_process_sends_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let spool = Spool::open(directory.path()).unwrap();
    let lock = spool.try_lock_sending().unwrap();
    assert!(lock.is_some() && spool.try_lock_sending().unwrap().is_none());
    drop(lock);
    assert!(spool.try_lock_sending().unwrap().is_some());
}
