//! Tests of the settings of `serve`.

use super::*;
use clap::{Args as _, Command};

#[test]
fn every_flag_has_a_variable_and_a_key() {
    let command = ServeArgs::augment_args(Command::new("serve"));
    let mut flags = 0;
    for arg in command.get_arguments().filter(|arg| !matches!(arg.get_id().as_str(), "help" | "version")) {
        let long = arg.get_long().expect("a long flag");
        let variable = format!("STAGEPOST_{}", long.replace('-', "_").to_uppercase());
        assert_eq!(arg.get_env().and_then(|v| v.to_str()), Some(variable.as_str()), "{long}");
        let value = match long {
            "demo" | "accept-data-loss" => "true",
            "connections"
            | "queue"
            | "memory"
            | "integrity-check-share"
            | "upkeep-every"
            | "events-kept"
            | "metrics-repositories" => "7",
            _ => "'x'",
        };
        for key in [long.to_owned(), long.replace('-', "_")] {
            let parsed: Result<ServeArgs, _> = toml::from_str(&format!("{key} = {value}"));
            assert!(parsed.is_ok(), "{key}: {parsed:?}: add an alias with underscores");
        }
        flags += 1;
    }
    assert!(flags >= 16, "{flags}");
    assert!(toml::from_str::<ServeArgs>("listn = 'x'").is_err(), "a mistyped key is an error");
}

#[test]
fn a_password_in_an_argument_is_noticed_and_is_not_printed() {
    let found = |argument: &str| password_in_arguments([argument.to_owned()].into_iter());
    assert!(found("postgres://u:secret@h/d") && found("--database=postgres://u:secret@h/d"));
    for other in ["postgres://u@h/d", "postgres://h:5432/d", "--listen", "postgres://h/d?x=a:b@c"] {
        assert!(!found(other), "{other}");
    }
    let args = ServeArgs { database: Some("postgres://u:secret@h/d".into()), ..Default::default() };
    assert!(!format!("{args:?}").contains("secret"));
}

#[test]
fn flags_override_the_file() {
    let flags = ServeArgs { listen: Some("127.0.0.1:1".into()), ..Default::default() };
    let file = ServeArgs { listen: Some("127.0.0.1:2".into()), demo: Some(true), ..Default::default() };
    let both = flags.or(file).resolve().map_err(|e| panic!("{e}")).unwrap();
    assert_eq!((both.listen.unwrap().port(), both.demo), (1, true));
    assert_eq!((both.queue, both.connections), (10_000, 20_000), "the limits of docs/operating/limits.md");
}

#[test]
fn the_watchdog_interval_is_a_duration_or_a_number_of_seconds() {
    let seconds_of = |line: &str| {
        let args: ServeArgs = toml::from_str(line).unwrap();
        args.resolve().map_err(|e| panic!("{line}: {e}")).unwrap().maintenance_interval.as_secs()
    };
    for (line, seconds) in [
        ("", 30),
        ("upkeep-every = 7", 7),
        ("upkeep-every = '7'", 7),
        ("upkeep-every = '45s'", 45),
        ("upkeep-every = '5m'", 300),
        ("upkeep_every = '1h30m'", 5_400),
        ("upkeep-every = '1d'", 86_400),
    ] {
        assert_eq!(seconds_of(line), seconds, "{line}");
    }
    for invalid in ["-1", "1.5", "true", "[]"] {
        assert!(toml::from_str::<ServeArgs>(&format!("upkeep-every = {invalid}")).is_err(), "{invalid}");
    }
}

#[test]
fn an_error_names_the_invalid_setting() {
    let error = |args: ServeArgs| args.resolve().err().unwrap();
    assert!(error(ServeArgs { listen: Some("8080".into()), ..Default::default() }).contains("--listen"));
    assert!(error(ServeArgs { tls_cert: Some("x".into()), ..Default::default() }).contains("--tls-key"));
    for bad in ["8", "+8", "+08", "+19:00", "+08:60", "08:00", "+é:00"] {
        assert!(
            error(ServeArgs { time_offset: Some(bad.into()), ..Default::default() })
                .contains("--time-offset"),
            "{bad}"
        );
    }
    for bad in ["0", "0s", "86401", "25h", "2d", "soon", "", "-1", "1.5s"] {
        let args = ServeArgs { upkeep_every: Some(bad.into()), ..Default::default() };
        assert!(error(args).contains("--upkeep-every"), "{bad}");
    }
    for (url, file) in [(Some(""), None), (Some(" "), None), (Some(""), Some("f"))] {
        let args = ServeArgs {
            database: url.map(str::to_owned),
            database_file: file.map(PathBuf::from),
            ..Default::default()
        };
        assert!(error(args).contains("--database (STAGEPOST_DATABASE) is empty"), "{url:?}");
    }
    for bad in ["59s", "366d", "never", "3", "259200"] {
        let args = ServeArgs { events_kept: Some(bad.into()), ..Default::default() };
        assert!(error(args).contains("--events-kept"), "{bad}");
    }
    for bad in ["95MiB", "192", "lots", "", "-1", "1.5G"] {
        let args = ServeArgs { memory: Some(bad.into()), ..Default::default() };
        assert!(error(args).contains("--memory"), "{bad}");
    }
    let args = ServeArgs { memory: Some("1GiB".into()), ..Default::default() };
    assert_eq!(args.resolve().map_err(|e| panic!("{e}")).unwrap().memory, MemoryLimits::of(1 << 30));
    for bad in ["proxy", "10.0.0.7:80", "10.0.0.0/8"] {
        let args = ServeArgs { proxies: Some(bad.into()), ..Default::default() };
        assert!(error(args).contains("--proxies"), "{bad}");
    }
    assert_eq!(proxies("10.0.0.7, ::2,").unwrap().len(), 2);
    for (bad, reason) in [
        ("ci.example/stagepost", "must begin with https:// or http://"),
        ("ftp://ci.example", "must begin with https:// or http://"),
        ("https://u:p@ci.example", "a user name or a password"),
        ("https://ci.example/?a=b", "a query (?)"),
        ("https://ci.example/#a", "a query (?) or a fragment (#)"),
        ("https://ci.example/a/../b", "'.' or '..'"),
        ("https://ci.example:443/", "write https://ci.example"),
        ("https://ci.example/repositories", "own path /repositories"),
        ("https://", "the host must be"),
        ("", "must begin with"),
    ] {
        let message = error(ServeArgs { public_url: Some(bad.into()), ..Default::default() });
        assert!(
            message.contains("--public-url (STAGEPOST_PUBLIC_URL)") && message.contains(reason),
            "{message}"
        );
    }
    let args = ServeArgs { public_url: Some("https://ci.example/stagepost/".into()), ..Default::default() };
    let settings = args.resolve().map_err(|e| panic!("{e}")).unwrap();
    assert_eq!(settings.public_url.unwrap().as_str(), "https://ci.example/stagepost");
    for bad in ["10.0.0.0/8,localhost", "10.0.0.0/33", "*"] {
        let args = ServeArgs { webhook_allow: Some(bad.into()), ..Default::default() };
        assert!(error(args).contains("--webhook-allow"), "{bad}");
    }
    assert_eq!(offset("-03:30").unwrap().seconds(), -12_600);
}

#[test]
fn a_rate_is_a_number_with_a_unit_and_the_error_names_the_flag() {
    let resolve = |line: &str| toml::from_str::<ServeArgs>(line).unwrap().resolve();
    let limits = resolve("limit-requests = '50/s:200'\nlimit_address = '600/m'").map_err(|e| panic!("{e}"));
    let limits = limits.unwrap().rate_limits;
    assert!(limits.requests.is_some() && limits.address.is_some() && limits.reports.is_none());
    for (key, value) in [
        ("limit-requests", "50"),
        ("limit-reports", "50/d"),
        ("limit-address", "0/s"),
        ("limit-requests", ""),
    ] {
        let error = resolve(&format!("{key} = '{value}'")).err().unwrap();
        assert!(error.contains(&format!("--{key}")) && error.contains("50/s"), "{error}");
    }
}

#[test]
fn programs_of_this_machine_read_the_metrics_unless_a_setting_says_who_does() {
    let on_loopback = |line: &str| {
        let args: ServeArgs = toml::from_str(line).unwrap();
        args.resolve().map_err(|e| panic!("{line}: {e}")).unwrap().metrics_on_loopback()
    };
    assert!(on_loopback("") && on_loopback("metrics-listen = 'none'\nproxies = '10.0.0.7'"));
    assert!(!on_loopback("metrics-listen = '127.0.0.1:9090'"));
    assert!(!on_loopback("public-url = 'https://ci.example'"));
}
