//! A configuration file with every key, its meaning and its default, as a comment: `packaging/stagepost.toml`.

use super::settings::{self, Setting, written_default};
use crate::lang::Lang;
use std::fmt::Write as _;

const HEAD: &str = "\
# Configuration of Stagepost, with every key. A line of the form `#key = value` has the default. A line of the form
# `# key = VALUE` has no default. docs/configuration.md describes the variables and flags that have priority over this
# file; `stagepost config check FILE` checks it.
";
/// The width of a line.
const WIDTH: usize = 118;

/// The file.
pub fn file() -> String {
    let mut text = HEAD.to_owned();
    let common = settings::common(Lang::English).into_iter().chain(settings::report(Lang::English));
    for setting in common {
        write_setting(&mut text, &setting, "");
    }
    for (key, sentence) in settings::only_keys(Lang::English) {
        if !key.contains('.') {
            let _ = write!(text, "\n{}# {key} = [\"DIR\"]\n", comment(sentence));
        }
    }
    text.push_str("\n# The settings of the server.\n[serve]\n");
    for setting in settings::server(Lang::English) {
        write_setting(&mut text, &setting, "serve.");
    }
    text
}

fn write_setting(text: &mut String, setting: &Setting, prefix: &str) {
    let Some(key) = setting.key.as_deref().map(|key| key.trim_start_matches(prefix)) else { return };
    let _ = write!(text, "\n{}", comment(&setting.sentence));
    let _ = match written_default(setting) {
        // An integer or a truth value.
        Some(default) if default.parse::<u64>().is_ok() || matches!(default, "true" | "false") => {
            writeln!(text, "#{key} = {default}")
        }
        Some(default) => writeln!(text, "#{key} = \"{default}\""),
        None => writeln!(text, "# {key} = \"{}\"", setting.values),
    };
}

/// The sentence as a comment, in lines of at most [`WIDTH`] characters.
fn comment(sentence: &str) -> String {
    let mut lines = vec!["#".to_owned()];
    for word in sentence.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("# {word}")),
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::ServeArgs;

    /// The file with the comment signs before keys removed.
    fn uncommented(sign: &str) -> String {
        let line = |line: &str| match line.strip_prefix(sign) {
            Some(rest) if rest.split_once(" = ").is_some_and(|(key, _)| !key.contains([' ', '`', '#'])) => {
                rest.to_owned()
            }
            _ => line.to_owned(),
        };
        file().lines().map(|text| line(text) + "\n").collect()
    }

    #[test]
    fn every_key_is_in_the_file_and_known() {
        let text = uncommented("#");
        let text = text.lines().map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = \"") || rest.contains(" = [\"") => rest,
            _ => line,
        });
        let text: String = text.map(|line| format!("{line}\n")).collect();
        // A table has no separate line.
        let tables: Vec<String> =
            settings::only_keys(Lang::English).into_iter().map(|(key, _)| key).collect();
        let is_table = |key: &String| key.contains('.') && tables.contains(key);
        for key in crate::config::known_keys().into_iter().filter(|key| !is_table(key)) {
            let name = key.trim_start_matches("serve.");
            assert!(text.lines().any(|line| line.starts_with(&format!("{name} = "))), "{key} is missing");
        }
        let unknown = |problems: Vec<crate::config::Problem>| {
            let unknown = problems.into_iter().map(|problem| problem.text);
            unknown.filter(|text| text.starts_with("unknown")).collect::<Vec<_>>()
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("all.toml");
        std::fs::write(&path, text).unwrap();
        let unknown = crate::config::check(&path).unwrap().map_err(unknown).err().unwrap_or_default();
        assert_eq!(unknown, [""; 0]);
    }

    #[test]
    fn the_values_are_the_defaults() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("defaults.toml");
        let text = uncommented("#");
        assert!(
            text.contains("\nlisten = \"127.0.0.1:8080\"\n") && text.contains("\nqueue = 10000\n"),
            "{text}"
        );
        std::fs::write(&path, text).unwrap();
        let config = crate::config::check(&path).unwrap().unwrap();
        assert_eq!(config.server.as_deref(), Some("http://127.0.0.1:8080"));
        let resolve = |serve: ServeArgs| serve.resolve().map_err(|e| panic!("{e}")).unwrap();
        let (file, none) = (resolve(config.serve.unwrap()), resolve(ServeArgs::default()));
        assert_eq!((file.listen, file.tls_listen, file.demo), (none.listen, none.tls_listen, none.demo));
        assert_eq!((file.time_offset, file.account, file.log), (none.time_offset, none.account, none.log));
        assert_eq!(
            (file.log_format, file.connections, file.queue),
            (none.log_format, none.connections, none.queue)
        );
        assert_eq!((file.memory, file.admin_user), (none.memory, none.admin_user));
        assert_eq!(file.integrity_check_share, none.integrity_check_share);
        assert_eq!(file.maintenance_interval, none.maintenance_interval);
        assert_eq!(file.event_retention, none.event_retention);
    }
}
