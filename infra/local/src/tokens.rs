//! The local server's own tokens: HS256 with a key from the data folder.

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Map, Value, json};

use crate::{cli::Failure, data::Data};

const ISSUER: &str = "mensageria-local";
const AUDIENCE: &str = "mensageria";
/// How long a token is good, seconds: a month of trying out.
const LIFETIME: i64 = 30 * 24 * 60 * 60;

/// Signs and verifies.
pub(crate) struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

/// For whom a token is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// Role.
    pub(crate) role: String,
    /// Address.
    pub(crate) email: Option<String>,
    /// Name.
    pub(crate) name: Option<String>,
    /// Support groups.
    pub(crate) groups: Vec<String>,
}

impl Tokens {
    /// With the key of this data folder.
    pub(crate) fn open(data: &Data) -> Result<Self, Failure> {
        let secret = data.secret("token.key")?;
        Ok(Self {
            encoding: EncodingKey::from_secret(&secret),
            decoding: DecodingKey::from_secret(&secret),
        })
    }

    /// A token for this person.
    pub(crate) fn sign(&self, person: &Person) -> Result<String, Failure> {
        let now = Timestamp::now().as_second();
        let groups: Vec<_> = std::iter::once(&person.role)
            .chain(&person.groups)
            .map(|g| g.trim())
            .filter(|g| !g.is_empty())
            .collect();
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + LIFETIME,
            "sub": person.email.as_deref().unwrap_or(&person.role), "groups": groups,
        });
        for (name, value) in [("email", &person.email), ("name", &person.name)] {
            if let Some(value) = value {
                claims[name] = Value::from(value.as_str());
            }
        }
        Ok(encode(
            &Header::new(Algorithm::HS256),
            &claims,
            &self.encoding,
        )?)
    }

    /// The claims of a token that is ours, in time and for us; otherwise why not, in words that
    /// give nothing of the token away.
    pub(crate) fn verify(&self, token: &str) -> Result<Map<String, Value>, &'static str> {
        use jsonwebtoken::errors::ErrorKind;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        decode::<Map<String, Value>>(token, &self.decoding, &validation)
            .map(|data| data.claims)
            .map_err(|error| match error.kind() {
                ErrorKind::ExpiredSignature => "The token has expired.",
                ErrorKind::InvalidSignature => "The token was not signed by this server.",
                ErrorKind::InvalidAudience | ErrorKind::InvalidIssuer => {
                    "The token is for another system."
                }
                _ => "The token cannot be read.",
            })
    }
}
