//! The actions of entries.

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// An action. A name is that of the kind of object, a dot, and a verb; it never changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $variant,)*
        }

        impl Action {
            /// All variants.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The names of the variants, in order.
            pub const NAMES: &'static [&'static str] = &[$($name),*];

            /// The name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The variant with this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|action| action.as_str() == name)
            }
        }
    };
}

actions! {
    /// A user was created.
    UserCreate "user.create",
    /// A user was changed; a password is only named.
    UserChange "user.change",
    /// An access key was created, also a temporary one.
    KeyCreate "key.create",
    /// An access key was deleted.
    KeyDelete "key.delete",
    /// A token was created.
    TokenCreate "token.create",
    /// A token was deleted.
    TokenRevoke "token.revoke",
    /// An account of an identity provider was linked to a user.
    IdentityLink "identity.link",
    /// The link of an identity was removed.
    IdentityUnlink "identity.unlink",
    /// The rights that the groups of an identity give changed.
    IdentityRights "identity.rights",
    /// A user signed in: a session began.
    SignIn "sign_in.success",
    /// A link that signs in once was created.
    SignInLink "sign_in.link",
    /// A session was ended.
    SignOut "sign_out.success",
    /// A user got a role in a repository, or another one.
    MemberSet "member.set",
    /// A user lost the role in a repository.
    MemberRemove "member.remove",
    /// A repository was created.
    RepositoryCreate "repository.create",
    /// A repository was changed.
    RepositoryChange "repository.change",
    /// The policies of a repository were changed.
    PoliciesSet "policies.set",
    /// The rules of the merge gates of a repository were changed.
    GateRules "gate.rules",
    /// Jobs were announced by a person.
    GateAnnounce "gate.announce",
    /// A gate or a requirement was overridden.
    GateOverride "gate.override",
    /// An override was withdrawn.
    GateWithdraw "gate.withdraw",
    /// Announcements and overrides were deleted by a policy.
    GatePrune "gate.prune",
    /// A webhook was created.
    WebhookCreate "webhook.create",
    /// A webhook was changed.
    WebhookChange "webhook.change",
    /// A webhook was disabled because its receiver fails.
    WebhookDisable "webhook.disable",
    /// A webhook was deleted.
    WebhookDelete "webhook.delete",
    /// A message was sent to a webhook on request, a test or an earlier one.
    WebhookSend "webhook.send",
    /// A destination was created.
    DestinationCreate "destination.create",
    /// A destination was changed.
    DestinationChange "destination.change",
    /// A destination was deleted.
    DestinationDelete "destination.delete",
    /// Statuses were sent to a destination on request, a test or those that failed.
    DestinationSend "destination.send",
    /// Jobs were closed by a person or the watchdog.
    JobClose "job.close",
    /// Pipelines were deleted by a policy.
    PipelinePrune "pipeline.prune",
    /// Pipelines were imported.
    PipelineImport "pipeline.import",
    /// A sign-in was refused: a wrong name or password, or too many of them.
    SignInRefused "sign_in.refused",
    /// A credential of a request was refused.
    CredentialRefused "credential.refused",
    /// A caller was not allowed to do something.
    AccessRefused "access.refused",
}

impl Action {
    /// Whether it is a refusal and no change.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::SignInRefused | Self::CredentialRefused | Self::AccessRefused)
    }
}
