//! `doctor`: does everything work that an SDK needs? Each line that fails says what to do.

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use client::repositories::RepositoryFilter;
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    good: bool,
    what_to_do: Option<&'static str>,
    why: Option<String>,
}

fn check(name: Text, help: Text, result: Result<(), String>) -> Check {
    let why = result.err();
    Check { check: name.text(), good: why.is_none(), what_to_do: why.is_some().then(|| help.text()), why }
}

pub async fn run(context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    let mut checks = Vec::new();
    let alive = client.livez().await;
    let date = alive.as_ref().ok().and_then(|alive| alive.date.clone());
    let reachable = alive.map(drop).map_err(|error| error.to_string());
    let there = reachable.is_ok();
    checks.push(check(Text::DoctorReachable, Text::DoctorReachableHelp, reachable));
    if there {
        checks.push(check(Text::DoctorClock, Text::DoctorClockHelp, clock(date.as_deref())));
        let known = client.whoami().await.map(drop).map_err(|error| error.to_string());
        checks.push(check(Text::DoctorCredential, Text::DoctorCredentialHelp, known));
        let one = match client.list_projects("cn-north-4").await {
            Ok(projects) if projects.len() == 1 => Ok(()),
            Ok(projects) => Err(projects.len().to_string()),
            Err(error) => Err(error.to_string()),
        };
        checks.push(check(Text::DoctorProject, Text::DoctorProjectHelp, one));
        let list = client.list_repositories(&RepositoryFilter::default(), 0, 1).await;
        checks.push(check(
            Text::DoctorList,
            Text::DoctorListHelp,
            list.map(drop).map_err(|error| error.to_string()),
        ));
    }
    let good = checks.iter().all(|check| check.good);
    if context.output.json {
        context.output.json(&checks)?;
    } else {
        let mut text = String::new();
        for check in &checks {
            text += &format!("{} {}\n", if check.good { '✓' } else { '✗' }, check.check);
            for more in [check.why.as_deref(), check.what_to_do].into_iter().flatten() {
                text += &format!("    {}\n", crate::output::clean(more));
            }
        }
        context.output.text(&text)?;
    }
    if good { Ok(()) } else { Err(Failure::silent(1)) }
}

fn clock(date: Option<&str>) -> Result<(), String> {
    let date = date.ok_or_else(|| "no Date header".to_owned())?;
    let server = jiff::fmt::rfc2822::parse(date).map_err(|error| error.to_string())?.timestamp().as_second();
    let off = client::system_clock() - server;
    if off.abs() < 15 * 60 { Ok(()) } else { Err(format!("{off} s")) }
}
