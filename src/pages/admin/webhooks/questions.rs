//! What is asked before something of an endpoint goes.

use super::{Chosen, Section, named};
use crate::{
    db::View,
    error::Result,
    i18n::Message,
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
    let url = &endpoint.url;
    let words = match needed {
        true => say!(
            "{url} hears of nothing any more. What waits for it and the log of its deliveries are deleted for good. Embedding needs a webhook URL: until there is one, no models can be made.",
            url = url
        ),
        false => say!(
            "{url} hears of nothing any more. What waits for it and the log of its deliveries are deleted for good.",
            url = url
        ),
    };
    Ok(ask(endpoint, "remove", say!("Remove this endpoint"), words, say!("Remove endpoint")))
}

fn rotating(view: &View, endpoint: &Endpoint) -> Confirm {
    let words = match endpoint.old_until.filter(|until| *until > view.now) {
        Some(until) => say!(
            "You get a new secret, shown once. The present one works for 24 more hours, so there is time to change your receiver. The one that was replaced before, and would have worked until {until}, stops at once.",
            until = When::exact(until).words
        ),
        None => say!(
            "You get a new secret, shown once. The present one works for 24 more hours, so there is time to change your receiver."
        ),
    };
    ask(endpoint, "rotate", say!("Make a new secret"), words, say!("Make new secret"))
}

fn switching_off(endpoint: &Endpoint) -> Confirm {
    let words = say!(
        "{url} hears of nothing until it is switched on again. What waits for it is given up; you can replay it then. What happens meanwhile is not sent later.",
        url = endpoint.url
    );
    ask(endpoint, "off", say!("Switch this endpoint off"), words, say!("Switch off"))
}

fn ask(endpoint: &Endpoint, verb: &str, title: Message, words: Message, button: Message) -> Confirm {
    Confirm {
        title: title.into(),
        words: words.into(),
        action: format!("{}/{}/{verb}", Section::Webhooks.href(), endpoint.id),
        button: button.into(),
        cancel: Section::Webhooks.href().to_owned(),
        name_to_type: None,
    }
}
