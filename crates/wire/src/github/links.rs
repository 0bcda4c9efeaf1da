//! Types whose fields are addresses below one address.

/// Declares such a type: each field with its path, which may have parameters in braces.
macro_rules! links {
    ($(#[$meta:meta])* $name:ident { $($field:ident = $path:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub struct $name {
            $(
                #[doc = "An address."]
                #[schemars(extend("zh" = "地址。"))]
                pub $field: String,
            )*
        }

        impl $name {
            /// The addresses below this one.
            pub fn below(address: &str) -> Self {
                Self { $($field: [address, $path].concat()),* }
            }
        }
    };
}
pub(super) use links;
