//! The reference of the configuration in Markdown, in both languages: `docs/configuration.md` and its Chinese page.

use super::settings::{self, Setting, written_default};
use crate::lang::Lang;
use clap::Command;
use std::fmt::Write as _;

/// The page.
pub fn page(command_line: &Command, lang: Lang) -> String {
    let text = |english: &'static str, chinese: &'static str| match lang {
        Lang::Chinese => chinese,
        Lang::English => english,
    };
    let link = text("[中文](zh-CN/configuration.md)", "[English](../configuration.md)");
    let mut page = format!("# {}\n\n{link}\n\n", text("Configuration reference", "配置参考"));
    page.push_str(text(INTRODUCTION_ENGLISH, INTRODUCTION_CHINESE));
    for (title, settings) in [
        (text("Server", "服务器"), settings::server(lang)),
        (text("Every command", "所有命令"), settings::common(lang)),
        (text("Reports", "上报"), settings::report(lang)),
    ] {
        let _ = write!(page, "\n## {title}\n\n{}", settings_table(&settings, lang));
    }
    let _ = write!(page, "\n## {}\n\n", text("Other variables and keys", "其他变量和键"));
    page.push_str(text("| name | meaning |\n|---|---|\n", "| 名称 | 含义 |\n|---|---|\n"));
    for variable in settings::variables(lang) {
        let _ = writeln!(page, "| `{}` | {} |", variable.name, variable.sentence);
    }
    for (key, sentence) in settings::only_keys(lang) {
        let _ = writeln!(page, "| `{key}` | {sentence} |");
    }
    let _ = write!(page, "\n## {}\n\n", text("Commands", "命令"));
    page.push_str(text(COMMANDS_ENGLISH, COMMANDS_CHINESE));
    page.push_str(text(
        "| command | arguments | flags |\n|---|---|---|\n",
        "| 命令 | 参数 | 选项 |\n|---|---|---|\n",
    ));
    write_commands(&mut page, command_line, "");
    page
}

const INTRODUCTION_ENGLISH: &str = "\
This page is generated from the program, and a test checks that it is current. A setting is a flag, an environment
variable, or a key of a configuration file, in this order of priority ([configuration](operating/configuration.md)). A
key is written with `-` or `_`; `serve.` is the table `[serve]`. `stagepost config show` prints the effective values and
their origins, `stagepost config check` finds errors in the files, and `stagepost config example` prints a file with
every key and its default.
";
const INTRODUCTION_CHINESE: &str = "\
本页由程序生成，并由测试检查是否为最新。每项设置可以是命令行选项、环境变量或配置文件中的键，优先级依次降低（[配置](operating/configuration.md)）。
键可用 `-` 或 `_` 书写；`serve.` 表示表 `[serve]`。`stagepost config show` 显示生效的值及其来源，`stagepost config check`
检查文件中的错误，`stagepost config example` 输出包含所有键及其默认值的文件。
";
const COMMANDS_ENGLISH: &str = "\
`--help` of a command and its manual page (`stagepost man report exec`) describe the flags. The flags of every command
are above.

";
const COMMANDS_CHINESE: &str = "\
命令的 `--help` 和手册页（`stagepost man report exec`）说明各个选项。所有命令共有的选项见上文。

";

fn settings_table(settings: &[Setting], lang: Lang) -> String {
    let mut table = match lang {
        Lang::English => "| flag | variable | key | value | default | meaning |\n",
        Lang::Chinese => "| 选项 | 变量 | 键 | 值 | 默认值 | 含义 |\n",
    }
    .to_owned();
    table.push_str("|---|---|---|---|---|---|\n");
    let code = |text: &Option<String>| text.as_ref().map(|text| format!("`{text}`")).unwrap_or_default();
    for setting in settings {
        let values = if setting.values.is_empty() { String::new() } else { format!("`{}`", setting.values) };
        let default = match (written_default(setting), &setting.default) {
            (None, Some(text)) => text.clone(),
            (value, _) => code(&value.map(str::to_owned)),
        };
        let (flag, variable, key) = (code(&setting.flag), code(&setting.variable), code(&setting.key));
        let sentence = setting.sentence.replace('|', "\\|");
        let _ = writeln!(table, "| {flag} | {variable} | {key} | {values} | {default} | {sentence} |");
    }
    table
}

/// A row for each command that can be called. Flags of a command count for those below it as well.
fn write_commands(page: &mut String, command: &Command, name: &str) {
    let visible =
        command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
    for below in visible {
        let full = format!("{name} {}", below.get_name()).trim_start().to_owned();
        let mut positional = Vec::new();
        let mut flags = Vec::new();
        for arg in below.get_arguments().filter(|arg| !arg.is_hide_set()) {
            match arg.get_long() {
                Some("help" | "version") => {}
                Some(long) => flags.push(format!("`--{long}`")),
                None => {
                    let names = arg.get_value_names().unwrap_or_default();
                    let value = names
                        .first()
                        .map_or_else(|| arg.get_id().to_string().to_uppercase(), ToString::to_string);
                    positional.push(format!("`{value}`"));
                }
            }
        }
        // The settings of the server have their own table.
        if below.get_name() == "serve" {
            flags.clear();
        }
        if !below.is_subcommand_required_set() {
            let (positional, flags) = (positional.join(" "), flags.join(" "));
            let _ = writeln!(page, "| `{full}` | {positional} | {flags} |");
        }
        write_commands(page, below, &full);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// With this variable the test writes the documents.
    const WRITE: &str = "STAGEPOST_WRITE_DOCS";

    #[test]
    fn the_documents_are_those_of_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (path, text) in [
            ("docs/configuration.md", page(&crate::command_line(), Lang::English)),
            ("docs/zh-CN/configuration.md", page(&crate::command_line(), Lang::Chinese)),
            ("packaging/stagepost.toml", super::super::example::file()),
        ] {
            let path = root.join(path);
            if std::env::var_os(WRITE).is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(written == text, "{}: run this test with {WRITE}=1, which writes it", path.display());
        }
    }

    #[test]
    fn every_setting_has_a_chinese_sentence() {
        let all = [
            settings::server(Lang::Chinese),
            settings::common(Lang::Chinese),
            settings::report(Lang::Chinese),
        ];
        let is_english = |setting: &&Setting| setting.sentence.is_ascii();
        let missing: Vec<_> =
            all.iter().flatten().filter(is_english).map(|setting| setting.flag.clone()).collect();
        assert!(missing.is_empty(), "add to commands/configuration/chinese.rs: {missing:?}");
        let keys = settings::only_keys(Lang::Chinese);
        assert!(keys.iter().all(|(_, sentence)| !sentence.is_empty()), "add to the same file: {keys:?}");
    }
}
