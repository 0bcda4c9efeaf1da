//! The descriptions of parameters and headers in both languages, and the limits of parameters and of the
//! fields of bodies. `wire` declares the fields of bodies with their types and descriptions.

mod bitbucket;
mod codearts;
mod gitea;
mod github;
mod gitlab;
mod iam;
mod native;
mod shared;

use super::shape::Shape;

/// A text in Chinese and in English.
pub type Text = (&'static str, &'static str);

/// A parameter or header, by its name, or by `Operation.name` for a meaning of one operation.
#[derive(Debug)]
pub struct Field {
    /// Its names, separated by spaces.
    pub names: &'static str,
    /// Its limits. They hold for the fields of bodies with the same name as well.
    pub shape: Shape,
    /// Its description.
    pub text: Text,
}

/// The limits of a body's field, by its name, or by `Type.name` for limits of one type.
#[derive(Debug)]
pub struct Limit {
    /// Its names, separated by spaces.
    pub names: &'static str,
    /// Its limits.
    pub shape: Shape,
}

/// `"name other_name": SHAPE => "中文", "English";`
macro_rules! parameters {
    ($($names:literal: $shape:expr => $zh:literal, $en:literal;)*) => {
        /// The parameters and headers.
        pub const PARAMETERS: &[$crate::openapi::fields::Field] =
            &[$($crate::openapi::fields::Field { names: $names, shape: $shape, text: ($zh, $en) }),*];
    };
}
use parameters;

/// `"name Type.name": SHAPE;`
macro_rules! limits {
    ($($names:literal: $shape:expr;)*) => {
        /// The limits of fields of bodies.
        pub const LIMITS: &[$crate::openapi::fields::Limit] =
            &[$($crate::openapi::fields::Limit { names: $names, shape: $shape }),*];
    };
}
use limits;

/// The rows of one file.
#[derive(Debug, Clone, Copy, Default)]
struct Table {
    parameters: &'static [Field],
    limits: &'static [Limit],
}

/// The rows of a document: its own, then those that all documents share.
#[derive(Debug, Clone, Copy)]
pub struct Fields([Table; 2]);

impl Fields {
    /// Those of a document.
    pub fn of(document: &str) -> Self {
        let own = match document {
            "bitbucket" => Table { parameters: bitbucket::PARAMETERS, limits: bitbucket::LIMITS },
            "codearts" => Table { parameters: codearts::PARAMETERS, limits: codearts::LIMITS },
            "iam" => Table { parameters: iam::PARAMETERS, limits: iam::LIMITS },
            "gitea" => Table { parameters: gitea::PARAMETERS, limits: gitea::LIMITS },
            "github" => Table { parameters: github::PARAMETERS, limits: github::LIMITS },
            "gitlab" => Table { parameters: gitlab::PARAMETERS, limits: gitlab::LIMITS },
            "native" => Table { parameters: native::PARAMETERS, limits: native::LIMITS },
            _ => Table::default(),
        };
        Self([own, Table { parameters: shared::PARAMETERS, limits: shared::LIMITS }])
    }

    /// The row of the parameter or header `name` of an operation.
    pub fn find(self, operation: &str, name: &str) -> Option<&'static Field> {
        let owned = format!("{operation}.{name}");
        let by = |wanted: &str| {
            let mut all = self.0.iter().flat_map(|table| table.parameters);
            all.find(|field| has(field.names, wanted))
        };
        by(&owned).or_else(|| by(name))
    }

    /// The limits of the field `name` of a type.
    pub fn limits(self, owner: &str, name: &str) -> Option<Shape> {
        let owned = format!("{owner}.{name}");
        let by = |wanted: &str| {
            self.0.iter().find_map(|table| {
                let limits = table.limits.iter().map(|limit| (limit.names, limit.shape));
                let parameters = table.parameters.iter().map(|field| (field.names, field.shape));
                let found = limits.chain(parameters).find(|(names, _)| has(names, wanted));
                found.map(|(_, shape)| shape)
            })
        };
        by(&owned).or_else(|| by(name))
    }
}

fn has(names: &str, wanted: &str) -> bool {
    names.split(' ').any(|name| name == wanted)
}
