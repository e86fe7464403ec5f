//! What a command has to say about a place in a file.

use crate::project::DOCUMENT;
use serde::{Serialize, Serializer};
use std::fmt;

/// One line of a command's output.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Finding {
    /// Declared first: findings are sorted by it.
    pub severity: Severity,
    /// Stable: scripts and waivers may rely on it.
    pub id: &'static str,
    #[serde(flatten)]
    pub place: Place,
    /// Where the other side of a comparison has it.
    pub beside: Option<Box<Place>>,
    /// What is wrong, and the command that mends it if there is one.
    #[serde(serialize_with = "one_line")]
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// The file, relative to the repository's root, or the source.
    pub file: String,
    /// JSON pointer of the place in the file; empty for the whole file.
    pub pointer: String,
}

/// In rising order: the worst finding decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing, and nothing to do about it: prose, order, samples.
    Note,
    /// Something new, or a deprecation: what is in use goes on working.
    Compatible,
    /// A source could not be looked at.
    Unreachable,
    /// Code no longer compiles, or a call no longer works.
    Breaking,
    /// The repository, a source or the command is not in order.
    Error,
}

impl Severity {
    /// The worst first.
    pub const ALL: [Self; 5] = [
        Self::Error,
        Self::Breaking,
        Self::Unreachable,
        Self::Compatible,
        Self::Note,
    ];

    /// What went wrong hides nothing that was found.
    pub fn exit(self) -> u8 {
        self.words().1
    }

    pub fn verdict(self) -> &'static str {
        self.words().2
    }

    fn words(self) -> (&'static str, u8, &'static str) {
        match self {
            Self::Note => ("note", 0, "in sync"),
            Self::Compatible => ("compatible", 4, "compatible drift"),
            Self::Unreachable => ("unreachable", 6, "not everything could be looked at"),
            Self::Breaking => ("breaking", 5, "breaking drift"),
            Self::Error => ("error", 1, "not everything could be compared"),
        }
    }
}

impl Place {
    pub fn new(file: impl Into<String>, pointer: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            pointer: pointer.into(),
        }
    }
}

impl Finding {
    pub fn error(
        id: &'static str,
        file: impl Into<String>,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            id,
            place: Place::new(file, pointer),
            beside: None,
            message: message.into(),
        }
    }

    pub fn beside(mut self, place: Place) -> Self {
        self.beside = Some(Box::new(place));
        self
    }

    /// The message as one line, whatever a parser or a source has put into it.
    pub fn line(&self) -> String {
        line(&self.message)
    }

    /// By what a pin knows it again: not by its place, which moves with every edit, but for
    /// the schema, since others have fields of the same name.
    pub fn accepted_as(&self) -> String {
        let schema = self
            .schema()
            .map_or(String::new(), |name| format!("{name}: "));
        format!("{} {schema}{}", self.id, self.line())
    }

    /// The schema of the document that it is about.
    pub fn schema(&self) -> Option<&str> {
        let places = [Some(&self.place), self.beside.as_deref()];
        let mut ours = places.into_iter().flatten().filter(|p| p.file == DOCUMENT);
        let inside = ours.find_map(|p| p.pointer.strip_prefix("/components/schemas/"))?;
        inside.split('/').next()
    }
}

fn line(message: &str) -> String {
    printable(&message.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn one_line<S: Serializer>(message: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&line(message))
}

/// What a source says does not move the cursor of whoever reads about it.
pub fn printable(text: &str) -> String {
    let is_bidi = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.replace(
        |c: char| c.is_control() && c != '\n' || is_bidi(c),
        "\u{fffd}",
    )
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, pointer } = self;
        let hash = if pointer.is_empty() { "" } else { "#" };
        let place = printable(&format!("{file}{hash}{pointer}"));
        f.write_str(&place.replace('\n', "\u{fffd}"))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, severity, place) = (self.id, self.severity, &self.place);
        write!(f, "{id} {severity} {place}: {}", self.line())?;
        match &self.beside {
            Some(beside) => write!(f, " ({beside})"),
            None => Ok(()),
        }
    }
}
