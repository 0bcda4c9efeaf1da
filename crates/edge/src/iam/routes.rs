//! The table of routes.

use super::dialect::IAM;
use super::{domains, projects, security_tokens, tokens};
use crate::routes::Routes;
use http::Method;

/// Adds the routes.
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
