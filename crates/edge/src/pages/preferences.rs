//! What a person chose for all pages, kept in cookies of their own: language, theme, zone of times.

use super::{next, own_form};
use crate::http::cookies;
use crate::http::query::Query;
use crate::http::reply::Reply;
use crate::language;
use crate::routes::{Anybody, Ctx};
use domain::error::{Invalid, Problem, Result};
use pages::{Theme, zones};

pub const THEME: &str = "stagepost-theme";
pub const ZONE: &str = "stagepost-zone";
const YEAR: i64 = 365 * 86_400;

pub async fn set(ctx: Ctx<Anybody>) -> Result<Reply> {
    own_form(&ctx.request)?;
    let form = form(ctx.request.body()?)?;
    let mut lines = Vec::new();
    let known = |name: &str, value: &str| match name {
        "language" => ["zh", "en"].contains(&value),
        "theme" => Theme::parse(value).is_some(),
        _ => zones::parse(value).is_some(),
    };
    for (name, cookie) in [("language", language::COOKIE), ("theme", THEME), ("zone", ZONE)] {
        let Some(value) = form.get(name)? else { continue };
        if !known(name, value) {
            return Err(Invalid::new(name, Problem::Unknown).into());
        }
        lines.push(cookies::set(cookie, value, YEAR, "; SameSite=Lax"));
    }
    let to = next(form.get("next")?.unwrap_or_default());
    Ok(Reply::see_other(to).header_lines("set-cookie", &lines))
}

/// The fields of a form.
pub fn form(body: &[u8]) -> Result<Query, Invalid> {
    let text = std::str::from_utf8(body).map_err(|_| Invalid::new("body", Problem::ControlCharacter))?;
    Ok(Query::parse(text))
}
