//! Tests of the configuration file.

use super::Config;
use std::path::{Path, PathBuf};

/// A working directory and the directory of the user's own file.
struct Files {
    directory: tempfile::TempDir,
}

impl Files {
    fn new(local: &str, user: &str) -> Self {
        let files = Self { directory: tempfile::tempdir().unwrap() };
        std::fs::create_dir_all(files.local()).unwrap();
        std::fs::create_dir_all(files.directory.path().join("xdg/stagepost")).unwrap();
        std::fs::write(files.local().join(".stagepost.toml"), local).unwrap();
        let user = user.replace("LOCAL", files.local().to_str().unwrap());
        std::fs::write(files.directory.path().join("xdg/stagepost/config.toml"), user).unwrap();
        files
    }

    fn local(&self) -> PathBuf {
        self.directory.path().join("work")
    }

    fn load(&self) -> Config {
        let home = self.directory.path().join("xdg").to_str().unwrap().to_owned();
        let env = move |name: &str| (name == "XDG_CONFIG_HOME").then(|| home.clone());
        Config::load(None, &self.local(), &env).unwrap()
    }
}

#[test]
fn the_local_file_overrides_single_keys_of_the_user_file() {
    let user = "repo = '8'\nserver = 'http://x'\n[serve]\nlisten = 'none'\n";
    let files = Files::new("repo = '7'\ndata = 'd'\n", user);
    let config = files.load();
    assert_eq!((config.repo.as_deref(), config.server.as_deref()), (Some("7"), Some("http://x")));
    assert_eq!(config.data.unwrap(), files.local().join("d"));
    assert_eq!(config.serve.unwrap().listen.as_deref(), Some("none"));
}

/// The working directory may be another user's checkout.
#[test]
fn an_untrusted_local_file_chooses_no_server_and_no_credential() {
    let local = "repo = '7'\nserver = 'http://evil'\nca = 'c'\ntoken_file = 't'\nspool = 's'\ntrusted-directories = ['.']\n\
                 [serve]\nlisten = '0.0.0.0:80'\n";
    let config = Files::new(local, "server = 'http://x'\n").load();
    assert_eq!((config.server.as_deref(), config.repo.as_deref()), (Some("http://x"), Some("7")));
    assert!(config.ca.is_none() && config.token_file.is_none() && config.serve.is_none());
    let untrusted = config.untrusted.unwrap();
    for key in ["server", "ca", "token-file", "spool", "[serve]"] {
        let failure = untrusted.refuse(key).unwrap_err();
        let message = failure.message().unwrap();
        assert_eq!(failure.code(), 2);
        for part in [key, "work/.stagepost.toml", "xdg/stagepost/config.toml", "trusted-directories"] {
            assert!(message.contains(part), "{message}");
        }
    }
    assert_eq!(untrusted.refuse("data"), Ok(()));
}

#[test]
fn a_trusted_local_file_may_contain_every_key() {
    let local = "server = 'http://y'\nca = 'ca.pem'\n[serve]\nlisten = '127.0.0.1:1'\n";
    for trusted in ["LOCAL", "LOCAL/..", "../../work"] {
        let user = format!("server = 'http://x'\ntrusted-directories = ['{trusted}']\n");
        let files = Files::new(local, &user);
        let config = files.load();
        assert_eq!(config.server.as_deref(), Some("http://y"), "{trusted}");
        assert_eq!(config.ca.unwrap(), files.local().join("ca.pem"));
        assert_eq!(config.serve.unwrap().listen.as_deref(), Some("127.0.0.1:1"));
        assert_eq!(config.untrusted, None);
    }
    let files = Files::new(local, "trusted-directories = ['LOCAL/sub', 'LOCALL']\n");
    assert_eq!(files.load().server, None, "neither the directory nor a parent of it");
}

#[test]
fn keys_are_written_with_hyphens_or_underscores() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("c.toml");
    for text in [
        "token-file = 't'\n[serve]\ntls-listen = 'none'\n",
        "token_file = 't'\n[serve]\ntls_listen = 'none'\n",
        "\u{feff}token-file = 't'\r\n[serve]\r\ntls_listen = 'none'\r\n",
    ] {
        std::fs::write(&path, text).unwrap();
        let config = Config::load(Some(&path), Path::new("."), &|_| None).unwrap();
        assert_eq!(config.token_file.unwrap(), directory.path().join("t"), "{text}");
        assert_eq!(config.serve.unwrap().tls_listen.as_deref(), Some("none"), "{text}");
    }
    std::fs::write(&path, "token-file = 't'\ntoken_file = 'u'\n").unwrap();
    assert_eq!(Config::load(Some(&path), Path::new("."), &|_| None).unwrap_err().code(), 2);
}

#[test]
fn the_error_names_an_unknown_key_or_a_missing_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("my.toml");
    std::fs::write(&path, "sever = 'http://x'\n").unwrap();
    let failure = Config::load(Some(&path), Path::new("."), &|_| None).unwrap_err();
    assert_eq!(failure.code(), 2);
    let message = failure.message().unwrap();
    assert!(message.contains("my.toml") && message.contains("sever"), "{message}");
    let missing = Config::load(Some(Path::new("none.toml")), Path::new("."), &|_| None).unwrap_err();
    assert!(missing.message().unwrap().contains("none.toml"));
}
