//! Conditions of destination filters in FQL, Segment's filter query language.
//!
//! A condition is made of [`field`]s, plain values and functions, and every
//! name and value is quoted on its way in, so that no text can break out of its
//! place. Filters to be created and patches take a condition as `if_`:
//!
//! ```
//! use segment_config_api::{filters, fql::field, types::{FilterAction, NewFilter}};
//!
//! let page = "it's a \\ page";
//! let condition = field("type").eq("page").and(!field("name").contains(page));
//! assert_eq!(
//!     condition.as_str()?,
//!     r#"type = 'page' and !( contains( name, "it's a \ page" ) )"#,
//! );
//! let filter = NewFilter::builder()
//!     .if_(condition)
//!     .actions([FilterAction::drop_event()]);
//! # Ok::<(), segment_config_api::fql::InvalidFql>(())
//! ```
//!
//! # What FQL cannot write
//!
//! Segment's own reader of the language ([fql-ts]) knows no escapes in a
//! string: it ends at the next quote of the kind that opened it, and a backslash
//! stands for itself. So a text with *both* kinds of quotes cannot be written at
//! all. A text that ends in a backslash could, but would break out if any other
//! reader took `\'` for an escape. Both are refused, like a number that is not
//! finite: the condition remembers why, and using it is an error. Segment drops
//! events where a filter's condition is invalid; nothing invalid gets there
//! from here. What a condition means can be tried out with
//! [`preview_destination_filter`](crate::Client::preview_destination_filter).
//!
//! [fql-ts]: https://github.com/segmentio/fql-ts

use std::ops::Not;

/// Why a condition cannot be written.
///
/// ```
/// use segment_config_api::fql::{InvalidFql, field};
///
/// let condition = field("event").eq("5' or 5\"");
/// assert_eq!(condition.as_str(), Err(InvalidFql::Quotes("5' or 5\"".into())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFql {
    /// The text holds both kinds of quotes, and FQL has no escapes in strings.
    #[error("FQL cannot write {0:?}: the text holds both kinds of quotes")]
    Quotes(String),
    /// The text ends in a backslash, which might escape the closing quote.
    #[error("FQL cannot write {0:?} safely: the text ends in a backslash")]
    Backslash(String),
    /// The number is infinite or not a number.
    #[error("FQL has no number {0}")]
    Number(String),
    /// A path is empty, or a part of it is.
    #[error("FQL cannot write the path {0:?}: a part of it is empty")]
    Path(String),
    /// `all` stands alone; negated it would be a filter that never acts.
    #[error("`all` cannot be negated")]
    NotAll,
}

/// Something with a value: a field of the event, a plain value, or a function of them.
///
/// Texts, numbers, booleans and lists of them convert to it.
///
/// ```
/// use segment_config_api::fql::{Term, field};
///
/// let condition = Term::from("dark-mode").is_in(field("properties.features"));
/// assert_eq!(condition.as_str()?, "'dark-mode' in properties.features");
/// # Ok::<(), segment_config_api::fql::InvalidFql>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a term is only part of a condition"]
pub struct Term(Result<String, InvalidFql>);

/// A field of the event by its path, parts separated by dots.
///
/// What has to be escaped is escaped here. Use [`field_at`] for names that hold
/// a dot, or that are not your own.
///
/// ```
/// use segment_config_api::fql::field;
///
/// let condition = field("properties.product 1.price").gt(9.5);
/// assert_eq!(condition.as_str()?, r"properties.product\ 1.price > 9.5");
/// # Ok::<(), segment_config_api::fql::InvalidFql>(())
/// ```
pub fn field(path: &str) -> Term {
    field_at(path.split('.'))
}

/// A field of the event by the parts of its path.
///
/// ```
/// use segment_config_api::fql::field_at;
///
/// let condition = field_at(["traits", "e.mail"]).eq("a@example.com");
/// assert_eq!(condition.as_str()?, r"traits.e\.mail = 'a@example.com'");
/// # Ok::<(), segment_config_api::fql::InvalidFql>(())
/// ```
pub fn field_at(parts: impl IntoIterator<Item = impl AsRef<str>>) -> Term {
    let parts: Vec<_> = parts.into_iter().map(|p| escaped(p.as_ref())).collect();
    let path = parts.join(".");
    match parts.iter().any(String::is_empty) || parts.is_empty() {
        true => Term(Err(InvalidFql::Path(path))),
        false => Term(Ok(path)),
    }
}

/// Words that are not read as a name unless their first letter is escaped.
const WORDS: [&str; 6] = ["and", "or", "in", "null", "true", "false"];

fn escaped(part: &str) -> String {
    let mut escaped = String::new();
    for (index, c) in part.chars().enumerate() {
        let plain = match index {
            // A digit or a dash would begin a number.
            0 => c == '_' || c.is_ascii_alphabetic() && !WORDS.contains(&part),
            _ => matches!(c, '_' | '-') || c.is_ascii_alphanumeric(),
        };
        escaped.extend((!plain).then_some('\\'));
        escaped.push(c);
    }
    escaped
}

/// The value of a field that is missing.
///
/// ```
/// use segment_config_api::fql::{field, null};
///
/// assert_eq!(field("userId").ne(null()).as_str()?, "userId != null");
/// # Ok::<(), segment_config_api::fql::InvalidFql>(())
/// ```
pub fn null() -> Term {
    Term(Ok("null".into()))
}

/// A text for use inside a pattern of [`Term::matches`], where it stands for itself.
///
/// ```
/// use segment_config_api::fql::{field, verbatim};
///
/// let condition = field("event").matches(format!("* {}", verbatim("[beta]?")));
/// assert_eq!(condition.as_str()?, r"match( event, '* \[beta\]\?' )");
/// # Ok::<(), segment_config_api::fql::InvalidFql>(())
/// ```
pub fn verbatim(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        pattern.extend(matches!(c, '*' | '?' | '[' | ']' | '\\').then_some('\\'));
        pattern.push(c);
    }
    pattern
}

impl From<&str> for Term {
    fn from(text: &str) -> Self {
        Self(match (text.contains('\''), text.contains('"')) {
            _ if text.ends_with('\\') => Err(InvalidFql::Backslash(text.into())),
            (false, _) => Ok(format!("'{text}'")),
            (true, false) => Ok(format!("\"{text}\"")),
            (true, true) => Err(InvalidFql::Quotes(text.into())),
        })
    }
}

impl From<String> for Term {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Term {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<f64> for Term {
    fn from(number: f64) -> Self {
        // Rust prints no exponent, which FQL does not know either.
        match number.is_finite() {
            true => Self(Ok(number.to_string())),
            false => Self(Err(InvalidFql::Number(number.to_string()))),
        }
    }
}

macro_rules! plain {
    ($($ty:ty),*) => {
        $(
            impl From<$ty> for Term {
                fn from(value: $ty) -> Self {
                    Self(Ok(value.to_string()))
                }
            }
        )*
    };
}

plain!(bool, i32, i64, u32, u64);

impl<T: Into<Term>> From<Vec<T>> for Term {
    fn from(values: Vec<T>) -> Self {
        let values: Result<Vec<_>, _> = values.into_iter().map(|v| v.into().0).collect();
        Self(values.map(|values| format!("[{}]", values.join(", "))))
    }
}

impl<T: Into<Term>, const N: usize> From<[T; N]> for Term {
    fn from(values: [T; N]) -> Self {
        Vec::from(values).into()
    }
}

/// Comparisons; the example compares a field with 10.
macro_rules! comparisons {
    ($($name:ident $operator:literal $docs:literal;)*) => {
        impl Term {
            $(
                #[doc = $docs]
                ///
                /// ```
                /// use segment_config_api::fql::field;
                ///
                #[doc = concat!("let condition = field(\"properties.price\").", stringify!($name), "(10);")]
                #[doc = concat!("assert_eq!(condition.as_str()?, \"properties.price ", $operator, " 10\");")]
                /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
                /// ```
                pub fn $name(self, other: impl Into<Term>) -> Fql {
                    self.with(other, |a, b| format!(concat!("{} ", $operator, " {}"), a, b))
                }
            )*
        }
    };
}

/// Functions of one argument; the example applies them to a field.
macro_rules! functions {
    ($($name:ident $function:literal $docs:literal;)*) => {
        impl Term {
            $(
                #[doc = $docs]
                ///
                /// ```
                /// use segment_config_api::fql::field;
                ///
                #[doc = concat!("let condition = field(\"userId\").", stringify!($name), "().eq(\"x\");")]
                #[doc = concat!("assert_eq!(condition.as_str()?, \"", $function, "( userId ) = 'x'\");")]
                /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
                /// ```
                pub fn $name(self) -> Term {
                    Term(self.0.map(|term| format!(concat!($function, "( {} )"), term)))
                }
            )*
        }
    };
}

comparisons! {
    eq "=" "Both sides have the same type and are equal.";
    ne "!=" "The sides differ in type or in value.";
    gt ">" "A number, greater than the other.";
    ge ">=" "A number, greater than the other or equal to it.";
    lt "<" "A number, less than the other.";
    le "<=" "A number, less than the other or equal to it.";
}

functions! {
    length "length" "The number of elements of a list or of bytes of a text; 0 of `null`.";
    lowercase "lowercase" "The text in lower case; `null` of `null`.";
    type_of "typeof" "`string`, `number`, `list`, `bool` or `null`, as a text.";
    uppercase "uppercase" "The text in upper case. Documented for the Public API only, like all below.";
    snakecase "snakecase" "The text with underscores for spaces.";
    kebabcase "kebabcase" "The text with dashes for spaces.";
    titlecase "titlecase" "The text with each word capitalised.";
    string "string" "The value as a text.";
    number "number" "The number that the text holds.";
}

impl Term {
    /// The value is in a list, written out or a field of the event.
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// let condition = field("type").is_in(["track", "identify"]);
    /// assert_eq!(condition.as_str()?, "type in ['track', 'identify']");
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn is_in(self, list: impl Into<Term>) -> Fql {
        self.with(list, |a, b| format!("{a} in {b}"))
    }

    /// The text holds the other text; false of `null`.
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// let condition = field("event").lowercase().contains("order");
    /// assert_eq!(condition.as_str()?, "contains( lowercase( event ), 'order' )");
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn contains(self, text: impl Into<Term>) -> Fql {
        self.with(text, |a, b| format!("contains( {a}, {b} )"))
    }

    /// The whole text matches a glob pattern, upper and lower case told apart; false of `null`.
    ///
    /// `*` stands for any text, `?` for one character, `[a-z]` for one of a
    /// range, and a backslash takes the next character as it is. Pass a text
    /// that is not your own through [`verbatim`].
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// let condition = field("traits.email").matches("*@example.com");
    /// assert_eq!(condition.as_str()?, "match( traits.email, '*@example.com' )");
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn matches(self, pattern: impl Into<Term>) -> Fql {
        self.with(pattern, |a, b| format!("match( {a}, {b} )"))
    }

    /// The value as a boolean. Documented for the Public API only.
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// assert_eq!(field("properties.paid").bool().as_str()?, "bool( properties.paid )");
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn bool(self) -> Fql {
        Fql::single(self.0.map(|term| format!("bool( {term} )")))
    }

    fn with(self, other: impl Into<Term>, write: impl FnOnce(&str, &str) -> String) -> Fql {
        let both = |a: String| Ok(write(&a, &other.into().0?));
        Fql::single(self.0.and_then(both))
    }
}

/// A condition.
///
/// It converts to the text that `if_` of a filter takes; a condition that
/// cannot be written fails there, before anything is sent.
///
/// ```
/// use segment_config_api::{fql::field, patch::FilterPatch};
///
/// let patch = FilterPatch::new().if_(field("event").eq("Order Completed"));
/// assert_eq!(serde_json::to_value(&patch)?["filter"]["if"], "event = 'Order Completed'");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a condition does nothing until it is part of a filter"]
pub struct Fql {
    text: Result<String, InvalidFql>,
    form: Form,
}

/// What a condition is made of, which says where it needs parentheses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    All,
    Single,
    And,
    Or,
    Raw,
}

impl Fql {
    fn single(text: Result<String, InvalidFql>) -> Self {
        let form = Form::Single;
        Self { text, form }
    }

    /// The condition that every event meets.
    ///
    /// FQL itself has no such thing, the whole condition has to be this word.
    /// So combinations are worked out here, and its negation is an error.
    ///
    /// ```
    /// use segment_config_api::fql::{Fql, field};
    ///
    /// assert_eq!(Fql::all().as_str()?, "all");
    /// let tracked = field("type").eq("track");
    /// assert_eq!(Fql::all().and(tracked.clone()), tracked);
    /// assert_eq!(tracked.or(Fql::all()), Fql::all());
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn all() -> Self {
        let text = Ok("all".into());
        Self {
            text,
            form: Form::All,
        }
    }

    /// A condition as it stands, unchecked; no text of others belongs in it.
    ///
    /// ```
    /// use segment_config_api::fql::{Fql, field};
    ///
    /// let condition = Fql::raw("properties.a or properties.b").and(field("type").eq("track"));
    /// assert_eq!(condition.as_str()?, "( properties.a or properties.b ) and type = 'track'");
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn raw(text: impl Into<String>) -> Self {
        let text = Ok(text.into());
        Self {
            text,
            form: Form::Raw,
        }
    }

    /// Both conditions are met.
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// let paid = field("type").eq("track").and(field("properties.price").gt(0));
    /// assert_eq!(paid.as_str()?, "type = 'track' and properties.price > 0");
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn and(self, other: Fql) -> Self {
        match (self.form, other.form) {
            (Form::All, _) => other,
            (_, Form::All) => self,
            _ => self.join("and", Form::And, other),
        }
    }

    /// At least one of the conditions is met.
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// let known = field("userId").ne("").or(field("traits.email").length().gt(0));
    /// let condition = field("type").eq("track").and(known);
    /// assert_eq!(
    ///     condition.as_str()?,
    ///     "type = 'track' and ( userId != '' or length( traits.email ) > 0 )",
    /// );
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn or(self, other: Fql) -> Self {
        match (self.form, other.form) {
            (Form::All, _) if other.text.is_ok() => self,
            (_, Form::All) if self.text.is_ok() => other,
            _ => self.join("or", Form::Or, other),
        }
    }

    /// The condition's text.
    ///
    /// # Errors
    /// A part of the condition cannot be written; the error names it.
    ///
    /// ```
    /// use segment_config_api::fql::field;
    ///
    /// assert_eq!(field("event").eq("Signed Up").as_str()?, "event = 'Signed Up'");
    /// assert!(field("properties.price").lt(f64::NAN).as_str().is_err());
    /// # Ok::<(), segment_config_api::fql::InvalidFql>(())
    /// ```
    pub fn as_str(&self) -> Result<&str, InvalidFql> {
        self.text.as_deref().map_err(Clone::clone)
    }

    fn join(self, word: &str, form: Form, other: Fql) -> Self {
        let text = match (self.within(form), other.within(form)) {
            (Ok(a), Ok(b)) => Ok(format!("{a} {word} {b}")),
            (Err(e), _) | (_, Err(e)) => Err(e),
        };
        Self { text, form }
    }

    fn within(self, form: Form) -> Result<String, InvalidFql> {
        let bare = self.form == Form::Single || self.form == form;
        self.text
            .map(|text| if bare { text } else { format!("( {text} )") })
    }
}

impl Not for Fql {
    type Output = Self;

    /// The condition is not met.
    fn not(self) -> Self {
        Self::single(match self.form {
            Form::All => Err(InvalidFql::NotAll),
            _ => self.text.map(|text| format!("!( {text} )")),
        })
    }
}

impl TryFrom<Fql> for String {
    type Error = InvalidFql;

    fn try_from(condition: Fql) -> Result<String, InvalidFql> {
        condition.text
    }
}

argument_error!(InvalidFql);
