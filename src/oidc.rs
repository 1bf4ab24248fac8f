//! OpenID Connect, the protocol only: what a provider says of itself, the way to it, and what its token proves. Whom that lets
//! in is decided elsewhere.

use std::time::Duration;

use openidconnect::{
    AdditionalClaims, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IdTokenClaims, IdTokenFields, IdTokenVerifier, IssuerUrl, JsonWebKeySet, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoClaims, core::*,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    clock::Timestamp,
    error::{Error, Result},
    outbound::{Outbound, Trouble},
    secrets::Secret,
};

mod fault;
mod issuer;

pub use fault::Fault;
use fault::{unbelieved, undiscovered, unredeemed};
pub use issuer::Issuer;

/// How far a provider's clock may be from ours.
const SKEW: Duration = Duration::from_secs(60);

/// The ways of signing that are believed: none at all, and those whose key we share, are not among them.
const BELIEVED: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What a provider knows us by.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Where it is.
    pub issuer: Issuer,
    /// What it calls us.
    pub client_id: String,
    /// What proves that we are it; none for a public client.
    pub client_secret: Option<Secret>,
    /// Where it sends people back to.
    pub redirect: String,
}

/// The way to a provider, and what is kept of it until its person comes back.
#[derive(Debug)]
pub struct Departure {
    /// Where to.
    pub url: Url,
    /// What ties a token to this way.
    pub kept: Kept,
}

/// What is kept until someone comes back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    nonce: Nonce,
    verifier: PkceVerifier,
}

/// The other half of the challenge.
#[derive(Clone, Serialize, Deserialize)]
struct PkceVerifier(String);

impl std::fmt::Debug for PkceVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PkceVerifier(********)")
    }
}

/// What a provider has proven of someone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who says so.
    pub issuer: String,
    /// Who it is there. The only thing someone is known by.
    pub subject: String,
    /// Their address, as the provider writes it.
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs. What it doesn't say is no.
    pub email_verified: bool,
    /// What they are called.
    pub name: Option<String>,
}

/// Microsoft's way of saying that the owner of an address's domain has been verified; it never sends `email_verified`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct More {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    xms_edov: Option<serde_json::Value>,
}

impl AdditionalClaims for More {}

impl More {
    fn owner_verified(&self) -> bool {
        self.xms_edov.as_ref().is_some_and(|value| *value == true || *value == 1 || *value == "1" || *value == "true")
    }
}

/// Whether it always says in its answers who it is (RFC 9207).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct MoreMetadata {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl openidconnect::AdditionalProviderMetadata for MoreMetadata {}

type Metadata = ProviderMetadata<
    MoreMetadata,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Fields = IdTokenFields<
    More,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Caller = Client<
    More,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider, as it describes itself now.
pub struct Provider<'o> {
    outbound: &'o Outbound,
    relation: Relation,
    metadata: Metadata,
}

impl<'o> Provider<'o> {
    /// Asks a provider what it says of itself. Asked each time: keys and addresses are those of today.
    ///
    /// # Errors
    /// [`Fault::Down`] or [`Fault::Metadata`].
    pub async fn discover(outbound: &'o Outbound, relation: Relation) -> Result<Self, Fault> {
        let issuer =
            IssuerUrl::new(relation.issuer.as_str().to_owned()).map_err(|cause| Fault::Metadata(cause.to_string()))?;
        let metadata =
            Metadata::discover_async(issuer, &|request| call(outbound, request)).await.map_err(undiscovered)?;
        let mut named = vec![metadata.authorization_endpoint().url(), metadata.jwks_uri().url()];
        named.extend(metadata.token_endpoint().map(openidconnect::TokenUrl::url));
        named.extend(metadata.userinfo_endpoint().map(openidconnect::UserInfoUrl::url));
        if relation.issuer.as_str().starts_with("https://") && named.iter().any(|url| url.scheme() != "https") {
            return Err(Fault::Metadata("It names an address that doesn't begin with https://.".to_owned()));
        }
        if metadata.token_endpoint().is_none() {
            return Err(Fault::Metadata("It names no token endpoint.".to_owned()));
        }
        Ok(Self { outbound, relation, metadata })
    }

    /// The way to its sign-in page for whoever comes back with `state`.
    ///
    /// # Errors
    /// An address of ours that can't be one.
    pub fn departure(&self, state: &str, email: Option<&str>) -> Result<Departure> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (client, state) = (self.client()?, state.to_owned());
        let mut way = client
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                || CsrfToken::new(state),
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge);
        if let Some(email) = email {
            way = way.add_extra_param("login_hint", email.to_owned());
        }
        let (url, _, nonce) = way.url();
        Ok(Departure { url, kept: Kept { nonce, verifier: PkceVerifier(verifier.into_secret()) } })
    }

    /// Refuses an answer that names another issuer than this one, or none where it always names itself (RFC 9207).
    ///
    /// # Errors
    /// [`Fault::Issuer`].
    pub fn must_have_answered(&self, named: Option<&str>) -> Result<(), Fault> {
        let always = self.metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match named {
            Some(named) if named == self.relation.issuer.as_str() => Ok(()),
            None if !always => Ok(()),
            other => Err(Fault::Issuer(format!("the answer names {:.200}", other.unwrap_or("none")))),
        }
    }

    /// Takes a code to the provider, and believes the token it gets for it if everything about that is right.
    ///
    /// # Errors
    /// Any [`Fault`].
    pub async fn redeem(&self, code: &str, kept: &Kept, now: Timestamp) -> Result<Claims, Fault> {
        let client = self.client().map_err(|cause| Fault::Metadata(cause.to_string()))?;
        let http = |request| call(self.outbound, request);
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|cause| Fault::Metadata(cause.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(kept.verifier.0.clone()))
            .request_async(&http)
            .await
            .map_err(unredeemed)?;
        let token = tokens.id_token().ok_or_else(|| Fault::Garbled("the provider sent no ID token".to_owned()))?;
        let verified = match token.claims(&self.verifier(self.metadata.jwks().clone(), now), &kept.nonce) {
            // Its keys have changed since they were asked for.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let keys = JsonWebKeySet::fetch_async(self.metadata.jwks_uri(), &http).await.map_err(undiscovered)?;
                token.claims(&self.verifier(keys, now), &kept.nonce).map_err(unbelieved)?
            }
            other => other.map_err(unbelieved)?,
        };
        let mut claims = self.said(verified);
        if claims.email.is_none()
            && let Ok(asked) = client.user_info(tokens.access_token().clone(), Some(verified.subject().clone()))
        {
            // The library holds the subject against the token's.
            let more: UserInfoClaims<More, CoreGenderClaim> =
                asked.request_async(&http).await.map_err(|cause| Fault::Garbled(format!("user info: {cause}")))?;
            claims.email = more.email().map(|email| email.to_string());
            claims.email_verified = more.email_verified().unwrap_or_else(|| more.additional_claims().owner_verified());
            claims.name = claims.name.or_else(|| more.name()?.get(None).map(|name| name.to_string()));
        }
        Ok(claims)
    }

    fn said(&self, claims: &IdTokenClaims<More, CoreGenderClaim>) -> Claims {
        Claims {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or_else(|| claims.additional_claims().owner_verified()),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        }
    }

    fn verifier(&self, keys: JsonWebKeySet<CoreJsonWebKey>, now: Timestamp) -> IdTokenVerifier<'_, CoreJsonWebKey> {
        let (client, issuer) = (ClientId::new(self.relation.client_id.clone()), self.metadata.issuer().clone());
        let verifier = match &self.relation.client_secret {
            Some(secret) => {
                let secret = ClientSecret::new(secret.reveal().to_owned());
                IdTokenVerifier::new_confidential_client(client, secret, issuer, keys)
            }
            None => IdTokenVerifier::new_public_client(client, issuer, keys),
        };
        verifier.set_allowed_algs(BELIEVED).set_time_fn(move || (now - SKEW).date_time()).set_issue_time_verifier_fn(
            move |issued| {
                if issued <= (now + SKEW).date_time() {
                    return Ok(());
                }
                Err(format!("issued at {issued}, which is to come"))
            },
        )
    }

    fn client(&self) -> Result<Caller> {
        let secret = self.relation.client_secret.as_ref().map(|secret| ClientSecret::new(secret.reveal().to_owned()));
        let id = ClientId::new(self.relation.client_id.clone());
        let client = Caller::from_provider_metadata(self.metadata.clone(), id, secret);
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_none_or(|all| all.contains(&method));
        let client = if takes(CoreClientAuthMethod::ClientSecretBasic) || !takes(CoreClientAuthMethod::ClientSecretPost)
        {
            client
        } else {
            client.set_auth_type(openidconnect::AuthType::RequestBody)
        };
        Ok(client.set_redirect_uri(RedirectUrl::new(self.relation.redirect.clone()).map_err(Error::internal)?))
    }
}

/// Every word to a provider goes by the one way out.
async fn call(outbound: &Outbound, request: HttpRequest) -> Result<HttpResponse, Trouble> {
    let request = reqwest::Request::try_from(request).map_err(|cause| Trouble(cause.to_string()))?;
    let reply = outbound.call(request).await?;
    let mut response = HttpResponse::new(reply.body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microsofts_claim_counts_only_if_it_says_yes() {
        let says = |json: &str| serde_json::from_str::<More>(json).unwrap().owner_verified();
        assert!(says(r#"{"xms_edov": true}"#) && says(r#"{"xms_edov": "1"}"#) && says(r#"{"xms_edov": 1}"#));
        assert!(!says("{}") && !says(r#"{"xms_edov": false}"#) && !says(r#"{"xms_edov": "0"}"#));
    }
}
