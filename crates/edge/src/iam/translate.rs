//! Accounts, regions, tokens and times in the format of IAM. The ids of the account and of regions are
//! derived from their names, so every server of an installation returns the same ones.

use crate::state::Edge;
use domain::Timestamp;
use domain::model::ids::Hex32;
use domain::model::tokens::Token;
use domain::model::users::User;
use wire::iam::tokens::{Named, Reference, TokenBody, TokenProject, TokenUser};

/// The region of a list without a name in the request.
pub const DEFAULT_REGION: &str = "cn-north-4";

/// `2020-01-04T09:05:22.701000Z`: UTC, six digits.
pub fn time(at: Timestamp) -> String {
    format!("{at:.6}")
}

fn derived_id(edge: &Edge, kind: &str, name: &str) -> String {
    let digest = edge.app.secrets.digest(format!("{kind}\n{}\n{name}", edge.settings.account).as_bytes());
    Hex32::from_bytes(std::array::from_fn(|i| digest[i])).to_string()
}

/// The one account.
pub fn account(edge: &Edge) -> Named {
    Named { id: derived_id(edge, "domain", ""), name: edge.settings.account.clone() }
}

/// The project of a region.
pub fn region(edge: &Edge, name: &str) -> Named {
    Named { id: derived_id(edge, "project", name), name: name.to_owned() }
}

/// The scope of a session as stored with it: `project:NAME`, `project-id:ID`, `domain` or empty.
pub fn scope_text(project: Option<&Reference>, domain: Option<&Reference>) -> String {
    match (project, domain) {
        (Some(Reference { name: Some(name), .. }), _) => format!("project:{name}"),
        (Some(Reference { id: Some(id), .. }), _) => format!("project-id:{id}"),
        (_, Some(_)) => "domain".into(),
        _ => String::new(),
    }
}

pub fn token(edge: &Edge, token: &Token, user: &User, catalog: bool) -> TokenBody {
    let account = account(edge);
    let project = match token.name.split_once(':') {
        Some(("project", name)) => Some(region(edge, name)),
        Some(("project-id", id)) => Some(Named { id: id.to_owned(), name: id.to_owned() }),
        _ => None,
    };
    let role = if user.is_administrator() { "te_admin" } else { "user" };
    TokenBody {
        token: wire::iam::tokens::Token {
            catalog: catalog.then(Vec::new),
            expires_at: token.expires_at.map(time),
            issued_at: time(token.created_at),
            methods: vec!["password".into()],
            domain: (token.name == "domain").then(|| account.clone()),
            project: project.map(|Named { id, name }| TokenProject { domain: account.clone(), id, name }),
            roles: vec![Named { id: "0".into(), name: role.into() }],
            user: TokenUser {
                domain: account,
                id: user.uuid.to_string(),
                name: user.name.clone(),
                password_expires_at: String::new(),
            },
        },
    }
}
