//! The fields of the objects of the domain in an entry. Secrets and fields that may contain one are left out here:
//! passwords, tokens, secret keys, and the paths of the URLs of webhooks.

use super::fields::{Fields, shown};
use crate::model::destinations::Destination;
use crate::model::gates::{Expectation, GateRules, Override};
use crate::model::identities::{Identity, PathPattern};
use crate::model::ids::{RepositoryId, UserId, WebhookId};
use crate::model::keys::Key;
use crate::model::policies::Policies;
use crate::model::repositories::Repository;
use crate::model::roles::Role;
use crate::model::tokens::{Token, TokenKind};
use crate::model::users::User;
use crate::model::webhooks::{Webhook, urls};

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// A user.
    User,
    /// A session, an IAM token or a token of the explorer.
    Session,
    /// A personal token.
    Token,
    /// An access key.
    Key,
    /// An account of an identity provider.
    Identity,
    /// The role of a user in a repository, by the id of the user.
    Member,
    /// A repository.
    Repository,
    /// The merge gate of a commit, by its id; empty: the rules of the repository.
    Gate,
    /// A webhook.
    Webhook,
    /// A destination.
    Destination,
    /// An attempt of a job.
    Job,
    /// A pipeline.
    Pipeline,
}

impl ObjectKind {
    /// All variants.
    pub const ALL: [Self; 12] = [
        Self::User,
        Self::Session,
        Self::Token,
        Self::Key,
        Self::Identity,
        Self::Member,
        Self::Repository,
        Self::Gate,
        Self::Webhook,
        Self::Destination,
        Self::Job,
        Self::Pipeline,
    ];
    /// Their names, in the same order.
    pub const NAMES: &'static [&'static str] = &[
        "user",
        "session",
        "token",
        "key",
        "identity",
        "member",
        "repository",
        "gate",
        "webhook",
        "destination",
        "job",
        "pipeline",
    ];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The object of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The kind.
    pub kind: ObjectKind,
    /// The id, or the AK of a key.
    pub id: String,
    /// The name as then: of a user, a token or a member, the path of a repository.
    pub name: Option<String>,
    /// The repository that it is in, or that it is.
    pub repository: Option<RepositoryId>,
}

impl Object {
    fn new(kind: ObjectKind, id: impl ToString, name: Option<&str>) -> Self {
        Self { kind, id: id.to_string(), name: name.map(shown), repository: None }
    }

    pub(super) fn in_repository(kind: ObjectKind, repository: RepositoryId, id: String) -> Self {
        Self { kind, id, name: None, repository: Some(repository) }
    }
}

mod sealed {
    /// Implemented in this module only: other code cannot decide the content of an entry.
    pub trait Sealed {}
}

/// An object that entries are about.
pub trait Audited: sealed::Sealed {
    /// The object.
    fn object(&self) -> Object;
    /// Its fields, without any secret.
    fn fields(&self) -> Fields;
}

macro_rules! audited {
    ($($type:ty, $this:ident => $object:expr, $fields:expr;)*) => { $(
        impl sealed::Sealed for $type {}
        impl Audited for $type {
            fn object(&self) -> Object {
                let $this = self;
                $object
            }
            fn fields(&self) -> Fields {
                let $this = self;
                $fields
            }
        }
    )* };
}

/// A user with a role in a repository, or without one.
#[derive(Debug, Clone, Copy)]
pub struct Membership<'a> {
    /// The repository.
    pub repository: RepositoryId,
    /// The user.
    pub user: UserId,
    /// The name of the user.
    pub name: &'a str,
    /// The role; `None`: none.
    pub role: Option<Role>,
}

/// The policies of a repository.
#[derive(Debug, Clone, Copy)]
pub struct AuditedPolicies<'a>(pub RepositoryId, pub &'a Policies);

/// The rules of a repository; `None`: there were none.
#[derive(Debug, Clone, Copy)]
pub struct AuditedRules<'a>(pub RepositoryId, pub Option<&'a GateRules>);

/// An override of the gate of a commit.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a>(pub RepositoryId, pub &'a str, pub &'a Override);

/// An announcement of jobs for a commit.
#[derive(Debug, Clone, Copy)]
pub struct Announcement<'a>(pub RepositoryId, pub &'a str, pub &'a Expectation);

/// A message to a webhook.
#[derive(Debug, Clone, Copy)]
pub struct SentDelivery<'a>(pub RepositoryId, pub WebhookId, pub &'a str);

audited! {
    User, this => Object::new(ObjectKind::User, this.id, Some(&this.name)),
        Fields::default().with("name", this.name.as_str()).with("admin", this.admin)
            .with("disabled", this.disabled);
    Token, this => Object::new(
            if this.kind == TokenKind::Session { ObjectKind::Session } else { ObjectKind::Token },
            this.id,
            Some(&this.name),
        ),
        Fields::default().with("user_id", i64::from(this.user_id.get())).with("scope", this.scope.as_str())
            .with("repositories", ids(this.repositories.as_deref())).with("expires_at", this.expires_at);
    Key, this => Object::new(ObjectKind::Key, &this.access, None),
        Fields::default().with("user_id", i64::from(this.user_id.get()))
            .with("description", this.description.clone()).with("disabled", this.disabled)
            .with("expires_at", this.temporary.as_ref().map(|temporary| temporary.expires_at));
    Identity, this => Object::new(ObjectKind::Identity, this.id, Some(&this.display)),
        Fields::default().with("user_id", i64::from(this.user_id.get())).with("issuer", this.issuer.as_str())
            .with("subject", this.subject.as_str()).with("admin", this.rights.admin)
            .with("roles", group_roles(this));
    Membership<'_>, this => Object {
            name: Some(shown(this.name)),
            ..Object::in_repository(ObjectKind::Member, this.repository, this.user.to_string())
        },
        Fields::default().with("role", this.role.map(Role::as_str));
    Repository, this => Object {
            repository: Some(this.id),
            ..Object::new(ObjectKind::Repository, this.id, Some(&this.path))
        },
        Fields::default().with("path", this.path.as_str()).with("description", this.description.clone())
            .with("default_branch", this.default_branch.as_str())
            .with("visibility", this.visibility.as_str()).with("archived", this.archived);
    AuditedPolicies<'_>, this => Object::in_repository(ObjectKind::Repository, this.0, this.0.to_string()),
        Fields::default().with("inactivity_timeout", this.1.inactivity_timeout)
            .with("stage_limits", stage_limits(this.1)).with("keep_for", this.1.keep_for)
            .with("keep_per_ref", this.1.keep_per_ref.map(i64::from));
    AuditedRules<'_>, this => Object::in_repository(ObjectKind::Gate, this.0, String::new()),
        Fields::default().with("version", this.1.map_or(0, |rules| rules.version))
            .with("rules", this.1.map(rules)).with("merge_queues", this.1.map(|rules|
                i64::try_from(rules.set.merge_queues.len()).unwrap_or(i64::MAX)));
    Decision<'_>, this => Object::in_repository(ObjectKind::Gate, this.0, this.1.to_owned()),
        Fields::default().with("override", this.2.number).with("target", this.2.target.as_str())
            .with("requirement", this.2.requirement.clone()).with("reason", this.2.reason.as_str())
            .with("withdrawn", this.2.withdrawn_at.is_some());
    Announcement<'_>, this => Object::in_repository(ObjectKind::Gate, this.0, this.1.to_owned()),
        Fields::default().with("source", this.2.source.clone()).with("jobs", announced(this.2))
            .with("complete", this.2.complete);
    Webhook, this => Object::in_repository(ObjectKind::Webhook, this.repository_id, this.id.to_string()),
        Fields::default()
            .with("receiver", this.content.format.is_sent().then(|| receiver(&this.url)))
            .with("description", this.description.clone())
            .with("events", this.topics.names().map(str::to_owned).collect::<Vec<_>>())
            .with("format", this.content.format.as_str()).with("refs", this.content.refs.clone())
            .with("jobs", this.content.jobs.clone()).with("author", this.content.author.clone())
            .with("personal", this.content.personal)
            .with("owner_id", this.content.creator.map(|user| i64::from(user.get())))
            .with("disabled", this.disabled.map(|(_, reason)| reason.as_str()));
    SentDelivery<'_>, this => Object {
            name: Some(shown(this.2)),
            ..Object::in_repository(ObjectKind::Webhook, this.0, this.1.to_string())
        },
        {
            let SentDelivery(..) = this;
            Fields::default()
        };
    Destination, this => Object::in_repository(
            ObjectKind::Destination,
            this.repository_id,
            this.id.to_string(),
        ),
        Fields::default().with("kind", this.kind.as_str()).with("url", without_user(&this.url))
            .with("project", this.project.as_str()).with("choice", this.selection.choice.as_str())
            .with("jobs", this.selection.choice.patterns().to_vec())
            .with("except_sources", this.selection.except_sources.clone()).with("enabled", this.enabled);
}

fn ids(repositories: Option<&[RepositoryId]>) -> Option<Vec<String>> {
    repositories.map(|all| all.iter().map(ToString::to_string).collect())
}

/// The roles that the groups of an identity give: pattern and role.
fn group_roles(identity: &Identity) -> Vec<String> {
    let role = |(pattern, role): &(PathPattern, Role)| format!("{}: {}", pattern.as_str(), role.as_str());
    identity.rights.roles.iter().map(role).collect()
}

fn stage_limits(policies: &Policies) -> Vec<String> {
    let limit = |(stage, time): (&String, &Option<jiff::SignedDuration>)| match time {
        Some(time) => format!("{stage}: {}", time.as_secs()),
        None => format!("{stage}: none"),
    };
    policies.stage_timeouts.iter().map(limit).collect()
}

/// A line for each rule: its targets and its requirements. The table of rules has all versions in full.
fn rules(rules: &GateRules) -> Vec<String> {
    let line = |rule: &crate::model::gates::Rule| {
        let targets: Vec<&str> = rule.targets.iter().map(|target| target.as_str()).collect();
        let names: Vec<&str> =
            rule.requirements.iter().map(|requirement| requirement.name.as_str()).collect();
        format!("{}: {}", targets.join(" "), names.join(", "))
    };
    rules.set.rules.iter().map(line).collect()
}

fn announced(expectation: &Expectation) -> Vec<String> {
    let job = |job: &crate::model::gates::AnnouncedJob| match &job.stage {
        Some(stage) => format!("{stage}/{}", job.name),
        None => job.name.clone(),
    };
    expectation.jobs.iter().map(job).collect()
}

/// Host and port: the rest of the URL of a webhook may be secret.
fn receiver(url: &str) -> String {
    let receiver = urls::receiver(url);
    receiver.rsplit('@').next().unwrap_or_default().to_owned()
}

/// A URL without what is before the `@`.
fn without_user(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}
