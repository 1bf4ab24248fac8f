//! Who is asking: sign-in links and codes, passkeys and second factors, sessions of browsers, keys of programs, and the
//! first run.

mod agents;
mod authenticators;
mod devices;
mod factors;
mod joining;
mod keys;
mod links;
mod notices;
mod passkeys;
mod recovery;
mod sessions;
mod signed;

pub use agents::browser_in_words;
pub use authenticators::{
    Offer, confirm_authenticator, offer_authenticator, offered_authenticator, remove_authenticator,
};
pub use factors::{
    Factors, Proof, lacks_factor, leads_with_factors, prove, renew_codes, require_factors, reset_factors,
    reset_factors_of, use_passkey,
};
pub use joining::ask_to_join;
pub use keys::{
    Access, Area, Key, Lifetime, NewKey, Scopes, Shown, delete_key, keys_of, make_key, mark_used, organization_of_key,
    program,
};
pub use links::{
    Gone, Minted, Way, ask_for_access, ask_for_invite, look, mint_access, mint_for_operator, mint_invite, mint_setup,
    use_code, use_token,
};
pub use notices::{Given, Notice, notice, notices_of, notify, notify_of};
pub use passkeys::{
    Answer, Ceremony, Passkey, RelyingParty, add_passkey, ask_for_passkey, begin_passkey, passkeys_of, remove_passkey,
    rename_passkey,
};
pub use sessions::{
    Device, Entered, FirstRun, Method, Open, Session, begin_session, browser, change_password, end_others, end_session,
    expire, halfway, keep_alive, revoke_session, sessions_of, set_up, use_password, wrong_password,
};
pub use signed::{
    look_at_signed_url, mint_signed_url, organization_of_embedded, organization_of_signed_url, use_signed_url,
};
