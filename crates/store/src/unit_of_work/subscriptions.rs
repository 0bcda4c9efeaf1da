//! The rows that a commit of a repository also changes: deliveries to webhooks, forwarded states, and the verdicts of
//! its gate.

use crate::rows::destinations::{self, Forwarding};
use crate::rows::verdicts;
use crate::rows::webhooks::{self, Subscription};
use crate::sql::Sql;
use domain::Result;
use domain::model::ids::RepositoryId;
use std::ops::BitOrAssign;

/// The webhooks and destinations of a repository that are not disabled, and whether it has a gate.
#[derive(Default)]
pub struct Subscriptions {
    pub webhooks: Vec<Subscription>,
    pub destinations: Vec<Forwarding>,
    /// The repository has rules of a gate, or had some.
    pub has_gate: bool,
}

impl Subscriptions {
    /// Those of a repository, in order of id.
    pub fn load(sql: &dyn Sql, repository: RepositoryId) -> Result<Self> {
        Ok(Self {
            webhooks: webhooks::subscriptions(sql, repository)?,
            destinations: destinations::forwardings(sql, repository)?,
            has_gate: verdicts::has_rules(sql, repository)?,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.webhooks.is_empty() && self.destinations.is_empty() && !self.has_gate
    }
}

/// The work that a group of writes makes due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    pub deliveries: bool,
    pub states: bool,
    pub gates: bool,
}

impl Due {
    pub fn is_any(self) -> bool {
        self.deliveries || self.states || self.gates
    }
}

impl BitOrAssign for Due {
    fn bitor_assign(&mut self, other: Self) {
        self.deliveries |= other.deliveries;
        self.states |= other.states;
        self.gates |= other.gates;
    }
}
