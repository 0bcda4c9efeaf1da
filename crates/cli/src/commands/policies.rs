//! `repo policy`.

use super::Where;
use crate::durations;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::policies::Policies;

/// The word for no limit; in tables that people read, it is not set.
const OFF: &str = "off";
/// The word for the repository's own limit.
const DEFAULT: &str = "default";

#[derive(Debug, clap::Args)]
pub struct PolicyArgs {
    /// Id or path
    repo: String,
    /// An unfinished job without a report for so long is timedout: a duration such as 2h, or off
    #[arg(long, value_name = "DURATION")]
    silence_limit: Option<String>,
    /// The same for one stage: STAGE=DURATION, STAGE=off, or STAGE=default to follow the repository again; may be repeated
    #[arg(long, value_name = "STAGE=DURATION")]
    stage_limit: Vec<String>,
    /// Keep pipelines that changed within this time: a duration such as 90d, or off. A pipeline is deleted only when neither
    /// --keep-for nor --keep-per-ref keeps it; with both off nothing is deleted; the newest of a ref and unfinished ones always stay
    #[arg(long, value_name = "DURATION")]
    keep_for: Option<String>,
    /// Keep so many of the newest pipelines of each ref, or off
    #[arg(long, value_name = "N")]
    keep_per_ref: Option<String>,
    #[command(flatten)]
    place: Where,
}

impl PolicyArgs {
    fn changes(&self) -> bool {
        self.silence_limit.is_some()
            || !self.stage_limit.is_empty()
            || self.keep_for.is_some()
            || self.keep_per_ref.is_some()
    }

    /// The policies with what is given here.
    fn apply(&self, mut policies: Policies) -> Result<Policies, Failure> {
        if let Some(text) = &self.silence_limit {
            policies.silence_limit = limit("--silence-limit", text)?;
        }
        if let Some(text) = &self.keep_for {
            policies.keep_for = limit("--keep-for", text)?;
        }
        if let Some(text) = &self.keep_per_ref {
            let wrong = |_| Failure::usage(Text::BadKeep.with(&[("text", text)]));
            let number = Some(text).filter(|text| *text != OFF).map(|text| text.parse().map_err(wrong));
            policies.keep_per_ref = number.transpose()?;
        }
        for text in &self.stage_limit {
            let wrong = || Failure::usage(Text::BadStageLimit.with(&[("text", text)]));
            // A stage's name may hold the sign, a duration never does.
            let (stage, time) =
                text.rsplit_once('=').filter(|(stage, _)| !stage.is_empty()).ok_or_else(wrong)?;
            if time == DEFAULT {
                policies.stage_limits.remove(stage);
            } else {
                let limit = limit("--stage-limit", time).map_err(|_| wrong())?;
                policies.stage_limits.insert(stage.to_owned(), limit);
            }
        }
        Ok(policies)
    }
}

fn limit(flag: &str, text: &str) -> Result<Option<i64>, Failure> {
    if text == OFF {
        return Ok(None);
    }
    let wrong = || Failure::usage(Text::BadLimit.with(&[("flag", &flag), ("text", &text)]));
    let seconds = durations::parse(text).map_err(|_| wrong())?.as_secs();
    i64::try_from(seconds).map(Some).map_err(|_| wrong())
}

fn shown(limit: Option<i64>) -> String {
    limit.map_or_else(|| OFF.to_owned(), durations::show)
}

fn cell(piped: String) -> Cell {
    let shown = if piped == OFF { Text::Off.to_string() } else { piped.clone() };
    Cell::Both { shown, piped }
}

pub async fn run(context: &Context, flags: &PolicyArgs) -> Result<(), Failure> {
    // Wrong words are told before anybody is asked.
    flags.apply(Policies::default())?;
    let work = async |client: &stagepost_client::Client| {
        let id = context.repository(client, Some(&flags.repo)).await?;
        let policies = client.policies(id).await?;
        if !flags.changes() {
            return Ok(policies);
        }
        Ok(client.set_policies(id, &flags.apply(policies)?).await?)
    };
    let policies = context.with_client(flags.place.offline, work).await?;
    let stages = policies.stage_limits.iter().map(|(stage, limit)| format!("{stage}={}", shown(*limit)));
    let values = vec![
        (Text::SilenceLimit, cell(shown(policies.silence_limit))),
        (Text::StageLimits, Cell::from(stages.collect::<Vec<_>>().join(" "))),
        (Text::KeepFor, cell(shown(policies.keep_for))),
        (Text::KeepPerRef, cell(policies.keep_per_ref.map_or_else(|| OFF.to_owned(), |n| n.to_string()))),
    ];
    context.output.one(&policies, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        policy: PolicyArgs,
    }

    fn read(line: &str) -> PolicyArgs {
        Line::parse_from(["policy", "g/r"].into_iter().chain(line.split_whitespace())).policy
    }

    #[test]
    fn only_what_is_given_changes() {
        let before = Policies {
            silence_limit: Some(7_200),
            stage_limits: [("deploy".to_owned(), None), ("a=b".to_owned(), Some(60))].into(),
            keep_for: Some(86_400),
            keep_per_ref: Some(5),
        };
        assert!(!read("").changes());
        assert_eq!(read("").apply(before.clone()).unwrap(), before);
        let after =
            read("--silence-limit off --stage-limit deploy=6h --stage-limit a=b=default --keep-per-ref 9");
        let expected = Policies {
            silence_limit: None,
            stage_limits: [("deploy".to_owned(), Some(21_600))].into(),
            keep_for: Some(86_400),
            keep_per_ref: Some(9),
        };
        assert_eq!(after.apply(before).unwrap(), expected);
    }

    #[test]
    fn what_is_off_is_not_set_for_people() {
        let off = Cell::Both { shown: "not set".into(), piped: "off".into() };
        assert_eq!(cell(shown(None)), off);
        assert_eq!(cell(shown(Some(60))), Cell::Both { shown: "1m".into(), piped: "1m".into() });
        assert_eq!(Text::Off.in_language(crate::lang::Lang::Chinese), "未设置");
    }

    #[test]
    fn wrong_words_are_wrong_usage_and_name_their_flag() {
        for (line, flag) in [
            ("--silence-limit 2", "--silence-limit"),
            ("--keep-for forever", "--keep-for"),
            ("--keep-per-ref many", "--keep-per-ref"),
            ("--stage-limit deploy", "--stage-limit"),
            ("--stage-limit =6h", "--stage-limit"),
            ("--stage-limit deploy=long", "--stage-limit"),
        ] {
            let failure = read(line).apply(Policies::default()).unwrap_err();
            assert_eq!(failure.code(), 2, "{line}");
            assert!(failure.message().unwrap().starts_with(flag), "{line}: {failure:?}");
        }
    }
}
