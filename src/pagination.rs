//! Lists, page after page.
//!
//! Every list call has `stream()`, which gives the items, and `pages()`, which
//! gives pages. Both are lazy: a page is fetched when its first item is asked
//! for. They ask for 100 items a page, the largest size known to be in use,
//! unless the call has a `page_size`; fewer requests is what the rate limit
//! rewards. Every other parameter is repeated for each page.
//!
//! A listing can be taken up again: keep [`Page::next_page_token`] of the last
//! page that was dealt with, and start the same call with `.page_token(…)`.

use crate::{Error, ErrorKind, operation::Operation};
use futures_core::Stream;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    task::{Context, Poll},
};

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

impl<T> IntoIterator for Page<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

/// The items of a list; see [`pagination`](self).
#[must_use = "a stream does nothing unless it is polled"]
pub struct ItemStream<T>(BoxStream<'static, Result<T, Error>>);

/// The pages of a list; see [`pagination`](self).
#[must_use = "a stream does nothing unless it is polled"]
pub struct PageStream<T>(BoxStream<'static, Result<Page<T>, Error>>);

macro_rules! boxed_stream {
    ($stream:ident, $item:ty) => {
        impl<T> Stream for $stream<T> {
            type Item = Result<$item, Error>;

            fn poll_next(
                mut self: Pin<&mut Self>,
                context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                self.0.as_mut().poll_next(context)
            }
        }

        impl<T> std::fmt::Debug for $stream<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($stream)).finish_non_exhaustive()
            }
        }
    };
}

boxed_stream!(ItemStream, T);
boxed_stream!(PageStream, Page<T>);

/// A call that lists.
pub(crate) trait List: Clone + Send + Sized + 'static {
    const OPERATION: &'static Operation;
    type Item: Send + 'static;
    /// The call with this page size, unless it has one.
    fn with_page_size(self, page_size: i64) -> Self;
    /// The call for the page that a token names.
    fn with_page_token(self, page_token: String) -> Self;
    fn page(self) -> impl Future<Output = Result<Page<Self::Item>, Error>> + Send;
}

/// Makes a list of a call whose answer has the items and a `next_page_token`.
macro_rules! list {
    ($builder:ident $operation:ident -> $item:ty, |$answer:ident| $items:expr) => {
        impl crate::pagination::List for $builder {
            const OPERATION: &'static crate::operation::Operation = &crate::operation::$operation;
            type Item = $item;

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

            async fn page(self) -> Result<crate::pagination::Page<$item>, crate::Error> {
                let $answer = self.send().await?;
                Ok(crate::pagination::Page::new(
                    $items,
                    $answer.next_page_token,
                ))
            }
        }

        impl $builder {
            /// All items of all pages, fetched as they are asked for.
            pub fn stream(self) -> crate::pagination::ItemStream<$item> {
                crate::pagination::items(self)
            }

            /// All pages, fetched as they are asked for.
            pub fn pages(self) -> crate::pagination::PageStream<$item> {
                crate::pagination::pages(self)
            }
        }
    };
}

pub(crate) fn items<L: List>(call: L) -> ItemStream<L::Item> {
    ItemStream(
        pages(call)
            .map_ok(|page| stream::iter(page.items.into_iter().map(Ok)))
            .try_flatten()
            .boxed(),
    )
}

pub(crate) fn pages<L: List>(call: L) -> PageStream<L::Item> {
    let call = call.with_page_size(PAGE_SIZE);
    let first = Next::Page(call, Tokens::default());
    let pages = stream::try_unfold(first, |next| async move {
        let (call, mut tokens) = match next {
            Next::Page(call, tokens) => (call, tokens),
            Next::Repeated => {
                let detail = "the server gave a page token twice";
                return Err(Error::new(ErrorKind::RepeatedPageToken, detail).of(L::OPERATION));
            }
            Next::End => return Ok(None),
        };
        let page = call.clone().page().await?;
        let next = match &page.next_page_token {
            Some(token) if tokens.repeats(token) => Next::Repeated,
            Some(token) => Next::Page(call.with_page_token(token.clone()), tokens),
            None => Next::End,
        };
        Ok(Some((page, next)))
    });
    PageStream(pages.boxed())
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
