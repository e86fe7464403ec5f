//! Lists, page after page.
//!
//! Every list call has `stream()`, which gives the items, `pages()`, which
//! gives pages, and `all()`, which gives every item at once. The first two are
//! lazy: a page is fetched when its first item is asked for. All ask for 100 items
//! a page, the largest size known to be in use, unless the call has a `page_size`;
//! fewer requests is what the rate limit rewards. Every other parameter is repeated
//! for each page.
//!
//! Where the work on a page takes time, `prefetch()` of a stream has the next page fetched meanwhile:
//! one page ahead, through the same rate limit.
//!
//! An item that cannot be read is an error in its place, whose
//! [`body`](Error::body) is the item as it came, and `stream()` goes on after it. Of a page
//! with such an item `pages()` and `send()` give the error alone, and `all()` is that error.
//!
//! A listing can be taken up again: keep [`Page::next_page_token`] of the last
//! page that was dealt with, and give it to `page_token` of the same call.

use crate::{
    call::{
        Call,
        error::{Error, ErrorKind},
        response::Response,
        transport,
    },
    values::{json::Json, object},
};
use futures_core::Stream;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};
use tokio::task::JoinSet;
use tracing::Instrument;

pub use crate::values::page_token::PageToken;

/// The page size of a stream whose call has none.
const PAGE_SIZE: i64 = 100;

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The items, in the server's order. A page may be empty and not the last.
    pub items: Vec<T>,
    /// Where the list goes on; none on the last page.
    pub next_page_token: Option<String>,
}

impl<T> Page<T> {
    pub(crate) fn new(items: Vec<T>, next_page_token: Option<String>) -> Self {
        // The API says that the token is empty when there are no more pages.
        Self {
            items,
            next_page_token: next_page_token.filter(|token| !token.is_empty()),
        }
    }
}

impl<T> Page<Result<T, Error>> {
    fn whole(self) -> Result<Page<T>, Error> {
        let items = self.items.into_iter().collect::<Result<_, _>>()?;
        Ok(Page::new(items, self.next_page_token))
    }
}

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// The items of a list; see [`pagination`](self).
#[must_use = "a stream does nothing unless it is polled"]
pub struct ItemStream<T> {
    pages: Pages<T>,
    /// What is left of the latest page.
    items: vec::IntoIter<Result<T, Error>>,
}

/// The pages of a list; see [`pagination`](self).
#[must_use = "a stream does nothing unless it is polled"]
pub struct PageStream<T> {
    pages: Pages<T>,
}

// Items are moved, never pinned.
impl<T> Unpin for ItemStream<T> {}

/// Both streams walk the same way: it is compiled once for each list.
type Pages<T> = BoxStream<'static, Result<Page<Result<T, Error>>, Error>>;

impl<T> Stream for ItemStream<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(item));
            }
            match ready!(self.pages.as_mut().poll_next(context)) {
                Some(Ok(page)) => self.items = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T> Stream for PageStream<T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let page = ready!(self.pages.as_mut().poll_next(context));
        Poll::Ready(page.map(|page| page?.whole()))
    }
}

macro_rules! stream_methods {
    ($stream:ident, $item:ty, $method:literal) => {
        impl<T> $stream<T> {
            /// The next one; none at the end. After an error that is not about one item
            /// there is no other.
            pub async fn next(&mut self) -> Option<Result<$item, Error>> {
                StreamExt::next(self).await
            }

            /// The next one, for loops that end at the first error: `while let Some(…) = ….try_next().await?`.
            ///
            /// # Errors
            /// Any [`Error`].
            pub async fn try_next(&mut self) -> Result<Option<$item>, Error> {
                TryStreamExt::try_next(self).await
            }

            /// Fetches the next page while this one is worked on, in a task of its own.
            ///
            /// It is one page ahead at the most, and begins when a page is handed out. A page that
            /// fails is an error after the items before it, as without. Dropping the stream stops it.
            ///
            /// ```no_run
            /// # async fn work_on<T>(_: T) {}
            /// # async fn run(client: segment_config_api::Client) -> Result<(), segment_config_api::Error> {
            #[doc = concat!("let mut sources = client.list_sources().workspace(\"acme\").", $method, "().prefetch();")]
            /// while let Some(next) = sources.try_next().await? {
            ///     work_on(next).await;
            /// }
            /// # Ok(()) }
            /// ```
            pub fn prefetch(mut self) -> Self
            where
                T: Send + 'static,
            {
                self.pages = ahead(self.pages);
                self
            }
        }

        impl<T> std::fmt::Debug for $stream<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($stream)).finish_non_exhaustive()
            }
        }
    };
}

stream_methods!(ItemStream, T, "stream");
stream_methods!(PageStream, Page<T>, "pages");

impl<T> ItemStream<T> {
    /// All that are left.
    ///
    /// # Errors
    /// The first [`Error`], also that of a single item which cannot be read.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut all: Vec<T> = self.items.collect::<Result<_, _>>()?;
        while let Some(page) = self.pages.try_next().await? {
            let mut items = page.items.into_iter().collect::<Result<_, _>>()?;
            // A list of one page is that page, and not a copy of it.
            match all.is_empty() {
                true => all = items,
                false => all.append(&mut items),
            }
        }
        Ok(all)
    }
}

impl<T> PageStream<T> {
    /// All that are left.
    ///
    /// # Errors
    /// The first [`Error`], also that of a single item which cannot be read.
    pub async fn all(self) -> Result<Vec<Page<T>>, Error> {
        self.try_collect().await
    }
}

/// A call that lists, whichever it is: for code that takes any.
///
/// The methods are those that the calls of lists have anyhow.
///
/// ```
/// use segment_config_api::{Error, List};
///
/// async fn count<L: List>(call: L) -> Result<usize, Error> {
///     let mut items = call.stream();
///     let mut count = 0;
///     while items.try_next().await?.is_some() {
///         count += 1;
///     }
///     Ok(count)
/// }
/// ```
///
/// It is implemented by this crate only.
pub trait List: Call + sealed::List<Of = <Self as List>::Item> {
    /// What is listed.
    type Item: DeserializeOwned + Send + 'static;

    /// All items of all pages, fetched as they are asked for.
    fn stream(self) -> ItemStream<<Self as List>::Item> {
        items(self)
    }

    /// All pages, fetched as they are asked for.
    fn pages(self) -> PageStream<<Self as List>::Item> {
        pages(self)
    }

    /// All items of all pages.
    ///
    /// # Errors
    /// Any [`Error`], also that of a single item which cannot be read.
    fn all(self) -> impl Future<Output = Result<Vec<<Self as List>::Item>, Error>> + Send {
        items(self).all()
    }
}

mod sealed {
    pub trait List: crate::call::Call {
        /// The key of the answer that holds the items.
        const KEY: &'static str;
        type Of;
        /// The call with this page size, unless it has one.
        fn with_page_size(self, page_size: i64) -> Self;
        /// The call for the page that a token names.
        fn with_page_token(self, page_token: String) -> Self;
        fn page(answer: Self::Answer) -> super::Page<Self::Of>;
    }
}
pub(crate) use sealed::List as Paged;

/// Makes a list of a call whose answer has the items and a `next_page_token`.
macro_rules! list {
    ($builder:ident $key:literal -> $item:ty, |$answer:ident| $items:expr) => {
        impl crate::lists::pagination::List for $builder {
            type Item = $item;
        }

        impl crate::lists::pagination::Paged for $builder {
            const KEY: &'static str = $key;
            type Of = $item;

            fn with_page_size(self, page_size: i64) -> Self {
                if matches!(self.page_size, Ok(None)) {
                    self.page_size(page_size)
                } else {
                    self
                }
            }

            fn with_page_token(self, page_token: String) -> Self {
                self.page_token(page_token)
            }

            fn page($answer: Self::Answer) -> crate::lists::pagination::Page<$item> {
                crate::lists::pagination::Page::new($items, $answer.next_page_token)
            }
        }

        impl $builder {
            /// All items of all pages, fetched as they are asked for.
            pub fn stream(self) -> crate::lists::pagination::ItemStream<$item> {
                crate::lists::pagination::items(self)
            }

            /// All pages, fetched as they are asked for.
            pub fn pages(self) -> crate::lists::pagination::PageStream<$item> {
                crate::lists::pagination::pages(self)
            }

            /// All items of all pages.
            ///
            /// # Errors
            /// Any [`Error`](crate::Error), also that of a single item which cannot be read.
            pub async fn all(self) -> Result<Vec<$item>, crate::call::error::Error> {
                self.stream().all().await
            }
        }
    };
}

pub(crate) fn items<L: List>(call: L) -> ItemStream<<L as List>::Item> {
    ItemStream {
        pages: walk(call, Unreadable::IsItem),
        items: Vec::new().into_iter(),
    }
}

pub(crate) fn pages<L: List>(call: L) -> PageStream<<L as List>::Item> {
    PageStream {
        pages: walk(call, Unreadable::IsPage),
    }
}

/// What an item that cannot be read makes an error of.
#[derive(Clone, Copy, PartialEq)]
enum Unreadable {
    IsItem,
    IsPage,
}

/// Page after page.
fn walk<L: List>(call: L, unreadable: Unreadable) -> Pages<<L as List>::Item> {
    let call = call.with_page_size(PAGE_SIZE);
    let first = Next::Page(call, Tokens::default());
    let pages = stream::try_unfold(first, move |next| async move {
        let (call, mut tokens) = match next {
            Next::Page(call, tokens) => (call, tokens),
            Next::Repeated => {
                let detail = "the server gave a page token twice";
                return Err(Error::new(ErrorKind::RepeatedPageToken, detail).of(L::OPERATION));
            }
            Next::End => return Ok(None),
        };
        let answer = transport::call(L::OPERATION, call.clone().request()).await;
        let page = match answer.map(Response::into_value) {
            Ok(answer) => all_readable(L::page(answer)),
            Err(error) if unreadable == Unreadable::IsItem => some_readable(L::KEY, error)?,
            Err(error) => return Err(error),
        };
        let next = match &page.next_page_token {
            Some(token) if tokens.repeats(token) => Next::Repeated,
            Some(token) => Next::Page(call.with_page_token(token.clone()), tokens),
            None => Next::End,
        };
        Ok(Some((page, next)))
    });
    pages.boxed()
}

/// The same pages, of which the next is fetched as soon as one is there.
fn ahead<T: Send + 'static>(pages: Pages<T>) -> Pages<T> {
    let next = |mut pages: Pages<T>| async move { (pages.next().await, pages) }.in_current_span();
    // Dropped with the stream, and with it the task.
    let start = (Some(pages), JoinSet::new());
    stream::try_unfold(start, move |(first, mut task)| async move {
        if let Some(pages) = first {
            task.spawn(next(pages));
        }
        let Some(done) = task.join_next().await else {
            return Ok(None);
        };
        let (page, pages) = done.map_err(|error| {
            let detail = "the task that fetches ahead was ended";
            Error::new(ErrorKind::Connection, detail).with_source(error)
        })?;
        let Some(page) = page.transpose()? else {
            return Ok(None);
        };
        task.spawn(next(pages));
        Ok(Some((page, (None, task))))
    })
    .boxed()
}

fn all_readable<T>(page: Page<T>) -> Page<Result<T, Error>> {
    Page {
        items: page.items.into_iter().map(Ok).collect(),
        next_page_token: page.next_page_token,
    }
}

/// The page that could not be read because of some of its items, which are errors in it.
fn some_readable<T: DeserializeOwned>(
    key: &str,
    error: Error,
) -> Result<Page<Result<T, Error>>, Error> {
    let Some((raw, token)) = unread(key, &error) else {
        return Err(error);
    };
    let mut items = Vec::with_capacity(raw.len());
    for (place, item) in raw.iter().enumerate() {
        let unreadable = |e| error.of_item(&object::placed_item(key, place, e), item);
        items.push(item.decode().map_err(unreadable));
    }
    match items.iter().all(Result::is_ok) {
        true => Err(error),
        false => Ok(Page::new(items, token)),
    }
}

/// The items of a page that could not be read, and its token.
fn unread(key: &str, error: &Error) -> Option<(Vec<Json>, Option<String>)> {
    if error.kind() != ErrorKind::Decode {
        return None;
    }
    let mut page: BTreeMap<String, Json> = serde_json::from_slice(error.body()).ok()?;
    let items = page.remove(key)?.decode().ok()?;
    let token = page.remove("next_page_token");
    Some((items, token.map_or(Ok(None), |token| token.decode()).ok()?))
}

/// What a listing does next.
enum Next<L> {
    Page(L, Tokens),
    Repeated,
    End,
}

/// The tokens that have come, as hashes: 8 bytes for a page.
#[derive(Default)]
struct Tokens {
    hasher: RandomState,
    seen: HashSet<u64>,
}

impl Tokens {
    /// Whether a token has come before.
    fn repeats(&mut self, token: &str) -> bool {
        !self.seen.insert(self.hasher.hash_one(token))
    }
}
