//! The IAM dialect (Keystone v3): what SDKs and token users call before the first call to the CodeArts API.
//! A "project" here is a region of the account, not a CodeArts project; it carries no authority in Stagepost.

mod domains;
mod error;
mod projects;
mod security_tokens;
mod tokens;
mod translate;

use crate::auth::Accepts;
use crate::routes::{Dialect, Routes, repository};
use http::Method;

pub static IAM: Dialect = Dialect {
    name: "iam",
    accepts: Accepts { x_auth_token: true, signature: true, ..Accepts::NONE },
    repository: repository::by_id,
    error: error::reply,
};

pub fn routes(routes: &mut Routes) {
    routes.add(&IAM, Method::POST, "/v3/auth/tokens", "KeystoneCreateUserTokenByPassword", tokens::create);
    routes.add(&IAM, Method::GET, "/v3/auth/tokens", "KeystoneValidateToken", tokens::validate);
    routes.add(
        &IAM,
        Method::POST,
        "/v3.0/OS-CREDENTIAL/securitytokens",
        "CreateTemporaryAccessKeyByToken",
        security_tokens::create,
    );
    routes.add(&IAM, Method::GET, "/v3/projects", "KeystoneListProjects", projects::list);
    routes.add(&IAM, Method::GET, "/v3/auth/projects", "KeystoneListAuthProjects", projects::list);
    routes.add(&IAM, Method::GET, "/v3/auth/domains", "KeystoneListAuthDomains", domains::list);
}
