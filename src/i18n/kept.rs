//! Messages as they are stored: what somebody is told later, in the language that they read by then.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Message, Value};

#[derive(Serialize, Deserialize)]
struct Kept {
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    many: Option<(String, u64)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    filled: Vec<(String, KeptValue)>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptValue {
    Text(String),
    Number(i64),
    Message(Kept),
}

impl Message {
    /// As it is stored: its English text and what is filled into it.
    pub fn kept(&self) -> String {
        serde_json::to_string(&Kept::of(self)).unwrap_or_else(|_| self.to_string())
    }

    /// The message that was stored. What isn't one was stored as English words.
    pub fn of_kept(stored: &str) -> Self {
        serde_json::from_str(stored).map_or_else(|_| Self::english(stored.to_owned()), Kept::message)
    }
}

impl Kept {
    fn of(message: &Message) -> Self {
        let value = |value: &Value| match value {
            Value::Text(text) => KeptValue::Text(text.clone()),
            Value::Number(number) => KeptValue::Number(*number),
            Value::Message(message) => KeptValue::Message(Self::of(message)),
        };
        Self {
            text: message.text.to_string(),
            many: message.many.as_ref().map(|(other, count)| (other.to_string(), *count)),
            filled: message.filled.iter().map(|(name, filled)| (name.to_string(), value(filled))).collect(),
        }
    }

    fn message(self) -> Message {
        let value = |value: KeptValue| match value {
            KeptValue::Text(text) => Value::Text(text),
            KeptValue::Number(number) => Value::Number(number),
            KeptValue::Message(kept) => Value::Message(Box::new(kept.message())),
        };
        Message {
            text: Cow::Owned(self.text),
            many: self.many.map(|(other, count)| (Cow::Owned(other), count)),
            filled: self.filled.into_iter().map(|(name, kept)| (Cow::Owned(name), value(kept))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_the_same_message() {
        let photos = say!("{n} photo" | "{n} photos", n = 2);
        let message = say!("Moved {what} to {name}.", what = photos, name = "{\"Sales\"}").then(say!("Undone."));
        assert_eq!(Message::of_kept(&message.kept()), message);
        assert_eq!(message.to_string(), "Moved 2 photos to {\"Sales\"}. Undone.");
        for words in ["Kim", "{n} photo", "[1]", "12", ""] {
            assert_eq!(Message::of_kept(words).to_string(), words);
        }
    }
}
