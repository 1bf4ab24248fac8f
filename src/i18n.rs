//! What is message to people, in the language they read.
//!
//! A message is its English text: `say!("Created the team {name}.", name)` in code, `{{ "Teams"|t }}` in templates. It is put
//! into words where it is shown, in the language of whoever reads the answer that is being written ([`reading`]); outside of
//! that, for programs, logs and the command line, it is English. Hence a rule: what is stored or sent to programs is never
//! words of a page, and whatever runs in a write speaks English.
//!
//! Where one English text stands for two things, a context before a bar tells them apart and isn't shown: `verb|Open`.

/// A message with what is filled into it: `say!("Renamed the team to {name}.", name = form.name)`, and with a form for one
/// and a form for many `say!("{n} photo" | "{n} photos", n = count)`. What is filled in may be a message itself.
macro_rules! say {
    ($one:literal | $other:literal, n = $count:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::i18n::Message::counted($one, $other, $count)$(.with(stringify!($name), say!(@ $name $(= $value)?)))*
    };
    ($text:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::i18n::Message::new($text)$(.with(stringify!($name), say!(@ $name $(= $value)?)))*
    };
    (@ $name:ident) => { &$name };
    (@ $name:ident = $value:expr) => { &$value };
}

/// A message that is the same in any language, as `format!` takes it: for operators and programs, who read English.
macro_rules! plain {
    ($($text:tt)*) => {
        $crate::i18n::Message::plain(format!($($text)*))
    };
}

mod catalogue;
mod dates;
mod kept;
mod language;
mod numbers;
mod pseudo;

use std::{
    borrow::Cow,
    fmt::{self, Display, Formatter, Write},
};

pub use catalogue::forms;
pub use dates::{long_day, short_day, short_moment, short_second};
pub use language::{Language, language, prefer, reading, speaking};
pub use numbers::{decimal, grouped};

/// A message that isn't in words yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    text: Cow<'static, str>,
    many: Option<(Cow<'static, str>, u64)>,
    filled: Vec<(Cow<'static, str>, Value)>,
}

/// What is filled into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A name, an address: the same in any language.
    Text(String),
    /// Shown with its digits grouped.
    Number(i64),
    /// A message.
    Message(Box<Message>),
}

/// What a message is made of.
enum Piece<'m> {
    /// Its own words.
    Text(&'m str),
    /// What is filled in.
    Filled(&'m Value),
}

impl Message {
    /// The message of this English text. Write `say!`, which is how the messages are found.
    pub const fn new(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), many: None, filled: Vec::new() }
    }

    /// One that depends on a number, which it calls `{n}`.
    pub fn counted(one: &'static str, other: &'static str, count: impl Count) -> Self {
        let count = count.count();
        let filled = vec![(Cow::Borrowed("n"), Value::Number(i64::try_from(count).unwrap_or(i64::MAX)))];
        Self { text: Cow::Borrowed(one), many: Some((Cow::Borrowed(other), count)), filled }
    }

    /// With this in the place of `{name}`.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.filled.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// A text that is the same in any language: a program's own words, or something for operators, who read English.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new("{text}").with("text", text.into())
    }

    /// A text that was put into English before, in another process or by another crate, or when it was stored. It is
    /// translated if it is one of the messages.
    pub fn english(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), many: None, filled: Vec::new() }
    }

    /// A sentence that was put into English before, with something filled in: the one of these, which have their places still to
    /// fill, that it is. If it is none of them, only English.
    pub fn recognised(sentence: &str, among: impl IntoIterator<Item = Self>) -> Self {
        let found = among.into_iter().find_map(|message| message.taken_from(sentence));
        found.unwrap_or_else(|| Self::english(sentence.to_owned()))
    }

    /// This message with its places filled so that it is this sentence.
    fn taken_from(mut self, sentence: &str) -> Option<Self> {
        let Cow::Borrowed(text) = self.text else { return None };
        let mut pattern = text.split_once('|').map_or(text, |(_context, words)| words);
        let mut rest = sentence;
        while let Some((before, after)) = pattern.split_once('{') {
            let (name, following) = after.split_once('}')?;
            rest = rest.strip_prefix(before)?;
            let end = match following.split_once('{') {
                Some((between, _)) => rest.find(between)?,
                None => rest.len().checked_sub(following.len())?,
            };
            let value = rest.get(..end)?;
            self = self.with(name, value);
            (rest, pattern) = (rest.get(end..)?, following);
        }
        (rest == pattern).then_some(self)
    }

    /// This sentence, and another one after it.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self::new("{first} {then}").with("first", self).with("then", next)
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// In the words of one language, whoever reads.
    pub fn in_language(&self, language: Language) -> String {
        speaking(language, || self.to_string())
    }

    /// The words with the places to fill still in them.
    pub fn pattern(&self) -> Cow<'_, str> {
        let many = self.many.as_ref().map(|(other, count)| (other.as_ref(), *count));
        catalogue::pattern(language(), &self.text, many)
    }

    /// The pattern from beginning to end, with what is filled into its places.
    fn each(&self, mut write: impl FnMut(Piece<'_>) -> fmt::Result) -> fmt::Result {
        let pattern = self.pattern();
        let mut rest: &str = &pattern;
        while let Some((before, after)) = rest.split_once('{') {
            write(Piece::Text(before))?;
            let found = after.split_once('}').and_then(|(name, after)| {
                let (_, value) = self.filled.iter().find(|(filled, _)| filled == name)?;
                Some((value, after))
            });
            match found {
                Some((value, after)) => {
                    write(Piece::Filled(value))?;
                    rest = after;
                }
                None => {
                    write(Piece::Text("{"))?;
                    rest = after;
                }
            }
        }
        write(Piece::Text(rest))
    }

    /// The same with the markup that is in its text: what is filled in is escaped.
    pub const fn rich(self) -> Rich {
        Rich(self)
    }
}

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Filled(value) => value.fmt(f),
        })
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => f.write_str(&grouped(*number)),
            Self::Message(message) => message.fmt(f),
        }
    }
}

/// A message whose text is a piece of HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rich(Message);

impl Display for Rich {
    /// Templates quote messages, so these quote attributes with the other sign; a page has one sign for all of them.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut in_tag = false;
        self.0.each(|piece| match piece {
            Piece::Text(text) => text.chars().try_for_each(|letter| {
                in_tag = letter == '<' || in_tag && letter != '>';
                f.write_char(if in_tag && letter == '\'' { '"' } else { letter })
            }),
            Piece::Filled(value) => {
                write!(f, "{}", askama::filters::escape(value, askama::filters::Html).map_err(|_| fmt::Error)?)
            }
        })
    }
}

impl askama::filters::HtmlSafe for Rich {}

/// A number of things.
pub trait Count {
    /// How many.
    fn count(&self) -> u64;
}

/// Numbers: how many of something, and how they are filled in.
macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Count for $number {
            fn count(&self) -> u64 {
                u64::try_from(*self).unwrap_or(0)
            }
        }

        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}

numbers!(i32, i64, u8, u16, u32, u64, usize);

impl<T: Count> Count for &T {
    fn count(&self) -> u64 {
        (*self).count()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Cow<'_, str>> for Value {
    fn from(text: Cow<'_, str>) -> Self {
        Self::Text(text.into_owned())
    }
}

impl From<Message> for Value {
    fn from(message: Message) -> Self {
        Self::Message(Box::new(message))
    }
}

impl<T: Clone + Into<Self>> From<&T> for Value {
    fn from(value: &T) -> Self {
        value.clone().into()
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl From<&'static str> for Message {
    fn from(english: &'static str) -> Self {
        Self::english(english)
    }
}

impl From<Message> for String {
    fn from(message: Message) -> Self {
        message.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_filled_where_it_has_places_for_it() {
        let name = "Sales {n}";
        assert_eq!(say!("Created the team {name}.", name).to_string(), "Created the team Sales {n}.");
        assert_eq!(say!("{a} of {b} {c} {", a = 1, b = 12_000).to_string(), "1 of 12,000 {c} {");
        assert_eq!(say!("{n} photo" | "{n} photos", n = 1).to_string(), "1 photo");
        assert_eq!(say!("{n} photo" | "{n} photos", n = 1_200).to_string(), "1,200 photos");
        assert_eq!(say!("Kept: {what}", what = say!("{n} photo" | "{n} photos", n = 2)).to_string(), "Kept: 2 photos");
    }

    #[test]
    fn a_sentence_is_recognised_with_what_was_filled_in() {
        let known = || [say!("Too small: {size}. At least {side} pixels."), say!("Too old."), say!("No: {why}")];
        let read = |sentence| Message::recognised(sentence, known());
        assert_eq!(
            read("Too small: 12 × 9. At least 64 pixels."),
            say!("Too small: {size}. At least {side} pixels.", size = "12 × 9", side = "64")
        );
        assert_eq!(read("Too old."), say!("Too old."));
        assert_eq!(read("No: it is. Not."), say!("No: {why}", why = "it is. Not."));
        for other in ["Too small: 12.", "Too old. Or new.", "At"] {
            assert_eq!(read(other), Message::english(other));
        }
    }

    #[test]
    fn a_context_is_not_shown() {
        assert_eq!(say!("verb|Open").to_string(), "Open");
    }

    #[test]
    fn markup_is_the_messages_alone() {
        let message =
            say!("For <strong>{name}</strong> & <a href='{href}'>more</a>", name = "<b>\"Kim\"", href = "/x'y");
        assert_eq!(
            message.rich().to_string(),
            "For <strong>&#60;b&#62;&#34;Kim&#34;</strong> & <a href=\"/x&#39;y\">more</a>"
        );
    }

    #[test]
    fn words_are_those_of_whoever_reads() {
        let message = say!("{n} photo" | "{n} photos", n = 1_200);
        assert_eq!(message.in_language(Language::Pseudo), "⟦1,200 phöötööš⟧");
        assert_eq!(message.to_string(), "1,200 photos");
    }
}
