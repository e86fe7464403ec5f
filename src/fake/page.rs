//! Pages of a list.

use super::refusal::Refusal;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The size of a page that is not asked for: the documentation says 10 or 100.
const SIZE: usize = 10;

/// Bytes whose base64 has all of the signs that an address has to encode: `++//`.
const MARK: [u8; 3] = [0xfb, 0xef, 0xff];

/// One page of what is sorted by its key, with at most `most` items, and the token of the next
/// one, `""` at the end.
pub(super) fn page<T>(
    items: Vec<(String, T)>,
    most: usize,
    size: Option<&str>,
    token: Option<&str>,
) -> Result<(Vec<(String, T)>, String), Refusal> {
    let size = match size.map(str::parse) {
        None | Some(Ok(0)) => SIZE,
        Some(Ok(size)) => size,
        Some(Err(_)) => return Err(Refusal::invalid("page_size: expected a number from 0 up")),
    };
    let after = match token {
        None | Some("") => String::new(),
        Some(token) => {
            key(token).ok_or_else(|| Refusal::invalid("page_token: not of this list"))?
        }
    };
    let mut rest = items.into_iter().filter(|(key, _)| *key > after);
    let page: Vec<_> = rest.by_ref().take(size.min(most)).collect();
    let next = match (rest.next(), page.last()) {
        (Some(_), Some((last, _))) => self::token(last),
        _ => String::new(),
    };
    Ok((page, next))
}

/// What follows a key; a token names no position, since items come and go.
fn token(key: &str) -> String {
    let mut bytes = [&MARK, key.as_bytes()].concat();
    // Two signs of padding.
    bytes.resize(bytes.len().next_multiple_of(3) + 1, b' ');
    STANDARD.encode(bytes)
}

fn key(token: &str) -> Option<String> {
    let bytes = STANDARD.decode(token).ok()?;
    let key = std::str::from_utf8(bytes.strip_prefix(&MARK)?).ok()?;
    Some(key.trim_end().to_string())
}
