//! Authentication of requests for feeds, which may have a token in the address.

use super::Auth;
use super::credential::{Accepts, Credential, find};
use crate::request::IncomingRequest;
use domain::App;
use domain::actions::access::{self, SignedIn};
use domain::error::{AuthFailure, Error, Result};

/// The parameter of an address that holds the token of a feed.
pub const FEED_TOKEN: &[&str] = &["token"];

impl Auth {
    /// Authenticates the caller of a request for a feed: by a token of the scope `feeds`, also in the address, or as
    /// elsewhere. No other token may be in the address, even if a header has it too, because reverse proxies and feed
    /// readers store addresses.
    ///
    /// # Errors
    /// As [`Auth::sign_in`].
    pub async fn sign_in_to_feed(
        &self,
        app: &App,
        accepts: Accepts,
        request: &IncomingRequest,
    ) -> Result<SignedIn> {
        let in_headers = Accepts { query: &[], ..accepts };
        let in_address = Accepts { query: FEED_TOKEN, ..accepts };
        let mut tokens = FEED_TOKEN.iter().flat_map(|name| request.query.all(name));
        let is_in_address = tokens.any(|token| !token.trim().is_empty());
        let Some(Credential::Token(token)) = find(&request.headers, &request.query, in_address)? else {
            return self.sign_in(app, in_headers, request).await;
        };
        match access::by_feed_token(app, &token).await {
            Ok(Some(signed_in)) => {
                self.claim(&signed_in, request);
                Ok(signed_in)
            }
            Ok(None) if is_in_address => {
                let reason = "only a token of the scope feeds may be in the address of a feed";
                Err(Error::Unauthenticated(AuthFailure::Token(reason)))
            }
            Err(error) if is_in_address => {
                self.note_refused(&error, request);
                Err(error)
            }
            _ => self.sign_in(app, in_headers, request).await,
        }
    }
}
