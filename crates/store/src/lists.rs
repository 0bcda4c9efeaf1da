//! Pages of long lists. A list is driven by one index that gives ids in order, the *stream*; what that index does not decide is the
//! *rest*, asked of each row. A page that begins after an id looks at a bounded number of rows, whatever is asked for.

use crate::sql::{Row, Sql, ToValue, Value, places};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::page::{ListPage, Start, TimeRange, Window};
use std::ops::ControlFlow;

/// Rows looked at for one page that begins after an id.
pub const WALK_MAX: u32 = 20_000;
/// As much as a quick probe counts, and one that settles between two that are more.
const PROBES: [u32; 2] = [1_000, WALK_MAX];
/// More than so many are not sorted for a page.
pub const FEW: u32 = PROBES[0];

/// Conditions, joined by AND, with their values.
#[derive(Debug, Default, Clone)]
pub struct Conditions {
    text: String,
    values: Vec<Value<'static>>,
}

impl Conditions {
    /// Takes a value in, and answers its place.
    pub fn value(&mut self, value: impl Into<Value<'static>>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// `left`, which ends in an operator, with `value` on its right.
    pub fn and(&mut self, left: &str, value: impl Into<Value<'static>>) {
        let place = self.value(value);
        self.and_text(&format!("{left} {place}"));
    }

    /// A condition whose values are in place.
    pub fn and_text(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    /// `column` is one of `words`, unless there are none.
    pub fn and_one_of(&mut self, column: &str, words: impl Iterator<Item = &'static str>) {
        let places: Vec<String> = words.map(|word| self.value(word.to_owned())).collect();
        if !places.is_empty() {
            self.and_text(&format!("{column} IN ({})", places.join(", ")));
        }
    }

    /// `column` is in a span.
    pub fn and_in(&mut self, column: &str, span: TimeRange) {
        if let Some(since) = span.since {
            self.and(&format!("{column} >="), since.as_millisecond());
        }
        if let Some(until) = span.until {
            self.and(&format!("{column} <"), until.as_millisecond());
        }
    }

    /// That `column` is a whole commit id, or begins so: a range, so that an index serves both.
    pub fn sha_is(&mut self, column: &str, sha: &str) -> String {
        if matches!(sha.len(), 40 | 64) {
            let whole = self.value(sha.to_owned());
            return format!("{column} = {whole}");
        }
        // No hexadecimal digit sorts behind `f`.
        let (least, beyond) = (self.value(sha.to_owned()), self.value(format!("{sha}g")));
        format!("{column} >= {least} AND {column} < {beyond}")
    }

    /// `column` is a whole commit id, or begins so.
    pub fn and_sha(&mut self, column: &str, sha: &str) {
        let is = self.sha_is(column, sha);
        self.and_text(&is);
    }

    /// One of `columns` contains `text`, any case of ASCII letters. Not LIKE: SQLite prepares a statement anew for every pattern.
    pub fn contains(&mut self, columns: &[&str], text: &str) -> String {
        let part = self.value(text.to_ascii_lowercase());
        let fits: Vec<String> =
            columns.iter().map(|column| format!("instr(lower({column}), {part}) > 0")).collect();
        fits.join(" OR ")
    }

    /// The conditions, each with `AND` before it.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn values(&self) -> &[Value<'static>] {
        &self.values
    }

    /// Conditions whose values come along, but not their text: that is answered, beside what `add` answers.
    pub fn apart<T>(&mut self, add: impl FnOnce(&mut Self) -> T) -> (T, String) {
        let mine = self.text.len();
        let answer = add(self);
        (answer, self.text.split_off(mine))
    }
}

/// The ids of a list in order. Several parts, each in order, are merged.
#[derive(Debug, Default, Clone)]
pub struct Stream {
    /// Each a `SELECT` whose last column is `id`, up to its conditions.
    pub parts: Vec<String>,
    /// The id in the conditions of the parts.
    pub id: &'static str,
    /// Values of the parts; and, where the stream decides it, the rest of the filter.
    pub conditions: Conditions,
    /// How many columns its parts have.
    pub width: usize,
    /// By what it is ordered, `{way}` where `ASC` or `DESC` goes.
    pub order: &'static str,
}

impl Stream {
    fn select(&self, more: &str, end: &str) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| format!("{part}{more}")).collect();
        format!("{}{end}", parts.join(" UNION ALL "))
    }

    /// The statement that gives the ids of a page.
    pub fn page<O>(&mut self, window: &Window<O>) -> String {
        let way = if window.descending { "DESC" } else { "ASC" };
        let order = self.order.replace("{way}", way);
        let mut more = self.conditions.text().to_owned();
        let (limit, offset) = match window.start {
            Start::Offset(offset) => (window.limit, offset),
            Start::After(after) => {
                if let Some(after) = after {
                    let place = self.conditions.value(after);
                    more +=
                        &format!(" AND {} {} {place}", self.id, if window.descending { "<" } else { ">" });
                }
                (WALK_MAX + 1, 0)
            }
        };
        let (limit, offset) = (self.conditions.value(limit), self.conditions.value(offset));
        self.select(&more, &format!(" ORDER BY {order} LIMIT {limit} OFFSET {offset}"))
    }

    /// The statement that counts the list.
    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM ({}) whole", self.select(self.conditions.text(), ""))
    }
}

/// How many fit, exactly.
pub fn count(sql: &dyn Sql, stream: &Stream) -> Result<u64> {
    number(sql, &stream.count(), &stream.conditions)
}

/// The one number that `query` answers, with the values of `conditions`.
pub fn number(sql: &dyn Sql, query: &str, conditions: &Conditions) -> Result<u64> {
    let number: i64 = sql.one(query, &places(conditions.values()), |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

/// Reads a page row by row. `load` is given the columns of the stream, of which the last is the id, and answers the item, or `None` where the
/// rest of the filter does not fit.
pub fn page<T, O>(
    sql: &dyn Sql,
    mut stream: Stream,
    window: Window<O>,
    mut load: impl FnMut(&dyn Row) -> Result<Option<T>>,
) -> Result<ListPage<T>> {
    let statement = stream.page(&window);
    let id_at = stream.width - 1;
    let mut found = ListPage { items: Vec::new(), next: None };
    let (mut seen, mut last) = (0, None);
    sql.each(&statement, &places(stream.conditions.values()), &mut |row| {
        if matches!(window.start, Start::After(_))
            && (seen == WALK_MAX || found.items.len() == window.limit as usize)
        {
            found.next = last;
            return Ok(ControlFlow::Break(()));
        }
        seen += 1;
        last = Some(row.get(id_at)?);
        found.items.extend(load(row)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

/// Reads a page in one question. `rest` adds what the stream does not decide to its conditions and answers a piece for `whole`; `whole` makes
/// of the statement that gives the ids, of that piece and of the text of those conditions the statement that gives the items, in no order,
/// the ids as `s`.
pub fn joined<T, O, R>(
    sql: &dyn Sql,
    stream: Stream,
    window: &Window<O>,
    rest: impl FnOnce(&mut Conditions) -> R,
    whole: impl FnOnce(&str, R, &str) -> String,
    read: impl Fn(&dyn Row) -> Result<(i32, T)>,
) -> Result<ListPage<T>> {
    let way = if window.descending { "DESC" } else { "ASC" };
    let order: Vec<String> =
        stream.order.split(", ").map(|by| format!("s.{}", by.replace("{way}", way))).collect();
    let order = order.join(", ");
    let mut walk = stream.clone();
    let mut stream = stream;
    let (piece, rest) = stream.conditions.apart(rest);
    let ids = stream.page(window);
    let most = i64::from(window.limit) + 1;
    let statement = format!("{} ORDER BY {order} LIMIT {most}", whole(&ids, piece, &rest));
    let mut items = sql.all(&statement, &places(stream.conditions.values()), read)?;
    let mut next = None;
    if matches!(window.start, Start::After(_)) {
        if items.len() > window.limit as usize {
            items.truncate(window.limit as usize);
            next = items.last().map(|(id, _)| *id);
        } else if !rest.is_empty() {
            // Where the walk ended, if it did before the list.
            let ids = walk.page(window);
            let last = WALK_MAX - 1;
            let ends = format!("SELECT s.id FROM ({ids}) s ORDER BY {order} LIMIT 2 OFFSET {last}");
            let ends = sql.all(&ends, &places(walk.conditions.values()), |row| row.get(0))?;
            next = ends.first().copied().filter(|_| ends.len() > 1);
        }
    }
    Ok(ListPage { items: items.into_iter().map(|(_, item)| item).collect(), next })
}

/// How many rows `select` has, as far as `most`.
pub fn probe(sql: &dyn Sql, select: &str, values: &[&dyn ToValue], most: u32) -> Result<u32> {
    sql.one(&format!("SELECT count(*) FROM ({select} LIMIT {most}) few"), values, |row| row.get(0))
}

/// How many pipelines a commit, or those that begin so, have, as far as `most`.
pub fn probe_sha(sql: &dyn Sql, repository: RepositoryId, sha: &str, most: u32) -> Result<u32> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository.get());
    conditions.and_sha("sha", sha);
    let query = format!(
        "SELECT count(*) FROM (SELECT 1 FROM pipelines INDEXED BY pipelines_by_identity WHERE 1 = 1{} LIMIT {most}) few",
        conditions.text()
    );
    Ok(u32::try_from(number(sql, &query, &conditions)?).unwrap_or(most))
}

/// The candidate with the fewest rows; of equals the first. `rows` counts those of a candidate as far as its argument.
pub fn fewest<D: Copy>(candidates: &[D], rows: impl Fn(D, u32) -> Result<u32>) -> Result<Option<D>> {
    if let [] | [_] = candidates {
        return Ok(candidates.first().copied());
    }
    let mut best = None;
    for most in PROBES {
        let counts: Vec<u32> = candidates.iter().map(|d| rows(*d, most)).collect::<Result<_>>()?;
        best = counts.iter().zip(candidates).min_by_key(|(count, _)| **count).map(|(count, d)| (*count, *d));
        if best.is_some_and(|(count, _)| count < most) {
            break;
        }
    }
    Ok(best.map(|(_, driver)| driver))
}
