//! The few words that PostgreSQL has others for. `INDEXED BY` and the order that `CROSS JOIN ... ON` forces are for SQLite's planner;
//! PostgreSQL's finds both itself.

use std::borrow::Cow;

/// A statement in PostgreSQL's words. No text of ours holds a question mark.
pub fn translate(statement: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(statement);
    if text.contains('?') {
        text = Cow::Owned(text.replace('?', "$"));
    }
    while let Some(at) = text.find(" INDEXED BY ") {
        let name = at + " INDEXED BY ".len();
        let end =
            text[name..].find(|c: char| c.is_whitespace() || c == ')').map_or(text.len(), |end| name + end);
        text = Cow::Owned(format!("{}{}", &text[..at], &text[end..]));
    }
    for (theirs, ours) in [("CROSS JOIN", "JOIN"), ("instr(", "strpos(")] {
        if text.contains(theirs) {
            text = Cow::Owned(text.replace(theirs, ours));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_another_word() {
        assert_eq!(translate("SELECT 1"), "SELECT 1");
        assert_eq!(
            translate(
                "SELECT a FROM t INDEXED BY t_by_a CROSS JOIN u INDEXED BY u_by_b ON instr(a, ?2) > 0 WHERE a = ?1"
            ),
            "SELECT a FROM t JOIN u ON strpos(a, $2) > 0 WHERE a = $1"
        );
        assert_eq!(translate("(SELECT 1 FROM t INDEXED BY t_by_a)"), "(SELECT 1 FROM t)");
    }
}
