//! Pages of long lists. One index, the driver, gives the ids of a list in order; they are the *stream*.
//! Conditions of the filter that the driver does not cover, the *rest*, are checked for each row. A page that
//! begins after an id reads a bounded number of rows.

use crate::sql::{FromRow, Reader, Sql, ToValue, Value, parameters};
use domain::Result;
use domain::model::ids::RepositoryId;
use domain::model::page::{ListPage, Start, TimeRange, Window};
use std::ops::ControlFlow;

/// The number of rows that are read for one page that begins after an id.
pub const WALK_MAX: u32 = 20_000;
/// How far rows are counted to compare drivers: first a quick count, then a longer one if all drivers exceed
/// the first.
const COUNT_LIMITS: [u32; 2] = [1_000, WALK_MAX];
/// More rows than this are not sorted for a page.
pub const SORT_MAX: u32 = COUNT_LIMITS[0];

/// The rows of a lookup: a page that ends later in a list is a scan.
const NEAR_MAX: u32 = 1_000;

/// Whether a page is near the start of its list, so that an index gives it quickly.
pub fn is_near<O>(window: &Window<O>) -> bool {
    match window.start {
        Start::After(_) => window.limit <= NEAR_MAX,
        Start::Offset(offset) => offset.saturating_add(window.limit) <= NEAR_MAX,
    }
}

/// Conditions, joined by AND, with their values.
#[derive(Debug, Default, Clone)]
pub struct Conditions {
    text: String,
    values: Vec<Value<'static>>,
}

impl Conditions {
    /// Adds a value; returns its parameter.
    pub fn value(&mut self, value: impl Into<Value<'static>>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    /// Adds the condition `left value`; `left` ends in an operator.
    pub fn and(&mut self, left: &str, value: impl Into<Value<'static>>) {
        let parameter = self.value(value);
        self.and_text(&format!("{left} {parameter}"));
    }

    /// Adds a condition whose values were added before.
    pub fn and_text(&mut self, condition: &str) {
        self.text.push_str(" AND ");
        self.text.push_str(condition);
    }

    /// Adds the condition that `column` is one of `values`, unless there are none.
    pub fn and_one_of<V: Into<Value<'static>>>(&mut self, column: &str, values: impl Iterator<Item = V>) {
        let parameters: Vec<String> = values.map(|value| self.value(value)).collect();
        if !parameters.is_empty() {
            self.and_text(&format!("{column} IN ({})", parameters.join(", ")));
        }
    }

    /// Adds the condition that `column` is in a span.
    pub fn and_in(&mut self, column: &str, span: TimeRange) {
        if let Some(since) = span.since {
            self.and(&format!("{column} >="), since);
        }
        if let Some(until) = span.until {
            self.and(&format!("{column} <"), until);
        }
    }

    /// The condition that `column` is this complete commit id, or begins with this prefix: a range, so that
    /// an index serves both.
    pub fn sha_is(&mut self, column: &str, sha: &str) -> String {
        if matches!(sha.len(), 40 | 64) {
            let whole = self.value(sha.to_owned());
            return format!("{column} = {whole}");
        }
        // No hexadecimal digit sorts after `f`.
        let (first, end) = (self.value(sha.to_owned()), self.value(format!("{sha}g")));
        format!("{column} >= {first} AND {column} < {end}")
    }

    /// Adds the condition of [`Self::sha_is`].
    pub fn and_sha(&mut self, column: &str, sha: &str) {
        let condition = self.sha_is(column, sha);
        self.and_text(&condition);
    }

    /// The condition that one of `columns` contains `text`, ignoring the case of ASCII letters. It does not
    /// use LIKE, because SQLite prepares a statement anew for each pattern.
    pub fn contains(&mut self, columns: &[&str], text: &str) -> String {
        let part = self.value(text.to_ascii_lowercase());
        let matches: Vec<String> =
            columns.iter().map(|column| format!("instr(lower({column}), {part}) > 0")).collect();
        matches.join(" OR ")
    }

    /// The conditions, each preceded by `AND`.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn values(&self) -> &[Value<'static>] {
        &self.values
    }

    /// Keeps the values of the conditions that `add` adds, but not their text: returns it, after the result
    /// of `add`.
    pub fn split_text<T>(&mut self, add: impl FnOnce(&mut Self) -> T) -> (T, String) {
        let length = self.text.len();
        let result = add(self);
        (result, self.text.split_off(length))
    }
}

/// The ids of a list in order: several parts, each in order, are merged.
#[derive(Debug, Default, Clone)]
pub struct Stream {
    /// Each is a `SELECT` without its last conditions. Its first column is `id`.
    pub parts: Vec<String>,
    /// The column of the id, for conditions.
    pub id: &'static str,
    /// The values of the parts; if the stream covers the whole filter, also its other conditions.
    pub conditions: Conditions,
    /// The order, with `{direction}` in place of `ASC` or `DESC`.
    pub order: &'static str,
}

impl Stream {
    fn select(&self, conditions: &str, end: &str) -> String {
        let parts: Vec<String> = self.parts.iter().map(|part| format!("{part}{conditions}")).collect();
        format!("{}{end}", parts.join(" UNION ALL "))
    }

    /// The query of the ids of a page.
    pub fn page<O>(&mut self, window: &Window<O>) -> String {
        let order = self.order.replace("{direction}", direction(window));
        let mut conditions = self.conditions.text().to_owned();
        let (limit, offset) = match window.start {
            Start::Offset(offset) => (window.limit, offset),
            Start::After(after) => {
                if let Some(after) = after {
                    let parameter = self.conditions.value(after);
                    let operator = if window.descending { "<" } else { ">" };
                    conditions += &format!(" AND {} {operator} {parameter}", self.id);
                }
                (WALK_MAX + 1, 0)
            }
        };
        let (limit, offset) = (self.conditions.value(limit), self.conditions.value(offset));
        self.select(&conditions, &format!(" ORDER BY {order} LIMIT {limit} OFFSET {offset}"))
    }

    /// The query of the length of the list.
    pub fn count(&self) -> String {
        format!("SELECT count(*) FROM ({}) whole", self.select(self.conditions.text(), ""))
    }
}

fn direction<O>(window: &Window<O>) -> &'static str {
    if window.descending { "DESC" } else { "ASC" }
}

/// The length of the list.
pub fn count(sql: &dyn Sql, stream: &Stream) -> Result<u64> {
    number(sql, &stream.count(), &stream.conditions)
}

/// The number that `query` returns, with the values of `conditions`.
pub fn number(sql: &dyn Sql, query: &str, conditions: &Conditions) -> Result<u64> {
    let number: i64 = sql.one(query, &parameters(conditions.values()))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

/// Reads a page row by row. `load` takes the id of a row and the other columns of the stream, and returns the
/// item, or `None` if it does not match the rest of the filter.
pub fn page<K: FromRow, T, O>(
    sql: &dyn Sql,
    mut stream: Stream,
    window: Window<O>,
    mut load: impl FnMut(i32, K) -> Result<Option<T>>,
) -> Result<ListPage<T>> {
    let query = stream.page(&window);
    let mut page = ListPage { items: Vec::new(), next: None };
    let (mut read, mut last) = (0, None);
    sql.each(&query, &parameters(stream.conditions.values()), &mut |row| {
        if matches!(window.start, Start::After(_))
            && (read == WALK_MAX || page.items.len() == window.limit as usize)
        {
            page.next = last;
            return Ok(ControlFlow::Break(()));
        }
        read += 1;
        let mut columns = Reader::new(row, 0);
        let id = columns.read()?;
        last = Some(id);
        page.items.extend(load(id, columns.read()?)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(page)
}

/// Reads a page with one query. `rest` adds the conditions that the stream does not cover, and returns an
/// argument for `query`. `query` makes the query of the items from the query of the ids, which it names `s`,
/// that argument and the text of these conditions. The items need no order. `id` is the id of an item.
pub fn joined<T: FromRow, O, R>(
    sql: &dyn Sql,
    stream: Stream,
    window: &Window<O>,
    rest: impl FnOnce(&mut Conditions) -> R,
    query: impl FnOnce(&str, R, &str) -> String,
    id: impl Fn(&T) -> i32,
) -> Result<ListPage<T>> {
    let direction = direction(window);
    let order: Vec<String> =
        stream.order.split(", ").map(|by| format!("s.{}", by.replace("{direction}", direction))).collect();
    let order = order.join(", ");
    let mut walk = stream.clone();
    let mut stream = stream;
    let (argument, rest) = stream.conditions.split_text(rest);
    let ids = stream.page(window);
    let limit = i64::from(window.limit) + 1;
    let query = format!("{} ORDER BY {order} LIMIT {limit}", query(&ids, argument, &rest));
    let mut items: Vec<T> = sql.all(&query, &parameters(stream.conditions.values()))?;
    let mut next = None;
    if matches!(window.start, Start::After(_)) {
        if items.len() > window.limit as usize {
            items.truncate(window.limit as usize);
            next = items.last().map(id);
        } else if !rest.is_empty() {
            // The last id that was read, if it is not the last of the list.
            let ids = walk.page(window);
            let offset = WALK_MAX - 1;
            let ends = format!("SELECT s.id FROM ({ids}) s ORDER BY {order} LIMIT 2 OFFSET {offset}");
            let ends: Vec<i32> = sql.all(&ends, &parameters(walk.conditions.values()))?;
            next = ends.first().copied().filter(|_| ends.len() > 1);
        }
    }
    Ok(ListPage { items, next })
}

/// The number of rows of `select`, but at most `limit`.
pub fn count_up_to(sql: &dyn Sql, select: &str, values: &[&dyn ToValue], limit: u32) -> Result<u32> {
    sql.one(&format!("SELECT count(*) FROM ({select} LIMIT {limit}) few"), values)
}

/// The number of pipelines of a commit, or of the commits with this prefix, but at most `limit`.
pub fn count_of_sha(sql: &dyn Sql, repository: RepositoryId, sha: &str, limit: u32) -> Result<u32> {
    let mut conditions = Conditions::default();
    conditions.and("repository_id =", repository);
    conditions.and_sha("sha", sha);
    let query = format!(
        "SELECT count(*) FROM (SELECT 1 FROM pipelines INDEXED BY pipelines_by_identity WHERE 1 = 1{}
            LIMIT {limit}) few",
        conditions.text()
    );
    Ok(u32::try_from(number(sql, &query, &conditions)?).unwrap_or(limit))
}

/// The candidate with the fewest rows; the first of equal ones. `rows` counts the rows of a candidate up to a
/// limit.
pub fn fewest<D: Copy>(candidates: &[D], rows: impl Fn(D, u32) -> Result<u32>) -> Result<Option<D>> {
    if let [] | [_] = candidates {
        return Ok(candidates.first().copied());
    }
    let mut best = None;
    for limit in COUNT_LIMITS {
        let counts: Vec<u32> = candidates.iter().map(|d| rows(*d, limit)).collect::<Result<_>>()?;
        best = counts.iter().zip(candidates).min_by_key(|(count, _)| **count).map(|(count, d)| (*count, *d));
        if best.is_some_and(|(count, _)| count < limit) {
            break;
        }
    }
    Ok(best.map(|(_, driver)| driver))
}
