//! Tests of the command line's definition.

use super::*;

#[test]
fn the_argument_definitions_are_valid() {
    command_line().debug_assert();
}

/// clap lets a flag of a command hide a global one, and panics when the global one is read.
#[test]
fn no_command_hides_a_global_flag() {
    let root = command_line();
    let global: Vec<_> = root.get_arguments().filter(|flag| flag.is_global_set()).collect();
    assert!(global.len() > 5);
    let mut commands: Vec<_> = root.get_subcommands().collect();
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands());
        for argument in command.get_arguments() {
            let conflicts = |flag: &&&clap::Arg| {
                flag.get_id() == argument.get_id() || flag.get_long() == argument.get_long()
            };
            let hidden = global.iter().filter(|flag| flag.get_long().is_some()).find(conflicts);
            assert!(hidden.is_none(), "{} {}", command.get_name(), argument.get_id());
        }
    }
}

/// The command lines in a document: in shell blocks and between backticks.
fn command_lines(document: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
    let text = std::fs::read_to_string(&path).unwrap().replace("\\\n", " ");
    let mut lines = Vec::new();
    for (number, part) in text.split("```").enumerate() {
        if number % 2 == 0 {
            lines.extend(part.split('`').skip(1).step_by(2).filter(|code| code.starts_with("stagepost ")));
        } else if let Some(block) = part.strip_prefix("sh\n") {
            // Not the value of an option of another program.
            let start = |line: &&str| {
                line.match_indices("stagepost ").map(|(at, _)| at).find(|at| !line[..*at].ends_with('='))
            };
            let commands = block.lines().filter_map(|line| start(&line).map(|at| &line[at..]));
            lines.extend(commands.map(|line| line.split(')').next().unwrap_or(line)));
        }
    }
    lines.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_command_line_in_a_document_is_valid() {
    let documents = [
        "README.md",
        "README.zh-CN.md",
        "docs/operating.md",
        "docs/install.md",
        "docs/operating/audit.md",
        "docs/operating/configuration.md",
        "docs/operating/data.md",
        "docs/operating/disaster-recovery.md",
        "docs/operating/high-availability.md",
        "docs/operating/limits.md",
        "docs/operating/monitoring.md",
        "docs/operating/postgres.md",
        "docs/operating/production.md",
        "docs/operating/retention.md",
        "docs/operating/reverse-proxy.md",
        "docs/operating/security-model.md",
        "docs/operating/sign-in.md",
        "docs/operating/sizing.md",
        "docs/operating/tls.md",
        "docs/operating/upgrade.md",
        "docs/ci.md",
        "docs/configuration.md",
        "docs/client.md",
        "docs/events.md",
        "docs/feeds.md",
        "docs/api/bitbucket.md",
        "docs/api/gitea.md",
        "docs/api/github.md",
        "docs/api/gitlab.md",
        "docs/api/native.md",
        "docs/gates.md",
        "docs/webhooks.md",
        "docs/forwarding.md",
        "docs/pages.md",
        "docs/reporters/README.md",
    ];
    let chinese =
        documents.iter().filter_map(|path| Some(format!("docs/zh-CN/{}", path.strip_prefix("docs/")?)));
    let documents = documents.iter().map(|path| (*path).to_owned()).chain(chinese);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut count = 0;
    for line in documents.filter(|path| root.join(path).exists()).flat_map(|path| command_lines(&path)) {
        // A quoted text is one word. The placeholders JOB and SHA are replaced by values.
        let quoted = line.split('"').enumerate();
        let whole: String = quoted
            .map(|(n, part)| if n % 2 == 1 { part.replace(' ', "+") } else { part.to_owned() })
            .collect();
        let words: Vec<&str> = whole
            .split_whitespace()
            .map(|word| match word {
                "JOB" => "7",
                "SHA" => "1c46c505c84853887efe2ea9ea02a1333bae2237",
                word => word,
            })
            .collect();
        count += 1;
        if let [_, name] = words[..]
            && !name.starts_with('-')
        {
            assert!(command_line().find_subcommand(name).is_some(), "{line}");
            continue;
        }
        if let Err(error) = command_line().try_get_matches_from(&words) {
            assert_eq!(error.kind(), clap::error::ErrorKind::DisplayHelp, "{line}: {error}");
        }
        assert!(words[1] != "jobs" || words.contains(&"--repo"), "{line}: without a repository");
    }
    assert!(count >= 18, "{count}");
}

#[test]
fn help_warns_about_irreversible_commands() {
    let mut command = command_line();
    let mut help = |path: &[&str]| {
        let command =
            path.iter().fold(&mut command, |parent, name| parent.find_subcommand_mut(name).unwrap());
        command.render_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let prune = help(&["prune"]);
    assert!(prune.contains("this cannot be undone, so try --dry-run first"), "{prune}");
    let policy = help(&["repo", "policy"]);
    let note =
        "if both are off, no pipeline is deleted; the newest of a ref and unfinished ones are always kept";
    assert!(policy.contains(note), "{policy}");
}

/// The words after `stagepost` wherever a text names a command, up to the first that is not in lower case.
fn named_commands(text: &str) -> Vec<Vec<&str>> {
    let starts = text.match_indices("stagepost ").filter(|(at, _)| {
        !text[..*at].ends_with(|before: char| before.is_alphanumeric() || "-_/.\"".contains(before))
    });
    let words = |(at, name): (usize, &str)| {
        let mut words = Vec::new();
        for word in text[at + name.len()..].split(' ') {
            let end = word.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(word.len());
            if end == 0 || word.starts_with('-') {
                break;
            }
            words.push(&word[..end]);
            if end < word.len() {
                break;
            }
        }
        words
    };
    // Words of prose, and of the settings of a proxy, after the name of the program.
    let is_prose =
        |words: &Vec<&str>| matches!(words.first(), None | Some(&"process" | &"command" | &"path"));
    starts.map(words).filter(|words| !is_prose(words)).collect()
}

/// Every file of the sources and documents with one of these extensions.
fn files(extensions: &[&str]) -> Vec<std::path::PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut directories = vec![root.join("crates"), root.join("docs"), root.join("xtask")];
    let mut files = vec![root.join("README.md"), root.join("README.zh-CN.md"), root.join("CHANGELOG.md")];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|e| extensions.iter().any(|known| e == *known)) {
                files.push(path);
            }
        }
    }
    files
}

/// Advice that names a command must name one that exists.
#[test]
fn every_command_named_in_a_text_exists() {
    let root = command_line();
    let mut count = 0;
    for path in files(&["rs", "md", "html", "js", "toml"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        for words in named_commands(&text) {
            let place = format!("{}: stagepost {}", path.display(), words.join(" "));
            let command = root.find_subcommand(words[0]).unwrap_or_else(|| panic!("{place}"));
            // `jobs` and `report` also work without a subcommand.
            if command.is_subcommand_required_set() && words.len() > 1 {
                assert!(command.find_subcommand(words[1]).is_some(), "{place}");
            }
            count += 1;
        }
    }
    assert!(count > 60, "{count}");
    assert_eq!(
        named_commands("use stagepost token create NAME; the stagepost-client x"),
        [["token", "create"]]
    );
}

/// The verbs are the same for every noun. The former ones still work, and are not shown.
#[test]
fn every_noun_has_the_same_verbs() {
    let root = command_line();
    let verbs = |noun: &str| {
        let noun = root.find_subcommand(noun).unwrap();
        noun.get_subcommands().map(|verb| verb.get_name().to_owned()).collect::<Vec<_>>()
    };
    for noun in ["user", "key", "token", "repo", "member", "mr", "webhook", "forward", "profile"] {
        for former in ["add", "set", "change", "remove", "revoke"] {
            assert!(!verbs(noun).iter().any(|verb| verb == former), "{noun} {former}");
        }
        assert!(verbs(noun).iter().any(|verb| verb == "list"), "{noun} list");
    }
    for (former, now) in [
        ("user add", "create"),
        ("user set", "update"),
        ("key add", "create"),
        ("key remove", "delete"),
        ("token revoke", "delete"),
        ("repo add", "create"),
        ("repo set", "update"),
        ("member set", "update"),
        ("member remove", "delete"),
        ("mr set", "update"),
        ("webhook add", "create"),
        ("webhook set", "update"),
        ("webhook change", "update"),
        ("webhook remove", "delete"),
    ] {
        let (noun, verb) = former.split_once(' ').unwrap();
        let found = root.find_subcommand(noun).unwrap().find_subcommand(verb).unwrap();
        assert_eq!((found.get_name(), found.get_visible_aliases().count()), (now, 0), "{former}");
    }
}

fn parse(words: &[&str]) -> Result<clap::ArgMatches, clap::Error> {
    command_line().try_get_matches_from([&["stagepost"], words].concat())
}

/// An empty value comes from a variable that is not set.
#[test]
fn empty_values_are_wrong_usage() {
    for words in [
        &["jobs", "--ref", ""][..],
        &["jobs", "--name", ""],
        &["jobs", "--stage", ""],
        &["jobs", "--search", ""],
        &["jobs", "--status", ""],
        &["jobs", "--repo", ""],
        &["pipelines", "--key", ""],
        &["pipelines", "--user", ""],
        &["insights", "--ref", ""],
        &["watch", "--repo", "", "6"],
        &["wait", "--require", "", "--sha", "x"],
        &["wait", "--require", "a", "--sha", "x", "--ref", ""],
        &["prune", "--repo", ""],
        &["repo", "list", ""],
        &["token", "create", "x", "--repo", ""],
        &["token", "create", "x", "--expires", ""],
        &["token", "list", "--user", ""],
        &["key", "delete", ""],
        &["member", "remove", "", "--repo", "7"],
        &["verify", ""],
        &["user", "list", "--offline", "--data", ""],
        &["whoami", "--ca", ""],
        &["whoami", "--token-file", ""],
    ] {
        let error = parse(words).expect_err(&words.join(" "));
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
    for words in [
        &["repo", "set", "7", "--description", ""][..],
        &["api", "/x", "--body", ""],
        &["report", "exec", "--name", "n", "--", "sh", "-c", ""],
        &["serve", "--proxies", ""],
    ] {
        assert!(parse(words).is_ok(), "{words:?}");
    }
}

/// A wrong word is found before any request.
#[test]
fn wrong_words_are_wrong_usage_and_right_ones_are_completed() {
    for words in [
        &["jobs", "--status", "bogus"][..],
        &["jobs", "--status", "failed,"],
        &["jobs", "0"],
        &["jobs", "show", "0"],
        &["jobs", "close", "7", "--status", "running"],
        &["pipelines", "--status", "cancelled"],
        &["insights", "--days", "8"],
        &["insights", "--sort", "size"],
        &["token", "create", "x", "--scope", "bogus"],
        &["member", "set", "u", "bogus"],
        &["repo", "add", "a/b", "--visibility", "secret"],
        &["repo", "add", "a/b", "--id", "0"],
        &["webhook", "add", "http://x", "--events", "jobs"],
        &["webhook", "show", "-1"],
        &["forward", "create", "svn", "https://x", "a/b", "--forge-token-file", "t"],
        &["forward", "states", "1", "--progress", "x"],
        &["mr", "show", "0"],
        &["watch", "0"],
        &["whoami", "--lang", "fr"],
    ] {
        let error = parse(words).expect_err(&words.join(" "));
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::Bash, &mut command_line(), "stagepost", &mut script);
    let script = String::from_utf8(script).unwrap();
    for word in ["timedout", "manage", "internal", "success_rate"] {
        assert!(script.contains(word), "{word}");
    }
}
