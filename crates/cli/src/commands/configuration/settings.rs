//! The settings as the program defines them: flag, variable, key, default and sentence of each. New ones
//! appear automatically.

use super::Effective;
use super::chinese::SENTENCES;
use crate::lang::Lang;
use crate::serve::ServeArgs;
use crate::settings::{Env, GlobalArgs};
use clap::{Arg, Args as _, Command};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// With `--`.
    pub flag: Option<String>,
    /// The environment variable.
    pub variable: Option<String>,
    /// The key of a configuration file.
    pub key: Option<String>,
    /// The possible values, or what the value is.
    pub values: String,
    /// The default, without which the setting is off or must be given.
    pub default: Option<String>,
    /// The description.
    pub sentence: String,
    /// The value is not shown.
    pub is_secret: bool,
}

/// The variables that have no flag, and whether the value is secret.
const VARIABLES: [(&str, bool); 9] = [
    ("STAGEPOST_TOKEN", true),
    ("STAGEPOST_TOKEN_FILE", false),
    ("STAGEPOST_AK", false),
    ("STAGEPOST_SK", true),
    ("CLOUD_SDK_AK", false),
    ("CLOUD_SDK_SK", true),
    ("HUAWEICLOUD_SDK_AK", false),
    ("HUAWEICLOUD_SDK_SK", true),
    ("XDG_CONFIG_HOME", false),
];

/// The flags of `report` that a file or a variable can set as well.
const REPORT: [&str; 4] = ["repo", "leg", "retry-for", "spool"];

/// The command `serve` with its own flags only.
pub fn serve_command() -> Command {
    ServeArgs::augment_args(Command::new("serve"))
}

/// The settings of the server.
pub fn server(lang: Lang) -> Vec<Setting> {
    let keys = crate::config::known_keys();
    let command = serve_command();
    command.get_arguments().filter_map(|arg| setting(arg, Some("serve."), &keys, lang)).collect()
}

/// The settings of every command.
pub fn common(lang: Lang) -> Vec<Setting> {
    let keys = crate::config::known_keys();
    let command = GlobalArgs::augment_args(Command::new("stagepost"));
    command.get_arguments().filter_map(|arg| setting(arg, None, &keys, lang)).collect()
}

/// The settings of `report`.
pub fn report(lang: Lang) -> Vec<Setting> {
    let keys = crate::config::known_keys();
    let command = crate::commands::report_args::ReportArgs::augment_args(Command::new("report"));
    let is_setting = |arg: &&Arg| arg.get_long().is_some_and(|long| REPORT.contains(&long));
    command.get_arguments().filter(is_setting).filter_map(|arg| setting(arg, None, &keys, lang)).collect()
}

/// The sentence of a variable or key without a flag.
fn sentence(name: &str, lang: Lang) -> Option<&'static str> {
    let (_, english, chinese) = SENTENCES.iter().find(|(known, ..)| *known == name)?;
    Some(match lang {
        Lang::Chinese => chinese,
        Lang::English => english,
    })
}

/// A variable without a flag.
pub struct Variable {
    /// The name.
    pub name: String,
    /// The description.
    pub sentence: String,
    /// The value is not shown.
    is_secret: bool,
}

/// The variables without a flag: those of every command, and each secret of the server that a file contains otherwise.
pub fn variables(lang: Lang) -> Vec<Variable> {
    let fixed = VARIABLES.into_iter().map(|(name, is_secret)| Variable {
        name: name.to_owned(),
        sentence: sentence(name, lang).unwrap_or_default().to_owned(),
        is_secret,
    });
    let of_file = |setting: Setting| {
        let (_, rest) = setting.sentence.split_once("(or ")?;
        let (name, flag) = (rest.split_once(')')?.0.to_owned(), setting.flag?);
        let sentence = match lang {
            Lang::English => format!("The secret itself, instead of `{flag}`"),
            Lang::Chinese => format!("密钥本身，代替 `{flag}`"),
        };
        Some(Variable { name, sentence, is_secret: true })
    };
    fixed.chain(server(Lang::English).into_iter().filter_map(of_file)).collect()
}

/// The keys without a flag, and their sentences.
pub fn only_keys(lang: Lang) -> Vec<(String, &'static str)> {
    let settings = [server(lang), common(lang), report(lang)].concat();
    let has_flag = |key: &String| settings.iter().any(|setting| setting.key.as_ref() == Some(key));
    let keys = crate::config::known_keys().into_iter().filter(|key| !has_flag(key));
    keys.map(|key| (sentence(&key, lang).unwrap_or_default(), key)).map(|(text, key)| (key, text)).collect()
}

/// The default, unless it is only words: such a default cannot be written.
pub fn written_default(setting: &Setting) -> Option<&str> {
    const WORDS: [&str; 5] = ["random", "none", "unlimited", "everybody", "all"];
    let default = setting.default.as_deref()?;
    let is_text = default.contains(' ') || !default.is_ascii() || WORDS.contains(&default);
    (!is_text).then_some(default)
}

fn setting(arg: &Arg, prefix: Option<&str>, keys: &[String], lang: Lang) -> Option<Setting> {
    let long = arg.get_long().filter(|long| !matches!(*long, "help" | "version"))?;
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let key = format!("{}{long}", prefix.unwrap_or_default());
    let own_variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
    let takes_value = arg.get_action().takes_values();
    let names = arg.get_value_names().unwrap_or_default().first().map(ToString::to_string);
    let english = plain(&help);
    let translated = (lang == Lang::Chinese).then(|| chinese(long)).flatten();
    let possible = arg.get_possible_values();
    let possible: Vec<&str> = possible.iter().map(clap::builder::PossibleValue::get_name).collect();
    let is_switch = takes_value && possible == ["true", "false"];
    let default = bracket(&help, "default").or_else(|| is_switch.then(|| "false".to_owned()));
    let values = match possible.is_empty() {
        _ if !takes_value => String::new(),
        false => possible.join(", "),
        true => names.unwrap_or_default(),
    };
    Some(Setting {
        flag: Some(format!("--{long}")),
        variable: own_variable.or_else(|| bracket(&help, "env")),
        key: keys.contains(&key).then_some(key),
        values,
        default: match translated.and_then(|(_, default)| default) {
            Some(default) => Some(default.to_owned()),
            None => default,
        },
        sentence: translated.map_or(english, |(sentence, _)| sentence.to_owned()),
        is_secret: arg.is_hide_env_values_set(),
    })
}

/// The Chinese sentence of a flag, and its default if that is a sentence too.
fn chinese(long: &str) -> Option<(&'static str, Option<&'static str>)> {
    let found = super::chinese::FLAGS.iter().find(|(name, ..)| *name == long)?;
    Some((found.1, (!found.2.is_empty()).then_some(found.2)))
}

/// The text of `[NAME: text]`.
fn bracket(help: &str, name: &str) -> Option<String> {
    let (_, rest) = help.split_once(&format!("[{name}: "))?;
    Some(rest.split_once(']')?.0.to_owned())
}

/// The help text without what is in brackets.
fn plain(help: &str) -> String {
    let mut text = help.to_owned();
    for name in ["[env: ", "[default: "] {
        if let Some(at) = text.find(name) {
            let end = text[at..].find(']').map_or(text.len(), |length| at + length + 1);
            text.replace_range(at..end, "");
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every setting with its value and origin: flag, variable, file or default.
pub fn effective(
    flags: &GlobalArgs,
    origins: &BTreeMap<String, (PathBuf, String)>,
    env: &Env,
) -> Vec<Effective> {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let given = [
        ("server", flags.server.clone()),
        ("ca", path(&flags.ca)),
        ("token-file", path(&flags.token_file)),
        ("data", path(&flags.data)),
        ("config", path(&flags.config)),
        ("profile", flags.profile.clone()),
        ("lang", flags.lang.clone()),
    ];
    let all = common(Lang::English).into_iter().chain(report(Lang::English)).chain(server(Lang::English));
    let mut rows: Vec<Effective> = Vec::new();
    for setting in all.filter(|setting| setting.key.is_some() || setting.variable.is_some()) {
        let name = setting.flag.as_deref().unwrap_or_default().trim_start_matches("--").to_owned();
        let key = setting.key.clone().unwrap_or_else(|| name.clone());
        if rows.iter().any(|row| row.key == key) {
            continue;
        }
        let is_common = !key.starts_with("serve.");
        let flag =
            given.iter().find(|(known, _)| is_common && *known == name).and_then(|(_, value)| value.clone());
        let variable =
            setting.variable.as_deref().and_then(|variable| Some((variable.to_owned(), env(variable)?)));
        let (value, origin, source) = match (flag, variable, origins.get(&key)) {
            (Some(value), ..) => (Some(value), "flag", setting.flag.clone()),
            (None, Some((variable, value)), _) => (Some(value), "variable", Some(variable)),
            (None, None, Some((path, value))) => {
                (Some(value.clone()), "file", Some(path.display().to_string()))
            }
            (None, None, None) => (setting.default.clone(), "default", None),
        };
        let value =
            if setting.is_secret && origin != "default" { value.map(|_| HIDDEN.to_owned()) } else { value };
        rows.push(Effective { key, value, origin, source });
    }
    for (key, (path, value)) in origins {
        if !rows.iter().any(|row| row.key == *key) {
            let (value, source) = (Some(value.clone()), Some(path.display().to_string()));
            rows.push(Effective { key: key.clone(), value, origin: "file", source });
        }
    }
    for Variable { name, is_secret, .. } in variables(Lang::English) {
        if let Some(value) = env(&name) {
            let value = Some(if is_secret { HIDDEN.to_owned() } else { value });
            rows.push(Effective { key: name.clone(), value, origin: "variable", source: Some(name) });
        }
    }
    rows
}

/// Shown instead of a secret.
const HIDDEN: &str = "****";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_from_its_definition() {
        let all = server(Lang::English);
        let listen = all.iter().find(|setting| setting.flag.as_deref() == Some("--tls-listen")).unwrap();
        assert_eq!(listen.variable.as_deref(), Some("STAGEPOST_TLS_LISTEN"));
        assert_eq!(listen.key.as_deref(), Some("serve.tls-listen"));
        assert_eq!(listen.default.as_deref(), Some("127.0.0.1:8443"));
        assert_eq!(listen.sentence, "Listen address for HTTPS, or `none`");
        assert!(all.iter().all(|setting| setting.key.is_some() && setting.variable.is_some()), "{all:?}");
        let retry = report(Lang::English);
        let retry = retry.iter().find(|setting| setting.key.as_deref() == Some("retry-for")).unwrap();
        assert_eq!(
            (retry.variable.as_deref(), retry.default.as_deref()),
            (Some("STAGEPOST_RETRY_FOR"), Some("5m"))
        );
    }

    #[test]
    fn every_value_has_its_origin_and_secrets_are_hidden() {
        let flags = GlobalArgs { server: Some("http://flag".into()), ..GlobalArgs::default() };
        let file = |value: &str| (PathBuf::from("/c.toml"), value.to_owned());
        let origins = BTreeMap::from([
            ("server".to_owned(), file("http://file")),
            ("repo".to_owned(), file("7")),
            ("serve.database".to_owned(), file("postgres://u:hush@h/d")),
            ("serve.listen".to_owned(), file("none")),
        ]);
        let env = |name: &str| match name {
            "STAGEPOST_LISTEN" => Some("127.0.0.1:1".to_owned()),
            "STAGEPOST_TOKEN" | "STAGEPOST_ADMIN_PASSWORD" => Some("hush".to_owned()),
            _ => None,
        };
        let all = effective(&flags, &origins, &env);
        let row = |key: &str| {
            let row = all.iter().find(|row| row.key == key).unwrap_or_else(|| panic!("{key}"));
            (
                row.value.as_deref().unwrap_or("-").to_owned(),
                row.source.as_deref().unwrap_or(row.origin).to_owned(),
            )
        };
        let is = |key: &str, value: &str, source: &str| {
            assert_eq!(row(key), (value.into(), source.into()), "{key}")
        };
        is("server", "http://flag", "--server");
        is("repo", "7", "/c.toml");
        is("serve.listen", "127.0.0.1:1", "STAGEPOST_LISTEN");
        is("serve.tls-listen", "127.0.0.1:8443", "default");
        is("serve.database", "****", "/c.toml");
        is("STAGEPOST_TOKEN", "****", "STAGEPOST_TOKEN");
        assert!(!format!("{all:?}").contains("hush"));
    }
}
