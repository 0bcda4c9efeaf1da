//! How a text matches a name: at which position, ignoring case.

/// The characters between the words and segments of a name.
const SEPARATORS: [char; 6] = ['/', '-', '_', '.', ':', ' '];

/// How a text matches a name, the best match first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameMatch {
    /// It is the name.
    Exact,
    /// It is the name, except for case.
    IgnoringCase,
    /// The name begins with it.
    Start,
    /// A word or segment of the name begins with it: it follows one of `/ - _ . :` or a space.
    Word,
    /// It is another part of the name.
    Part,
    /// It is not in the name.
    Elsewhere,
}

impl NameMatch {
    /// How a text matches `name`, if it does. `without_case` is the text as
    /// [`text::without_case`](crate::model::text::without_case) returns it.
    pub fn of(name: &str, text: &str, without_case: &str) -> Option<Self> {
        if name == text {
            return Some(Self::Exact);
        }
        let name = crate::model::text::without_case(name);
        if name == without_case {
            return Some(Self::IgnoringCase);
        }
        if name.starts_with(without_case) {
            return Some(Self::Start);
        }
        let begins_word = name
            .match_indices(SEPARATORS)
            .any(|(at, separator)| name[at + separator.len()..].starts_with(without_case));
        if begins_word {
            return Some(Self::Word);
        }
        name.contains(without_case).then_some(Self::Part)
    }
}
