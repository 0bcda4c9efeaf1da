//! The filters of a reader of entries.

use super::{Action, ObjectKind};
use crate::error::{Invalid, Problem};
use crate::model::ids::RepositoryId;
use jiff::Timestamp;

/// Changes or refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Changes.
    Change,
    /// Refused requests.
    Refusal,
}

impl Kind {
    /// The names of the variants, in order.
    pub const NAMES: &'static [&'static str] = &["change", "refusal"];

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Change, Self::Refusal]
            .into_iter()
            .zip(Self::NAMES)
            .find(|(_, n)| **n == name)
            .map(|(kind, _)| kind)
    }
}

/// Conditions on entries; all must hold. `None` is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The name of the actor, exactly.
    pub actor: Option<String>,
    /// The actions: one, or all of a kind of object.
    pub actions: Option<Vec<Action>>,
    /// The kind of the object, and its id or name.
    pub object: Option<(ObjectKind, Option<String>)>,
    /// The repository.
    pub repository: Option<RepositoryId>,
    /// The address of the client, as [`super::address_text`] writes it.
    pub address: Option<String>,
    /// Not before this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Changes or refusals.
    pub kind: Option<Kind>,
}

impl AuditFilter {
    /// The actions that a text names: an action, or the part before the dot.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`] on `action`.
    pub fn actions(text: &str) -> Result<Vec<Action>, Invalid> {
        let of = |action: &Action| {
            let name = action.as_str();
            name == text || name.split_once('.').is_some_and(|(noun, _)| noun == text.trim_end_matches(".*"))
        };
        let found: Vec<Action> = Action::ALL.iter().copied().filter(of).collect();
        if found.is_empty() {
            return Err(Invalid::new("action", Problem::NotOneOf { allowed: Action::NAMES }));
        }
        Ok(found)
    }

    /// The object that a text names: `user`, or `user:7`, or `user:amy`.
    ///
    /// # Errors
    /// [`Problem::NotOneOf`] on `object`.
    pub fn object(text: &str) -> Result<(ObjectKind, Option<String>), Invalid> {
        let (kind, id) = match text.split_once(':') {
            Some((kind, id)) => (kind, Some(id.to_owned())),
            None => (text, None),
        };
        let kind = ObjectKind::parse(kind)
            .ok_or_else(|| Invalid::new("object", Problem::NotOneOf { allowed: ObjectKind::NAMES }))?;
        Ok((kind, id))
    }

    /// The address as entries have it.
    ///
    /// # Errors
    /// [`Problem::NotAddress`] on `address` for a text that is no address.
    pub fn address(text: &str) -> Result<String, Invalid> {
        let parsed = text.parse().map_err(|_| Invalid::new("address", Problem::NotAddress))?;
        Ok(super::address_text(parsed))
    }

    /// The actions that the filter admits; `None`: all.
    pub fn admitted(&self) -> Option<Vec<Action>> {
        if self.actions.is_none() && self.kind.is_none() {
            return None;
        }
        let of_kind = |action: &Action| match self.kind {
            None => true,
            Some(kind) => action.is_refusal() == (kind == Kind::Refusal),
        };
        let all = self.actions.as_deref().unwrap_or(Action::ALL);
        Some(all.iter().copied().filter(of_kind).collect())
    }
}
