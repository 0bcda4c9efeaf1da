//! What every field and parameter means, in both languages, and its limits: one row for each, whether it stands in a path, a query, a
//! header or a body. Which fields a body has, and of what type, its type in `wire` says.

mod codearts;
mod gitlab;
mod iam;
mod native;
mod shared;

use super::shape::Shape;

/// A text in Chinese and in English.
pub type Text = (&'static str, &'static str);

/// A field, by its name, or by `Type.name` or `Operation.name` where it means something else there.
#[derive(Debug)]
pub struct Field {
    /// Its names.
    pub names: &'static str,
    /// Its limits.
    pub shape: Shape,
    /// What it means.
    pub text: Text,
}

/// `"name other_name": SHAPE => "中文", "English";`
macro_rules! fields {
    ($($names:literal: $shape:expr => $zh:literal, $en:literal;)*) => {
        /// The fields.
        pub const FIELDS: &[$crate::openapi::fields::Field] =
            &[$($crate::openapi::fields::Field { names: $names, shape: $shape, text: ($zh, $en) }),*];
    };
}
use fields;

/// The fields of a document: its own before those that all share.
#[derive(Debug, Clone, Copy)]
pub struct Fields([&'static [Field]; 2]);

impl Fields {
    /// Those of a document.
    pub fn of(document: &str) -> Self {
        let own = match document {
            "codearts" => codearts::FIELDS,
            "iam" => iam::FIELDS,
            "gitlab" => gitlab::FIELDS,
            "native" => native::FIELDS,
            _ => &[],
        };
        Self([own, shared::FIELDS])
    }

    /// What `name` is in `owner`, a type or an operation.
    pub fn find(self, owner: &str, name: &str) -> Option<&'static Field> {
        let owned = format!("{owner}.{name}");
        let by = |wanted: &str| {
            let all = self.0.iter().flat_map(|fields| fields.iter());
            all.into_iter().find(|field| field.names.split(' ').any(|name| name == wanted))
        };
        by(&owned).or_else(|| by(name))
    }
}
