//! A page of a list of any API, and the address of the next one.
//!
//! | API | next page |
//! |---|---|
//! | GitLab, GitHub, Gitea | the header `Link` with `rel="next"` |
//! | native | a member `next_NAME`, the value of the query parameter `NAME`; null on the last page |
//! | Bitbucket | `start=` the member `nextPageStart`, until `isLastPage` |
//! | CodeArts | `offset` until the total of `X-Total` or `total` |
//!
//! Must not know: requests.

use serde_json::Value;
use stagepost_client::Url;

/// The items of a page.
#[derive(Debug, PartialEq)]
pub struct Page {
    pub items: Vec<Value>,
    /// Path and query of the next page.
    pub next: Option<String>,
}

/// Reads the response to `target`. `base` is the path of the server; the headers are `Link` and `X-Total`. `None` if
/// the body is not a list.
pub fn read(
    target: &str,
    base: &str,
    (link, total): (Option<&str>, Option<&str>),
    body: &[u8],
) -> Option<Page> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let (items, members) = match body {
        Value::Array(items) => (items, None),
        Value::Object(mut members) => {
            let lists: Vec<String> =
                members.iter().filter(|(_, value)| value.is_array()).map(|(name, _)| name.clone()).collect();
            let [list] = &lists[..] else { return None };
            let Some(Value::Array(items)) = members.remove(list) else { return None };
            (items, Some(members))
        }
        _ => return None,
    };
    if let Some(link) = link {
        return Some(Page { items, next: linked(link, base) });
    }
    let members = members.unwrap_or_default();
    if let Some(is_last) = members.get("isLastPage") {
        let start = members.get("nextPageStart").and_then(Value::as_u64);
        let start = start.filter(|_| is_last.as_bool() == Some(false));
        let next = start.and_then(|start| with_parameter(target, "start", &start.to_string()));
        return Some(Page { items, next });
    }
    let cursor = members.iter().find_map(|(name, value)| Some((name.strip_prefix("next_")?, value)));
    if let Some((name, value)) = cursor {
        let value = match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let next = value.and_then(|value| with_parameter(target, name, &value));
        return Some(Page { items, next });
    }
    let total = total.and_then(|total| total.parse().ok()).or_else(|| members.get("total")?.as_u64());
    let offset = parameter(target, "offset").and_then(|offset| offset.parse().ok()).unwrap_or(0_u64);
    let read = offset.saturating_add(items.len() as u64);
    let has_more = !items.is_empty() && total.is_some_and(|total| read < total);
    let next = if has_more { with_parameter(target, "offset", &read.to_string()) } else { None };
    Some(Page { items, next })
}

/// The target of `rel="next"`, below the path of the server. Its host is not used: a credential is sent to no other one.
fn linked(link: &str, base: &str) -> Option<String> {
    let next = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let address = next.split_once('<')?.1.split_once('>')?.0;
    let url = Url::parse("http://server.invalid").ok()?.join(address).ok()?;
    let path = url.path().strip_prefix(base.trim_end_matches('/')).unwrap_or(url.path());
    Some(match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
}

fn url(target: &str) -> Option<Url> {
    Url::parse(&format!("http://server.invalid/{}", target.trim_start_matches('/'))).ok()
}

fn parameter(target: &str, name: &str) -> Option<String> {
    url(target)?.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

/// The target with another value of a query parameter.
fn with_parameter(target: &str, name: &str, value: &str) -> Option<String> {
    let mut url = url(target)?;
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(known, _)| known != name)
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(name, value);
    Some(format!("{}?{}", url.path(), url.query().unwrap_or_default().replace('+', "%20")))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn next(target: &str, link: Option<&str>, total: Option<&str>, body: &str) -> Option<String> {
        read(target, "/ci/", (link, total), body.as_bytes()).unwrap().next
    }

    #[test]
    fn the_next_page_of_every_api_is_found() {
        let link = "<https://other.example/ci/api/v4/projects?page=1>; rel=\"prev\", \
                    <https://other.example/ci/api/v4/projects?page=3&x=a%20b>; rel=\"next\"";
        assert_eq!(
            next("/api/v4/projects?page=2", Some(link), None, "[]").unwrap(),
            "/api/v4/projects?page=3&x=a%20b"
        );
        assert_eq!(next("/x", Some("</x?page=1>; rel=\"first\""), Some("9"), "[1]"), None);
        let native =
            |body: &str| next("/native/v1/repositories/7/jobs?limit=2&before=9&name=a%20b", None, None, body);
        let expected = "/native/v1/repositories/7/jobs?limit=2&name=a%20b&before=5";
        assert_eq!(native(r#"{"jobs":[1,2],"next_before":5,"total":9}"#).unwrap(), expected);
        assert_eq!(native(r#"{"jobs":[1,2],"next_before":null,"total":9}"#), None);
        assert_eq!(next("/v4/x?limit=2", None, Some("3"), "[1,2]").unwrap(), "/v4/x?limit=2&offset=2");
        assert_eq!(next("/v4/x?limit=2&offset=2", None, Some("3"), "[1]"), None);
        assert_eq!(
            next("/v4/x?offset=1", None, None, r#"{"total":5,"jobs":[1]}"#).unwrap(),
            "/v4/x?offset=2"
        );
        assert_eq!(next("/v4/x?offset=9", None, Some("99"), "[]"), None, "an empty page is the last");
        let bitbucket = |body: &str| next("/rest/x?start=0&limit=2", None, None, body);
        let page = r#"{"size":2,"isLastPage":false,"values":[1,2],"start":0,"nextPageStart":2}"#;
        assert_eq!(bitbucket(page).unwrap(), "/rest/x?limit=2&start=2");
        assert_eq!(bitbucket(r#"{"size":1,"isLastPage":true,"values":[3],"nextPageStart":null}"#), None);
    }

    #[test]
    fn only_a_list_has_pages() {
        for body in ["{}", "7", r#"{"a":[],"b":[]}"#, "no json"] {
            assert_eq!(read("/x", "/", (None, None), body.as_bytes()), None, "{body}");
        }
        assert_eq!(read("/x", "/", (None, None), b"[1,2]").unwrap().items.len(), 2);
    }
}
