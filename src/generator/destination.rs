//! Where photos go that leave the machine.

use std::fmt;

/// A generator on another machine, as organizations agree to it. As text it is what is kept of that: another generator, or the
/// same one elsewhere, is another text, and so needs to be agreed to anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// What the generator is called.
    pub generator: &'static str,
    /// The host it is on.
    pub host: String,
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.generator, self.host)
    }
}
