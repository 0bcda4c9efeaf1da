//! `env`, evaluated by a real shell: the environment that a program gets.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the binary without the environment of the test.
fn env(directory: &Path, home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stagepost"))
        .env_clear()
        .env("HOME", home)
        .current_dir(directory)
        .args(["env", "--data", "nowhere"])
        .args(arguments)
        .output()
        .unwrap()
}

/// The environment of a program after `eval "$(stagepost env ...)"`, and the arguments of `keytool`.
fn evaluate(directory: &Path, arguments: &[&str]) -> (HashMap<String, String>, String) {
    let (home, tools) = (directory.join("home"), directory.join("tools"));
    fs::create_dir_all(&home).unwrap();
    fs::create_dir_all(&tools).unwrap();
    let keytool = tools.join("keytool");
    fs::write(&keytool, "#!/bin/sh\nfor word do echo \"$word\"; done > \"$HOME/called\"\n").unwrap();
    fs::set_permissions(&keytool, fs::Permissions::from_mode(0o755)).unwrap();
    let printed = env(directory, &home, arguments);
    assert!(printed.status.success(), "{printed:?}");
    let script = String::from_utf8(printed.stdout).unwrap();
    let shell = Command::new("sh")
        .env_clear()
        .env("HOME", &home)
        .env("PATH", format!("{}:/usr/bin:/bin", tools.display()))
        .args(["-euc", &format!("{script}\nexec env -0")])
        .output()
        .unwrap();
    assert!(shell.status.success() && shell.stderr.is_empty(), "{shell:?}");
    let environment = String::from_utf8(shell.stdout).unwrap();
    let pairs = environment.split('\0').filter_map(|pair| pair.split_once('='));
    let called = fs::read_to_string(home.join("called")).unwrap_or_default();
    (pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(), called)
}

#[test]
fn a_remote_server_and_a_path_with_spaces_are_passed_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let ca = directory.join("it's my ca/cert.pem");
    fs::create_dir_all(ca.parent().unwrap()).unwrap();
    fs::write(&ca, "-").unwrap();
    let server = "https://ci.example.com:8443";
    let ca_text = ca.to_str().unwrap();
    for (language, trusts) in [
        ("shell", vec!["STAGEPOST_CA", "CURL_CA_BUNDLE"]),
        ("python", vec!["REQUESTS_CA_BUNDLE"]),
        ("go", vec!["SSL_CERT_FILE"]),
        ("node", vec!["NODE_EXTRA_CA_CERTS"]),
        ("java", vec![]),
    ] {
        // A relative path becomes absolute, because the program may run in another directory.
        let arguments =
            [language, "--server", server, "--ca", "it's my ca/cert.pem", "--region", "cn-east-3"];
        let (set, called) = evaluate(directory, &arguments);
        for name in [
            "HUAWEICLOUD_SDK_IAM_ENDPOINT",
            "HUAWEICLOUD_SDK_REGION_CODEHUB_CN_EAST_3",
            "HUAWEICLOUD_SDK_REGION_CODEARTSREPO_CN_EAST_3",
        ] {
            assert_eq!(set[name], server, "{language}");
        }
        for name in trusts {
            assert_eq!(set[name], ca_text, "{language}");
        }
        assert!(!set.contains_key("CLOUD_SDK_AK") && !set.contains_key("NO_PROXY"), "{language}: {set:?}");
        assert_eq!(set.contains_key("STAGEPOST_SERVER"), language == "shell");
        if language == "java" {
            let store = directory.join("home/.cache/stagepost/https---ci-example-com-8443.p12");
            let called: Vec<&str> = called.lines().collect();
            assert!(called.contains(&ca_text) && called.contains(&store.to_str().unwrap()), "{called:?}");
            let options = format!(
                r#""-Djavax.net.ssl.trustStore={}" -Djavax.net.ssl.trustStorePassword=stagepost"#,
                store.display()
            );
            assert_eq!(set["JAVA_TOOL_OPTIONS"], options);
        }
    }
}

#[test]
fn without_a_key_a_comment_explains_how_to_create_one_and_go_requires_https() {
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| env(directory.path(), directory.path(), arguments);
    for (lang, text) in [("en", "stagepost key create USER"), ("zh", "stagepost key create 用户名")] {
        let printed = run(&["python", "--server", "https://ci.example.com", "--lang", lang]);
        let script = String::from_utf8(printed.stdout).unwrap();
        assert!(script.lines().any(|line| line.starts_with("# ") && line.contains(text)), "{script}");
    }
    let plain = run(&["go", "--server", "http://ci.example.com", "--lang", "en"]);
    assert_eq!(plain.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&plain.stderr).contains("https"), "{plain:?}");
}
