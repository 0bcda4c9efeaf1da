//! Access during a long response: the caller's access is checked again while the response is sent.

use super::requirement::grant;
use crate::dialect::Dialect;
use crate::request::IncomingRequest;
use crate::state::Edge;
use domain::actions::access::{Granted, RequiredRole};
use domain::error::{Error, Result};
use domain::model::ids::UserId;
use std::marker::PhantomData;

/// Checks again whether the caller of a request still has the role that the request was authorized with.
pub struct AccessRecheck<N: RequiredRole> {
    dialect: &'static Dialect,
    request: IncomingRequest,
    user: UserId,
    role: PhantomData<N>,
}

impl<N: RequiredRole> AccessRecheck<N> {
    /// For a request that was authorized with this proof.
    pub fn new(dialect: &'static Dialect, request: &IncomingRequest, proof: &Granted<N>) -> Self {
        let request = request.without_body();
        Self { dialect, request, user: proof.caller().user.id, role: PhantomData }
    }

    /// The caller.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// The proof that the caller has the role now.
    ///
    /// # Errors
    /// Those of the first authorization, except that the age of a signature is not checked.
    pub async fn proof(&mut self, edge: &Edge) -> Result<Granted<N>> {
        self.request.versions = edge.app.store.current_versions(None).await?;
        let signed_in = edge.auth.sign_in_again(&edge.app, self.dialect.accepts, &self.request).await?;
        if signed_in.caller().user.id != self.user {
            return Err(Error::Forbidden);
        }
        grant(edge, self.dialect, &self.request, signed_in).await
    }
}
