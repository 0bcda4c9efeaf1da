//! Forms: their fields, the check of their origin, the target after them, and the errors that the page shows
//! beside a field.

use crate::auth::cookie;
use crate::catalogue;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::request::IncomingRequest;
use crate::state::{Edge, FormClaim};
use domain::error::{Error, Invalid, Result};
use pages::forms::SubmittedForm;
use pages::layout::FORM_ID;
use pages::{Notice, links};

/// The field for the password of the signed-in user.
pub const CONFIRMATION: &str = "current_password";

/// Parses the body of a form.
///
/// # Errors
/// As [`Query::parse_form`].
pub fn parse(body: &[u8]) -> Result<Query, Invalid> {
    Query::parse_form(body)
}

/// Refuses a form that another site submitted. A request without `Origin` does not come from a browser.
///
/// # Errors
/// [`Error::OtherOrigin`].
pub fn check_origin(request: &IncomingRequest) -> Result<()> {
    cookie::check_origin(request, false)
}

/// The target of a redirect: `wanted` if it is a path of this server, else the list of repositories.
pub fn redirect_target(wanted: &str) -> &str {
    let local = wanted.starts_with('/')
        && !wanted.starts_with("//")
        && !wanted.contains('\\')
        && wanted.bytes().all(|b| b.is_ascii_graphic());
    if local { wanted } else { "/repositories" }
}

/// The fields that were submitted.
pub fn fields(request: &IncomingRequest) -> Result<Query> {
    Ok(parse(request.body()?)?)
}

/// The value of a field without white space around it; `None` if it is empty.
pub fn text(fields: &Query, name: &str) -> Result<Option<String>> {
    Ok(fields.get(name)?.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// Whether a checkbox is checked.
pub fn checked(fields: &Query, name: &str) -> Result<bool> {
    Ok(fields.get(name)?.is_some())
}

/// The state of a form with an error: the typed values, and the message beside its field, or above the form
/// if the form does not have the field.
///
/// # Errors
/// `error` itself, if it is not about the values, or if the client wants JSON: that of the page has no place
/// for it.
pub fn with_error(
    form: &str,
    known: &[&str],
    fields: &Query,
    error: &Error,
    request: &IncomingRequest,
) -> Result<SubmittedForm> {
    let language = request.language;
    let message = match error {
        _ if request.wants_json => return Err(error.clone()),
        Error::Invalid(invalid) if known.contains(&invalid.field.as_ref()) => {
            (invalid.field.to_string(), catalogue::problem(invalid, language))
        }
        Error::Outlives { .. } if known.contains(&CONFIRMATION) => {
            (CONFIRMATION.to_owned(), catalogue::describe(error, language).message)
        }
        Error::Invalid(_) | Error::NotFound { .. } => {
            (String::new(), catalogue::describe(error, language).message)
        }
        other => return Err(other.clone()),
    };
    let secret = |name: &str| matches!(name, "password" | "secret" | "token" | CONFIRMATION);
    let values = fields.pairs().iter().filter(|(name, _)| !secret(name)).cloned().collect();
    Ok(SubmittedForm { form: form.to_owned(), values, error: Some(message) })
}

/// The redirect after a change. The target page shows the notice.
pub fn done(path: &str, notice: Notice) -> Reply {
    Reply::see_other(&links::address(path, &[("notice", notice.as_str())]))
}

/// Claims the form of these fields; `None` if it was submitted before. The claim is kept when the form succeeds.
///
/// # Errors
/// As [`Query::get`].
pub fn claim<'a>(edge: &'a Edge, fields: &Query) -> Result<Option<FormClaim<'a>>> {
    Ok(edge.submitted_forms.claim(fields.get(FORM_ID)?.unwrap_or_default()))
}

/// The notice in the address of a page.
pub fn notice(request: &IncomingRequest) -> Result<Option<Notice>> {
    Ok(request.query.get("notice")?.and_then(Notice::parse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_this_server() {
        for local in ["/", "/repositories/1/pipelines?ref=a%2Fb", "/x?next=//y"] {
            assert_eq!(redirect_target(local), local);
        }
        for other in [
            "",
            "//evil",
            "https://evil",
            "/\\evil",
            "\\/evil",
            "evil",
            "/\tevil",
            "/a\r\nx: y",
            "javascript:x",
        ] {
            assert_eq!(redirect_target(other), "/repositories", "{other:?}");
        }
    }
}
