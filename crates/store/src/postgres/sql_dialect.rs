//! Translation of the few differences between the common SQL and PostgreSQL's. `INDEXED BY` and the join
//! order of `CROSS JOIN ... ON` are for SQLite's planner; PostgreSQL's planner chooses both itself.

use std::borrow::Cow;

/// A statement in PostgreSQL's SQL. No text in the statements contains a question mark.
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
    for (common, postgres) in [("CROSS JOIN", "JOIN"), ("instr(", "strpos(")] {
        if text.contains(common) {
            text = Cow::Owned(text.replace(common, postgres));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_differences_are_translated() {
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
