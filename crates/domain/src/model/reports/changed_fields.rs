//! The set of fields of an attempt that one report changed.

/// The fields of an attempt that one report changed. The store saves it as an integer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u32);

/// Declares the fields: constant, bit and name. A bit never gets another meaning, because stored sets contain
/// it.
macro_rules! fields {
    ($($constant:ident = $bit:literal $name:literal),* $(,)?) => {
        impl FieldSet {
            $(
                #[doc = concat!("`", $name, "`.")]
                pub const $constant: Self = Self(1 << $bit);
            )*
            /// The names of all fields.
            pub const NAMES: &'static [&'static str] = &[$($name),*];
            /// All fields, in the order of [`FieldSet::NAMES`].
            const FIELDS: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

fields! {
    STATUS = 0 "status",
    TARGET_URL = 1 "target_url",
    DESCRIPTION = 2 "description",
    COVERAGE = 3 "coverage",
    ALLOW_FAILURE = 4 "allow_failure",
    STARTED_AT = 5 "started_at",
    FINISHED_AT = 6 "finished_at",
    THIRD_BUILD_ID = 7 "third_build_id",
}

impl FieldSet {
    /// The integer that the store saves.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set that the store saved as `bits`. Unknown bits stay in the set and have no name.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// True when no field changed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the set has all fields of `other`.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Adds the fields of `other` when `changed` is true.
    pub fn set(&mut self, other: Self, changed: bool) {
        if changed {
            self.0 |= other.0;
        }
    }

    /// The names of the fields in the set, in order of their bits.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let fields = Self::FIELDS.iter().zip(Self::NAMES);
        fields.filter(move |(field, _)| self.contains(**field)).map(|(_, name)| *name)
    }
}
