//! Who is asking: sign-in links and codes, sessions of browsers, keys of programs, and the first run.

mod joining;
mod keys;
mod links;
mod sessions;
mod signed;

pub use joining::ask_to_join;
pub use keys::{
    Access, Area, Key, Lifetime, NewKey, Scopes, Shown, delete_key, keys_of, make_key, mark_used, organization_of_key,
    program,
};
pub use links::{
    Gone, Minted, Way, ask_for_access, ask_for_invite, look, mint_access, mint_for_managed, mint_for_operator,
    mint_invite, mint_setup, use_code, use_token,
};
pub use sessions::{
    Device, Entered, FirstRun, Method, Session, begin_session, browser, end_session, expire, keep_alive, set_up,
    use_password, wrong_password,
};
pub use signed::{
    look_at_signed_url, mint_signed_url, organization_of_embedded, organization_of_signed_url, use_signed_url,
};
