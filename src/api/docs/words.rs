//! What the document has no room for: what each word of a choice says, and what to do about each refusal.

/// A schema of words, and what each of them says.
type Vocabulary = (&'static str, &'static [(&'static str, &'static str)]);

/// Tests see to it that these are the document's words, each of them.
const MEANINGS: &[Vocabulary] = &[
    (
        "InviteStatus",
        &[
            ("pending", "Invited; has not accepted yet."),
            ("accepted", "Has joined; no photos yet."),
            ("uploading", "Has added photos; has not submitted them."),
            ("generating", "Has submitted; headshots are being made."),
            ("completed", "The headshots are ready."),
            ("deleted", "The headshots are deleted, or the person is gone."),
            ("revoked", "The invite was taken back."),
        ],
    ),
    (
        "InviteStatusV1",
        &[
            ("pending-invite", "Invited; has not accepted yet."),
            ("waiting-for-upload", "Has joined; has not submitted photos."),
            ("generating-headshots", "Has submitted; headshots are being made."),
            ("active", "The headshots are ready."),
            ("deleted", "The headshots are deleted, or the person is gone."),
            ("revoked", "The invite was taken back."),
        ],
    ),
    (
        "MemberStatus",
        &[
            ("accepted", "Has joined; no photos yet."),
            ("pending", "Is adding photos, or waits for headshots."),
            ("finished", "The headshots are ready."),
        ],
    ),
    (
        "ModelStatus",
        &[
            ("onboarding", "No photos submitted yet."),
            ("waiting", "Photos are submitted and wait for their turn."),
            ("pending", "Being trained on the photos."),
            ("generatingHeadshots", "Headshots are being made."),
            ("failed", "Training or generating went wrong."),
            ("active", "The headshots are ready."),
            ("deleted", "Deleted; a tombstone stays."),
        ],
    ),
    (
        "LedgerKind",
        &[
            ("grant", "Credits were given."),
            ("consume", "Photos were submitted."),
            ("refund", "A credit came back."),
            ("adjust", "A correction."),
        ],
    ),
    ("LikedStatus", &[("none", "Nothing said."), ("liked", "A good one."), ("loved", "A very good one.")]),
    (
        "LinkStatus",
        &[
            ("open", "People can join by it."),
            ("used-up", "As many have joined as may."),
            ("expired", "Its time is over."),
            ("revoked", "It was taken back."),
        ],
    ),
    ("PhotoStatus", &[("active", "Can be seen."), ("deleted", "Its files are gone.")]),
    ("PhotoInclude", &[("main", "Only the URL of the picture to show."), ("all", "The URLs of every size.")]),
    (
        "DeliveryStatus",
        &[
            ("waiting", "Waits for its next attempt."),
            ("delivered", "Answered with 2xx."),
            ("failed", "Given up; it can be replayed."),
        ],
    ),
    (
        "DisabledReason",
        &[
            ("failures", "It has failed for five days, and worked not once meanwhile."),
            ("gone", "It answered 410."),
            ("lead", "You switched it off."),
        ],
    ),
    (
        "EventName",
        &[
            ("model.created", "Someone signed up, or the API created it."),
            ("model.status.updated", "Its status changed."),
            ("model.deleted", "It was deleted."),
            ("model.photos_ready", "Its photos can be seen."),
            ("model.favorite_selected", "One of its photos was chosen."),
        ],
    ),
    ("Trigger", &[("female", "As a woman."), ("male", "As a man."), ("person", "As neither, or not said.")]),
];

/// What a word of a schema says.
pub(super) fn meaning(schema: &str, word: &str) -> &'static str {
    let vocabulary = MEANINGS.iter().find(|(name, _)| *name == schema).map_or(&[][..], |(_, words)| words);
    vocabulary.iter().find(|(one, _)| *one == word).map_or("", |(_, meaning)| meaning)
}

/// A refusal: its code, its status, and what to do about it.
pub(super) struct Advice {
    pub(super) code: &'static str,
    pub(super) status: u16,
    pub(super) words: &'static str,
}

/// For every refusal the API has.
pub(super) const ADVICE: &[Advice] = &[
    advice(
        "INVALID_REQUEST",
        400,
        "A field is missing or malformed, or the body is no JSON. The sentence says which: change the request.",
    ),
    advice("INVALID_EMAIL", 400, "What a model's email holds is no e-mail address. Check it."),
    advice(
        "ALREADY_EXISTS",
        400,
        "Someone here has this address already. Use theirs, or another such as user+1@example.com.",
    ),
    advice("ALREADY_DELETED", 400, "The model was deleted before. Nothing is left to do."),
    advice(
        "INSUFFICIENT_CREDITS",
        400,
        "The balance is zero; only creating a whitelabel model says so with this status. Add credits.",
    ),
    advice(
        "UNAUTHORIZED",
        401,
        "The key is missing, unknown, expired or deleted. Check the header, or make a new key.",
    ),
    advice("INSUFFICIENT_CREDITS", 402, "The balance is zero. Add credits, then repeat the request."),
    advice("FORBIDDEN", 403, "The key lacks a scope, which the sentence names, or whitelabel is switched off."),
    advice(
        "NOT_FOUND",
        404,
        "There is no such thing in your organization. What belongs to another one looks the same.",
    ),
    advice("METHOD_NOT_ALLOWED", 405, "The address exists and takes other methods; the Allow header lists them."),
    advice(
        "IDEMPOTENCY_CONFLICT",
        409,
        "A request with this Idempotency-Key is still being answered. Repeat it after Retry-After.",
    ),
    advice("PAYLOAD_TOO_LARGE", 413, "The request is larger than the server takes. Send less at once."),
    advice(
        "UNSUPPORTED_MEDIA_TYPE",
        415,
        "The body is declared as something else than JSON. Send Content-Type: application/json.",
    ),
    advice("IDEMPOTENCY_CONFLICT", 422, "This Idempotency-Key belongs to another request. Use a new one."),
    advice(
        "INVITE_LIMIT_EXCEEDED",
        429,
        "Twice as many invites are pending as you have credits. Wait, revoke some, or add credits.",
    ),
    advice("RATE_LIMIT_EXCEEDED", 429, "Too many requests within a minute. Repeat it after Retry-After."),
    advice("INTERNAL_ERROR", 500, "A failure on our side. If it stays, tell the operator the id in the sentence."),
    advice("UNAVAILABLE", 503, "The server is busy or stopping. Repeat the request after Retry-After."),
];

const fn advice(code: &'static str, status: u16, words: &'static str) -> Advice {
    Advice { code, status, words }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::openapi;

    #[test]
    fn each_word_of_the_document_says_what_it_means() {
        let document = openapi::document("http://localhost");
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let words = schemas.iter().flat_map(|(name, schema)| {
            let words = schema["enum"].as_array().into_iter().flatten();
            words.map(move |word| (name.as_str(), word.as_str().unwrap()))
        });
        let documented: BTreeSet<_> = words.collect();
        let explained = MEANINGS.iter().flat_map(|(name, words)| words.iter().map(move |(word, _)| (*name, *word)));
        assert_eq!(documented, explained.collect());
    }

    #[test]
    fn each_refusal_of_the_document_says_what_to_do() {
        let document = openapi::document("http://localhost");
        for operation in
            document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
        {
            for (status, reply) in operation["responses"].as_object().unwrap() {
                let examples = reply["content"]["application/json"]["examples"].as_object();
                for code in examples.into_iter().flatten().map(|(code, _)| code) {
                    let known = ADVICE.iter().any(|one| one.code == code && one.status.to_string() == *status);
                    assert!(known, "{status} {code}");
                }
            }
        }
    }
}
