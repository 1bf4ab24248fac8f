//! Requests with an `Idempotency-Key` that are being answered: a repetition that comes meanwhile is told to wait.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use crate::{
    error::{Error, Result},
    idempotency::Key,
    ids::OrganizationId,
};

type Name = (OrganizationId, Key);

/// The keys under way on one server. Only a courtesy: that nothing is done twice is up to the database.
#[derive(Debug, Default)]
pub struct InFlight(Mutex<HashSet<Name>>);

/// One key under way, until this is dropped.
#[derive(Debug)]
pub struct Claim<'a> {
    keys: &'a InFlight,
    name: Name,
}

impl InFlight {
    /// Claims a key of an organization for one request.
    ///
    /// # Errors
    /// [`Error::KeyInFlight`] while another request has it.
    pub fn claim(&self, organization: &OrganizationId, key: &Key) -> Result<Claim<'_>> {
        let name = (organization.clone(), key.clone());
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.insert(name.clone()) { Ok(Claim { keys: self, name }) } else { Err(Error::KeyInFlight) }
    }
}

/// Also when the request panicked, or its sender went away.
impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.keys.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_key_is_one_requests_at_a_time() {
        let (keys, acme, globex) = (InFlight::default(), OrganizationId::new(), OrganizationId::new());
        let key: Key = "k".parse().unwrap();
        let first = keys.claim(&acme, &key).unwrap();
        assert!(matches!(keys.claim(&acme, &key), Err(Error::KeyInFlight)));
        assert!(keys.claim(&globex, &key).is_ok());
        drop(first);
        assert!(keys.claim(&acme, &key).is_ok());

        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let _claim = keys.claim(&acme, &key).unwrap();
            panic!("on purpose");
        }));
        assert!(panicked.is_err());
        assert!(keys.claim(&acme, &key).is_ok());
    }
}
