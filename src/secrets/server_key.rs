//! The server's own key: 256 random bits in a file beside the database, so that a copy of the database alone neither signs
//! a URL nor opens what is sealed in it.

use std::{fmt, fs, io::Write, path::Path};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};

/// Bytes of a nonce, which stands before what it sealed.
const NONCE: usize = 24;

/// What a key is used for: each purpose has a key of its own, made from the server's.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// URLs of pictures, for whoever holds them.
    PhotoUrls,
    /// Secrets of webhook endpoints.
    WebhookSecrets,
    /// Replies that are kept to be repeated.
    Replies,
    /// What only we and an identity provider know.
    SingleSignOn,
    /// Secrets of the apps that show one-time codes.
    Authenticators,
    /// Links to headshots, on the way to the page that shows them.
    Shares,
}

impl Purpose {
    const fn words(self) -> &'static str {
        match self {
            Self::PhotoUrls => "photo urls",
            Self::WebhookSecrets => "webhook secrets",
            Self::Replies => "replies",
            Self::SingleSignOn => "single sign-on",
            Self::Authenticators => "authenticators",
            Self::Shares => "shares",
        }
    }
}

/// The server's own key.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

impl ServerKey {
    /// A new one that nobody keeps, for a server in memory.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The one in this file. Without a file there is none yet: one is made, which only its owner can read. Of two processes
    /// that make one at once, both end with the same.
    ///
    /// # Errors
    /// A file that can't be read, written or understood: one sentence with what to do.
    pub fn kept_in(file: &Path) -> Result<Self> {
        if !file.exists() {
            make(file)?;
        }
        let text = fs::read_to_string(file)
            .map_err(|cause| Error::invalid(plain!("{} can't be read: {cause}.", file.display())))?;
        let bits = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).ok().and_then(|bits| bits.try_into().ok());
        bits.map(Self).ok_or_else(|| {
            Error::invalid(plain!(
                "{} doesn't hold a key. Restore it from a backup. Without one, move it away and a new one is made: signed URLs end, and webhook secrets have to be made anew.",
                file.display()
            ))
        })
    }

    /// Signs a text: 43 letters that go into a URL.
    pub fn sign(&self, purpose: Purpose, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.signing(purpose, text).finalize().into_bytes())
    }

    /// Whether this is the signature of the text. Takes the same time for any wrong one.
    pub fn signed(&self, purpose: Purpose, text: &str, signature: &str) -> bool {
        BASE64_URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|signature| self.signing(purpose, text).verify_slice(&signature).is_ok())
    }

    /// Encrypts what only this server may read again.
    pub fn seal(&self, purpose: Purpose, plain: &[u8]) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE] = rand::random();
        let sealed = self.cipher(purpose).encrypt(&XNonce::from(nonce), plain);
        let sealed = sealed.map_err(|_| Error::internal("could not seal"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    /// Decrypts what [`ServerKey::seal`] made.
    ///
    /// # Errors
    /// [`Error::Internal`] for what was sealed with another key, or changed since.
    pub fn open(&self, purpose: Purpose, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(cannot_open)?;
        self.cipher(purpose).decrypt(&XNonce::from(*nonce), sealed).map_err(|_| cannot_open())
    }

    fn signing(&self, purpose: Purpose, text: &str) -> Hmac<Sha256> {
        mac(&self.derived("sign", purpose), text)
    }

    fn cipher(&self, purpose: Purpose) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.derived("seal", purpose).into())
    }

    fn derived(&self, act: &str, purpose: Purpose) -> [u8; 32] {
        mac(&self.0, &format!("{act} {}", purpose.words())).finalize().into_bytes().into()
    }
}

fn mac(key: &[u8; 32], text: &str) -> Hmac<Sha256> {
    // HMAC itself fills a shorter key with zeros up to a block.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(text.as_bytes());
    mac
}

/// The file is complete under its name or not there at all, and never takes the place of another.
fn make(file: &Path) -> Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(fresh, "{}", BASE64_URL_SAFE_NO_PAD.encode(ServerKey::random().0))?;
    fresh.as_file().sync_all()?;
    match fresh.persist_noclobber(file) {
        Ok(_) => Ok(fs::File::open(folder)?.sync_all()?),
        Err(lost) if lost.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(failed) => Err(failed.error.into()),
    }
}

fn cannot_open() -> Error {
    Error::internal("what is sealed was sealed with another key, or changed since")
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(********)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_one_text_and_one_purpose() {
        let (key, other) = (ServerKey::random(), ServerKey::random());
        let signature = key.sign(Purpose::PhotoUrls, "a");
        assert!(key.signed(Purpose::PhotoUrls, "a", &signature));
        assert!(!key.signed(Purpose::PhotoUrls, "b", &signature));
        assert!(!key.signed(Purpose::Replies, "a", &signature));
        assert!(!other.signed(Purpose::PhotoUrls, "a", &signature));
        for wrong in ["", "?", &signature[1..]] {
            assert!(!key.signed(Purpose::PhotoUrls, "a", wrong), "{wrong}");
        }
    }

    #[test]
    fn what_is_sealed_opens_with_its_key_only() {
        let key = ServerKey::random();
        let mut sealed = key.seal(Purpose::Replies, b"hello").unwrap();
        assert_eq!(key.open(Purpose::Replies, &sealed).unwrap(), b"hello");
        assert!(key.open(Purpose::WebhookSecrets, &sealed).is_err());
        assert!(ServerKey::random().open(Purpose::Replies, &sealed).is_err());
        sealed[NONCE] ^= 1;
        assert!(key.open(Purpose::Replies, &sealed).is_err());
        assert!(key.open(Purpose::Replies, b"short").is_err());
    }

    #[test]
    fn a_key_is_made_once_and_kept_from_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("headroom.key");
        let first = ServerKey::kept_in(&file).unwrap();
        assert_eq!(ServerKey::kept_in(&file).unwrap().0, first.0);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "nothing").unwrap();
        let refused = ServerKey::kept_in(&file).unwrap_err().to_string();
        assert!(refused.contains("doesn't hold a key"), "{refused}");
    }
}
