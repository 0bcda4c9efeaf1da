//! The API Explorer: the list of operations, the page of an operation with its form, and the token for its
//! calls.

mod body;
mod catalogue;
mod json;
mod parameter;
mod responses;
mod schema;

use super::frame::frame;
use super::response::html;
use super::token_repositories::choices;
use super::visitor::visitor;
use crate::catalogue::ALL;
use crate::http::reply::Reply;
use crate::routes::{Authenticated, Context, Public};
use domain::actions::tokens;
use domain::error::{Error, Result};
use domain::model::roles::Scope;
use pages::explorer::{Explorer, OperationPage};
use serde::Deserialize;
use serde_json::json;

/// The name of the token in the list of a user's sessions.
const TOKEN_NAME: &str = "API Explorer";

pub async fn list(ctx: Context<Public>) -> Result<Reply> {
    let q = ctx.request.query.get("q")?.unwrap_or_default().trim();
    let mut dialects = catalogue::dialects(ctx.edge.documents, ctx.request.language).to_vec();
    for group in dialects.iter_mut().flat_map(|dialect| &mut dialect.groups) {
        group.operations.retain(|operation| operation.matches(q));
    }
    for dialect in &mut dialects {
        dialect.groups.retain(|group| !group.operations.is_empty());
    }
    dialects.retain(|dialect| !dialect.groups.is_empty());
    if ctx.request.wants_json {
        let all = dialects.iter().flat_map(|dialect| &dialect.groups).flat_map(|group| &group.operations);
        let operations: Vec<_> = all.map(json::operation).collect();
        return Reply::json(&json!({ "operations": operations }));
    }
    let frame = frame(&ctx.edge, &ctx.request, &visitor(&ctx.edge, &ctx.request).await);
    Ok(html(Explorer { frame: &frame, q, dialects }.html()))
}

pub async fn show(ctx: Context<Public>) -> Result<Reply> {
    let wanted = ctx.request.param("operation");
    let dialects = catalogue::dialects(ctx.edge.documents, ctx.request.language);
    let mut operation = catalogue::find(dialects, wanted).cloned().ok_or(Error::NotFound { noun: "page" })?;
    let body =
        operation.body.iter_mut().flat_map(|body| &mut body.fields).filter(|field| field.in_page_address);
    for parameter in operation.parameters.iter_mut().chain(body) {
        let value = ctx.request.query.get(&parameter.name)?.unwrap_or_default();
        parameter.value = value.chars().filter(|c| !c.is_control()).collect();
    }
    if let Some(body) = &mut operation.body {
        body::write(body);
    }
    let json = json::operation(&operation);
    if ctx.request.wants_json {
        return Reply::json(&json);
    }
    let visitor = visitor(&ctx.edge, &ctx.request).await;
    let repositories = match &visitor {
        Some(signed_in) => choices(&ctx.edge.app, signed_in).await?,
        None => Vec::new(),
    };
    let frame = frame(&ctx.edge, &ctx.request, &visitor);
    let base = ctx.request.public_url();
    let documents = (ctx.edge.documents)(ctx.request.language);
    let (responses, error_statuses) = responses::responses(documents, &operation);
    let page = OperationPage {
        frame: &frame,
        operation: &operation,
        json: json.to_string(),
        base: &base,
        errors: ALL.iter().map(responses::known_error).collect(),
        dialects,
        repositories,
        responses,
        error_statuses,
    };
    Ok(html(page.html()))
}

/// The body of `POST /explorer/token`.
#[derive(Deserialize)]
struct NewExplorerToken {
    /// Whether the token may change data.
    #[serde(default)]
    writes: bool,
}

/// Creates a token for the calls of one page, valid for 15 minutes. Its scope is `read`, or `full` where the
/// user requests it or explains a signature.
pub async fn token(ctx: Context<Authenticated>) -> Result<Reply> {
    let NewExplorerToken { writes } = crate::http::json::read("token", ctx.request.body()?)?;
    let scope = if writes { Scope::Full } else { Scope::Read };
    let (secret, token) =
        tokens::create_short_lived(&ctx.edge.app, &ctx.proof, scope, TOKEN_NAME.to_owned()).await?;
    let until = token.expires_at.map(|at| at.to_string());
    let body = json!({ "token": secret, "scope": token.scope.as_str(), "expires_at": until });
    Ok(Reply::json(&body)?.status(201))
}
