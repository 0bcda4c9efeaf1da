//! The preferences of a user, in cookies: language, theme and time zone.

use super::forms::{check_origin, parse, redirect_target};
use crate::http::cookies;
use crate::http::reply::Reply;
use crate::language;
use crate::routes::{Context, Public};
use domain::error::{Invalid, Problem, Result};
use pages::{Theme, zones};

pub const THEME: &str = "stagepost-theme";
pub const ZONE: &str = "stagepost-zone";
const YEAR: i64 = 365 * 86_400;

pub async fn set(ctx: Context<Public>) -> Result<Reply> {
    check_origin(&ctx.request)?;
    let form = parse(ctx.request.body()?)?;
    let mut set_cookies = Vec::new();
    let valid = |name: &str, value: &str| match name {
        "language" => ["zh", "en"].contains(&value),
        "theme" => Theme::parse(value).is_some(),
        _ => zones::parse(value).is_some(),
    };
    for (name, cookie) in [("language", language::COOKIE), ("theme", THEME), ("zone", ZONE)] {
        let Some(value) = form.get(name)? else { continue };
        if !valid(name, value) {
            return Err(Invalid::new(name, Problem::Unknown).into());
        }
        set_cookies.push(cookies::set(cookie, value, ctx.request.cookie_path(), YEAR, "; SameSite=Lax"));
    }
    let to = redirect_target(form.get("next")?.unwrap_or_default());
    Ok(Reply::see_other(to).append_headers("set-cookie", &set_cookies))
}
