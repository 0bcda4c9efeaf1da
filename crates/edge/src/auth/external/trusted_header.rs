//! The header in which an authenticating reverse proxy names the person. It counts only on connections from the proxies
//! that are listed for it; from other addresses it is ignored.

use crate::request::IncomingRequest;
use domain::model::identities::{Claims, ISSUER_MAX, SUBJECT_MAX, SignInRules};
use http::{HeaderMap, HeaderName};
use std::net::IpAddr;

/// The settings.
#[derive(Clone)]
pub struct TrustedHeader {
    /// The header with the account, which never changes.
    pub user: HeaderName,
    /// The header with the groups, separated by commas.
    pub groups: Option<HeaderName>,
    /// The header with the email address, which the proxy has verified.
    pub email: Option<HeaderName>,
    /// The addresses of the proxies. Loopback addresses are trusted only if they are listed.
    pub proxies: Vec<IpAddr>,
    /// The issuer of the accounts, for links.
    pub issuer: String,
    /// Whom it signs in.
    pub rules: SignInRules,
}

impl TrustedHeader {
    /// The person that a request names; `None` if it names no person, or not by a listed proxy, or if the header of the
    /// account or of the groups occurs several times.
    pub fn claims(&self, request: &IncomingRequest) -> Option<Claims> {
        let peer = request.peer?.to_canonical();
        if !self.proxies.iter().any(|proxy| proxy.to_canonical() == peer) {
            return None;
        }
        debug_assert!(self.issuer.len() <= ISSUER_MAX, "checked with the settings");
        let subject = one(&request.headers, &self.user)?;
        let groups = self.groups.as_ref().map_or(Some(Vec::new()), |name| list(&request.headers, name))?;
        let email = self.email.as_ref().and_then(|name| one(&request.headers, name));
        Some(Claims {
            issuer: self.issuer.clone(),
            name: Some(subject.clone()),
            subject,
            email_verified: email.is_some(),
            email,
            groups,
        })
    }
}

/// The value of a header that occurs once.
fn one(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let text = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    (!text.is_empty() && text.chars().count() <= SUBJECT_MAX).then(|| text.to_owned())
}

/// The entries of a header that occurs once or not at all.
fn list(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Some(Vec::new()) };
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|_| values.next().is_none())?;
    Some(text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(str::to_owned).collect())
}
