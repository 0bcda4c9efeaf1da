//! Data that an earlier version wrote: the current binary opens, restores, migrates and serves it, with the
//! output of the earlier version. `crates/cli/tests/migrations` contains the data; its README files describe
//! it.

mod fixture;
mod interrupted;
mod webhooks;

use crate::http::Connection;
use crate::server::Server;
use fixture::{Fixture, admin_reads, run, run_json};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use testkit::postgres::Cluster;

/// Every commit whose data must still open.
const VERSIONS: [&str; 2] = ["19cc204", "1328c89"];
/// The watchdog and the retention policies change nothing while a test compares.
const QUIET: [&str; 2] = ["--upkeep-every", "1d"];
/// The timeout of every wait in these tests.
const HANGS: Duration = Duration::from_secs(60);

const MAIN: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const DEV: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
const TAG: &str = "dddddddddddddddddddddddddddddddddddddddd";

#[test]
fn a_data_directory_opens_with_all_that_is_in_it() {
    for version in VERSIONS {
        let (fixture, data) = (Fixture::of(version), tempfile::tempdir().unwrap());
        fixture.unpack("data", data.path());
        let server = Server::ready_with(data.path(), &QUIET);
        all_is_there(&fixture, data.path(), &server, None);
        assert_eq!(server.terminate(), Some(0));
        // New data continues the ids of the earlier version, and is present after a second start.
        let server = Server::ready_with(data.path(), &QUIET);
        new_reports_are_recorded(data.path(), &server, None);
        assert_eq!(server.terminate(), Some(0));
        let verified = run_json(data.path(), "verify");
        assert_eq!((&verified["differences"], &verified["reports"]), (&json!(0), &json!(120)), "{verified}");
    }
}

#[test]
fn a_backup_is_restored_with_all_that_is_in_it() {
    for version in VERSIONS {
        let fixture = Fixture::of(version);
        let (backup, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fixture.unpack("backup", backup.path());
        run_json(data.path(), &format!("restore --from {}", backup.path().display()));
        // The first start migrates the restored store.
        assert_eq!(Server::ready_with(data.path(), &QUIET).terminate(), Some(0));
        let verified = run_json(data.path(), &format!("verify {}", data.path().display()));
        assert_eq!(verified, fixture.expected["commands"]["verify"], "after the migration");
        let server = Server::ready_with(data.path(), &QUIET);
        all_is_there(&fixture, data.path(), &server, None);
        new_reports_are_recorded(data.path(), &server, None);
        assert_eq!(server.terminate(), Some(0));
    }
}

#[test]
fn a_data_directory_moves_to_postgres_with_all_that_is_in_it() {
    for version in VERSIONS {
        let (fixture, data) = (Fixture::of(version), tempfile::tempdir().unwrap());
        fixture.unpack("data", data.path());
        // Data of an earlier version can be migrated after the current version has opened it.
        assert_eq!(Server::ready_with(data.path(), &QUIET).terminate(), Some(0));
        let database = Cluster::shared().database();
        let store = database.url.as_str();
        let moved =
            run_json(data.path(), &format!("migrate --from sqlite:{} --to {store}", data.path().display()));
        let moved = moved.as_array().unwrap();
        assert!(moved.iter().all(|table| table["equal"] == json!(true)), "{moved:?}");
        for (name, rows) in [
            ("repositories", 6),
            ("users", 4),
            ("access_keys", 3),
            ("tokens", 4),
            ("members", 9),
            ("pipelines", 25),
            ("stages", 57),
            ("jobs", 110),
            ("reports", 115),
            ("events", 37),
            ("policies", 1),
            ("stage_limits", 2),
            ("merge_requests", 2),
            ("webhooks", 3),
            ("deliveries", 46),
        ] {
            let table = moved.iter().find(|table| table["table"] == name);
            assert_eq!(table.map(|table| &table["rows"]), Some(&json!(rows)), "{name}: {moved:?}");
        }
        let server = Server::ready_with(data.path(), &[&QUIET[..], &["--database", store]].concat());
        all_is_there(&fixture, data.path(), &server, Some(store));
        new_reports_are_recorded(data.path(), &server, Some(store));
        assert_eq!(server.terminate(), Some(0));
    }
}

/// Reports that were acknowledged shortly before the kill are in the write-ahead log alone, and of a pipeline that was
/// being deleted some jobs and reports are left.
#[test]
fn what_a_killed_server_left_is_read_and_its_deletion_ends() {
    for version in VERSIONS {
        let (fixture, data) = (Fixture::of(version), tempfile::tempdir().unwrap());
        let data = data.path();
        fixture.unpack("killed", data);
        assert_eq!(without_the_log(data), 2, "the fixture's third pipeline is in the log");
        let mut server = Server::ready_with(data, &QUIET);
        let pipelines = run_json(data, "pipelines --repo acme/killed");
        let shown = |n: usize| ["id", "ref", "status"].map(|name| pipelines[n][name].clone());
        assert_eq!(shown(0), [json!(3), json!("dev"), json!("running")], "{pipelines}");
        assert_eq!(shown(1), [json!(2), json!("main"), json!("success")], "{pipelines}");
        assert_eq!(pipelines.as_array().unwrap().len(), 2, "{pipelines}");
        let job = &run_json(data, "jobs 3 --repo acme/killed")[0];
        let fields = ["id", "name", "third_build_id", "status"].map(|name| &job[name]);
        assert_eq!(fields, [&json!(303), &json!("in the log"), &json!("w1"), &json!("running")], "{job}");
        let verified = run_json(data, "verify");
        assert_eq!(verified["differences"], 0, "{verified}");
        assert!(verified["jobs"] == 53 || verified["jobs"] == 3, "{verified}");
        server.kill();

        let server = Server::ready_with(data, &["--upkeep-every", "1s"]);
        let mut connection = Connection::open(server.address());
        let mut deleted = |what: &str| {
            let metrics = connection.request("GET", "/metrics", "").unwrap().body;
            metrics.lines().any(|line| line == format!("stagepost_pruned_{what}_total 50"))
        };
        let began = Instant::now();
        while !(deleted("jobs") && deleted("reports")) {
            assert!(began.elapsed() < HANGS, "the deletion did not end:\n{}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(server.terminate(), Some(0));
        let verified = run_json(data, "verify");
        let counts = ["pipelines", "jobs", "reports", "differences"].map(|name| &verified[name]);
        assert_eq!(counts, [&json!(2), &json!(3), &json!(3), &json!(0)], "{verified}");
    }
}

/// The number of pipelines in the database file of a killed server without its write-ahead log.
fn without_the_log(data: &Path) -> i64 {
    let alone = tempfile::tempdir().unwrap();
    let file = alone.path().join("stagepost.db");
    std::fs::copy(data.join("stagepost.db"), &file).unwrap();
    let database = rusqlite::Connection::open(&file).unwrap();
    database.query_row("SELECT count(*) FROM pipelines", [], |row| row.get(0)).unwrap()
}

/// The current binary prints the output of the earlier one, and all credentials are accepted as before.
fn all_is_there(fixture: &Fixture, data: &Path, server: &Server, store: Option<&str>) {
    fixture.prints_the_same(data, server.address(), store);
    credentials_sign_in(fixture, data, server.address());
    some_values(data);
}

/// The most important values in the code, so that they cannot change unnoticed with the file of the fixture.
fn some_values(data: &Path) {
    let repositories = run_json(data, "repo list");
    let paths: Vec<&str> =
        repositories.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    let demo = ["demo/cicd", "platform/gateway", "shop/checkout", "shop/web"];
    assert_eq!(paths, [&["acme/archive", "acme/legacy"], &demo[..]].concat());
    let states = |line: &str, fields: &[&str]| {
        let found = run_json(data, line);
        let text = |one: &Value, name: &&str| one[*name].to_string().replace('"', "");
        let row = |one| fields.iter().map(|name| text(one, name)).collect::<Vec<_>>().join(" ");
        found.as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(
        states("pipelines --repo acme/legacy --all", &["id", "ref", "status", "job_count", "version"]),
        [
            "9 release success 1 1",
            "8 release success 1 1",
            "6 once success 1 1",
            "5 refs/merge-requests/8/head skipped 1 1",
            "4 refs/merge-requests/7/head success 2 2",
            "3 dev running 2 2",
            "2 main failed 6 8",
            "1 v1.0 failed 1 2",
        ]
    );
    assert_eq!(
        states(
            "jobs 2 --repo acme/legacy",
            &["id", "stage", "name", "attempt", "newest", "status", "third_build_id"]
        ),
        [
            "2 build build 1 false failed b1",
            "3 build build 2 true success b2",
            "4 test 单元测试 1 true success u1",
            "5 test lint 1 false failed null",
            "6 test lint 2 true success null",
            "7 deploy stuck 1 true failed d1",
        ]
    );
    let history = |job: u8| {
        let fields =
            ["report_id", "reporter", "dialect", "authority", "status", "effect", "status_after", "reason"];
        states(&format!("jobs history {job} --repo acme/legacy"), &fields)
    };
    assert_eq!(
        history(1),
        [
            "1 admin native reporter running created running null",
            "2 null watchdog watchdog timedout changed timedout 1s",
        ]
    );
    assert_eq!(
        history(3),
        [
            "4 admin native reporter success created success null",
            "5 admin native reporter running late success null",
            "6 admin native reporter success repeated success null",
        ]
    );
    assert_eq!(
        history(7),
        [
            "11 admin native reporter running created running null",
            "12 admin native operator failed changed failed the agent was lost",
        ]
    );
    let members = states("member list --repo acme/legacy", &["user", "role"]);
    assert_eq!(members, ["admin manage", "alice manage", "bob read", "carol report"]);
    let webhooks =
        states("webhook list --repo acme/legacy", &["id", "description", "events", "disabled_why"]);
    assert_eq!(webhooks, ["1 taken [pipeline,job] null", "2 broken [pipeline] manual", "3 gone [job] gone"]);
    for (webhook, state, count) in [(1, "delivered", 31), (2, "pending", 14), (3, "failed", 1)] {
        let line = format!("webhook deliveries {webhook} --repo acme/legacy --limit 100");
        assert_eq!(states(&line, &["state"]), vec![state; count], "{line}");
    }
    let merge_requests = states("mr list --repo acme/legacy", &["iid", "source_branch", "head_pipeline"]);
    assert_eq!(merge_requests, ["8 null {id:5,status:skipped}", "7 feature {id:4,status:success}"]);
    assert_eq!(
        run_json(data, "repo policy acme/legacy"),
        json!({"silence_limit": 7200, "stage_limits": {"deploy": 21600, "manual": null}, "keep_for": null,
               "keep_per_ref": 2})
    );
}

/// Tokens, access keys and passwords of the earlier version are valid, and others are not.
fn credentials_sign_in(fixture: &Fixture, data: &Path, address: SocketAddr) {
    let who = |environment: &[(&str, &str)]| {
        let output = run(data, environment, &["--json", "whoami"]);
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    };
    let full = |name: &str, admin: bool| {
        (Some(0), json!({"user": name, "admin": admin, "scope": "full", "repositories": null}))
    };
    let admin = ("FIXTUREADMINKEY00001", "fixtureAdminSecretThatProtectsNothing001");
    let alice = ("FIXTUREALICEKEY00001", "fixtureAliceSecretThatProtectsNothing001");
    let key = |access, secret| who(&[("STAGEPOST_AK", access), ("STAGEPOST_SK", secret)]);
    assert_eq!(who(&[]), full("admin", true), "by the file of the first administrator");
    assert_eq!(who(&[("STAGEPOST_TOKEN", crate::server::TOKEN)]), full("admin", true));
    assert_eq!(key(admin.0, admin.1), full("admin", true));
    assert_eq!(key(alice.0, alice.1), full("alice", false));
    assert_eq!(key(alice.0, admin.1), (Some(4), Value::Null), "the secret of another key");
    let carol = fixture.expected["credentials"]["carol_token"].as_str().unwrap();
    assert_eq!(
        who(&[("STAGEPOST_TOKEN", carol)]),
        (Some(0), json!({"user": "carol", "admin": false, "scope": "report", "repositories": [7]}))
    );
    let password = |name: &str, password: &str| {
        let user = json!({"name": name, "domain": {"name": "stagepost"}, "password": password});
        let body = json!({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}});
        Connection::open(address).request("POST", "/v3/auth/tokens", &body.to_string()).unwrap().status
    };
    assert_eq!(password("admin", "correct horse battery staple"), 201);
    assert_eq!(password("alice", "fixture password of alice"), 201);
    assert_eq!(password("alice", "correct horse battery staple"), 401);
}

/// Ids, attempts and event numbers continue from their last values.
fn new_reports_are_recorded(data: &Path, server: &Server, store: Option<&str>) {
    let mut connection = Connection::open(server.address());
    let mut report = |body: Value| {
        let response =
            connection.request("POST", "/native/v1/repositories/7/reports", &body.to_string()).unwrap();
        let receipt: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!(response.status, 201, "{receipt}");
        let names = ["report_id", "pipeline_id", "stage_id", "job_id", "attempt"];
        let numbers = names.map(|name| receipt[name].as_i64().unwrap());
        let names = ["effect", "status", "pipeline_status"];
        (numbers, names.map(|name| receipt[name].as_str().unwrap().to_owned()).join(" "))
    };
    let build = json!({"sha": MAIN, "ref": "main", "stage": "build", "name": "build", "status": "success"});
    let with = |more: Value| {
        let mut body = build.clone();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    // An attempt that is known, the next one, and a new pipeline.
    let repeated = with(json!({"third_build_id": "b2", "occurred_at": "2026-03-01T10:05:00Z"}));
    assert_eq!(report(repeated), ([22, 2, 2, 3, 2], "repeated success failed".to_owned()));
    let next = with(json!({"third_build_id": "b3", "status": "running"}));
    assert_eq!(report(next), ([23, 2, 2, 17, 3], "created running running".to_owned()));
    let fresh = with(json!({"sha": "9".repeat(40)}));
    assert_eq!(report(fresh), ([24, 10, 12, 18, 1], "created success success".to_owned()));
    // A result of the build system takes precedence over the watchdog's; running jobs continue.
    let late = json!({"sha": TAG, "ref": "v1.0", "name": "smoke", "status": "success", "third_build_id": "s1",
                      "source": "jenkins", "pipeline_key": "nightly"});
    assert_eq!(report(late), ([25, 1, 1, 1, 1], "changed success success".to_owned()));
    let approve = json!({"sha": DEV, "ref": "dev", "stage": "manual", "name": "approve", "status": "success",
                         "third_build_id": "m1"});
    let (numbers, states) = report(approve);
    assert_eq!((numbers, states.split(' ').next()), ([26, 3, 5, 8, 1], Some("changed")), "{states}");

    let deliveries = run_json(data, "webhook deliveries 1 --repo acme/legacy --limit 100");
    let mut events: Vec<i64> =
        deliveries.as_array().unwrap().iter().filter_map(|one| one["event"].as_i64()).collect();
    events.sort_unstable();
    events.dedup();
    assert_eq!(events[events.len() - 4..], [21, 22, 23, 24], "four changes after the twenty that were");
    let verified = run_json(data, format!("verify {}", store.unwrap_or_default()).trim_end());
    assert_eq!((&verified["differences"], &verified["reports"]), (&json!(0), &json!(120)), "{verified}");
    let archive = admin_reads(server.address(), "/native/v1/repositories/8/jobs/1/history");
    assert_eq!(archive["history"][0]["status"], "canceled", "{archive}");
}
