//! `man`: the manual pages, made from the definition of the command line.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output;
use clap::Command;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The command, such as report exec [default: the program]
    #[arg(value_name = "COMMAND", conflicts_with = "to")]
    command: Vec<String>,
    /// Write the pages of all commands to this directory, one file each: stagepost-report-exec.1
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

pub fn run(command_line: Command, flags: &ManArgs) -> Result<(), Failure> {
    let mut root = command_line.disable_help_subcommand(true);
    // Passes the common options on to all commands, and gives each its full name.
    root.build();
    match &flags.to {
        Some(directory) => {
            std::fs::create_dir_all(directory).map_err(|e| Failure::file(directory, &e))?;
            write_pages(&root, directory)
        }
        None => output::print_bytes(&page(find(&root, &flags.command)?)?),
    }
}

fn find<'a>(root: &'a Command, names: &[String]) -> Result<&'a Command, Failure> {
    names.iter().try_fold(root, |command, name| {
        let no_such = || Failure::usage(Text::NoSuchCommand.with(&[("name", &names.join(" "))]));
        command.find_subcommand(name).ok_or_else(no_such)
    })
}

fn write_pages(command: &Command, directory: &Path) -> Result<(), Failure> {
    let path = directory.join(format!("{}.1", full_name(command)));
    std::fs::write(&path, page(command)?).map_err(|e| Failure::file(&path, &e))?;
    command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
        .try_for_each(|below| write_pages(below, directory))
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

/// `stagepost-report-exec`
fn full_name(command: &Command) -> &str {
    command.get_display_name().unwrap_or(command.get_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_that_names_it() {
        let directory = tempfile::tempdir().unwrap();
        run(crate::command_line(), &ManArgs { command: Vec::new(), to: Some(directory.path().join("man1")) })
            .unwrap();
        let page = |name: &str| std::fs::read_to_string(directory.path().join("man1").join(name)).unwrap();
        let top = page("stagepost.1");
        assert!(top.starts_with(".ie"), "{top}");
        assert!(top.contains("stagepost\\-report(1)") && top.contains("Exit codes: 0 success"), "{top}");
        let exec = page("stagepost-report-exec.1");
        assert!(exec.contains("stagepost\\-report\\-exec") && exec.contains("\\-\\-server"), "{exec}");
    }

    #[test]
    fn an_unknown_command_is_refused() {
        let words = ["report", "nothing"].map(str::to_owned);
        let root = crate::command_line();
        assert_eq!(find(&root, &words[..1]).unwrap().get_name(), "report");
        assert!(find(&root, &words).is_err());
    }
}
