//! What templates say: `{{ "Teams"|t }}`, `{{ "Back to {name}"|t|with("name", name) }}`,
//! `{{ "{n} photo"|many("{n} photos", count) }}`, and with markup in the text `{{ "<strong>{n}</strong> left"|t|with("n", n)|rich }}`.

#![expect(unreachable_pub, reason = "what the macro makes of a filter is more than is used")]

use askama::{Result, Values};

use crate::i18n::{Count, Message, Rich, Value};

/// The message of this English text.
#[askama::filter_fn]
pub fn t(text: &'static str, _: &dyn Values) -> Result<Message> {
    Ok(Message::new(text))
}

/// A message that depends on a number, `{n}`: the forms for one and for many.
#[askama::filter_fn]
pub fn many<C: Count>(one: &'static str, _: &dyn Values, other: &'static str, count: C) -> Result<Message> {
    Ok(Message::counted(one, other, count))
}

/// With this in the place of `{name}`.
#[askama::filter_fn]
pub fn with<V: Into<Value>>(message: Message, _: &dyn Values, name: &'static str, value: V) -> Result<Message> {
    Ok(message.with(name, value))
}

/// The text of the message is a piece of HTML; what is filled in is not.
#[askama::filter_fn]
pub fn rich(message: Message, _: &dyn Values) -> Result<Rich> {
    Ok(message.rich())
}
