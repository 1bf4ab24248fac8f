//! Who is asking: sign-in links and codes, passkeys and second factors, sessions of browsers, keys of programs, and the
//! first run.

mod agents;
mod authenticators;
mod devices;
mod factors;
mod halves;
mod handoffs;
mod joining;
mod kept;
mod keys;
mod links;
mod mailed;
mod notices;
mod open;
mod passkeys;
mod recovery;
mod roles;
mod sessions;
mod signed;
mod single_sign_on;

pub use agents::browser_in_words;
pub use authenticators::{
    Offer, confirm_authenticator, offer_authenticator, offered_authenticator, remove_authenticator,
};
pub use factors::{
    Factors, Proof, lacks_factor, leads_with_factors, prove, renew_codes, require_factors, reset_factors,
    reset_factors_of, use_passkey,
};
pub use halves::halfway;
pub use handoffs::{Handoff, hand_off, look_at_handoff, organization_of_handoff, use_handoff};
pub use joining::{Before, WayIn, ask_to_join, join_by, way_in};
pub use kept::{KeptSession, SignsIn, forget_links, forget_links_into, signs_in};
pub use keys::{
    Access, Area, Key, Lifetime, NewKey, Scopes, Shown, delete_key, keys_of, make_key, mark_used, organization_of_key,
    program,
};
pub use links::{Gone, Way, look, use_code, use_token};
pub use mailed::{
    Minted, ask_for_access, ask_for_invite, ask_to_sign_up, asked_in, mint_access, mint_invite, mint_return, mint_setup,
};
pub use notices::{Given, Notice, notice, notices_of, notify, notify_of};
pub use open::{Open, change_password, end_others, revoke_session, sessions_of};
pub use passkeys::{
    Answer, Ceremony, Passkey, RelyingParty, add_passkey, ask_for_passkey, begin_passkey, passkeys_of, remove_passkey,
    rename_passkey,
};
pub use roles::{can_lead, change_role, hand_over};
pub use sessions::{
    Device, Entered, FirstRun, Method, Session, Then, begin_alone, begin_session, browser, end_session, expire,
    keep_alive, set_up, sign_up, use_password, wrong_password,
};
pub use signed::{
    look_at_signed_url, mint_signed_url, organization_of_embedded, organization_of_signed_url, use_signed_url,
};
pub use single_sign_on::{
    Errand, Refusal, Returned, Rule, bound_to, enter_by_provider, expire_attempts, leave_for_provider, only_way_in,
    reach, return_from_provider, shows_that_it_works, tested, would_enter,
};
