//! Invitations: links with which a user signs in once and chooses a password.

use super::accounts::{confirmed, user_path, with_error};
use super::forms;
use super::frame::frame;
use super::response::secret;
use crate::http::reply::Reply;
use crate::routes::{Admin, Context};
use domain::actions::access;
use domain::actions::tokens;
use domain::error::{Error, Result};
use pages::messages::accounts as msg;
use pages::{Notice, Secret, links};

/// Creates an invitation of a user, and shows it.
pub async fn create(ctx: Context<Admin>) -> Result<Reply> {
    let fields = forms::fields(&ctx.request)?;
    let name = ctx.request.param("user").to_owned();
    if !ctx.edge.settings.sign_in.passwords {
        // The page has no such form.
        return Err(Error::NotFound { noun: "page" });
    }
    let Some(claim) = forms::claim(&ctx.edge, &fields)? else {
        return Ok(forms::done(&user_path(&name), Notice::Repeated));
    };
    let created = async {
        let by = access::administrator(confirmed(&ctx, &fields).await?)?;
        tokens::create_invitation(&ctx.edge.app, &by, &name).await
    };
    match created.await {
        Ok(token) => {
            claim.keep();
            Ok(shown(&ctx, &name, &token))
        }
        Err(error @ Error::NotFound { .. }) => Err(error),
        Err(error) => with_error(&ctx, "invitation", &[forms::CONFIRMATION], &fields, &error).await,
    }
}

/// The page that shows an invitation once.
pub fn shown(ctx: &Context<Admin>, name: &str, token: &str) -> Reply {
    let frame = frame(&ctx.edge, &ctx.request, &ctx.proof);
    let link = links::address("/sign-in", &[("once", token)]);
    let link = format!("{}{link}", ctx.request.public_url());
    let title = frame.format(msg::INVITATION_OF, name);
    let parts = [(msg::INVITATION, link.as_str())];
    let next = user_path(name);
    let page = Secret { frame: &frame, title: &title, parts: &parts, commands: &[], next: &next };
    secret(page.html())
}
