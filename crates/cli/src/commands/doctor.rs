//! `doctor`: would an official SDK get through? Each line that fails says what to do.

use super::env::proxy;
use crate::exit::{ERROR, Failure, REJECTED};
use crate::messages::Text;
use crate::output::clean;
use crate::sdk_target::{SdkTarget, is_direct};
use crate::settings::Context;
use serde::Serialize;
use stagepost_client::health::Liveness;
use stagepost_client::pipelines::PipelineFilter;
use stagepost_client::repositories::RepositoryFilter;
use stagepost_client::{Client, Credentials, Error, Method};
use std::fmt::Display;

#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// The region that programs name
    #[arg(long, default_value = "cn-north-4")]
    region: String,
}

/// The clocks of signer and server may differ so much, in seconds (wire fact 2.3).
const WINDOW: i64 = 15 * 60;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Good,
    Failed,
    /// Works, and may not for some.
    Warning,
    /// Not tried.
    Skipped,
}

#[derive(Debug, Serialize)]
struct Check {
    /// For programs.
    check: &'static str,
    result: Outcome,
    /// For people.
    text: String,
    why: Option<String>,
    what_to_do: Option<String>,
}

/// The checks so far.
#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(
        &mut self,
        check: &'static str,
        text: Text,
        result: Outcome,
        why: Option<String>,
        what_to_do: Option<String>,
    ) {
        self.0.push(Check { check, result, text: text.to_string(), why, what_to_do });
    }

    /// Whether it is good.
    fn tried(
        &mut self,
        check: &'static str,
        text: Text,
        help: &dyn Display,
        outcome: Result<(), String>,
    ) -> bool {
        match outcome {
            Ok(()) => self.add(check, text, Outcome::Good, None, None),
            Err(why) => self.add(check, text, Outcome::Failed, Some(why), Some(help.to_string())),
        }
        self.0.last().is_some_and(|check| check.result == Outcome::Good)
    }

    fn skipped(&mut self, check: &'static str, text: Text, why: Text) {
        self.add(check, text, Outcome::Skipped, Some(why.to_string()), None);
    }
}

pub async fn run(context: &Context, flags: &DoctorArgs) -> Result<(), Failure> {
    let pointing = context.sdk_target(false, false)?;
    let mut checks = Checks::default();
    proxies(&mut checks, &pointing, context);
    let there = reach(&mut checks, context, &pointing).await?;
    match there {
        Some(alive) => {
            let near = near(alive.date.as_deref(), stagepost_client::system_clock());
            checks.tried("clock", Text::DoctorClock, &Text::DoctorClockHelp, near);
            ask(&mut checks, context, &pointing, &flags.region).await?;
        }
        None => {
            for (check, text) in [
                ("clock", Text::DoctorClock),
                ("token", Text::DoctorToken),
                ("access_key", Text::DoctorKey),
                ("project", Text::DoctorProject),
                ("list", Text::DoctorList),
            ] {
                checks.skipped(check, text, Text::DoctorUnreached);
            }
        }
    }
    show(context, &pointing, &checks.0)?;
    match checks.0.iter().find(|check| check.result == Outcome::Failed).map(|check| check.check) {
        None => Ok(()),
        Some("token" | "access_key") => Err(Failure::silent(REJECTED)),
        Some(_) => Err(Failure::silent(ERROR)),
    }
}

fn proxies(checks: &mut Checks, pointing: &SdkTarget, context: &Context) {
    let env = context.env;
    let list = env("no_proxy").or_else(|| env("NO_PROXY")).unwrap_or_default();
    let host = pointing.host();
    if let Some(proxy) = proxy(env).filter(|_| !is_direct(&list, &host)) {
        let what = Text::DoctorProxyHelp.with(&[("host", &host)]);
        checks.add("proxy", Text::DoctorProxy, Outcome::Warning, Some(clean(&proxy)), Some(what));
    }
}

/// A client as an SDK would be: it trusts the file it is given and nothing else.
fn like_an_sdk(context: &Context, pointing: &SdkTarget, by: Option<Credentials>) -> Result<Client, Failure> {
    let mut builder = Client::builder(&pointing.server).credentials(by).language(context.language());
    if let Some(path) = &pointing.ca {
        builder = builder.only_ca(std::fs::read(path).map_err(|error| Failure::file(path, &error))?);
    }
    Ok(builder.build()?)
}

/// The answer of the server, if one came through. A server whose certificate is refused is there, but not for an SDK.
async fn reach(
    checks: &mut Checks,
    context: &Context,
    pointing: &SdkTarget,
) -> Result<Option<Liveness>, Failure> {
    let answer = like_an_sdk(context, pointing, None)?.livez().await;
    let refused = answer.as_ref().is_err_and(|error| error.certificate);
    let reached = if refused { Ok(()) } else { answer.as_ref().map(drop).map_err(ToString::to_string) };
    let reached = checks.tried("reachable", Text::DoctorReachable, &Text::DoctorReachableHelp, reached);
    // Who uses the plain address may know an encrypted one, too.
    let secure = context.sdk_target(false, true)?;
    if !reached {
        checks.skipped("certificate", Text::DoctorCertificate, Text::DoctorUnreached);
    } else if !secure.server.starts_with("https://") {
        checks.skipped("certificate", Text::DoctorCertificate, Text::DoctorNoHttps);
    } else {
        let answer = match secure.server == pointing.server {
            true => answer.clone(),
            false => like_an_sdk(context, &secure, None)?.livez().await,
        };
        let trusted = answer.map(drop).map_err(|error| error.to_string());
        checks.tried("certificate", Text::DoctorCertificate, &certificate_help(context, &secure), trusted);
    }
    Ok(answer.ok())
}

/// Which file to trust: the one that the server of this machine made, unless that was tried.
fn certificate_help(context: &Context, pointing: &SdkTarget) -> String {
    let made = context.made_certificate();
    let made = std::path::absolute(&made).unwrap_or(made);
    if pointing.own && made.exists() && pointing.ca.as_ref() != Some(&made) {
        return Text::DoctorCertificateFile.with(&[("path", &made.display())]);
    }
    Text::DoctorCertificateHelp.to_string()
}

/// Whether this machine's clock is near enough to the server's; else which one is ahead, and by how much.
fn near(date: Option<&str>, now: i64) -> Result<(), String> {
    let ahead = ahead(date.ok_or_else(|| "no Date header".to_owned())?, now)?;
    if ahead.abs() <= WINDOW {
        return Ok(());
    }
    let text = if ahead > 0 { Text::DoctorClockAhead } else { Text::DoctorClockBehind };
    Err(text.with(&[("minutes", &ahead.unsigned_abs().div_ceil(60))]))
}

/// By how many seconds this machine's clock is ahead of the server's, by its header `Date`.
fn ahead(date: &str, now: i64) -> Result<i64, String> {
    let server = jiff::fmt::rfc2822::parse(date).map_err(|error| error.to_string())?.timestamp();
    Ok(now - server.as_second())
}

/// The calls that an SDK makes, by every credential there is.
async fn ask(
    checks: &mut Checks,
    context: &Context,
    pointing: &SdkTarget,
    region: &str,
) -> Result<(), Failure> {
    let token = pointing.token.as_deref().map(Credentials::token);
    let key = pointing.keys.clone().map(|(access, secret)| Credentials::access_key(access, secret));
    if token.is_none() && key.is_none() {
        let none = Err(Text::DoctorNotSet.to_string());
        checks.tried("access_key", Text::DoctorKey, &Text::EnvNoCredentials, none);
    }
    let mut good = None;
    let mut signs = false;
    // What an SDK signs with comes last: the rest is tried with it where it is good.
    for (check, text, help, by) in [
        ("token", Text::DoctorToken, Text::DoctorTokenHelp, token),
        ("access_key", Text::DoctorKey, Text::DoctorKeyHelp, key),
    ] {
        let Some(by) = by else { continue };
        let client = like_an_sdk(context, pointing, Some(by))?;
        let known = client.whoami().await.map(drop).map_err(|error| error.to_string());
        if checks.tried(check, text, &help, known) {
            good = Some(client);
            signs = check == "access_key";
        }
    }
    let Some(client) = good else {
        checks.skipped("project", Text::DoctorProject, Text::DoctorNotAccepted);
        checks.skipped("list", Text::DoctorList, Text::DoctorNotAccepted);
        return Ok(());
    };
    if signs {
        let projects = client.list_projects(region).await;
        let one = projects.map_err(|error| error.to_string()).and_then(|projects| match projects.len() {
            1 => Ok(()),
            others => Err(Text::DoctorProjects.with(&[("count", &others)])),
        });
        checks.tried("project", Text::DoctorProject, &Text::DoctorProjectHelp, one);
    } else {
        // An SDK signs this call; what a token is answered says nothing about it.
        checks.skipped("project", Text::DoctorProject, Text::DoctorNoKey);
    }
    checks.tried("list", Text::DoctorList, &Text::DoctorListHelp, list(&client).await);
    Ok(())
}

/// The jobs of the newest pipeline of the first repositories that can be seen; where there is none, the repositories.
async fn list(client: &Client) -> Result<(), String> {
    let said = |error: Error| error.to_string();
    let seen = client.list_repositories(&RepositoryFilter::default(), 0, 10).await.map_err(said)?;
    for repository in seen.repositories {
        let newest =
            client.list_pipelines(repository.id, &PipelineFilter::default(), None, 1).await.map_err(said)?;
        if let Some(pipeline) = newest.pipelines.first() {
            let page = client.list_codearts_jobs(repository.id, pipeline.id, 0, 1).await.map_err(said)?;
            return page.total.map(drop).ok_or_else(|| "no X-Total".to_owned());
        }
    }
    let answer = client.raw(Method::GET, "/v4/user/repositories?limit=1", None).await;
    answer.and_then(stagepost_client::RawResponse::success).map(drop).map_err(said)
}

fn show(context: &Context, pointing: &SdkTarget, checks: &[Check]) -> Result<(), Failure> {
    if context.output.json {
        return context.output.json(&checks);
    }
    let mut text = format!("{}\n", Text::EnvFor.with(&[("server", &pointing.server)]));
    for check in checks {
        let sign = match check.result {
            Outcome::Good => '✓',
            Outcome::Failed => '✗',
            Outcome::Warning => '!',
            Outcome::Skipped => '-',
        };
        text += &format!("{sign} {}\n", check.text);
        for more in [&check.why, &check.what_to_do].into_iter().flatten() {
            text += &format!("    {}\n", clean(more));
        }
    }
    context.output.text(&text)
}

#[cfg(test)]
mod tests {
    use super::{ahead, near};

    #[test]
    fn a_clock_is_ahead_or_behind() {
        let date = "Tue, 24 Nov 2026 00:00:00 GMT";
        assert_eq!(ahead(date, 1_795_478_400), Ok(0));
        assert_eq!(ahead(date, 1_795_478_400 + 901), Ok(901));
        assert_eq!(ahead(date, 1_795_478_400 - 901), Ok(-901));
        assert!(ahead("yesterday", 0).is_err());
    }

    #[test]
    fn fifteen_minutes_are_near_enough() {
        let seen = |off: i64| near(Some("Tue, 24 Nov 2026 00:00:00 GMT"), 1_795_478_400 + off);
        for off in [0, 900, -900] {
            assert_eq!(seen(off), Ok(()), "{off}");
        }
        assert!(seen(901).unwrap_err().contains("16 minutes ahead of the server's"));
        assert!(seen(-7200).unwrap_err().contains("120 minutes behind the server's"));
        assert!(near(None, 0).is_err(), "a server that does not say");
    }
}
