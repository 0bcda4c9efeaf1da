//! Long lists, page by page, as a stream.
//!
//! Must not know: of what; what a cursor is.

use crate::error::Error;
use futures_core::Stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A page, and where the next one begins.
pub(crate) struct Page<T, C> {
    /// What is on it; it may be short, even empty, and not be the last.
    pub items: Vec<T>,
    /// Where to go on; `None`: this was the last.
    pub next: Option<C>,
}

type Asking<T> = Pin<Box<dyn Future<Output = Result<Batch<T>, Error>> + Send>>;
/// Asks for the next batch; gets how many are still wanted.
type Ask<T> = Box<dyn FnOnce(usize) -> Asking<T> + Send>;

/// Some items, and how the next ones are asked for.
struct Batch<T> {
    items: Vec<T>,
    next: Option<Ask<T>>,
}

enum NextPage<T> {
    Ask(Ask<T>),
    Asking(Asking<T>),
    End,
}

/// A long list: asks for a page when the one before is used up, and ends after the last or after the first error.
///
/// It is a [`Stream`]; [`Paged::next`] does without a crate for streams:
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
#[must_use = "nothing is asked until the next item is"]
pub struct Paged<T> {
    ready: VecDeque<T>,
    then: NextPage<T>,
    wanted: usize,
}

impl<T> std::fmt::Debug for Paged<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Paged").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Paged<T> {
    /// `ask` gets a clone of `of`, where to begin, and how many are still wanted. `nearer` says of a cursor and the next whether the next is nearer to the
    /// end: a server that comes no nearer must not keep us for ever.
    pub(crate) fn new<S, C, F, A>(of: S, nearer: fn(&C, &C) -> bool, mut ask: A) -> Self
    where
        S: Clone + Send + 'static,
        C: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Page<T, C>, Error>> + Send + 'static,
        A: FnMut(S, Option<C>, usize) -> F + Send + 'static,
    {
        let ask = move |at, wanted| ask(of.clone(), at, wanted);
        Self { ready: VecDeque::new(), then: NextPage::Ask(from(None, nearer, ask)), wanted: usize::MAX }
    }

    /// No more than so many; the last page is asked for no longer than needed.
    pub fn at_most(mut self, most: impl Into<Option<usize>>) -> Self {
        self.wanted = most.into().unwrap_or(usize::MAX);
        self
    }

    /// The next item; `None` after the last. Nothing is lost when this is dropped before it is done.
    ///
    /// # Errors
    /// [`Error`], after which there is nothing more.
    pub async fn next(&mut self) -> Result<Option<T>, Error> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await.transpose()
    }

    /// All that are left.
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

fn from<T, C, F, A>(at: Option<C>, nearer: fn(&C, &C) -> bool, mut ask: A) -> Ask<T>
where
    T: Send + 'static,
    C: Clone + Send + Sync + 'static,
    F: Future<Output = Result<Page<T, C>, Error>> + Send + 'static,
    A: FnMut(Option<C>, usize) -> F + Send + 'static,
{
    Box::new(move |wanted| {
        let asked = ask(at.clone(), wanted);
        Box::pin(async move {
            let page = asked.await?;
            let moves = |next: &C| at.as_ref().is_none_or(|last| nearer(last, next));
            let next = page.next.filter(moves);
            Ok(Batch { items: page.items, next: next.map(|next| from(Some(next), nearer, ask)) })
        })
    })
}

impl<T> Unpin for Paged<T> {}

impl<T> Stream for Paged<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if this.wanted == 0 {
                return Poll::Ready(None);
            }
            if let Some(item) = this.ready.pop_front() {
                this.wanted -= 1;
                return Poll::Ready(Some(Ok(item)));
            }
            this.then = match std::mem::replace(&mut this.then, NextPage::End) {
                NextPage::End => return Poll::Ready(None),
                NextPage::Ask(ask) => NextPage::Asking(ask(this.wanted)),
                NextPage::Asking(mut asking) => match asking.as_mut().poll(cx) {
                    Poll::Pending => {
                        this.then = NextPage::Asking(asking);
                        return Poll::Pending;
                    }
                    done @ Poll::Ready(_) => match ready!(done) {
                        Err(error) => return Poll::Ready(Some(Err(error))),
                        Ok(Batch { items, next }) => {
                            this.ready = items.into();
                            next.map_or(NextPage::End, NextPage::Ask)
                        }
                    },
                },
            };
        }
    }
}

/// The page of a list that counts from 0 and knows how many there are.
pub(crate) fn of_total<T>(items: Vec<T>, offset: usize, total: u64) -> Page<T, usize> {
    let end = offset + items.len();
    let more = end > offset && (end as u64) < total;
    Page { items, next: more.then_some(end) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;
    use std::sync::{Arc, Mutex};

    type Asked = Arc<Mutex<Vec<(Option<i32>, usize)>>>;

    /// A list whose pages hold two items and name these cursors; and what it was asked.
    fn paged(cursors: &'static [i32]) -> (Paged<()>, Asked) {
        let asked = Asked::default();
        let seen = Arc::clone(&asked);
        let ask = move |(), at, wanted| {
            let mut seen = seen.lock().unwrap();
            let next = cursors.get(seen.len()).copied();
            seen.push((at, wanted));
            async move { Ok(Page { items: vec![(); 2], next }) }
        };
        (Paged::new((), |last: &i32, next| next < last, ask), asked)
    }

    /// What is found, and how often was asked.
    async fn walk(most: Option<usize>, cursors: &'static [i32]) -> (usize, usize) {
        let (list, asked) = paged(cursors);
        let found = list.at_most(most).all().await.unwrap();
        (found.len(), asked.lock().unwrap().len())
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

    #[tokio::test]
    async fn a_page_is_asked_for_when_it_is_needed() {
        let (mut list, asked) = paged(&[9, 5]);
        let count = || asked.lock().unwrap().len();
        assert_eq!(count(), 0);
        list.next().await.unwrap().unwrap();
        list.next().await.unwrap().unwrap();
        assert_eq!(count(), 1);
        list.next().await.unwrap().unwrap();
        assert_eq!(asked.lock().unwrap().last(), Some(&(Some(9), usize::MAX - 2)));
    }

    #[tokio::test]
    async fn the_first_error_is_the_end() {
        let ask = |(), at: Option<i32>, _| async move {
            match at {
                None => Ok(Page { items: vec![1], next: Some(1) }),
                Some(_) => Err(Error::local(Kind::Other, "broken")),
            }
        };
        let mut list = Paged::new((), |last: &i32, next| next > last, ask);
        assert_eq!(list.next().await.unwrap(), Some(1));
        assert_eq!(list.next().await.unwrap_err().message, "broken");
        assert_eq!(list.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_is_dropped_half_way_is_not_lost() {
        let (send, receive) = tokio::sync::oneshot::channel::<()>();
        let mut receive = Some(receive);
        let ask = move |(), _: Option<i32>, _| {
            let receive = receive.take();
            async move {
                if let Some(receive) = receive {
                    receive.await.unwrap();
                }
                Ok(Page { items: vec![7], next: None })
            }
        };
        let mut list = Paged::new((), |_: &i32, _| true, ask);
        tokio::select! {
            biased;
            _ = list.next() => panic!("nothing has come yet"),
            () = std::future::ready(()) => {}
        }
        send.send(()).unwrap();
        assert_eq!(list.next().await.unwrap(), Some(7));
    }

    #[test]
    fn a_total_that_is_never_reached_ends_with_an_empty_page() {
        let next = |items: usize, offset, total| of_total(vec![(); items], offset, total).next;
        assert_eq!((next(100, 0, 130), next(30, 100, 130)), (Some(100), None));
        assert_eq!((next(0, 100, 130), next(5, 0, 3)), (None, None));
    }
}
