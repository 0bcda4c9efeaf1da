//! Long lists as streams that fetch page by page.
//!
//! Must not know: what the items and the cursors are.

use crate::error::Error;
use futures_core::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A page of a list.
pub(crate) struct Page<T, C> {
    /// The items. A page may be short or empty without being the last.
    pub items: Vec<T>,
    /// The cursor of the next page; `None` for the last page.
    pub next: Option<C>,
}

type PageFuture<T> = Pin<Box<dyn Future<Output = Result<FetchedPage<T>, Error>> + Send>>;
/// Fetches the next page. The argument is the number of items that are still wanted.
type FetchPage<T> = Box<dyn FnOnce(usize) -> PageFuture<T> + Send>;

/// The items of a page and the function that fetches the next one.
struct FetchedPage<T> {
    items: Vec<T>,
    next: Option<FetchPage<T>>,
}

enum NextPage<T> {
    NotRequested(FetchPage<T>),
    InFlight(PageFuture<T>),
    End,
}

/// A long list. It fetches a page when the items of the previous page are used up, and ends after the last
/// page or the first error.
///
/// Use it as a [`Stream`], or call [`Paged::next`] without another crate:
///
/// ```no_run
/// # async fn example(client: stagepost_client::Client) -> Result<(), stagepost_client::Error> {
/// let mut jobs = client.paged_jobs(2111976239, 6);
/// while let Some(job) = jobs.next().await? {
///     println!("{} {}", job.name, job.status);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "no request is sent before the first item is polled"]
pub struct Paged<T> {
    items: VecDeque<T>,
    next_page: NextPage<T>,
    remaining: usize,
}

impl<T> std::fmt::Debug for Paged<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paged").field("items", &self.items.len()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Paged<T> {
    /// `fetch` gets a clone of `state`, the cursor (`None` for the first page) and the number of items still
    /// wanted. `advances` compares a cursor with the next one. The list ends when it returns false, so that a
    /// faulty server cannot cause an endless loop.
    pub(crate) fn new<S, C, F, A>(state: S, advances: fn(&C, &C) -> bool, mut fetch: A) -> Self
    where
        S: Clone + Send + 'static,
        C: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Page<T, C>, Error>> + Send + 'static,
        A: FnMut(S, Option<C>, usize) -> F + Send + 'static,
    {
        let fetch = move |cursor, wanted| fetch(state.clone(), cursor, wanted);
        let next_page = NextPage::NotRequested(fetch_from(None, advances, fetch));
        Self { items: VecDeque::new(), next_page, remaining: usize::MAX }
    }

    /// Limits the number of items. The size of the last requested page is reduced accordingly.
    pub fn at_most(mut self, limit: impl Into<Option<usize>>) -> Self {
        self.remaining = limit.into().unwrap_or(usize::MAX);
        self
    }

    /// The next item; `None` after the last. Cancel safe: a dropped future loses no item.
    ///
    /// # Errors
    /// [`Error`]; every later call returns `None`.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    /// All remaining items.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await? {
            all.push(item);
        }
        Ok(all)
    }
}

fn fetch_from<T, C, F, A>(cursor: Option<C>, advances: fn(&C, &C) -> bool, mut fetch: A) -> FetchPage<T>
where
    T: Send + 'static,
    C: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Page<T, C>, Error>> + Send + 'static,
    A: FnMut(Option<C>, usize) -> F + Send + 'static,
{
    Box::new(move |wanted| {
        let request = fetch(cursor.clone(), wanted);
        Box::pin(async move {
            let page = request.await?;
            let moved_on = |next: &C| cursor.as_ref().is_none_or(|last| advances(last, next));
            let next = page.next.filter(moved_on);
            let next = next.map(|next| fetch_from(Some(next), advances, fetch));
            Ok(FetchedPage { items: page.items, next })
        })
    })
}

impl<T> Unpin for Paged<T> {}

impl<T> Stream for Paged<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if this.remaining == 0 {
                return Poll::Ready(None);
            }
            if let Some(item) = this.items.pop_front() {
                this.remaining -= 1;
                return Poll::Ready(Some(Ok(item)));
            }
            this.next_page = match std::mem::replace(&mut this.next_page, NextPage::End) {
                NextPage::End => return Poll::Ready(None),
                NextPage::NotRequested(fetch) => NextPage::InFlight(fetch(this.remaining)),
                NextPage::InFlight(mut request) => match request.as_mut().poll(cx) {
                    Poll::Pending => {
                        this.next_page = NextPage::InFlight(request);
                        return Poll::Pending;
                    }
                    Poll::Ready(Err(error)) => return Poll::Ready(Some(Err(error))),
                    Poll::Ready(Ok(FetchedPage { items, next })) => {
                        this.items = items.into();
                        next.map_or(NextPage::End, NextPage::NotRequested)
                    }
                },
            };
        }
    }
}

/// A page of a list that is paged by offset and has a total.
pub(crate) fn offset_page<T>(items: Vec<T>, offset: usize, total: u64) -> Page<T, usize> {
    let end = offset + items.len();
    let more = end > offset && (end as u64) < total;
    Page { items, next: more.then_some(end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use std::sync::{Arc, Mutex};

    /// Cursor and wanted number of each request.
    type Requests = Arc<Mutex<Vec<(Option<i32>, usize)>>>;

    /// A list with two items per page and these cursors, and the record of its requests.
    fn paged(cursors: &'static [i32]) -> (Paged<()>, Requests) {
        let requests = Requests::default();
        let recorded = Arc::clone(&requests);
        let fetch = move |(), cursor, wanted| {
            let mut recorded = recorded.lock().unwrap();
            let next = cursors.get(recorded.len()).copied();
            recorded.push((cursor, wanted));
            async move { Ok(Page { items: vec![(); 2], next }) }
        };
        (Paged::new((), |last: &i32, next| next < last, fetch), requests)
    }

    /// The number of items and the number of requests.
    async fn counts(limit: Option<usize>, cursors: &'static [i32]) -> (usize, usize) {
        let (list, requests) = paged(cursors);
        let items = list.at_most(limit).all().await.unwrap();
        (items.len(), requests.lock().unwrap().len())
    }

    #[tokio::test]
    async fn every_page_is_requested_once_and_the_list_always_ends() {
        assert_eq!(counts(None, &[]).await, (2, 1));
        assert_eq!(counts(None, &[9, 5, 1]).await, (8, 4));
        assert_eq!(counts(Some(3), &[9, 5, 1]).await, (3, 2));
        assert_eq!(counts(Some(0), &[9, 5, 1]).await, (0, 0));
        assert_eq!(counts(None, &[9, 9, 9, 9]).await, (4, 2), "the cursor does not move");
        assert_eq!(counts(None, &[9, 8, 9, 8]).await, (6, 3), "the cursor moves back");
    }

    #[tokio::test]
    async fn a_page_is_requested_when_its_items_are_needed() {
        let (mut list, requests) = paged(&[9, 5]);
        let count = || requests.lock().unwrap().len();
        assert_eq!(count(), 0);
        list.next().await.unwrap().unwrap();
        list.next().await.unwrap().unwrap();
        assert_eq!(count(), 1);
        list.next().await.unwrap().unwrap();
        assert_eq!(requests.lock().unwrap().last(), Some(&(Some(9), usize::MAX - 2)));
    }

    #[tokio::test]
    async fn the_first_error_ends_the_list() {
        let fetch = |(), cursor: Option<i32>, _| async move {
            match cursor {
                None => Ok(Page { items: vec![1], next: Some(1) }),
                Some(_) => Err(Error::local(ErrorKind::Other, "broken")),
            }
        };
        let mut list = Paged::new((), |last: &i32, next| next > last, fetch);
        assert_eq!(list.next().await.unwrap(), Some(1));
        assert_eq!(list.next().await.unwrap_err().message, "broken");
        assert_eq!(list.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_dropped_future_loses_no_item() {
        let (send, receive) = tokio::sync::oneshot::channel::<()>();
        let mut receive = Some(receive);
        let fetch = move |(), _: Option<i32>, _| {
            let receive = receive.take();
            async move {
                if let Some(receive) = receive {
                    receive.await.unwrap();
                }
                Ok(Page { items: vec![7], next: None })
            }
        };
        let mut list = Paged::new((), |_: &i32, _| true, fetch);
        tokio::select! {
            biased;
            _ = list.next() => panic!("no item is available yet"),
            () = std::future::ready(()) => {}
        }
        send.send(()).unwrap();
        assert_eq!(list.next().await.unwrap(), Some(7));
    }

    #[test]
    fn an_empty_page_ends_the_list_before_its_total() {
        let next = |items: usize, offset, total| offset_page(vec![(); items], offset, total).next;
        assert_eq!((next(100, 0, 130), next(30, 100, 130)), (Some(100), None));
        assert_eq!((next(0, 100, 130), next(5, 0, 3)), (None, None));
    }
}
