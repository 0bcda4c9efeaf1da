//! The API Explorer: every operation of the documents, one with its form, and the token that its calls are made with.

mod catalogue;

use super::frame::{frame, visitor};
use super::html;
use crate::catalogue::ALL;
use crate::http::fields::{self, Fields};
use crate::http::reply::Reply;
use crate::routes::{Anybody, Ctx, SomeUser};
use domain::actions::tokens;
use domain::error::{Error, Result};
use domain::model::access::Scope;
use pages::explorer::{Explorer, KnownError, OperationPage};
use pages::messages::Text;
use serde_json::json;

/// What the token is called in the list of a person's sessions.
const TOKEN: &str = "API Explorer";

pub async fn list(ctx: Ctx<Anybody>) -> Result<Reply> {
    let q = ctx.request.query.get("q")?.unwrap_or_default().trim();
    let mut dialects = catalogue::dialects(&ctx.edge, ctx.request.language);
    for group in dialects.iter_mut().flat_map(|dialect| &mut dialect.groups) {
        group.operations.retain(|operation| operation.matches(q));
    }
    for dialect in &mut dialects {
        dialect.groups.retain(|group| !group.operations.is_empty());
    }
    dialects.retain(|dialect| !dialect.groups.is_empty());
    if ctx.request.wants_json {
        let all = dialects.iter().flat_map(|dialect| &dialect.groups).flat_map(|group| &group.operations);
        let operations: Vec<_> = all.map(catalogue::json).collect();
        return Reply::json(&json!({ "operations": operations }));
    }
    let frame = frame(&ctx.edge, &ctx.request, &visitor(&ctx.edge, &ctx.request).await);
    Ok(html(Explorer { frame: &frame, q, dialects }.html()))
}

pub async fn show(ctx: Ctx<Anybody>) -> Result<Reply> {
    let wanted = ctx.request.param("operation");
    let found = catalogue::find(catalogue::dialects(&ctx.edge, ctx.request.language), wanted);
    let mut operation = found.ok_or(Error::NotFound { noun: "page" })?;
    let body =
        operation.body.iter_mut().flat_map(|body| &mut body.fields).filter(|field| field.in_page_address);
    for parameter in operation.parameters.iter_mut().chain(body) {
        let value = ctx.request.query.get(&parameter.name)?.unwrap_or_default();
        parameter.value = value.chars().filter(|c| !c.is_control()).collect();
    }
    if let Some(body) = &mut operation.body {
        catalogue::write(body);
    }
    let json = catalogue::json(&operation);
    if ctx.request.wants_json {
        return Reply::json(&json);
    }
    let frame = frame(&ctx.edge, &ctx.request, &visitor(&ctx.edge, &ctx.request).await);
    let base = ctx.request.base_url();
    let errors = ALL.iter().map(|entry| KnownError {
        code: entry.code,
        text: Text::new(entry.zh, entry.en),
        advice: Text::new(entry.do_zh, entry.do_en),
    });
    let page = OperationPage {
        frame: &frame,
        operation: &operation,
        json: json.to_string(),
        base: &base,
        errors: errors.collect(),
    };
    Ok(html(page.html()))
}

/// A token of 15 minutes for the calls of one page: to read, or, when the person says so or asks why a signature does not fit, for all that
/// the person may do.
pub async fn token(ctx: Ctx<SomeUser>) -> Result<Reply> {
    let value = fields::parse(ctx.request.body()?)?;
    let writes = Fields::of("token", &value)?.boolean("writes")?.unwrap_or(false);
    let scope = if writes { Scope::Full } else { Scope::Read };
    let (word, token) = tokens::create_brief(&ctx.edge.app, &ctx.proof, scope, TOKEN.to_owned()).await?;
    let until = token.expires_at.map(|at| at.to_string());
    let told = json!({ "token": word, "scope": token.scope.as_str(), "expires_at": until });
    Ok(Reply::json(&told)?.status(201))
}
