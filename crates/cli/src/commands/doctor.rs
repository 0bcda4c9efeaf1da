//! `doctor`: checks that an official SDK works with the server. Each failed check has an instruction.

use super::env::proxy;
use crate::connect::read_certificates;
use crate::exit::{ERROR, Failure, REJECTED, reason};
use crate::messages::Text;
use crate::sdk_target::{SdkTarget, bypasses_proxy};
use crate::settings::Context;
use crate::terminal::sanitize;
use serde::Serialize;
use stagepost_client::health::Liveness;
use stagepost_client::pipelines::PipelineFilter;
use stagepost_client::repositories::RepositoryFilter;
use stagepost_client::{Client, Credentials, Error, Method};
use std::fmt::Display;

#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    /// Region id that programs use
    #[arg(long, default_value = "cn-north-4")]
    region: String,
}

/// The maximum difference between the clocks of signer and server, in seconds, as in the CodeArts API.
const MAX_CLOCK_DIFFERENCE: i64 = 15 * 60;

/// The result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Good,
    Failed,
    /// A possible problem for some SDKs.
    Warning,
    /// Not executed.
    Skipped,
}

#[derive(Debug, Serialize)]
struct Check {
    /// The name of the check, for programs.
    check: &'static str,
    result: Outcome,
    /// The translated description.
    text: String,
    #[serde(rename = "why")]
    reason: Option<String>,
    #[serde(rename = "what_to_do")]
    instruction: Option<String>,
}

/// The results so far.
#[derive(Default)]
struct Checks(Vec<Check>);

impl Checks {
    fn add(
        &mut self,
        check: &'static str,
        text: Text,
        result: Outcome,
        reason: Option<String>,
        instruction: Option<String>,
    ) {
        self.0.push(Check { check, result, text: text.to_string(), reason, instruction });
    }

    /// Records the outcome of a check. Returns true if it is good.
    fn record(
        &mut self,
        check: &'static str,
        text: Text,
        help: &dyn Display,
        outcome: Result<(), String>,
    ) -> bool {
        match outcome {
            Ok(()) => self.add(check, text, Outcome::Good, None, None),
            Err(reason) => self.add(check, text, Outcome::Failed, Some(reason), Some(help.to_string())),
        }
        self.0.last().is_some_and(|check| check.result == Outcome::Good)
    }

    fn skip(&mut self, check: &'static str, text: Text, reason: Text) {
        self.add(check, text, Outcome::Skipped, Some(reason.to_string()), None);
    }
}

pub async fn run(context: &Context, flags: &DoctorArgs) -> Result<(), Failure> {
    let target = context.sdk_target(false, false)?;
    let mut checks = Checks::default();
    check_proxy(&mut checks, &target, context);
    match check_connection(&mut checks, context, &target).await? {
        Some(liveness) => {
            let clock = compare_clocks(liveness.date.as_deref(), stagepost_client::system_clock());
            checks.record("clock", Text::DoctorClock, &Text::DoctorClockHelp, clock);
            check_state(&mut checks, context, &target).await?;
            check_calls(&mut checks, context, &target, &flags.region).await?;
        }
        None => {
            for (check, text) in [
                ("clock", Text::DoctorClock),
                ("token", Text::DoctorToken),
                ("access_key", Text::DoctorKey),
                ("project", Text::DoctorProject),
                ("list", Text::DoctorList),
            ] {
                checks.skip(check, text, Text::DoctorUnreachable);
            }
        }
    }
    print(context, &target, &checks.0)?;
    match checks.0.iter().find(|check| check.result == Outcome::Failed).map(|check| check.check) {
        None => Ok(()),
        Some("token" | "access_key") => Err(Failure::without_message(REJECTED)),
        Some(_) => Err(Failure::without_message(ERROR)),
    }
}

fn check_proxy(checks: &mut Checks, target: &SdkTarget, context: &Context) {
    let env = context.env;
    let list = env("no_proxy").or_else(|| env("NO_PROXY")).unwrap_or_default();
    let host = target.host();
    if let Some(proxy) = proxy(env).filter(|_| !bypasses_proxy(&list, &host)) {
        let instruction = Text::DoctorProxyHelp.with(&[("host", &host)]);
        checks.add("proxy", Text::DoctorProxy, Outcome::Warning, Some(sanitize(&proxy)), Some(instruction));
    }
}

/// A client of the server that trusts, like an SDK, the given CA file only.
fn sdk_client(
    context: &Context,
    target: &SdkTarget,
    credentials: Option<Credentials>,
) -> Result<Client, Failure> {
    client_of(context, target, &target.server, credentials)
}

fn client_of(
    context: &Context,
    target: &SdkTarget,
    url: &str,
    credentials: Option<Credentials>,
) -> Result<Client, Failure> {
    let mut builder = Client::builder(url).credentials(credentials).language(context.language());
    if let Some(path) = &target.ca {
        builder = builder.only_ca(read_certificates(path)?);
    }
    Ok(builder.build()?)
}

/// Checks the connection and the certificate. Returns the response of the server, if any. A server with an
/// untrusted certificate counts as reachable.
async fn check_connection(
    checks: &mut Checks,
    context: &Context,
    target: &SdkTarget,
) -> Result<Option<Liveness>, Failure> {
    let response = sdk_client(context, target, None)?.livez().await;
    let untrusted = response.as_ref().is_err_and(|error| error.certificate);
    let outcome = if untrusted { Ok(()) } else { response.as_ref().map(drop).map_err(reason) };
    let reachable = checks.record("reachable", Text::DoctorReachable, &Text::DoctorReachableHelp, outcome);
    // The certificate of the https URL is checked even if the http URL is configured.
    let secure = context.sdk_target(false, true)?;
    if !reachable {
        checks.skip("certificate", Text::DoctorCertificate, Text::DoctorUnreachable);
    } else if !secure.server.starts_with("https://") {
        checks.skip("certificate", Text::DoctorCertificate, Text::DoctorNoHttps);
    } else {
        let response = match secure.server == target.server {
            true => response.clone(),
            false => sdk_client(context, &secure, None)?.livez().await,
        };
        let trusted = response.map(drop).map_err(|error| reason(&error));
        checks.record("certificate", Text::DoctorCertificate, &certificate_help(context, &secure), trusted);
    }
    Ok(response.ok())
}

/// Warns about what the server reports about its clock, the ids of repositories and its disk.
async fn check_state(checks: &mut Checks, context: &Context, target: &SdkTarget) -> Result<(), Failure> {
    // A server of an earlier version reports nothing.
    let details = sdk_client(context, target, None)?.readyz_details().await.unwrap_or_default();
    let problems = problems(&details);
    if !problems.is_empty() {
        let help = Some(Text::DoctorStateHelp.to_string());
        checks.add("state", Text::DoctorState, Outcome::Warning, Some(problems.join("; ")), help);
    }
    Ok(())
}

/// The lines of the server's state that are not `ok`.
fn problems(details: &str) -> Vec<&str> {
    let is_problem = |line: &&str| {
        let (name, state) = line.split_once(": ").unwrap_or_default();
        ["clock", "ids", "write-ahead log", "free space", "integrity check"].contains(&name)
            && !state.starts_with("ok")
    };
    details.lines().filter(is_problem).collect()
}

/// The instruction for an untrusted certificate: names the self-signed certificate of a local server, unless
/// that was used already.
fn certificate_help(context: &Context, target: &SdkTarget) -> String {
    let path = context.self_signed_certificate();
    let path = std::path::absolute(&path).unwrap_or(path);
    if target.is_local && path.exists() && target.ca.as_ref() != Some(&path) {
        return Text::DoctorCertificateFile.with(&[("path", &path.display())]);
    }
    Text::DoctorCertificateHelp.to_string()
}

/// Compares this machine's clock with the server's header `Date`. The error contains which one is ahead and by
/// how much.
fn compare_clocks(date: Option<&str>, now: i64) -> Result<(), String> {
    let ahead = seconds_ahead(date.ok_or_else(|| Text::DoctorNoDate.to_string())?, now)?;
    if ahead.abs() <= MAX_CLOCK_DIFFERENCE {
        return Ok(());
    }
    let text = if ahead > 0 { Text::DoctorClockAhead } else { Text::DoctorClockBehind };
    Err(text.with(&[("minutes", &ahead.unsigned_abs().div_ceil(60))]))
}

/// By how many seconds this machine's clock is ahead of the server's header `Date`.
fn seconds_ahead(date: &str, now: i64) -> Result<i64, String> {
    let server = jiff::fmt::rfc2822::parse(date).map_err(|_| Text::DoctorNoDate.to_string())?.timestamp();
    Ok(now - server.as_second())
}

/// Checks every available credential and the calls of an SDK.
async fn check_calls(
    checks: &mut Checks,
    context: &Context,
    target: &SdkTarget,
    region: &str,
) -> Result<(), Failure> {
    let token = target.token.as_deref().map(Credentials::token);
    let key = target.keys.clone().map(|(access, secret)| Credentials::access_key(access, secret));
    if token.is_none() && key.is_none() {
        let none = Err(Text::DoctorNotSet.to_string());
        checks.record("access_key", Text::DoctorKey, &Text::EnvNoCredentials, none);
    }
    let mut accepted = None;
    let mut signs = false;
    // The access key comes last, so that the further checks use it if it is valid.
    for (check, text, help, credentials) in [
        ("token", Text::DoctorToken, Text::DoctorTokenHelp, token),
        ("access_key", Text::DoctorKey, Text::DoctorKeyHelp, key),
    ] {
        let Some(credentials) = credentials else { continue };
        let client = sdk_client(context, target, Some(credentials.clone()))?;
        let outcome = client.whoami().await.map(drop).map_err(|error| reason(&error));
        if checks.record(check, text, &help, outcome) {
            accepted = Some((client, client_of(context, target, target.endpoint(), Some(credentials))?));
            signs = check == "access_key";
        }
    }
    let Some((client, sdk)) = accepted else {
        checks.skip("project", Text::DoctorProject, Text::DoctorNoCredential);
        checks.skip("list", Text::DoctorList, Text::DoctorNoCredential);
        return Ok(());
    };
    let below_path = target.endpoint() != target.server;
    let endpoint_help = Text::DoctorEndpointHelp.with(&[("endpoint", &target.endpoint())]);
    let help = |help: Text| if below_path { endpoint_help.clone() } else { help.to_string() };
    if signs {
        let projects = sdk.list_projects(region).await;
        let outcome = projects.map_err(|error| reason(&error)).and_then(|projects| match projects.len() {
            1 => Ok(()),
            count => Err(Text::DoctorProjectCount.with(&[("count", &count)])),
        });
        checks.record("project", Text::DoctorProject, &help(Text::DoctorProjectHelp), outcome);
    } else {
        // SDKs sign this call, so a check with a token proves nothing.
        checks.skip("project", Text::DoctorProject, Text::DoctorNoKey);
    }
    checks.record("list", Text::DoctorList, &help(Text::DoctorListHelp), list_jobs(&client, &sdk).await);
    Ok(())
}

/// Lists the jobs of the newest pipeline of one of the first repositories; without a pipeline, the
/// repositories. `sdk` is a client of the endpoint of SDKs.
async fn list_jobs(client: &Client, sdk: &Client) -> Result<(), String> {
    let message = |error: Error| reason(&error);
    let list = client.list_repositories(&RepositoryFilter::default(), 0, 10).await.map_err(message)?;
    for repository in list.repositories {
        let newest = client
            .list_pipelines(repository.id, &PipelineFilter::default(), None, 1)
            .await
            .map_err(message)?;
        if let Some(pipeline) = newest.pipelines.first() {
            let page = sdk.list_codearts_jobs(repository.id, pipeline.id, 0, 1).await.map_err(message)?;
            return page.total.map(drop).ok_or_else(|| Text::DoctorNoTotal.to_string());
        }
    }
    let response = sdk.raw(Method::GET, "/v4/user/repositories?limit=1", None).await;
    response.and_then(stagepost_client::RawResponse::success).map(drop).map_err(message)
}

fn print(context: &Context, target: &SdkTarget, checks: &[Check]) -> Result<(), Failure> {
    if context.output.json {
        return context.output.json(&checks);
    }
    let mut text = format!("{}\n", Text::EnvHeader.with(&[("server", &target.server)]));
    for check in checks {
        let symbol = match check.result {
            Outcome::Good => '✓',
            Outcome::Failed => '✗',
            Outcome::Warning => '!',
            Outcome::Skipped => '-',
        };
        text += &format!("{symbol} {}\n", check.text);
        for detail in [&check.reason, &check.instruction].into_iter().flatten() {
            text += &format!("    {}\n", sanitize(detail));
        }
    }
    context.output.text(&text)
}

#[cfg(test)]
mod tests {
    use super::{compare_clocks, problems, seconds_ahead};

    #[test]
    fn what_the_server_reports_is_ok_or_a_problem() {
        let good = "[+] store\ndurability: local\nclock: ok\nids: ok\nwrite-ahead log: ok, 3 MiB\nfree space: ok, 9 MiB\nok\n";
        assert_eq!(problems(good), [""; 0]);
        let bad = "clock: 9 s ahead\nids: nearly used up in 1 repository\nwrite-ahead log: large, 300 MiB\nfree space: nearly full, 2 MiB\nintegrity check: running\n";
        assert_eq!(problems(bad).len(), 5);
        assert_eq!(problems(""), [""; 0]);
    }

    #[test]
    fn a_clock_is_ahead_or_behind() {
        let date = "Tue, 24 Nov 2026 00:00:00 GMT";
        assert_eq!(seconds_ahead(date, 1_795_478_400), Ok(0));
        assert_eq!(seconds_ahead(date, 1_795_478_400 + 901), Ok(901));
        assert_eq!(seconds_ahead(date, 1_795_478_400 - 901), Ok(-901));
        assert!(seconds_ahead("yesterday", 0).is_err());
    }

    #[test]
    fn clocks_may_differ_by_fifteen_minutes() {
        let compare = |off: i64| compare_clocks(Some("Tue, 24 Nov 2026 00:00:00 GMT"), 1_795_478_400 + off);
        for off in [0, 900, -900] {
            assert_eq!(compare(off), Ok(()), "{off}");
        }
        assert!(compare(901).unwrap_err().contains("16 minutes ahead of the server's"));
        assert!(compare(-7200).unwrap_err().contains("120 minutes behind the server's"));
        assert!(compare_clocks(None, 0).is_err(), "a response without Date");
    }
}
