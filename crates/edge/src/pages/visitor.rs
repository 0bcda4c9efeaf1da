//! The signed-in user on a page that does not require a sign-in.

use super::dialect::PAGES;
use crate::request::IncomingRequest;
use crate::state::Edge;
use domain::actions::access::SignedIn;

/// The signed-in user, if there is one.
pub async fn visitor(edge: &Edge, request: &IncomingRequest) -> Option<SignedIn> {
    edge.auth.sign_in(&edge.app, PAGES.accepts, request).await.ok()
}
