//! Compact JSON Web Signatures with HS256 (RFC 7515, RFC 7518 3.2), and no other algorithm.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{
    Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::texts;
use domain::catalog::Texts;

/// Longest token that is looked at, bytes: one with a thousand groups is shorter.
const MAX_BYTES: usize = 16 * 1024;

/// Why a token is refused, in words that give nothing of it away.
pub(crate) type Refused = Texts;

/// What is said of a token that is not even one of this form.
pub(crate) const UNREADABLE: Refused = texts::token::UNREADABLE;

/// A signed token with these claims.
pub(crate) fn sign(key: &[u8], claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" }).to_string();
    let [header, claims] =
        [header, claims.to_string()].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
    let signed = format!("{header}.{claims}");
    let signature = mac(key, &signed).finalize().into_bytes();
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// The claims of a token that this key signed. Nothing of it is believed before that is known.
///
/// # Errors
/// Another algorithm, another key, a header parameter that must be understood (`crit`), a name that
/// is there twice, or no token at all.
pub(crate) fn verify(key: &[u8], token: &str) -> Result<Map<String, Value>, Refused> {
    if token.len() > MAX_BYTES {
        return Err(UNREADABLE);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(UNREADABLE)?;
    let (header, claims) = signed.split_once('.').ok_or(UNREADABLE)?;
    let header = object(header)?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(texts::token::NOT_HS256);
    }
    // RFC 7515, 4.1.11: who does not understand what is named there refuses the token. Nothing is
    // understood here, nor are compressed or detached claims.
    if ["crit", "zip", "b64"]
        .iter()
        .any(|name| header.contains_key(*name))
    {
        return Err(texts::token::NOT_SUPPORTED);
    }
    let signature = decode(signature)?;
    // Compares in constant time.
    mac(key, signed)
        .verify_slice(&signature)
        .map_err(|_| texts::token::NOT_SIGNED_HERE)?;
    object(claims)
}

fn mac(key: &[u8], signed: &str) -> Hmac<Sha256> {
    // HMAC takes a key of any length (RFC 2104).
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.chain_update(signed.as_bytes())
}

/// Only the one encoding without padding, and without bits that stand for nothing.
fn decode(part: &str) -> Result<Vec<u8>, Refused> {
    BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| UNREADABLE)
}

/// A JSON object in which no name is there twice: of two readers each could believe another one.
fn object(part: &str) -> Result<Map<String, Value>, Refused> {
    struct Unique;

    impl<'de> Visitor<'de> for Unique {
        type Value = Map<String, Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
            let mut object = Map::new();
            while let Some((name, value)) = members.next_entry::<String, Value>()? {
                if object.insert(name, value).is_some() {
                    return Err(serde::de::Error::custom("a name is there twice"));
                }
            }
            Ok(object)
        }
    }

    let bytes = decode(part)?;
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let object = reader.deserialize_map(Unique).map_err(|_| UNREADABLE)?;
    reader.end().map_err(|_| UNREADABLE)?;
    Ok(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1.
    const EXAMPLE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const EXAMPLE_KEY: &str =
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

    /// A token with this header and these claims, signed well.
    fn signed(header: &str, claims: &str) -> String {
        let [header, claims] = [header, claims].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
        let signed = format!("{header}.{claims}");
        let signature = mac(b"key", &signed).finalize().into_bytes();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }

    #[test]
    fn the_example_of_the_rfc_is_verified() {
        let key = decode(EXAMPLE_KEY).unwrap();
        assert_eq!(verify(&key, EXAMPLE).unwrap()["iss"], "joe");
        assert!(verify(b"another key", EXAMPLE).is_err());
    }

    #[test]
    fn what_is_signed_is_verified() {
        let claims = json!({ "sub": "Ação", "exp": 1 });
        let token = sign(b"key", &claims);
        assert_eq!(Value::Object(verify(b"key", &token).unwrap()), claims);
    }

    #[test]
    fn a_token_that_is_not_exactly_ours_is_refused() {
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        assert!(verify(b"key", &signed(header, "{}")).is_ok());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS512"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{}"#,
            r#"["HS256"]"#,
            r#"{"alg":"none","alg":"HS256"}"#,
            r#"{"alg":"HS256","crit":["exp"]}"#,
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"HS256","zip":"DEF"}"#,
            r#"{"alg":"HS256","b64":false}"#,
            r#"{"alg":"HS256"} x"#,
        ] {
            assert!(verify(b"key", &signed(header, "{}")).is_err(), "{header}");
        }
        for claims in ["[]", "1", "", r#"{"exp":1,"exp":2}"#, "{} {}"] {
            assert!(verify(b"key", &signed(header, claims)).is_err(), "{claims}");
        }
        let good = signed(header, "{}");
        let (signed, signature) = good.rsplit_once('.').unwrap();
        let long = "A".repeat(MAX_BYTES);
        for token in [
            format!("{signed}."),
            signed.to_owned(),
            format!("{good}="),
            format!("{good}."),
            format!("{good}.x"),
            format!(" {good}"),
            format!("{signed}.{}", &signature[..20]),
            format!("{long}.{good}"),
            String::new(),
            ".".to_owned(),
            "..".to_owned(),
        ] {
            assert!(verify(b"key", &token).is_err(), "{token}");
        }
    }
}
