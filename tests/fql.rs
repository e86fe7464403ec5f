//! Conditions of filters: what is written is what is read, whatever the text.

#[path = "support/arbitrary.rs"]
mod arbitrary;

use arbitrary::text;
use proptest::prelude::*;
use segment_config_api::{
    Error,
    fake::Segment,
    fql::{Fql, InvalidFql, Term, field, field_at, null, verbatim},
    types::{FilterAction, NewFilter},
};
use serde_json::Value;

fn written(condition: Fql) -> String {
    String::try_from(condition).unwrap()
}

/// A reader of FQL written from its public lexer, apart from the crate's code.
#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A part of a path, with what escapes it taken off.
    Name(String),
    Text(String),
    Number(f64),
    Word(&'static str),
    Sign(&'static str),
}

const WORDS: [&str; 6] = ["and", "or", "in", "null", "true", "false"];
const SIGNS: [&str; 13] = [
    "!=", ">=", "<=", "=", ">", "<", "!", ".", ",", "(", ")", "[", "]",
];

/// The tokens of `fql`; `escapes` says whether a backslash hides a quote in a text.
fn tokens(fql: &str, escapes: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = fql;
    while let Some(c) = rest.chars().next() {
        if c == ' ' {
            rest = &rest[1..];
        } else if c == '\'' || c == '"' {
            let mut hidden = false;
            let end = rest[1..].find(|next| {
                let ends = next == c && !hidden;
                hidden = escapes && next == '\\' && !hidden;
                ends
            })?;
            tokens.push(Token::Text(rest[1..=end].to_string()));
            rest = &rest[end + 2..];
        } else if c == '-' || c.is_ascii_digit() {
            let end = rest[1..]
                .find(|c: char| c != '.' && !c.is_ascii_digit())
                .map_or(rest.len(), |end| end + 1);
            tokens.push(Token::Number(rest[..end].parse().ok()?));
            rest = &rest[end..];
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else {
            let (token, after) = name(rest)?;
            tokens.push(token);
            rest = after;
        }
    }
    Some(tokens)
}

fn name(text: &str) -> Option<(Token, &str)> {
    let mut name = String::new();
    let mut chars = text.chars();
    let mut escaped = false;
    loop {
        let rest = chars.as_str();
        match chars.next() {
            Some('\\') => {
                name.push(chars.next()?);
                escaped = true;
            }
            Some(c) if c.is_ascii_alphanumeric() || c == '_' || c == '-' => name.push(c),
            _ if rest.len() == text.len() => return None,
            _ => {
                let word = WORDS.into_iter().find(|word| *word == name && !escaped);
                return Some((word.map_or(Token::Name(name), Token::Word), rest));
            }
        }
    }
}

fn a_is(token: Token) -> Vec<Token> {
    vec![Token::Name("a".into()), Token::Sign("="), token]
}

#[test]
fn the_examples_of_the_documentation_come_out_as_they_are_there() {
    let click = field("event")
        .eq("Click")
        .or(field("event").matches("Button *"));
    let examples = [
        (
            field("event").eq("Button Clicked"),
            "event = 'Button Clicked'",
        ),
        (
            field("type").eq("identify").or(field("type").eq("track")),
            "type = 'identify' or type = 'track'",
        ),
        (
            field("context.library.version").matches("1.*"),
            "match( context.library.version, '1.*' )",
        ),
        (
            field("type").eq("track").and(click),
            "type = 'track' and ( event = 'Click' or match( event, 'Button *' ) )",
        ),
        (
            Term::from("dark-mode").is_in(field("properties.features")),
            "'dark-mode' in properties.features",
        ),
        (
            !field("type").is_in(["track", "identify"]),
            "!( type in ['track', 'identify'] )",
        ),
        (field("userId").length().gt(0), "length( userId ) > 0"),
        (
            field("userId").type_of().eq("string"),
            "typeof( userId ) = 'string'",
        ),
        (
            field("properties.product 1.price").ne(null()),
            r"properties.product\ 1.price != null",
        ),
        (
            field("event").matches(verbatim("ab*d")),
            r"match( event, 'ab\*d' )",
        ),
    ];
    for (condition, expected) in examples {
        assert_eq!(written(condition), expected);
    }
}

#[test]
fn a_text_with_one_kind_of_quotes_is_put_in_the_other() {
    assert_eq!(written(field("a").eq("it's")), r#"a = "it's""#);
    assert_eq!(written(field("a").eq(r#"say "hi""#)), r#"a = 'say "hi"'"#);
}

#[test]
fn what_cannot_be_written_is_remembered_through_every_combination() {
    let both = field("a").eq("' or \"");
    let fine = field("b").eq(1);
    let quotes = Err(InvalidFql::Quotes("' or \"".into()));
    for condition in [
        both.clone().and(fine.clone()),
        fine.clone().or(both.clone()),
        both.clone().or(Fql::all()),
        Fql::all().or(both.clone()),
        Fql::all().and(both.clone()),
        !both,
        field("a").is_in(["x", "' or \""]),
        field("a").contains(Term::from("' or \"").lowercase()),
    ] {
        assert_eq!(String::try_from(condition), quotes.clone());
    }
}

#[test]
fn words_and_numbers_are_escaped_where_they_are_names() {
    let path = field_at(["and", "1st", "-x", "null", "_a", "é"]);
    assert_eq!(written(path.eq(true)), r"\and.\1st.\-x.\null._a.\é = true");
    for word in WORDS {
        assert_eq!(written(field(word).eq(1)), format!(r"\{word} = 1"));
    }
}

#[test]
fn a_text_in_a_pattern_stands_for_itself() {
    assert_eq!(verbatim(r"a*b?[c]\d"), r"a\*b\?\[c\]\\d");
}

#[test]
fn a_path_with_an_empty_part_is_refused() {
    for path in ["", "a..b", "a."] {
        let condition = field(path).eq(1);
        assert!(
            matches!(condition.as_str(), Err(InvalidFql::Path(_))),
            "{path}"
        );
    }
    let nothing: [&str; 0] = [];
    assert!(field_at(nothing).eq(1).as_str().is_err());
}

#[test]
fn all_stands_alone() {
    let one = field("a").eq(1);
    assert_eq!(Fql::all().as_str().unwrap(), "all");
    assert_eq!(one.clone().and(Fql::all()), one);
    assert_eq!(Fql::all().and(one.clone()), one);
    assert_eq!(one.clone().or(Fql::all()), Fql::all());
    assert_eq!(Fql::all().or(one), Fql::all());
    assert_eq!((!Fql::all()).as_str(), Err(InvalidFql::NotAll));
}

/// Creates a filter with a condition; the condition as it was sent, if it was.
async fn sent(condition: Fql) -> Result<Value, Error> {
    let segment = Segment::start().await.unwrap();
    let filter = NewFilter::builder()
        .if_(condition)
        .actions([FilterAction::drop_event()]);
    let call = segment.client().create_destination_filter();
    let destination = "workspaces/acme/sources/js/destinations/webhooks";
    let created = call.parent(destination).body(filter).send().await;
    assert_eq!(segment.requests().len(), usize::from(created.is_ok()));
    created.map(|_| segment.requests()[0].body["filter"]["if"].clone())
}

#[tokio::test]
async fn a_filter_is_created_with_a_condition() {
    let condition = !field("event").is_in(["Session Started", "It's Over"]);
    let text = "!( event in ['Session Started', \"It's Over\"] )";
    assert_eq!(sent(condition).await.unwrap(), text);
}

#[tokio::test]
async fn a_condition_that_cannot_be_written_is_not_sent() {
    let condition = field("event").eq("both ' and \"");
    let error = sent(condition).await.unwrap_err();
    assert!(
        error.to_string().contains("both kinds of quotes"),
        "{error}"
    );
}

/// A condition as it is meant, to be compared with what is read.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Is(i32),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    any::<i32>()
        .prop_map(Tree::Is)
        .prop_recursive(5, 24, 3, |inner| {
            let some = || prop::collection::vec(inner.clone(), 2..4);
            prop_oneof![
                inner.clone().prop_map(|t| Tree::Not(Box::new(t))),
                some().prop_map(Tree::And),
                some().prop_map(Tree::Or),
            ]
        })
}

fn build(tree: &Tree) -> Fql {
    let all = |trees: &[Tree], join: fn(Fql, Fql) -> Fql| {
        trees.iter().map(build).reduce(join).expect("never empty")
    };
    match tree {
        Tree::Is(n) => field("a").eq(*n),
        Tree::Not(tree) => !build(tree),
        Tree::And(trees) => all(trees, Fql::and),
        Tree::Or(trees) => all(trees, Fql::or),
    }
}

/// `a and (b and c)` and `(a and b) and c` mean the same.
fn flat(tree: Tree) -> Tree {
    let flatten = |trees: Vec<Tree>, and: bool| {
        let trees = trees.into_iter().map(flat).flat_map(|tree| match tree {
            Tree::And(inner) if and => inner,
            Tree::Or(inner) if !and => inner,
            other => vec![other],
        });
        trees.collect()
    };
    match tree {
        Tree::Is(n) => Tree::Is(n),
        Tree::Not(tree) => Tree::Not(Box::new(flat(*tree))),
        Tree::And(trees) => Tree::And(flatten(trees, true)),
        Tree::Or(trees) => Tree::Or(flatten(trees, false)),
    }
}

/// Reads a condition without knowing whether `and` or `or` binds tighter: mixed, they need parentheses.
fn read(tokens: &mut &[Token]) -> Option<Tree> {
    let mut trees = vec![read_one(tokens)?];
    let mut word = None;
    while let [Token::Word(next @ ("and" | "or")), rest @ ..] = *tokens {
        if *word.get_or_insert(*next) != *next {
            return None;
        }
        *tokens = rest;
        trees.push(read_one(tokens)?);
    }
    Some(match word {
        None => trees.pop()?,
        Some("and") => Tree::And(trees),
        Some(_) => Tree::Or(trees),
    })
}

fn read_one(tokens: &mut &[Token]) -> Option<Tree> {
    match *tokens {
        [
            Token::Name(_),
            Token::Sign("="),
            Token::Number(n),
            rest @ ..,
        ] => {
            *tokens = rest;
            Some(Tree::Is(*n as i32))
        }
        [Token::Sign("!"), rest @ ..] => {
            *tokens = rest;
            Some(Tree::Not(Box::new(read_one(tokens)?)))
        }
        [Token::Sign("("), rest @ ..] => {
            *tokens = rest;
            let tree = read(tokens)?;
            *tokens = tokens.strip_prefix(&[Token::Sign(")")])?;
            Some(tree)
        }
        _ => None,
    }
}

/// The places that a text from outside can have in a condition.
const PLACES: [fn(&str) -> Fql; 7] = [
    |text| field("a").contains(text),
    |text| field("a").matches(text),
    |text| field("a").matches(verbatim(text)),
    |text| Term::from(text).lowercase().ne(field("a")),
    |text| field("a").is_in(["x", text, "y"]),
    |text| field_at(["a", text, "b"]).length().gt(1),
    |text| (!field("a").eq(text).and(field_at([text]).bool())).or(field("b").contains(text)),
];

/// The tokens of a condition without the texts and names.
fn shape(fql: &str, escapes: bool) -> Option<Vec<Token>> {
    let blank = |token| match token {
        Token::Text(_) => Token::Text(String::new()),
        Token::Name(_) => Token::Name(String::new()),
        other => other,
    };
    Some(tokens(fql, escapes)?.into_iter().map(blank).collect())
}

proptest! {
    #[test]
    fn whatever_the_text_the_condition_around_it_stays(text in text()) {
        for place in PLACES {
            let plain = place("x");
            if let Ok(fql) = place(&text).as_str() {
                for escapes in [false, true] {
                    let expected = shape(plain.as_str().unwrap(), escapes);
                    prop_assert_eq!(shape(fql, escapes), expected, "{}", fql);
                }
            }
        }
    }

    #[test]
    fn a_text_is_read_as_it_was_written_or_refused(text in text()) {
        match field("a").eq(text.clone()).as_str() {
            Ok(fql) => for escapes in [false, true] {
                prop_assert_eq!(tokens(fql, escapes), Some(a_is(Token::Text(text.clone()))), "{}", fql);
            },
            Err(_) => prop_assert!(text.ends_with('\\') || text.contains('\'') && text.contains('"')),
        }
    }

    #[test]
    fn texts_in_lists_and_functions_stay_apart(texts in prop::collection::vec(text(), 0..4)) {
        let condition = field("a").is_in(texts.clone());
        if let Ok(fql) = condition.as_str() {
            let read = tokens(fql, false).unwrap();
            let read: Vec<_> = read.into_iter().filter_map(|token| match token {
                Token::Text(text) => Some(text),
                _ => None,
            }).collect();
            prop_assert_eq!(read, texts);
        }
    }

    #[test]
    fn a_path_is_read_as_it_was_written(parts in prop::collection::vec(text(), 1..4)) {
        match field_at(&parts).eq(1).as_str() {
            Ok(fql) => {
                let mut expected = Vec::new();
                for part in parts {
                    expected.extend([Token::Name(part), Token::Sign(".")]);
                }
                expected.pop();
                expected.extend([Token::Sign("="), Token::Number(1.0)]);
                prop_assert_eq!(tokens(fql, false), Some(expected), "{}", fql);
            }
            Err(_) => prop_assert!(parts.iter().any(String::is_empty)),
        }
    }

    #[test]
    fn a_number_is_read_as_it_was_written(number in any::<f64>()) {
        match field("a").eq(number).as_str() {
            Ok(fql) => prop_assert_eq!(tokens(fql, false), Some(a_is(Token::Number(number)))),
            Err(_) => prop_assert!(!number.is_finite()),
        }
    }

    #[test]
    fn conditions_are_grouped_as_they_were_composed(tree in tree()) {
        let fql = written(build(&tree));
        let tokens = tokens(&fql, false).unwrap();
        let mut rest = tokens.as_slice();
        prop_assert_eq!(read(&mut rest).map(flat), Some(flat(tree)), "{}", fql);
        prop_assert!(rest.is_empty());
    }
}
