//! What becomes known of a request's sender while it is answered. The answer's headers tell of it whatever the answer is:
//! a refusal too, and also after a panic, when the request itself is gone.

use std::{cell::RefCell, rc::Rc};

use actix_web::{
    HttpMessage,
    http::header::{HeaderMap, HeaderValue},
};

use super::cors;
use crate::app::limits::{Allowance, Limits};

/// The sender of one request to the API; clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Sender(Rc<RefCell<Known>>);

#[derive(Debug, Default)]
struct Known {
    allowance: Option<Allowance>,
    /// The site their script is on, which may read the answer.
    site: Option<HeaderValue>,
}

impl Sender {
    /// Of this request.
    pub fn of(request: &impl HttpMessage) -> Self {
        request.extensions_mut().get_or_insert_with(Self::default).clone()
    }

    /// Their request was counted; this is what is left.
    pub fn counted(&self, allowance: Allowance) {
        self.0.borrow_mut().allowance = Some(allowance);
    }

    /// Their script is on this site, which their organization lists.
    pub fn is_on(&self, site: HeaderValue) {
        self.0.borrow_mut().site = Some(site);
    }

    /// Tells them in the headers of an answer.
    pub fn tell(&self, limits: &Limits, headers: &mut HeaderMap) {
        let known = self.0.borrow();
        match &known.allowance {
            Some(allowance) => allowance.write(headers),
            None => limits.untouched().write(headers),
        }
        if let Some(site) = &known.site {
            cors::let_read(headers, site);
        }
    }
}
