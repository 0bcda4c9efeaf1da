//! What a form brings, and the same page again where something of it is refused.

use crate::catalogue;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::language::Language;
use crate::routes::Incoming;
use domain::error::{Error, Result};
use pages::forms::SubmittedForm;
use pages::{Notice, links};

/// The fields that were sent.
pub fn fields(request: &Incoming) -> Result<Query> {
    Ok(super::preferences::form(request.body()?)?)
}

/// A field without white space around it; `None` where it is empty.
pub fn text(fields: &Query, name: &str) -> Result<Option<String>> {
    Ok(fields.get(name)?.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned))
}

/// Whether a box was ticked.
pub fn ticked(fields: &Query, name: &str) -> Result<bool> {
    Ok(fields.get(name)?.is_some())
}

/// What is shown with the form again: what was typed, and what was refused beside its field, or of no field that the form has.
///
/// # Errors
/// What is no refusal of what was typed.
pub fn refused(
    form: &str,
    known: &[&str],
    fields: &Query,
    error: &Error,
    language: Language,
) -> Result<SubmittedForm> {
    let refused = match error {
        Error::Invalid(invalid) if known.contains(&invalid.field.as_ref()) => {
            (invalid.field.to_string(), catalogue::problem(invalid, language))
        }
        Error::Invalid(_) | Error::NotFound { .. } => {
            (String::new(), catalogue::describe(error, language).message)
        }
        other => return Err(other.clone()),
    };
    let secret = |name: &str| matches!(name, "password" | "secret");
    let values = fields.pairs().iter().filter(|(name, _)| !secret(name)).cloned().collect();
    Ok(SubmittedForm { form: form.to_owned(), values, error: Some(refused) })
}

/// The way on after something was done, which the page there says.
pub fn done(path: &str, notice: Notice) -> Reply {
    Reply::see_other(&links::address(path, &[("notice", notice.as_str())]))
}

/// What was just done, as the address says it.
pub fn notice(request: &Incoming) -> Result<Option<Notice>> {
    Ok(request.query.get("notice")?.and_then(Notice::parse))
}
