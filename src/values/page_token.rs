//! Where a list goes on.

/// What `page_token` of a list takes: a token, or what [`Page::next_page_token`](crate::pagination::Page::next_page_token)
/// gives, which is none at the end of a list and before its beginning.
///
/// ```
/// # use segment_config_api::{Client, pagination::Page, types::Source};
/// # fn go_on(client: Client, page: Page<Source>) {
/// client.list_sources().workspace("acme").page_token(page.next_page_token).stream();
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PageToken(Option<String>);

impl From<Option<String>> for PageToken {
    fn from(token: Option<String>) -> Self {
        Self(token)
    }
}

impl From<&Option<String>> for PageToken {
    fn from(token: &Option<String>) -> Self {
        Self(token.clone())
    }
}

impl From<String> for PageToken {
    fn from(token: String) -> Self {
        Self(Some(token))
    }
}

impl From<&String> for PageToken {
    fn from(token: &String) -> Self {
        Self(Some(token.clone()))
    }
}

impl From<&str> for PageToken {
    fn from(token: &str) -> Self {
        Self(Some(token.to_string()))
    }
}

impl From<PageToken> for Option<String> {
    fn from(token: PageToken) -> Self {
        token.0
    }
}
