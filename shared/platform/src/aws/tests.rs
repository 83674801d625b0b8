use std::{collections::BTreeMap, fs};

use tempfile::TempDir;

use super::*;

fn load(variables: &[(&str, &str)]) -> Result<Aws, AwsError> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    Aws::from_environment(&|name| variables.get(name).map(|&value| value.to_owned()))
}

const LAMBDA: [(&str, &str); 4] = [
    ("AWS_REGION", "sa-east-1"),
    ("AWS_ACCESS_KEY_ID", "id"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
    ("AWS_SESSION_TOKEN", "token"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    LAMBDA.iter().chain(more).copied().collect()
}

#[test]
fn says_what_is_missing_or_wrong() {
    let dir = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_string_lossy().into_owned()
    };
    let no_pem = file("no-pem", "hello");
    let torn = file("torn", "-----BEGIN CERTIFICATE-----\nAAAA");
    let no_root = file(
        "no-root",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let cases = [
        (vec![], "no AWS region"),
        (LAMBDA[..1].to_vec(), "no AWS credentials"),
        (LAMBDA[..2].to_vec(), "no AWS credentials"),
        (with(&[("AWS_REGION", "")]), "no AWS region"),
        (
            with(&[("AWS_ENDPOINT_URL", "localhost:4566")]),
            "AWS_ENDPOINT_URL is not an http",
        ),
        (
            with(&[("AWS_ENDPOINT_URL_SESV2", "ftp://x")]),
            "AWS_ENDPOINT_URL_SESV2 is not an http",
        ),
        (
            with(&[("AWS_CA_BUNDLE", "/no/such/file")]),
            "cannot be read",
        ),
        (with(&[("AWS_CA_BUNDLE", &no_pem)]), "holds no certificate"),
        (with(&[("AWS_CA_BUNDLE", &torn)]), "is not a PEM file"),
        (with(&[("AWS_CA_BUNDLE", &no_root)]), "cannot be a root"),
    ];
    for (variables, part) in cases {
        let error = load(&variables).unwrap_err().to_string();
        assert!(error.contains(part), "{error} / {part}");
    }
}

#[test]
fn takes_each_service_to_its_endpoint() {
    let endpoints = |more: &[(&str, &str)]| {
        let aws = load(&with(more)).unwrap();
        (aws.dynamodb, aws.ses)
    };
    let (all, own) = ("http://127.0.0.1:1", "https://example.com");
    let some = |url: &str| Some(url.to_owned());
    assert_eq!(endpoints(&[]), (None, None));
    assert_eq!(
        endpoints(&[("AWS_ENDPOINT_URL", all)]),
        (some(all), some(all))
    );
    let both = [("AWS_ENDPOINT_URL", all), ("AWS_ENDPOINT_URL_SESV2", own)];
    assert_eq!(endpoints(&both), (some(all), some(own)));
    let ignored = [
        ("AWS_ENDPOINT_URL", all),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
    ];
    assert_eq!(endpoints(&ignored), (None, None));
}

#[test]
fn clients_try_once_and_trust_the_roots() {
    let aws = load(&LAMBDA).unwrap();
    let attempts = |retry: Option<&RetryConfig>| retry.map(RetryConfig::max_attempts);
    #[cfg(feature = "dynamodb")]
    assert_eq!(attempts(aws.dynamodb().config().retry_config()), Some(1));
    #[cfg(feature = "ses")]
    assert_eq!(attempts(aws.ses().config().retry_config()), Some(1));
    // What is not a root would be a panic here.
    for endpoints in [Endpoints::Aws, Endpoints::Any] {
        let _ = (http_client(aws.trust.store(endpoints), IDLE), attempts);
    }
}
