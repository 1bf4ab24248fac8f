//! What is asked before something of an endpoint goes.

use super::{Chosen, Section, named};
use crate::{
    db::View,
    error::Result,
    ids::OrganizationId,
    organizations,
    pages::view::{Confirm, When},
    webhooks::{self, Endpoint},
};

/// The question that the address asks, if it asks one.
pub(super) fn asked(view: &View, organization: &OrganizationId, chosen: &Chosen) -> Result<Option<Confirm>> {
    let endpoint = |id| webhooks::of_organization(view, organization, &id);
    if let Some(id) = named(&chosen.remove)? {
        return removing(view, &endpoint(id)?).map(Some);
    }
    if let Some(id) = named(&chosen.rotate)? {
        return Ok(Some(rotating(view, &endpoint(id)?)));
    }
    if let Some(id) = named(&chosen.off)? {
        return Ok(Some(switching_off(&endpoint(id)?)));
    }
    Ok(None)
}

fn removing(view: &View, endpoint: &Endpoint) -> Result<Confirm> {
    let all = webhooks::endpoints(view, &endpoint.organization)?;
    let needed = all.len() == 1 && organizations::get(view, &endpoint.organization)?.whitelabel;
    let embedding =
        if needed { " Embedding needs a webhook URL: until there is one, no models can be made." } else { "" };
    let words = format!(
        "{} hears of nothing any more. What waits for it and the log of its deliveries are deleted for good.{embedding}",
        endpoint.url
    );
    Ok(ask(endpoint, "remove", "Remove this endpoint", words, "Remove endpoint"))
}

fn rotating(view: &View, endpoint: &Endpoint) -> Confirm {
    let replaced = match endpoint.old_until.filter(|until| *until > view.now) {
        Some(until) => format!(
            " The one that was replaced before, and would have worked until {}, stops at once.",
            When::exact(until).words
        ),
        None => String::new(),
    };
    let words = format!(
        "You get a new secret, shown once. The present one works for 24 more hours, so there is time to change your receiver.{replaced}"
    );
    ask(endpoint, "rotate", "Make a new secret", words, "Make new secret")
}

fn switching_off(endpoint: &Endpoint) -> Confirm {
    let words = format!(
        "{} hears of nothing until it is switched on again. What waits for it is given up; you can replay it then. What happens meanwhile is not sent later.",
        endpoint.url
    );
    ask(endpoint, "off", "Switch this endpoint off", words, "Switch off")
}

fn ask(endpoint: &Endpoint, verb: &str, title: &str, words: String, button: &str) -> Confirm {
    Confirm {
        title: title.to_owned(),
        words,
        action: format!("{}/{}/{verb}", Section::Webhooks.href(), endpoint.id),
        button: button.to_owned(),
        cancel: Section::Webhooks.href().to_owned(),
        name_to_type: None,
    }
}
