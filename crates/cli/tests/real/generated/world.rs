//! The server under test with its repositories and users.

use crate::http::Connection;
use crate::server::{Server, Storage, Store};
use serde_json::{Value, json};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A repository that members use and administrators change.
pub const OPEN: i64 = 1_500_000_001;
/// A private repository. Callers who may change it do not name it, so its content remains private.
pub const MARKED: i64 = 1_500_000_002;
/// A text in the private repository, and in no request.
pub const SECRET: &str = "marker-0f3c9be2";

/// What no server changes on its own.
const STATE: [&str; 16] = [
    "users",
    "access_keys",
    "repositories",
    "counters",
    "members",
    "policies",
    "stage_limits",
    "merge_request_heads",
    "gate_rules",
    "gate_expectations",
    "gate_overrides",
    "pipeline_counts",
    "job_counts",
    "(SELECT id, user_id, name, scope FROM tokens WHERE kind = 'personal')",
    "(SELECT id, repository_id, url, description, pipelines, jobs, secret FROM webhooks)",
    "(SELECT id, repository_id, kind, url, project, token, choice, jobs, except_sources, enabled FROM destinations)",
];

/// The sender of a request.
pub struct Caller {
    pub name: &'static str,
    pub token: Option<String>,
    /// The user and the scope of its token.
    account: Option<(&'static str, &'static str)>,
    /// An access key with its secret.
    pub key: Option<(String, String)>,
    pub signs_in: bool,
    pub reads_marked: bool,
    /// Whether the caller may report to the other repository.
    pub reports: bool,
    /// Whether the caller may change the private repository.
    pub writes: bool,
}

pub struct World {
    pub server: Server,
    pub host: String,
    pub callers: Vec<Caller>,
    /// The token of an administrator that no request names.
    keeper: String,
    storage: Storage,
    database: rusqlite::Connection,
}

impl World {
    pub fn create() -> Self {
        let storage = Storage::new(Store::Sqlite);
        // Without the token, programs of this machine read the metrics without a credential.
        let token = storage.node(0).join("metrics-token");
        std::fs::create_dir_all(storage.node(0)).unwrap();
        std::fs::write(&token, "a token of the metrics").unwrap();
        let server = storage.ready_with(0, &["--metrics-token-file", token.to_str().unwrap()]);
        let mut connection = Connection::open(server.address());
        let mut send = |method: &str, path: &str, body: Value| {
            let response = connection.request(method, path, &body.to_string()).unwrap();
            assert!(response.status < 300, "{method} {path}: {response:?}");
            serde_json::from_str::<Value>(&response.body).unwrap_or_default()
        };
        let native = "/native/v1";
        for (id, path, visibility, uuid) in
            [(OPEN, "acme/open", "internal", "4"), (MARKED, "secret/marked", "private", "5")]
        {
            let body = json!({"id": id, "path": path, "visibility": visibility, "uuid": uuid.repeat(32)});
            send("POST", &format!("{native}/repositories"), body);
        }
        let secret =
            json!({"sha": format!("{:040x}", 0xabc0), "ref": "main", "name": SECRET, "status": "running"});
        send("POST", &format!("{native}/repositories/{MARKED}/reports"), secret);
        let mut callers = vec![caller("nobody")];
        callers.push(Caller { token: Some(format!("spt_{}", "0".repeat(64))), ..caller("an unknown token") });
        let users = [
            ("stranger", "", ""),
            ("reader", "read", "read"),
            ("reporter", "report", ""),
            ("manager", "manage", ""),
            ("victim", "read", ""),
            ("victim2", "", ""),
        ];
        for (name, open, marked) in users {
            let body = json!({"name": name, "password": "a password of victim"});
            send("POST", &format!("{native}/users"), body);
            for (repository, role) in [(OPEN, open), (MARKED, marked)] {
                if !role.is_empty() {
                    let path = format!("{native}/repositories/{repository}/members/{name}");
                    send("PUT", &path, json!({"role": role}));
                }
            }
            let key = send("POST", &format!("{native}/users/{name}/keys"), json!({}));
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            callers.push(Caller {
                account: Some((name, "full")),
                key: Some((text(&key["access"]), text(&key["secret"]))),
                signs_in: true,
                reads_marked: marked == "read",
                reports: ["report", "manage"].contains(&open),
                ..caller(name)
            });
        }
        callers.retain(|caller| !caller.name.starts_with("victim"));
        let short = send(
            "POST",
            &format!("{native}/users/manager/tokens"),
            json!({"name": "short", "scope": "full", "expires_at": soon()}),
        );
        let expired = short["token"].as_str().unwrap().to_owned();
        let read = Some(("manager", "read"));
        callers.push(Caller { account: read, signs_in: true, ..caller("manager, to read") });
        let admin = Caller {
            signs_in: true,
            reads_marked: true,
            reports: true,
            writes: true,
            account: Some(("admin", "full")),
            ..caller("admin")
        };
        callers.push(admin);
        send("POST", &format!("{native}/users"), json!({"name": "keeper", "admin": true}));
        let keeper =
            send("POST", &format!("{native}/users/keeper/tokens"), json!({"name": "t", "scope": "full"}));
        let keeper = keeper["token"].as_str().unwrap().to_owned();
        until_expired(&server, &expired);
        callers.push(Caller { token: Some(expired), ..caller("an expired token") });
        let file = storage.node(0).join("stagepost.db");
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let database = rusqlite::Connection::open_with_flags(file, flags).unwrap();
        let host = server.address().to_string();
        let mut world = Self { server, host, callers, keeper, storage, database };
        world.renew_tokens();
        world
    }

    /// Gives another token to the callers that have none any more: they signed out, or revoked it.
    pub fn renew_tokens(&mut self) {
        for caller in &mut self.callers {
            let Some((user, scope)) = caller.account else { continue };
            if caller.token.as_deref().is_some_and(|token| signs_in(&self.server, token)) {
                continue;
            }
            let mut connection = Connection::open(self.server.address()).with_token(&self.keeper);
            let body = json!({"name": "t", "scope": scope}).to_string();
            let path = format!("/native/v1/users/{user}/tokens");
            let response = connection.request("POST", &path, &body).unwrap();
            assert_eq!(response.status, 201, "{path}: {response:?}");
            let token: Value = serde_json::from_str(&response.body).unwrap();
            caller.token = token["token"].as_str().map(str::to_owned);
        }
    }

    /// A digest of what the store has.
    pub fn state(&self) -> Vec<(&'static str, u64)> {
        // A list of all repositories has the server write the reports of its journal to the tables first.
        let mut connection = Connection::open(self.server.address()).with_token(&self.keeper);
        let listed = connection.request("GET", "/native/v1/repositories?limit=1", "").unwrap();
        assert_eq!(listed.status, 200, "{listed:?}");
        let transaction = self.database.unchecked_transaction().unwrap();
        let digest = |table: &'static str| {
            let mut hasher = DefaultHasher::new();
            let mut statement = transaction.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let columns = statement.column_count();
            let mut rows = statement.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                (0..columns).for_each(|column| format!("{:?}", row.get_ref(column)).hash(&mut hasher));
            }
            (table, hasher.finish())
        };
        STATE.into_iter().map(digest).collect()
    }

    /// Stops the server and checks what it leaves.
    pub fn close(self) {
        let wrong = self.server.logged(&["panicked", "a handler panicked"]);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        drop(self.database);
        assert_eq!(self.server.terminate(), Some(0));
        self.storage.verify();
    }
}

fn caller(name: &'static str) -> Caller {
    Caller {
        name,
        token: None,
        account: None,
        key: None,
        signs_in: false,
        reads_marked: false,
        reports: false,
        writes: false,
    }
}

/// A time in a few seconds.
fn soon() -> String {
    let seconds = stagepost_client::system_clock() + 2;
    jiff::Timestamp::from_second(seconds).unwrap().to_string()
}

/// Whether the server accepts a token.
fn signs_in(server: &Server, token: &str) -> bool {
    let mut connection = Connection::open(server.address()).with_token(token);
    connection.request("GET", "/native/v1/whoami", "").unwrap().status != 401
}

/// Waits until the server refuses a token.
fn until_expired(server: &Server, token: &str) {
    while signs_in(server, token) {
        std::thread::yield_now();
    }
}
