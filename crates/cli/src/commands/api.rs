//! `api`: sends any request to any API with the configured credential and prints the response body unchanged, or all
//! pages of a list as one array.

mod pages;

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::print_bytes;
use crate::settings::Context;
use stagepost_client::{Client, HeaderMap, HeaderName, HeaderValue, Method, RawBody, RawResponse};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The media type of a body without another one.
const JSON: &str = "application/json";

#[derive(Debug, clap::Args)]
pub struct ApiArgs {
    /// Path with query: /v4/user/repositories?limit=5
    path: String,
    /// HTTP method [default: GET, or POST with a body]
    #[arg(short = 'X', long)]
    method: Option<String>,
    /// Request body
    #[arg(long, value_name = "TEXT", conflicts_with = "input")]
    body: Option<String>,
    /// File with the request body, or - for stdin
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Media type of the request body [default: application/json]
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Header of the request, for example 'Accept: text/csv'; may be repeated. A credential replaces the configured one
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Print the status and the headers of the response before the body
    #[arg(short, long)]
    include: bool,
    /// Get all pages of a list and print their items as one JSON array
    #[arg(long, conflicts_with_all = ["include", "body", "input", "method"])]
    paginate: bool,
}

pub async fn run(context: &Context, flags: &ApiArgs) -> Result<(), Failure> {
    let mut headers = headers(&flags.header)?;
    let client = context.client()?;
    if flags.paginate {
        return print_all(&client, &flags.path, &headers).await;
    }
    let of_header = headers.remove("content-type").and_then(|value| value.to_str().ok().map(str::to_owned));
    let content_type = flags.content_type.clone().or(of_header).unwrap_or_else(|| JSON.to_owned());
    let body = body(flags)?.map(|bytes| RawBody { content_type, bytes });
    let name = flags.method.as_deref().unwrap_or(if body.is_some() { "POST" } else { "GET" });
    let method = Method::from_bytes(name.to_uppercase().as_bytes())
        .map_err(|_| Failure::usage(Text::InvalidMethod.with(&[("method", &name)])))?;
    let response = client.raw_with_headers(method, &flags.path, headers, body).await?;
    if flags.include {
        print_bytes(head(&response).as_bytes())?;
    }
    print_bytes(&response.body)?;
    // The next output starts on a new line.
    if response.body.last().is_some_and(|byte| *byte != b'\n') {
        print_bytes(b"\n")?;
    }
    response.success()?;
    Ok(())
}

/// Prints the items of all pages. Nothing is printed if a page cannot be read.
async fn print_all(client: &Client, path: &str, headers: &HeaderMap) -> Result<(), Failure> {
    let mut items = Vec::new();
    let (mut seen, mut next) = (BTreeSet::new(), Some(path.to_owned()));
    while let Some(target) = next {
        let response =
            client.raw_with_headers(Method::GET, &target, headers.clone(), None).await?.success()?;
        let links = (response.header("link"), response.header("x-total"));
        let page = pages::read(&target, client.base_url().path(), links, &response.body);
        let page = page.ok_or_else(|| Failure::error(Text::NotAList.with(&[("path", &target)])))?;
        items.extend(page.items);
        seen.insert(target);
        // A faulty server cannot cause an endless loop.
        next = page.next.filter(|next| !seen.contains(next));
    }
    let mut text = serde_json::to_vec(&items).map_err(Failure::error)?;
    text.push(b'\n');
    print_bytes(&text)
}

/// The status and the headers, as HTTP/1.1 writes them.
fn head(response: &RawResponse) -> String {
    let mut text = format!("HTTP/1.1 {}\n", response.status);
    for (name, value) in &response.headers {
        text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    }
    text.push('\n');
    text
}

fn headers(given: &[String]) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    for text in given {
        let invalid = || Failure::usage(Text::InvalidHeader.with(&[("text", &text)]));
        let (name, value) = text.split_once(':').ok_or_else(invalid)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| invalid())?;
        headers.append(name, HeaderValue::from_str(value.trim()).map_err(|_| invalid())?);
    }
    Ok(headers)
}

fn body(flags: &ApiArgs) -> Result<Option<Vec<u8>>, Failure> {
    Ok(Some(match (&flags.body, &flags.input) {
        (Some(text), _) => text.clone().into_bytes(),
        (None, Some(path)) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes)?;
            bytes
        }
        (None, Some(path)) => std::fs::read(path).map_err(|error| Failure::file(path, &error))?,
        (None, None) => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_or_refused() {
        let given = ["Accept: text/csv", "X-A:1"].map(str::to_owned);
        let read = headers(&given).unwrap();
        assert!(read["accept"] == "text/csv" && read["x-a"] == "1", "{read:?}");
        for bad in ["no colon", "a b: c", ": x", "a: \u{1}"] {
            let failure = headers(&[bad.to_owned()]).unwrap_err();
            assert_eq!(failure.code(), 2, "{bad}");
        }
    }
}
