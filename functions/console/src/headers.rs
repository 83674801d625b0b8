//! What every answer says to the browser beside its content.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::Config;

/// Headers of every answer.
const ALWAYS: [(HeaderName, &str); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// Headers of pages alone; scripts and pictures need none of them.
const PAGES: [(HeaderName, &str); 3] = [
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=()",
    ),
];

/// Two years, as the preload list asks for.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The headers of a file.
pub(crate) fn of_file(config: &Config) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if config.https_only {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    headers
}

/// The headers of a page with that policy.
pub(crate) fn of_page(config: &Config, policy: &str) -> HeaderMap {
    let mut headers = of_file(config);
    for (name, value) in PAGES {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let no_store = HeaderValue::from_static("no-store");
    headers.insert(header::CACHE_CONTROL, no_store);
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers
}

/// The policy of the application's page: nothing inline, and no other host but those that people
/// sign in and upload at.
pub(crate) fn application_policy(config: &Config) -> String {
    let connect: String = config.connect.iter().map(|o| format!(" {o}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
         font-src 'self'; connect-src 'self'{connect}; frame-src 'self'; form-action 'none'; \
         base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The policy of the frame in which a mail is shown: its styles apply, its scripts never run, and it
/// is of an origin of its own.
pub(crate) fn preview_policy(script_hashes: &str, images: bool) -> String {
    let images = if images { "https: data:" } else { "data:" };
    format!(
        "default-src 'none'; script-src {script_hashes}; style-src 'unsafe-inline'; img-src {images}; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
    )
}
