//! What `jobs` and `pipelines` have in common: how a list is narrowed, and how much of it is shown.
//!
//! Must not know: what is listed.

use crate::durations::before_now;
use crate::exit::Failure;

/// How many are shown where nobody says.
const LIMIT: usize = 20;

#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
pub struct ListArgs {
    /// Only of this status, or of several with commas between them
    #[arg(long, value_delimiter = ',')]
    pub status: Vec<String>,
    /// Only of this branch or tag
    #[arg(long = "ref")]
    pub git_ref: Option<String>,
    /// Only of commits that begin so
    #[arg(long)]
    pub sha: Option<String>,
    /// Only of this source
    #[arg(long)]
    pub source: Option<String>,
    /// Only created then or later: an RFC 3339 time, or a duration before now such as 2h
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only created before
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Only last changed then or later
    #[arg(long, value_name = "TIME")]
    updated_since: Option<String>,
    /// Only last changed before
    #[arg(long, value_name = "TIME")]
    updated_until: Option<String>,
    /// At most so many, newest first [default: 20]
    #[arg(long, conflicts_with = "all")]
    limit: Option<usize>,
    /// All of them
    #[arg(long)]
    all: bool,
    /// Print only how many there are
    #[arg(long, conflicts_with_all = ["limit", "all"])]
    pub count: bool,
}

/// From when to before when, as the API takes it.
pub struct Times {
    pub since: Option<String>,
    pub until: Option<String>,
    pub updated_since: Option<String>,
    pub updated_until: Option<String>,
}

impl ListArgs {
    pub fn times(&self) -> Result<Times, Failure> {
        let time = |flag: &str, text: &Option<String>| {
            text.as_deref().map(|text| before_now(flag, text)).transpose()
        };
        Ok(Times {
            since: time("--since", &self.since)?,
            until: time("--until", &self.until)?,
            updated_since: time("--updated-since", &self.updated_since)?,
            updated_until: time("--updated-until", &self.updated_until)?,
        })
    }

    /// The most that is shown; `None`: all. `few`: only so many where nobody says.
    pub fn most(&self, few: bool) -> Option<usize> {
        self.limit.or((few && !self.all).then_some(LIMIT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        list: ListArgs,
    }

    fn read(line: &str) -> Result<ListArgs, clap::Error> {
        Line::try_parse_from(line.split_whitespace()).map(|line| line.list)
    }

    #[test]
    fn a_time_that_is_none_is_told_with_its_flag() {
        for flag in ["--since", "--until", "--updated-since", "--updated-until"] {
            let failure = read(&format!("list {flag} yesterday")).unwrap().times().err().unwrap();
            let told =
                format!("{flag}: 'yesterday' is neither an RFC 3339 time nor a duration such as 2h or 7d");
            assert_eq!((failure.code(), failure.message()), (2, Some(told.as_str())));
        }
        let times =
            read("list --since 2h --updated-until 2026-11-24T08:00:00+08:00").unwrap().times().unwrap();
        assert!(times.since.unwrap().ends_with('Z') && times.until.is_none());
        assert_eq!(times.updated_until.as_deref(), Some("2026-11-24T08:00:00+08:00"));
    }

    #[test]
    fn few_are_shown_unless_more_are_asked_for() {
        let most = |line: &str, few| read(line).unwrap().most(few);
        assert_eq!((most("list", true), most("list", false)), (Some(20), None));
        assert_eq!((most("list --all", true), most("list --limit 3", false)), (None, Some(3)));
        for wrong in ["list --all --count", "list --all --limit 3", "list --count --limit 3"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(read("list --status failed,timedout").unwrap().status, ["failed", "timedout"]);
    }
}
