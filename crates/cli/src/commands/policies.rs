//! `repo policy`.

use super::OfflineArgs;
use crate::durations;
use crate::exit::Failure;
use crate::messages::Text;
use crate::output::Cell;
use crate::settings::Context;
use stagepost_client::policies::Policies;

/// The value for no limit. Tables on a terminal display "not set".
const OFF: &str = "off";
/// The value for the limit of the repository.
const DEFAULT: &str = "default";

#[derive(Debug, clap::Args)]
pub struct PolicyArgs {
    /// Id or path of the repository
    repo: String,
    /// Inactivity timeout: an unfinished job without a report for this time is timedout; a duration such as
    /// 2h or 1h30m, or off
    #[arg(long, value_name = "DURATION")]
    silence_limit: Option<String>,
    /// Inactivity timeout of one stage: STAGE=DURATION, STAGE=off, or STAGE=default for that of the
    /// repository; may be repeated
    #[arg(long, value_name = "STAGE=DURATION")]
    stage_limit: Vec<String>,
    /// Keep pipelines that changed within this time: a duration with a unit such as 90d or 12w, or off. A pipeline is
    /// deleted only if neither --keep-for nor --keep-per-ref keeps it; if both are off, no pipeline is deleted; the
    /// newest of a ref and unfinished ones are always kept
    #[arg(long, value_name = "DURATION")]
    keep_for: Option<String>,
    /// Keep this number of the newest pipelines of each ref, or off
    #[arg(long, value_name = "N")]
    keep_per_ref: Option<String>,
    #[command(flatten)]
    offline: OfflineArgs,
}

impl PolicyArgs {
    fn has_changes(&self) -> bool {
        self.silence_limit.is_some()
            || !self.stage_limit.is_empty()
            || self.keep_for.is_some()
            || self.keep_per_ref.is_some()
    }

    /// Applies the given flags to the policies.
    fn apply(&self, mut policies: Policies) -> Result<Policies, Failure> {
        if let Some(text) = &self.silence_limit {
            policies.silence_limit = limit("--silence-limit", text)?;
        }
        if let Some(text) = &self.keep_for {
            durations::require_unit("--keep-for", text).map_err(Failure::usage)?;
            policies.keep_for = limit("--keep-for", text)?;
        }
        if let Some(text) = &self.keep_per_ref {
            let invalid = |_| Failure::usage(Text::InvalidKeepPerRef.with(&[("text", text)]));
            let number = Some(text).filter(|text| *text != OFF).map(|text| text.parse().map_err(invalid));
            policies.keep_per_ref = number.transpose()?;
        }
        for text in &self.stage_limit {
            let invalid = || Failure::usage(Text::InvalidStageLimit.with(&[("text", text)]));
            // The name of a stage may contain an equals sign, a duration cannot.
            let (stage, duration) =
                text.rsplit_once('=').filter(|(stage, _)| !stage.is_empty()).ok_or_else(invalid)?;
            if duration == DEFAULT {
                policies.stage_limits.remove(stage);
            } else {
                let limit = limit("--stage-limit", duration).map_err(|_| invalid())?;
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
    let invalid = || Failure::usage(Text::InvalidLimit.with(&[("flag", &flag), ("text", &text)]));
    let seconds = durations::parse_text(text).ok_or_else(invalid)?.as_secs();
    i64::try_from(seconds).map(Some).map_err(|_| invalid())
}

fn format_limit(limit: Option<i64>) -> String {
    limit.map_or_else(|| OFF.to_owned(), durations::format)
}

fn cell(raw: String) -> Cell {
    let display = if raw == OFF { Text::NotSet.to_string() } else { raw.clone() };
    Cell::DisplayAndRaw { display, raw }
}

pub async fn run(context: &Context, flags: &PolicyArgs) -> Result<(), Failure> {
    // Check the flags before any request.
    flags.apply(Policies::default())?;
    let call = async |client: &stagepost_client::Client| {
        let id = context.repository(client, Some(&flags.repo)).await?;
        let policies = client.policies(id).await?;
        if !flags.has_changes() {
            return Ok(policies);
        }
        Ok(client.set_policies(id, &flags.apply(policies)?).await?)
    };
    let policies = context.with_client(flags.offline.enabled, call).await?;
    let stages =
        policies.stage_limits.iter().map(|(stage, limit)| format!("{stage}={}", format_limit(*limit)));
    let values = vec![
        (Text::InactivityTimeout, cell(format_limit(policies.silence_limit))),
        (Text::StageTimeouts, Cell::from(stages.collect::<Vec<_>>().join(" "))),
        (Text::KeepFor, cell(format_limit(policies.keep_for))),
        (Text::KeepPerRef, cell(policies.keep_per_ref.map_or_else(|| OFF.to_owned(), |n| n.to_string()))),
    ];
    context.output.record(&policies, values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct TestCommand {
        #[command(flatten)]
        policy: PolicyArgs,
    }

    fn parse(line: &str) -> PolicyArgs {
        TestCommand::parse_from(["policy", "g/r"].into_iter().chain(line.split_whitespace())).policy
    }

    #[test]
    fn only_given_flags_change_policies() {
        let before = Policies {
            silence_limit: Some(7_200),
            stage_limits: [("deploy".to_owned(), None), ("a=b".to_owned(), Some(60))].into(),
            keep_for: Some(86_400),
            keep_per_ref: Some(5),
        };
        assert!(!parse("").has_changes());
        assert_eq!(parse("").apply(before.clone()).unwrap(), before);
        let seconds = |line: &str| parse(line).apply(Policies::default()).unwrap().silence_limit;
        assert_eq!(seconds("--silence-limit 1h30m"), Some(5_400));
        assert_eq!((seconds("--silence-limit 30"), seconds("--silence-limit 1w")), (Some(30), Some(604_800)));
        let after =
            parse("--silence-limit off --stage-limit deploy=6h --stage-limit a=b=default --keep-per-ref 9");
        let expected = Policies {
            silence_limit: None,
            stage_limits: [("deploy".to_owned(), Some(21_600))].into(),
            keep_for: Some(86_400),
            keep_per_ref: Some(9),
        };
        assert_eq!(after.apply(before).unwrap(), expected);
    }

    #[test]
    fn a_retention_period_without_a_unit_is_refused() {
        for (line, number) in
            [("--keep-for 90", "90"), ("--keep-for 7776000", "7776000"), ("--keep-for 0", "0")]
        {
            let failure = parse(line).apply(Policies::default()).unwrap_err();
            let expected = format!(
                "--keep-for: '{number}' has no unit: write {number}d for days or {number}s for seconds"
            );
            assert_eq!((failure.code(), failure.message()), (2, Some(expected.as_str())), "{line}");
        }
        let kept = |line: &str| parse(line).apply(Policies::default()).unwrap().keep_for;
        assert_eq!(kept("--keep-for 90d"), Some(90 * 86_400));
        assert_eq!((kept("--keep-for 90s"), kept("--keep-for off")), (Some(90), None));
    }

    #[test]
    fn off_is_displayed_as_not_set() {
        let off = Cell::DisplayAndRaw { display: "not set".into(), raw: "off".into() };
        assert_eq!(cell(format_limit(None)), off);
        assert_eq!(
            cell(format_limit(Some(60))),
            Cell::DisplayAndRaw { display: "1m".into(), raw: "1m".into() }
        );
        assert_eq!(Text::NotSet.in_language(crate::lang::Lang::Chinese), "未设置");
    }

    #[test]
    fn an_invalid_value_is_a_usage_error_with_its_flag() {
        for (line, flag) in [
            ("--silence-limit 2y", "--silence-limit"),
            ("--keep-for forever", "--keep-for"),
            ("--keep-per-ref many", "--keep-per-ref"),
            ("--stage-limit deploy", "--stage-limit"),
            ("--stage-limit =6h", "--stage-limit"),
            ("--stage-limit deploy=long", "--stage-limit"),
        ] {
            let failure = parse(line).apply(Policies::default()).unwrap_err();
            assert_eq!(failure.code(), 2, "{line}");
            assert!(failure.message().unwrap().starts_with(flag), "{line}: {failure:?}");
        }
    }
}
