//! Roles of users in a repository, and scopes of credentials.

/// The permissions of a user in one repository. Each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads pipelines and jobs.
    Read,
    /// Reads and reports.
    Report,
    /// Reads, reports, and changes settings and members.
    Manage,
}

impl Role {
    /// The names of the variants, in order.
    pub const NAMES: &'static [&'static str] = &["read", "report", "manage"];

    /// The name in the native API and on the command line.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Read, Self::Report, Self::Manage].into_iter().find(|role| role.as_str() == name)
    }
}

/// The most a credential may be used for, whatever the role of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read feeds, with the token in the address. It opens nothing else.
    Feeds,
    /// Read.
    Read,
    /// Read and report.
    Report,
    /// Everything that its user may do.
    Full,
}

impl Scope {
    /// The names of the variants, in order.
    pub const NAMES: &'static [&'static str] = &["feeds", "read", "report", "full"];

    /// The name in the native API and on the command line.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The variant with this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Feeds, Self::Read, Self::Report, Self::Full].into_iter().find(|scope| scope.as_str() == name)
    }

    /// The narrowest scope that allows `role`.
    pub const fn required_for(role: Role) -> Self {
        match role {
            Role::Read => Self::Read,
            Role::Report => Self::Report,
            Role::Manage => Self::Full,
        }
    }

    /// The greatest role that this scope allows.
    pub const fn max_role(self) -> Role {
        match self {
            Self::Feeds | Self::Read => Role::Read,
            Self::Report => Role::Report,
            Self::Full => Role::Manage,
        }
    }
}
