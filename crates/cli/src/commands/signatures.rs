//! `explain-signature`: why the server refuses a signature, line by line.

mod capture;

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::clean;
use crate::settings::Context;
use stagepost_client::ErrorKind;
use stagepost_client::signatures::Explanation;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// File with the request as it was sent: raw HTTP, or what `curl -v` printed; - or nothing for standard input
    #[arg(conflicts_with = "last")]
    file: Option<PathBuf>,
    /// Explain the newest signature that the server refused of the access key
    #[arg(long)]
    last: bool,
    /// With --last: explain all that the server remembers
    #[arg(long, requires = "last")]
    all: bool,
    /// The access key for --last [default: STAGEPOST_AK, CLOUD_SDK_AK or HUAWEICLOUD_SDK_AK, else the administrator's]
    #[arg(long, value_name = "AK", requires = "last")]
    access_key: Option<String>,
    /// File with the canonical request that the signer made, to compare with
    #[arg(long, value_name = "FILE", conflicts_with = "last")]
    canonical_request: Option<PathBuf>,
}

pub async fn run(context: &Context, flags: &ExplainArgs) -> Result<(), Failure> {
    let client = context.client()?;
    if flags.last {
        let known = || context.access_key().map(|(access, _)| access);
        let own = || context.admin().map(|admin| admin.access_key);
        let access = flags.access_key.clone().or_else(known).or_else(own);
        let access = access.ok_or_else(|| Failure::usage(Text::ExplainNoKey))?;
        let limit = if flags.all { 32 } else { 1 };
        let failures = client.signature_failures(&access, limit).await;
        let failures = failures.map_err(|error| unknown(error, &access))?;
        if failures.is_empty() && !context.output.json {
            return context.output.text(&format!("{}\n", Text::ExplainNothing.with(&[("access", &access)])));
        }
        return show(context, &failures);
    }
    let captured = read(flags.file.as_deref())?;
    let mut request = capture::read(&captured).ok_or_else(|| Failure::error(Text::ExplainNoRequest))?;
    if let Some(path) = &flags.canonical_request {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        request.canonical_request = Some(text);
    }
    let access = capture::access_key(&request).unwrap_or_default();
    let explained = client.explain_signature(&request).await.map_err(|error| unknown(error, &access))?;
    show(context, &[explained])
}

/// What a refusal means here. A key that is not the caller's, or nobody's: both are the same to others than administrators. And the key
/// that does not fit is a poor credential to ask with.
fn unknown(error: stagepost_client::Error, access: &str) -> Failure {
    match error.kind {
        ErrorKind::NotFound => Failure::error(Text::ExplainNotYours.with(&[("access", &clean(access))])),
        ErrorKind::Rejected => Failure::rejected(Text::ExplainNeedsToken.with(&[("why", &error)])),
        _ => error.into(),
    }
}

fn read(file: Option<&Path>) -> Result<Vec<u8>, Failure> {
    let path = file.filter(|path| *path != Path::new("-"));
    if let Some(path) = path {
        return std::fs::read(path).map_err(|error| Failure::file(path, &error));
    }
    let mut input = std::io::stdin().lock();
    if input.is_terminal() {
        return Err(Failure::usage(Text::ExplainNoInput));
    }
    let mut captured = Vec::new();
    input.read_to_end(&mut captured)?;
    Ok(captured)
}

fn show(context: &Context, explained: &[Explanation]) -> Result<(), Failure> {
    if context.output.json {
        return context.output.json(&explained);
    }
    let texts: Vec<String> = explained.iter().map(text).collect();
    context.output.text(&texts.join("\n"))
}

/// What is wrong first, then the two texts with the line that differs.
fn text(explained: &Explanation) -> String {
    let mut out =
        format!("{}  {}  {}\n", explained.access_key, explained.algorithm, clean(&explained.request));
    if let Some(received) = &explained.received {
        let from = received.from.as_deref().unwrap_or("-");
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("at", &received.at), ("from", &from), ("id", &received.request_id)];
        out += &format!("{}\n", Text::ExplainReceived.with(&values));
    }
    for finding in &explained.findings {
        out += &format!("• {}\n", clean(&finding.text));
    }
    out += &format!("\n{}\n", Text::ExplainCanonical);
    out += &compared(&explained.canonical_request, explained.signer_canonical_request.as_deref());
    out += &format!("\n{}\n", Text::ExplainStringToSign);
    for line in explained.string_to_sign.split('\n') {
        out += &format!("    {}\n", clean(line));
    }
    out
}

/// The server's lines beside the signer's: once where they are the same, the first line that differs marked.
fn compared(server: &str, signer: Option<&str>) -> String {
    let ours: Vec<&str> = server.split('\n').collect();
    let theirs: Option<Vec<&str>> = signer.map(|signer| signer.split('\n').collect());
    let count = ours.len().max(theirs.as_ref().map_or(0, Vec::len));
    let (mut out, mut differs) = (String::new(), false);
    for at in 0..count {
        let (our, their) = (ours.get(at), theirs.as_ref().and_then(|lines| lines.get(at)));
        if theirs.is_none() || our == their {
            out += &format!("{:>3} {}\n", at + 1, clean(our.unwrap_or(&"")));
            continue;
        }
        let mark = if differs { ' ' } else { '▶' };
        differs = true;
        for (whose, line) in [(Text::ExplainServer, our), (Text::ExplainSigner, their)] {
            out += &format!("{:>3} {mark} {whose} {}\n", at + 1, clean(line.unwrap_or(&"")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::compared;

    #[test]
    fn the_first_line_that_differs_is_marked() {
        assert_eq!(compared("GET\n/a/", None), "  1 GET\n  2 /a/\n");
        assert_eq!(compared("GET\n/a/", Some("GET\n/a/")), "  1 GET\n  2 /a/\n");
        let lines = compared("GET\n/a/\nx\n", Some("GET\n/b/\ny"));
        let marks: Vec<_> = lines.lines().map(|line| line.contains('▶')).collect();
        assert_eq!(marks, [false, true, true, false, false, false, false]);
        assert!(lines.contains("/a/") && lines.contains("/b/"));
    }
}
