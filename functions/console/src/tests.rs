use std::fs;

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::*;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

fn local() -> Router {
    router(
        Config::local("pt-BR", "America/Sao_Paulo", true),
        Files::Embedded,
    )
}

fn on_aws() -> Router {
    let variables = [
        ("LOGIN_ISSUER", "https://idp.example.com/pool"),
        ("LOGIN_CLIENT_ID", "abc"),
        ("LOGIN_DOMAIN", "login.example.com"),
        ("UPLOAD_ORIGIN", "https://files.example.com"),
    ];
    let config = Config::from_variables(|name| {
        let found = variables.iter().find(|variable| variable.0 == name)?;
        Some(found.1.to_owned())
    });
    router(config.unwrap(), Files::Embedded)
}

async fn ask(
    router: Router,
    method: &str,
    path: &str,
    encoding: &str,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::ACCEPT_ENCODING, encoding)
        .body(Body::empty())
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let content = body.collect().await.unwrap().to_bytes().to_vec();
    (parts.status, parts.headers, content)
}

async fn get_page(router: Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let (status, headers, content) = ask(router, "GET", path, "").await;
    (status, headers, String::from_utf8(content).unwrap())
}

fn path_of(name: &str) -> String {
    format!("/app/{}/{name}", Files::Embedded.hash())
}

#[tokio::test]
async fn the_root_leads_to_the_application() {
    for path in ["/", "/app"] {
        let (status, headers, _) = get_page(local(), path).await;
        assert_eq!(
            (status, &headers["location"]),
            (StatusCode::FOUND, &HeaderValue::from_static("/app/"))
        );
    }
}

#[tokio::test]
async fn every_address_of_the_application_is_its_page_with_the_exact_policy() {
    for path in [
        "/app/",
        "/app/entrar",
        "/app/chamados/4711",
        "/app/chamados/deadbeef",
        "/app/a/b/c",
    ] {
        let (status, headers, page) = get_page(local(), path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers["content-security-policy"], POLICY);
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(
            headers["permissions-policy"],
            "camera=(), microphone=(), geolocation=(), payment=()"
        );
        assert!(
            !headers.contains_key("strict-transport-security"),
            "a browser would never come back by http"
        );
        assert!(page.contains(&path_of("app.js")), "{page}");
        assert!(
            !page.contains("<script>") && !page.contains("style="),
            "nothing inline"
        );
    }
}

#[tokio::test]
async fn on_aws_the_page_may_call_the_provider_and_comes_by_https_alone() {
    let (_, headers, _) = get_page(on_aws(), "/app/").await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    let connect = "connect-src 'self' https://idp.example.com https://login.example.com https://files.example.com;";
    assert_eq!(policy, POLICY.replace("connect-src 'self';", connect));
    assert_eq!(headers["strict-transport-security"], "max-age=63072000");
    let (_, headers, _) = get_page(on_aws(), &path_of("app.js")).await;
    assert_eq!(headers["strict-transport-security"], "max-age=63072000");
}

#[tokio::test]
async fn the_configuration_says_how_to_sign_in() {
    let (_, headers, config) = get_page(local(), "/app/config.json").await;
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        config,
        serde_json::json!({"version": version, "login": {"kind": "local"}, "locale": "pt-BR",
            "time_zone": "America/Sao_Paulo", "outbox": true})
    );
    assert_eq!(headers["cache-control"], "no-store");
    let (_, _, config) = get_page(on_aws(), "/app/config.json").await;
    let config: serde_json::Value = serde_json::from_str(&config).unwrap();
    assert_eq!(
        config,
        serde_json::json!({"version": version, "locale": "pt-BR", "time_zone": "America/Sao_Paulo", "outbox": false,
            "login": {"kind": "oidc", "issuer": "https://idp.example.com/pool", "client_id": "abc", "scopes": "openid email profile"}})
    );
}

#[tokio::test]
async fn files_are_immutable_under_their_hash_and_absent_under_any_other() {
    let (status, headers, _) = get_page(local(), &path_of("app.js")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        headers["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert_eq!(headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let (_, headers, _) = get_page(local(), &path_of("style.css")).await;
    assert_eq!(headers["content-type"], "text/css; charset=utf-8");
    for path in [
        "/app/0123456789abcdef/app.js",
        &path_of("none.js"),
        &path_of("../Cargo.toml"),
        &path_of("..%2f..%2fCargo.toml"),
        &path_of("%2e%2e/Cargo.toml"),
        &path_of(""),
    ] {
        let (status, headers, _) = get_page(local(), path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_ne!(
            headers.get("cache-control").map(HeaderValue::as_bytes),
            Some(&b"public, max-age=31536000, immutable"[..])
        );
    }
}

#[tokio::test]
async fn brotli_is_for_those_who_take_it_and_the_content_is_the_same() {
    let path = path_of("app.js");
    let (_, plain_headers, plain) = ask(local(), "GET", &path, "gzip, br;q=0").await;
    assert!(!plain_headers.contains_key("content-encoding"));
    let (_, headers, compressed) = ask(local(), "GET", &path, "gzip, deflate, br").await;
    assert_eq!(headers["content-encoding"], "br");
    for headers in [&plain_headers, &headers] {
        assert_eq!(headers["vary"], "accept-encoding");
    }
    assert!(compressed.len() < plain.len() / 2);
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &compressed[..], &mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    for path in [
        "/app/",
        "/app/config.json",
        "/app/preview.html",
        &path_of("app.js"),
    ] {
        let (_, with, content) = ask(local(), "GET", path, "").await;
        let (status, without, nothing) = ask(local(), "HEAD", path, "").await;
        assert_eq!((status, nothing.len()), (StatusCode::OK, 0), "{path}");
        assert!(!content.is_empty());
        assert_eq!(
            with.get("content-security-policy"),
            without.get("content-security-policy")
        );
        assert_eq!(with["content-type"], without["content-type"]);
    }
    let (status, ..) = ask(local(), "POST", "/app/", "").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_mail_is_framed_in_an_origin_of_its_own_where_only_our_script_runs() {
    let (status, headers, page) = get_page(local(), "/app/preview.html").await;
    assert_eq!(status, StatusCode::OK);
    let hash = files::script_hashes(&page);
    assert!(
        hash.starts_with("'sha256-") && !hash.contains(' '),
        "one script: {hash}"
    );
    let policy = format!(
        "default-src 'none'; script-src {hash}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'; sandbox allow-scripts"
    );
    assert_eq!(headers["content-security-policy"], *policy);
    assert_eq!(headers["cache-control"], "no-store");
    let (_, headers, _) = get_page(local(), "/app/preview.html?images=1").await;
    assert_eq!(
        headers["content-security-policy"],
        *policy.replace("img-src data:", "img-src https: data:")
    );
    let (_, headers, _) = get_page(local(), "/app/preview.html?images=11").await;
    assert_eq!(headers["content-security-policy"], *policy);
}

#[tokio::test]
async fn a_folder_is_read_at_each_request_and_nothing_outside_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir_all(dist.join("inner")).unwrap();
    fs::write(folder.path().join("secret"), "secret").unwrap();
    fs::write(dist.join("app.js"), "one").unwrap();
    let files = Files::Folder(dist.clone());
    let hash = files.hash();
    let router = router(Config::local("en", "UTC", false), files);
    let path = format!("/app/{hash}/app.js");
    assert_eq!(get_page(router.clone(), &path).await.2, "one");
    fs::write(dist.join("app.js"), "two").unwrap();
    let (_, headers, content) = get_page(router.clone(), &path).await;
    assert_eq!(
        (content.as_str(), &headers["cache-control"]),
        ("two", &HeaderValue::from_static("no-store"))
    );
    for name in ["../secret", "..%2fsecret", "inner", "%2e%2e%2fsecret"] {
        let (status, ..) = get_page(router.clone(), &format!("/app/{hash}/{name}")).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{name}");
    }
    let page = get_page(router, "/app/").await.2;
    assert!(page.contains(r#"<html lang="en">"#), "{page}");
}

#[tokio::test]
async fn every_file_of_the_build_is_there() {
    for name in [
        "app.js",
        "vendor.js",
        "oidc.js",
        "requester.js",
        "desk.js",
        "admin.js",
        "local.js",
        "pt.js",
        "en.js",
        "es.js",
        "style.css",
        "icon.svg",
    ] {
        assert_eq!(
            get_page(local(), &path_of(name)).await.0,
            StatusCode::OK,
            "{name}"
        );
    }
}
