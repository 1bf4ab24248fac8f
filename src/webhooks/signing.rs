//! What proves that a delivery is ours: every attempt is signed anew, in two ways.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{clock::Timestamp, ids::EventId};

/// What secrets begin with, so that people and scanners recognise them.
const PREFIX: &str = "whsec_";

/// A new secret. 24 bytes, because that many are written without padding.
pub(super) fn new_secret() -> String {
    let bits: [u8; 24] = rand::random();
    format!("{PREFIX}{}", BASE64_STANDARD.encode(bits))
}

/// The headers that sign a body. The first secret is the present one; one that is being replaced signs beside it.
pub fn headers(event: &EventId, body: &str, secrets: &[String], now: Timestamp) -> Vec<(&'static str, String)> {
    let timestamp = now.millis().div_euclid(1000);
    let standard = |secret: &String| {
        // The key of Standard Webhooks is what the secret's text stands for.
        let key = secret.strip_prefix(PREFIX).and_then(|text| BASE64_STANDARD.decode(text).ok()).unwrap_or_default();
        format!("v1,{}", BASE64_STANDARD.encode(sign(&key, &format!("{event}.{timestamp}.{body}"))))
    };
    // The one of HeadshotPro is the text itself. [docs]
    let legacy = |secret: &String| format!("sha256={}", hex(&sign(secret.as_bytes(), &format!("{timestamp}.{body}"))));
    let mut headers = vec![
        ("webhook-id", event.to_string()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", secrets.iter().map(standard).collect::<Vec<_>>().join(" ")),
        ("x-headshotpro-timestamp", timestamp.to_string()),
    ];
    let mut legacy = secrets.iter().map(legacy);
    headers.extend(legacy.next().map(|one| ("x-headshotpro-signature", one)));
    headers.extend(legacy.next().map(|one| ("x-headshotpro-signature-previous", one)));
    headers
}

fn sign(key: &[u8], text: &str) -> [u8; 32] {
    // HMAC takes keys of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()));
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures made with OpenSSL: `printf … | openssl dgst -sha256 -hmac …`.
    #[test]
    fn both_signatures_are_what_others_compute() {
        let event: EventId = "evt_018d0c1e-5f3a-7c3e-9a51-0242ac120002".parse().unwrap();
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned();
        let signed = headers(&event, "{\"a\":1}", &[secret], Timestamp::from_millis(1_700_000_000_500));
        let value = |name: &str| signed.iter().find(|(own, _)| *own == name).map(|(_, value)| value.as_str()).unwrap();
        assert_eq!(value("webhook-timestamp"), "1700000000");
        assert_eq!(value("webhook-signature"), "v1,GZC4OilaZRBm3hSWC5uaLWFYVX1PJJ+NaeandFVM3Fw=");
        assert_eq!(
            value("x-headshotpro-signature"),
            "sha256=b6974ac6d7fd2ac6e37c3cea117ba7ee3cfde56b98ea4e8b5fb26b9fee534ba7"
        );
    }

    #[test]
    fn a_secret_that_is_being_replaced_signs_too() {
        let (new, old) = (new_secret(), new_secret());
        let event = EventId::new();
        let both = headers(&event, "{}", &[new.clone(), old.clone()], Timestamp::from_millis(0));
        let alone = |secret| headers(&event, "{}", &[secret], Timestamp::from_millis(0));
        let joined = format!("{} {}", alone(new.clone())[2].1, alone(old.clone())[2].1);
        assert_eq!(both[2].1, joined);
        assert_eq!(both.last().unwrap(), &("x-headshotpro-signature-previous", alone(old).last().unwrap().1.clone()));
        assert_eq!(new.len(), 6 + 32);
    }
}
