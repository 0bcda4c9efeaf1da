//! `login`, `profile` and `logout` with the real binary and server.

use crate::server::{Server, TOKEN};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A home directory, and a working directory without a data directory.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(home.0.path().join("work")).unwrap();
        home
    }

    fn credentials(&self) -> PathBuf {
        self.0.path().join("stagepost/credentials.toml")
    }

    fn run(&self, line: &str, stdin: &str, variables: &[(&str, &str)]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stagepost"))
            .env_clear()
            .env("XDG_CONFIG_HOME", self.0.path())
            .envs(variables.iter().copied())
            .current_dir(self.0.path().join("work"))
            .args(["--lang", "en"])
            .args(line.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that reads no stdin may have ended.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn code(&self, line: &str) -> Option<i32> {
        self.run(line, "", &[]).status.code()
    }

    fn user(&self, line: &str, variables: &[(&str, &str)]) -> String {
        let output = self.run(line, "", variables);
        let identity: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        identity["user"].as_str().unwrap_or_default().to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Another user, and a token of that user.
fn second_user(home: &Home, url: &str) -> String {
    let admin = [("STAGEPOST_SERVER", url), ("STAGEPOST_TOKEN", TOKEN)];
    assert!(home.run("user add li", "", &admin).status.success());
    let output = home.run("--json token create cli --user li", "", &admin);
    let token: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    token["token"].as_str().unwrap().to_owned()
}

#[test]
fn a_checked_token_is_kept_for_the_user_only() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let url = format!("http://{}", server.address());
    let home = Home::new();
    let li = second_user(&home, &url);

    let wrong = home.run(&format!("login --server {url}"), "spt_wrong\n", &[]);
    assert_eq!(wrong.status.code(), Some(4), "{}", text(&wrong.stderr));
    assert!(!home.credentials().exists(), "a token that the server refuses is not stored");
    assert_eq!(home.run(&format!("login --server {url}"), "\n", &[]).status.code(), Some(2));

    let output = home.run(&format!("login --server {url}/"), &format!("{TOKEN}\r\n"), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), format!("default\t{url}\tadmin\ttrue\n"));
    assert_eq!((mode(&home.credentials()), mode(home.credentials().parent().unwrap())), (0o600, 0o700));
    assert_eq!(home.user("--json whoami", &[]), "admin", "no further setting is needed");

    // A second profile of the same server, and the choice between them.
    let output = home.run("login --profile li", &li, &[]);
    assert!(output.status.success(), "the server of the current profile: {}", text(&output.stderr));
    assert_eq!(home.user("--json whoami", &[]), "li", "the last login is current");
    assert_eq!(home.user("--json whoami --profile default", &[]), "admin");
    assert_eq!(home.user("--json whoami", &[("STAGEPOST_PROFILE", "default")]), "admin");
    let shown = text(&home.run("config show", "", &[]).stdout);
    assert!(shown.contains(&format!("server\t{url}\tprofile li\n")), "{shown}");
    assert_eq!(home.user("--json --profile default whoami", &[("STAGEPOST_TOKEN", li.as_str())]), "admin");
    assert_eq!(home.code("profile use default"), Some(0));
    assert_eq!(home.user("--json whoami", &[]), "admin");
    let list = text(&home.run("profile list", "", &[]).stdout);
    assert_eq!(list, format!("default\t{url}\tadmin\ttrue\nli\t{url}\tli\tfalse\n"));
    assert!(!list.contains("spt_"));
    let unknown = home.run("whoami --profile other", "", &[]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("default, li"), "{}", text(&unknown.stderr));

    assert_eq!(home.code("logout --profile li"), Some(0));
    assert_eq!(home.code("profile delete li"), Some(2), "it is gone");
    assert_eq!(home.code("logout"), Some(0));
    assert_eq!(home.code("logout"), Some(2), "no user is signed in");
    assert!(!std::fs::read_to_string(home.credentials()).unwrap().contains("spt_"));
}

#[test]
fn a_token_goes_to_the_server_of_its_profile_only() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (one, other) = (Server::ready(first.path()), Server::ready(second.path()));
    let urls = [&one, &other].map(|server| format!("http://{}", server.address()));
    let home = Home::new();
    assert!(home.run(&format!("login --server {}", urls[0]), TOKEN, &[]).status.success());
    // The other server has the same administrator's token, which would be accepted.
    assert_eq!(home.code(&format!("whoami --server {}", urls[1])), Some(4));
    assert_eq!(home.code(&format!("whoami --server {} --profile default", urls[1])), Some(4));
    assert_eq!(home.code(&format!("whoami --server {}", urls[0])), Some(0));
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready(data.path());
    let home = Home::new();
    let line = format!("login --server http://{}", server.address());
    assert!(home.run(&line, TOKEN, &[]).status.success());
    std::fs::set_permissions(home.credentials(), std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = home.run("whoami", "", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("chmod 600"), "{}", text(&output.stderr));
}
