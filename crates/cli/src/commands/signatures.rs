//! `explain-signature`: explains why the server rejects a signature, line by line.

mod capture;

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use crate::terminal::sanitize;
use stagepost_client::ErrorKind;
use stagepost_client::signatures::Explanation;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// File with the request as sent: raw HTTP, or the output of `curl -v` [default: - for stdin]
    #[arg(conflicts_with = "last")]
    file: Option<PathBuf>,
    /// Explain the latest rejected signature of the access key
    #[arg(long)]
    last: bool,
    /// With --last: explain all rejected signatures that the server has stored
    #[arg(long, requires = "last")]
    all: bool,
    /// Access key for --last [default: STAGEPOST_AK, CLOUD_SDK_AK or HUAWEICLOUD_SDK_AK, or that of the
    /// administrator]
    #[arg(long, value_name = "AK", requires = "last")]
    access_key: Option<String>,
    /// File with the signer's canonical request, for comparison
    #[arg(long, value_name = "FILE", conflicts_with = "last")]
    canonical_request: Option<PathBuf>,
}

pub async fn run(context: &Context, flags: &ExplainArgs) -> Result<(), Failure> {
    let client = context.client()?;
    if flags.last {
        let from_environment = || context.access_key().map(|(access, _)| access);
        let of_admin = || context.admin().map(|admin| admin.access_key);
        let access = flags.access_key.clone().or_else(from_environment).or_else(of_admin);
        let access = access.ok_or_else(|| Failure::usage(Text::ExplainNoKey))?;
        let limit = if flags.all { 32 } else { 1 };
        let failures = client.signature_failures(&access, limit).await;
        let failures = failures.map_err(|error| to_failure(error, &access))?;
        if failures.is_empty() && !context.output.json {
            return context
                .output
                .text(&format!("{}\n", Text::ExplainNoFailures.with(&[("access", &access)])));
        }
        return print(context, &failures);
    }
    let captured = read(flags.file.as_deref())?;
    let mut request = capture::parse(&captured).ok_or_else(|| Failure::error(Text::ExplainNoRequest))?;
    if let Some(path) = &flags.canonical_request {
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        request.canonical_request = Some(text);
    }
    let access = capture::access_key(&request).unwrap_or_default();
    let explanation = client.explain_signature(&request).await.map_err(|error| to_failure(error, &access))?;
    print(context, &[explanation])
}

/// Explains errors of these calls. The server does not distinguish a foreign key from one that does not
/// exist. A rejected credential is probably the key whose signature the caller wants to check.
fn to_failure(error: stagepost_client::Error, access: &str) -> Failure {
    match error.kind {
        ErrorKind::NotFound => {
            Failure::error(Text::ExplainKeyNotFound.with(&[("access", &sanitize(access))]))
        }
        ErrorKind::Rejected => {
            Failure::credential_rejected(Text::ExplainNeedsToken.with(&[("reason", &error)]))
        }
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

fn print(context: &Context, explanations: &[Explanation]) -> Result<(), Failure> {
    if context.output.json {
        return context.output.json(&explanations);
    }
    let texts: Vec<String> = explanations.iter().map(format_explanation).collect();
    context.output.text(&texts.join("\n"))
}

/// The findings, the canonical requests with marked differences, and the string to sign.
fn format_explanation(explanation: &Explanation) -> String {
    let mut out = format!(
        "{}  {}  {}\n",
        explanation.access_key,
        explanation.algorithm,
        sanitize(&explanation.request)
    );
    if let Some(received) = &explanation.received {
        let from = received.from.as_deref().unwrap_or("-");
        let values: [(&str, &dyn std::fmt::Display); 3] =
            [("at", &received.at), ("from", &from), ("id", &received.request_id)];
        out += &format!("{}\n", Text::ExplainReceived.with(&values));
    }
    for finding in &explanation.findings {
        out += &format!("• {}\n", sanitize(&finding.text));
    }
    out += &format!("\n{}\n", Text::ExplainCanonical);
    out += &compare_lines(&explanation.canonical_request, explanation.signer_canonical_request.as_deref());
    out += &format!("\n{}\n", Text::ExplainStringToSign);
    for line in explanation.string_to_sign.split('\n') {
        out += &format!("    {}\n", sanitize(line));
    }
    out
}

/// The lines of the server and the signer. Equal lines are printed once, the first difference is marked.
fn compare_lines(server: &str, signer: Option<&str>) -> String {
    let ours: Vec<&str> = server.split('\n').collect();
    let theirs: Option<Vec<&str>> = signer.map(|signer| signer.split('\n').collect());
    let count = ours.len().max(theirs.as_ref().map_or(0, Vec::len));
    let (mut out, mut differs) = (String::new(), false);
    for at in 0..count {
        let (our, their) = (ours.get(at), theirs.as_ref().and_then(|lines| lines.get(at)));
        if theirs.is_none() || our == their {
            out += &format!("{:>3} {}\n", at + 1, sanitize(our.unwrap_or(&"")));
            continue;
        }
        let mark = if differs { ' ' } else { '▶' };
        differs = true;
        for (side, line) in [(Text::ExplainServer, our), (Text::ExplainSigner, their)] {
            out += &format!("{:>3} {mark} {side} {}\n", at + 1, sanitize(line.unwrap_or(&"")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::compare_lines;

    #[test]
    fn the_first_difference_is_marked() {
        assert_eq!(compare_lines("GET\n/a/", None), "  1 GET\n  2 /a/\n");
        assert_eq!(compare_lines("GET\n/a/", Some("GET\n/a/")), "  1 GET\n  2 /a/\n");
        let lines = compare_lines("GET\n/a/\nx\n", Some("GET\n/b/\ny"));
        let marks: Vec<_> = lines.lines().map(|line| line.contains('▶')).collect();
        assert_eq!(marks, [false, true, true, false, false, false, false]);
        assert!(lines.contains("/a/") && lines.contains("/b/"));
    }
}
