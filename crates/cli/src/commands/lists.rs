//! The filter and limit flags that `jobs` and `pipelines` share.
//!
//! Must not know: the items of the lists.

use super::values;
use crate::durations::before_now;
use crate::exit::Failure;

/// The default number of items.
const DEFAULT_LIMIT: usize = 20;

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
pub struct ListArgs {
    /// Only those with this status, or several separated by commas
    #[arg(long, value_delimiter = ',', value_parser = values::status())]
    pub status: Vec<String>,
    /// Only those of this branch or tag
    #[arg(long = "ref")]
    pub git_ref: Option<String>,
    /// Only those of commits with this prefix
    #[arg(long)]
    sha: Option<String>,
    /// Only those of this source
    #[arg(long)]
    pub source: Option<String>,
    /// Only those created at or after this time: a date or RFC 3339, or a duration before now such as 2h, 7d
    /// or 1w
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only those created before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only those last changed at or after this time
    #[arg(long, value_name = "TIME")]
    updated_since: Option<String>,
    /// Only those last changed before this time
    #[arg(long, value_name = "TIME")]
    updated_until: Option<String>,
    /// Maximum number, newest first [default: 20]
    #[arg(long, conflicts_with = "all")]
    limit: Option<usize>,
    /// List all
    #[arg(long)]
    all: bool,
    /// Print only the number of matches
    #[arg(long, conflicts_with_all = ["limit", "all"])]
    pub count: bool,
}

/// The time filters in the format of the API.
pub struct TimeRange {
    pub since: Option<String>,
    pub until: Option<String>,
    pub updated_since: Option<String>,
    pub updated_until: Option<String>,
}

impl ListArgs {
    /// The commit id or prefix.
    pub fn sha(&self) -> Result<Option<String>, Failure> {
        self.sha.as_deref().map(|sha| values::sha_prefix("--sha", sha)).transpose()
    }

    pub fn time_range(&self) -> Result<TimeRange, Failure> {
        let time = |flag: &str, text: &Option<String>| {
            text.as_deref().map(|text| before_now(flag, text)).transpose()
        };
        Ok(TimeRange {
            since: time("--since", &self.since)?,
            until: time("--until", &self.until)?,
            updated_since: time("--updated-since", &self.updated_since)?,
            updated_until: time("--updated-until", &self.updated_until)?,
        })
    }

    /// The maximum number of items; `None` for all. `use_default` applies the default limit.
    pub fn limit(&self, use_default: bool) -> Option<usize> {
        self.limit.or((use_default && !self.all).then_some(DEFAULT_LIMIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct TestCommand {
        #[command(flatten)]
        list: ListArgs,
    }

    fn parse(line: &str) -> Result<ListArgs, clap::Error> {
        TestCommand::try_parse_from(line.split_whitespace()).map(|command| command.list)
    }

    #[test]
    fn an_invalid_time_is_named_with_its_flag() {
        for flag in ["--since", "--until", "--updated-since", "--updated-until"] {
            let failure = parse(&format!("list {flag} yesterday")).unwrap().time_range().err().unwrap();
            let message = format!(
                "{flag}: 'yesterday' is neither a date, nor an RFC 3339 time, nor a duration such as 2h, 7d or 1w"
            );
            assert_eq!((failure.code(), failure.message()), (2, Some(message.as_str())));
        }
        let range =
            parse("list --since 2h --updated-until 2026-11-24T08:00:00+08:00").unwrap().time_range().unwrap();
        assert!(range.since.unwrap().ends_with('Z') && range.until.is_none());
        assert_eq!(range.updated_until.as_deref(), Some("2026-11-24T08:00:00+08:00"));
    }

    #[test]
    fn the_default_limit_applies_unless_another_is_given() {
        let limit = |line: &str, use_default| parse(line).unwrap().limit(use_default);
        assert_eq!((limit("list", true), limit("list", false)), (Some(20), None));
        assert_eq!((limit("list --all", true), limit("list --limit 3", false)), (None, Some(3)));
        for invalid in ["list --all --count", "list --all --limit 3", "list --count --limit 3"] {
            assert!(parse(invalid).is_err(), "{invalid}");
        }
        assert_eq!(parse("list --status failed,timedout").unwrap().status, ["failed", "timedout"]);
        for invalid in ["list --status bogus", "list --status failed,"] {
            assert!(parse(invalid).is_err(), "{invalid}");
        }
        assert_eq!(parse("list --sha main").unwrap().sha().unwrap_err().code(), 2);
    }
}
