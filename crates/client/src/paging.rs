//! Long lists, page by page.
//!
//! Must not know: of what; what a cursor is.

use crate::error::Error;

/// A page, and where the next one begins.
pub struct Page<T, C> {
    /// What is on it; it may be short, even empty, and not be the last.
    pub items: Vec<T>,
    /// Where to go on; `None`: this was the last.
    pub next: Option<C>,
}

/// Page after page until there is none, or until `most` items are there. `ask` gets where to begin and how many are still wanted.
/// `nearer` says of a cursor and the next whether the next is nearer to the end: a server that comes no nearer must not keep us for
/// ever.
pub async fn all<T, C: Clone, F: Future<Output = Result<Page<T, C>, Error>>>(
    most: Option<usize>,
    nearer: impl Fn(&C, &C) -> bool,
    ask: impl Fn(Option<C>, usize) -> F,
) -> Result<Vec<T>, Error> {
    let most = most.unwrap_or(usize::MAX);
    let mut found = Vec::new();
    let mut at: Option<C> = None;
    while found.len() < most {
        let page = ask(at.clone(), most - found.len()).await?;
        found.extend(page.items);
        let moves = |next: &C| at.as_ref().is_none_or(|last| nearer(last, next));
        let next = page.next.filter(moves);
        if next.is_none() {
            break;
        }
        at = next;
    }
    found.truncate(most);
    Ok(found)
}

/// The page of a list that counts from 0 and knows how many there are.
pub fn of_total<T>(items: Vec<T>, offset: usize, total: u64) -> Page<T, usize> {
    let end = offset + items.len();
    let more = end > offset && (end as u64) < total;
    Page { items, next: more.then_some(end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// What is found, and how often was asked, where the pages hold two items and name these cursors.
    async fn walk(most: Option<usize>, cursors: &[i32]) -> (usize, usize) {
        let asked = Cell::new(0);
        let ask = |_, _| {
            let next = cursors.get(asked.replace(asked.get() + 1)).copied();
            async move { Ok(Page { items: vec![(); 2], next }) }
        };
        let found = all(most, |last: &i32, next| next < last, ask).await.unwrap();
        (found.len(), asked.get())
    }

    #[tokio::test]
    async fn every_page_is_asked_for_once_and_nothing_goes_on_for_ever() {
        assert_eq!(walk(None, &[]).await, (2, 1));
        assert_eq!(walk(None, &[9, 5, 1]).await, (8, 4));
        assert_eq!(walk(Some(3), &[9, 5, 1]).await, (3, 2));
        assert_eq!(walk(Some(0), &[9, 5, 1]).await, (0, 0));
        assert_eq!(walk(None, &[9, 9, 9, 9]).await, (4, 2), "it stands still");
        assert_eq!(walk(None, &[9, 8, 9, 8]).await, (6, 3), "it goes back");
    }

    #[test]
    fn a_total_that_is_never_reached_ends_with_an_empty_page() {
        let next = |items: usize, offset, total| of_total(vec![(); items], offset, total).next;
        assert_eq!((next(100, 0, 130), next(30, 100, 130)), (Some(100), None));
        assert_eq!((next(0, 100, 130), next(5, 0, 3)), (None, None));
    }
}
