//! A server below a path behind nginx or HAProxy, which keeps the path or removes it.

use crate::reverse_proxy::{Passes, Program, ReverseProxy, documented};
use crate::server::{Server, TOKEN};
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const SHA: &str = "1c46c505c84853887efe2ea9ea02a1333bae2237";

struct Site {
    proxy: ReverseProxy,
    /// Ends before the directory is deleted.
    server: Server,
    data: TempDir,
}

fn site((program, passes): (Program, Passes)) -> Site {
    let data = tempfile::tempdir().unwrap();
    let mut proxy = ReverseProxy::prepare(program);
    let server = Server::ready_with(data.path(), &["--demo", "--public-url", &proxy.public_url()]);
    proxy.start(server.address(), passes);
    Site { proxy, server, data }
}

impl Site {
    /// Runs a command elsewhere, as a user of the public URL. Words are separated by spaces.
    fn run(&self, variables: &[(&str, &str)], line: &str) -> Output {
        let elsewhere = tempfile::tempdir().unwrap();
        Command::new(env!("CARGO_BIN_EXE_stagepost"))
            .env_clear()
            .envs(variables.iter().copied())
            .current_dir(elsewhere.path())
            .args(["--lang", "en", "--server", &self.proxy.public_url(), "--ca"])
            .arg(self.proxy.certificate())
            .args(line.split(' '))
            .output()
            .unwrap()
    }

    /// The stdout of a command that succeeds.
    fn stdout(&self, variables: &[(&str, &str)], line: &str) -> String {
        let output = self.run(variables, line);
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// AK and SK of the administrator.
    fn key(&self) -> [String; 2] {
        let text = std::fs::read_to_string(self.data.path().join("admin.toml")).unwrap();
        ["access_key", "secret_key"].map(|name| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap();
            line.split('"').nth(1).unwrap().to_owned()
        })
    }
}

const ALL: [(Program, Passes); 4] = [
    (Program::Nginx, Passes::WholePath),
    (Program::Nginx, Passes::RestOfPath),
    (Program::Haproxy, Passes::WholePath),
    (Program::Haproxy, Passes::RestOfPath),
];

#[test]
fn the_command_line_works_through_a_proxy() {
    for setup in ALL {
        let site = site(setup);
        let token = [("STAGEPOST_TOKEN", TOKEN)];
        site.stdout(&token, "repo add acme/demo");
        site.stdout(
            &token,
            &format!("report --repo acme/demo --sha {SHA} --ref dev --name build --status success"),
        );
        let list = site.stdout(&token, "--json jobs --repo acme/demo");
        assert!(list.contains("\"build\""), "{setup:?}: {list}");
        // The path of a project is one segment, with %2F.
        let project = site.stdout(&token, "api /api/v4/projects/acme%2Fdemo");
        assert!(
            project.contains(&format!("\"web_url\":\"{}/acme/demo\"", site.proxy.public_url())),
            "{project}"
        );
        let opened = site.stdout(&token, "open acme/demo");
        assert!(opened.starts_with(&format!("{}/repositories/", site.proxy.public_url())), "{opened}");

        // A signature covers the path that the proxy removes.
        let [access, secret] = site.key();
        let keys = [("STAGEPOST_AK", access.as_str()), ("STAGEPOST_SK", secret.as_str())];
        site.stdout(
            &keys,
            &format!("report --repo acme/demo --sha {SHA} --ref dev --name test --status failed"),
        );
        let both = [keys[0], keys[1], ("CLOUD_SDK_AK", &access), ("CLOUD_SDK_SK", &secret)];
        let checked = site.stdout(&both, "doctor");
        assert!(checked.contains("✓ the region lookup") && !checked.contains('✗'), "{setup:?}: {checked}");
        let env = site.stdout(&both, "env");
        let endpoint = site.proxy.public_url().replace("/stagepost", "");
        for line in [
            format!("export HUAWEICLOUD_SDK_IAM_ENDPOINT={endpoint}\n"),
            format!("export STAGEPOST_SERVER={}\n", site.proxy.public_url()),
        ] {
            assert!(env.contains(&line), "{env}");
        }
    }
}

/// The headers of a request of a browser.
fn of_browser(site: &Site, cookie: &str) -> String {
    let origin = site.proxy.public_url().replace("/stagepost", "");
    format!("Accept: text/html\r\nAccept-Language: en\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n")
}

#[test]
fn a_user_signs_in_and_sees_pages_badges_and_events_through_a_proxy() {
    for setup in ALL {
        let site = site(setup);
        let proxy = &site.proxy;
        let start = proxy.send("GET", "/stagepost", &of_browser(&site, ""), "");
        assert_eq!((start.status(), start.header("location")), (303, "/stagepost/repositories"), "{setup:?}");
        let form = "name=admin&password=correct+horse+battery+staple&next=/repositories/2111976239/pipelines";
        let signed_in = proxy.send("POST", "/stagepost/sign-in", &of_browser(&site, ""), form);
        let target = "/stagepost/repositories/2111976239/pipelines";
        assert_eq!((signed_in.status(), signed_in.header("location")), (303, target), "{setup:?}");
        let cookie = signed_in.header("set-cookie").to_owned();
        assert!(cookie.starts_with("__Secure-stagepost=") && cookie.contains("Path=/stagepost;"), "{cookie}");
        let headers = of_browser(&site, cookie.split(';').next().unwrap());

        let page = proxy.send("GET", target, &headers, "");
        assert_eq!(page.status(), 200);
        let html = page.text();
        let script = html.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(script.starts_with("/stagepost/assets/"), "{script}");
        assert_eq!(proxy.send("GET", script, "", "").status(), 200);
        let badge = proxy.send("GET", "/stagepost/repositories/2111976239/badge.svg", &headers, "");
        assert_eq!(badge.status(), 200);
        assert!(badge.text().contains("<svg"));
        let document = proxy.send("GET", "/stagepost/openapi/native.json", "", "").text();
        assert!(document.contains(&format!("\"servers\":[{{\"url\":\"{}\"}}]", proxy.public_url())));

        // An event arrives while the response is open.
        let mut stream = proxy.send("GET", "/stagepost/native/v1/events?repository=2111976239", &headers, "");
        assert_eq!(stream.status(), 200);
        let report =
            format!("report --repo demo/cicd --sha {SHA} --ref dev --name through-proxy --status running");
        site.stdout(&[("STAGEPOST_TOKEN", TOKEN)], &report);
        stream.line_with("through-proxy");

        // What SDKs call, and health checks that do not pass the proxy.
        let token = format!("X-Auth-Token: {TOKEN}\r\n");
        assert_eq!(proxy.send("GET", "/v4/user/repositories", &token, "").status(), 200);
        assert_eq!(proxy.send("GET", "/v3/projects", &token, "").status(), 200);
        let long = format!("X-Auth-Token: {}\r\n", "a".repeat(100_000));
        assert_eq!(proxy.send("GET", "/stagepost/native/v1/whoami", &long, "").status(), 401, "{setup:?}");
        let other = if setup.0 == Program::Nginx { 404 } else { 503 };
        assert_eq!(proxy.send("GET", "/repositories", &token, "").status(), other, "another program's");
        let mut direct = crate::http::Connection::open(site.server.address());
        for path in ["/readyz", "/stagepost/readyz"] {
            assert_eq!(direct.request("GET", path, "").unwrap().status, 200, "{path}");
        }
    }
}

/// HAProxy reads the configuration without starting.
#[test]
fn the_configuration_for_several_nodes_is_valid() {
    let folder = ReverseProxy::prepare(Program::Haproxy);
    let [nodes] = &documented("high-availability.md", Program::Haproxy)[..] else {
        panic!("one configuration")
    };
    let certificate = folder.certificate().with_file_name("both.pem");
    let configuration = nodes.replace("/etc/haproxy/ci.example.pem", certificate.to_str().unwrap());
    let file = folder.certificate().with_file_name("nodes.cfg");
    std::fs::write(&file, configuration).unwrap();
    let output = Program::Haproxy.command(|command| command.arg("-c").arg("-f").arg(&file).output());
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

/// What a server prints and announces is its public URL.
#[test]
fn printed_links_have_the_public_url() {
    let data = tempfile::tempdir().unwrap();
    let server = Server::ready_with(data.path(), &["--public-url", "https://ci.example/stagepost/"]);
    server.wait_until("the link", || !server.logged(&["sign in once"]).is_empty());
    let link = server.logged(&["sign in once"]).remove(0);
    assert!(link.starts_with("sign in once: https://ci.example/stagepost/sign-in?once="), "{link}");
    let open = |line: &str| crate::command::stdout(data.path(), line);
    assert_eq!(open("open"), "https://ci.example/stagepost/repositories\n");
    let settings = open("connect buildbot --repo acme/demo");
    assert!(settings.contains("baseURL=\"https://ci.example/stagepost\""), "{settings}");
    assert_eq!(open("open --server http://127.0.0.1:1"), "http://127.0.0.1:1/repositories\n");
}

#[test]
fn an_unusable_public_url_stops_the_start_in_both_languages() {
    let data = tempfile::tempdir().unwrap();
    let start = |lang: &str, url: &str| refused(data.path(), lang, url);
    let english = start("en", "https://ci.example/a/../b");
    assert!(
        english.contains("--public-url (STAGEPOST_PUBLIC_URL): 'https://ci.example/a/../b'"),
        "{english}"
    );
    let chinese = start("zh", "https://CI.example");
    assert!(
        chinese.contains("--public-url（STAGEPOST_PUBLIC_URL）")
            && chinese.contains("请写作 https://ci.example")
    );
    assert!(start("en", "https://ci.example/v4").contains("choose another path such as /stagepost"));
    assert!(!data.path().join("stagepost.db").exists());
}

/// The message of a start that fails.
fn refused(data: &Path, lang: &str, url: &str) -> String {
    let line = format!("serve --listen 127.0.0.1:0 --tls-listen none --public-url {url}");
    let output = crate::command::run_in(lang, data, &line);
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}
