//! Tests of the server and the credential that a command uses.

use super::is_loopback;
use crate::output::Output;
use crate::profiles::{Profile, Profiles};
use crate::settings::{Context, GlobalArgs, Settings};
use stagepost_client::Credentials;
use std::path::Path;

const A: &str = "https://a.example";
const B: &str = "https://b.example";

#[test]
fn only_loopback_addresses_are_local() {
    for local in ["http://127.0.0.1:8080", "https://localhost/", "http://[::1]:8080", "127.0.0.2"] {
        assert!(is_loopback(local), "{local}");
    }
    for other in [
        "http://10.0.0.1",
        "https://127.0.0.1.example.com",
        "http://localhost.example.com:8080",
        "http://[::2]",
    ] {
        assert!(!is_loopback(other), "{other}");
    }
}

/// The server and the credential of a command in an empty directory, with a user's configuration, the profile `b`,
/// which is the current one if `is_current`, and variables.
fn target(
    config: &str,
    is_current: bool,
    server: Option<&str>,
    variables: &'static [(&str, &str)],
) -> (String, Option<Credentials>) {
    let home = tempfile::tempdir().unwrap();
    let user = home.path().join("stagepost");
    let profile = Profile { server: B.into(), user: "li".into(), token: "spt_b".into(), ca: None };
    Profiles::change(&user.join("credentials.toml"), |all| {
        all.current = is_current.then(|| "b".into());
        all.profiles.insert("b".into(), profile);
        Ok(())
    })
    .unwrap();
    std::fs::write(user.join("config.toml"), config).unwrap();
    std::fs::write(user.join("token"), "spt_configured").unwrap();
    let path = home.path().to_str().unwrap().to_owned();
    let env: &'static crate::settings::Env = Box::leak(Box::new(move |name: &str| match name {
        "XDG_CONFIG_HOME" => Some(path.clone()),
        name => variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
    }));
    let flags = GlobalArgs { server: server.map(str::to_owned), ..GlobalArgs::default() };
    let settings = Settings::resolve(&flags, Path::new("no-such-directory"), env).unwrap();
    let context = Context { settings, output: Output::stdout(false, false, env), env };
    let server = context.server().unwrap();
    let credentials = context.credentials(&server).unwrap();
    (server, credentials)
}

fn token(text: &str) -> Option<Credentials> {
    Some(Credentials::token(text))
}

#[test]
fn a_configured_token_is_sent_to_no_server_of_a_profile() {
    let both = "server = 'https://a.example'\ntoken-file = 'token'\n";
    let profile: &[(&str, &str)] = &[("STAGEPOST_PROFILE", "b")];
    assert_eq!(target(both, false, None, &[]), (A.into(), token("spt_configured")));
    assert_eq!(target(both, false, None, profile), (B.into(), token("spt_b")));
    assert_eq!(
        target(both, true, None, &[]),
        (A.into(), token("spt_configured")),
        "a file is before the current"
    );
    assert_eq!(target(both, false, Some("https://c.example"), &[]), ("https://c.example".into(), None));

    let only_token = "token-file = 'token'\n";
    assert_eq!(target(only_token, true, None, &[]), (B.into(), token("spt_b")), "after a login to b");
    assert_eq!(target(only_token, false, Some(B), &[]), (B.into(), token("spt_b")));
    assert_eq!(target(only_token, false, None, &[]), (super::DEFAULT_SERVER.into(), token("spt_configured")));
}

#[test]
fn the_token_of_the_profile_that_names_the_server_is_before_an_access_key() {
    let key: &[(&str, &str)] = &[("STAGEPOST_AK", "ak"), ("STAGEPOST_SK", "sk")];
    assert_eq!(target("", true, None, key), (B.into(), token("spt_b")));
    let key_of = |server: &str| (server.to_owned(), Some(Credentials::access_key("ak", "sk")));
    assert_eq!(target("", true, Some(B), key), key_of(B), "the server is that of a flag");
    let explicit: &[(&str, &str)] = &[("STAGEPOST_TOKEN", "spt_x")];
    assert_eq!(target("", true, None, explicit), (B.into(), token("spt_x")));
}
