//! Who may call the local server: tokens on every route, the browser's `Host` on all of them, and
//! nothing under `/local` for the page of another site.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};

use http::{HeaderMap, header};
use service::{
    Code, Error,
    access::{Caller, Role},
};
use web::{
    caller::{Claims, Refused},
    problem::HttpError,
};

use crate::{texts, tokens::Tokens};

/// What the checks need to know.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) tokens: Arc<Tokens>,
    /// Address that is listened on.
    pub(crate) host: IpAddr,
}

/// Verifies the token, when there is one, and puts its claims into the request, or why it has none.
pub(crate) async fn identify(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    // A page of another site that makes its name point here (DNS rebinding) is turned away.
    if gate.host.is_loopback() && !is_local_name(request.headers()) {
        return Err(Error::new(
            Code::RequestInvalid,
            texts::access::THE_HOST_HEADER_NAMES_ANOTHER_MACHINE.phrase(),
        )
        .into());
    }
    if is_local_route(request.uri().path()) && asked_by_another_site(request.headers()) {
        return Err(Error::new(
            Code::Forbidden,
            texts::access::THE_PAGE_OF_ANOTHER_SITE_MAY_NOT_USE.phrase(),
        )
        .into());
    }
    // Claims come from a verified token and from nowhere else.
    request.extensions_mut().remove::<Claims>();
    match bearer(request.headers()).map(|token| gate.tokens.verify(token)) {
        None => {}
        Some(Ok(claims)) => drop(request.extensions_mut().insert(Claims(claims))),
        // An open route takes no token; the others say why this one is none.
        Some(Err(reason)) => drop(request.extensions_mut().insert(Refused(reason.phrase()))),
    }
    Ok(next.run(request).await)
}

/// The `/local` routes show every mail: beyond this machine they need an admin.
pub(crate) async fn guard_local(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    if !gate.host.is_loopback() {
        let extensions = request.extensions();
        match (extensions.get::<Claims>(), extensions.get::<Refused>()) {
            (Some(claims), _) => {
                Caller::from_claims(&claims.0, &gate.tokens.rules)?.require(&[Role::Admin])?;
            }
            (None, refused) => {
                let none = texts::access::BEYOND_THIS_MACHINE_THE_LOCAL_ROUTES;
                let detail = refused.map_or_else(|| none.phrase(), |refused| refused.0.clone());
                return Err(Error::new(Code::Unauthenticated, detail).into());
            }
        }
    }
    Ok(next.run(request).await)
}

/// Whether a route is one of those that only the local server has.
fn is_local_route(path: &str) -> bool {
    path == "/local" || path.starts_with("/local/")
}

/// Whether a browser says that a page of another origin is behind the request. Programs that are not a
/// browser send neither header. A page on another port of this machine is another site, too:
/// it may be anybody's.
fn asked_by_another_site(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let foreign_origin = headers.get_all(header::ORIGIN).iter().any(|origin| {
        let authority = origin.to_str().ok().and_then(|origin| {
            let scheme = ["http://", "https://"];
            scheme.iter().find_map(|scheme| origin.strip_prefix(scheme))
        });
        match (authority, host) {
            (Some(authority), Some(host)) => !authority.eq_ignore_ascii_case(host),
            // `null` is the origin of sandboxed frames, files and redirects.
            _ => true,
        }
    });
    let foreign_site = headers
        .get_all("sec-fetch-site")
        .iter()
        .any(|site| site != "same-origin" && site != "none");
    foreign_origin || foreign_site
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .unwrap_or_default();
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        _ => Some(""),
    }
}

fn is_local_name(headers: &HeaderMap) -> bool {
    let Some(host) = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
    else {
        return true;
    };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::{body::Body, middleware};
    use domain::catalog::Language;
    use http::HeaderValue;
    use http_body_util::BodyExt;
    use service::{App, settings::Settings};
    use storage::embedded::Embedded;
    use tower::ServiceExt;
    use web::problem::with_problems;

    use super::*;
    use crate::{data::Data, tokens::Person};

    #[tokio::test]
    async fn a_token_that_is_none_matters_to_routes_that_take_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::open(folder.path()).unwrap();
        let gate = Gate {
            tokens: Arc::new(Tokens::open(&data).unwrap()),
            host: Ipv4Addr::LOCALHOST.into(),
        };
        let store = Arc::new(Embedded::in_memory().unwrap());
        let from = |name: &str| (name == "MAIL_FROM").then(|| "desk@example.com".to_owned());
        let app = App::new(store, Settings::read(from).unwrap());
        let config = console::Config::local("pt-BR", "UTC", true);
        let routes = parameters::router(app.clone())
            .merge(tickets::router(app.clone()))
            .merge(inbound::router(app))
            .merge(console::router(config, console::Files::Embedded))
            .layer(middleware::from_fn_with_state(gate.clone(), identify));
        let routes = with_problems(routes);
        let expired = gate.tokens.sign_for(&Person::default(), -60).0;
        for (path, open) in [
            ("/health", 200),
            ("/files/x", 404),
            ("/links/x", 404),
            ("/app/", 200),
            ("/app/config.json", 200),
            ("/parameters", 401),
            ("/tickets", 401),
        ] {
            for token in [expired.as_str(), "x", ""] {
                let request = http::Request::get(path)
                    .header(header::AUTHORIZATION, format!("Bearer {token}"))
                    .body(Body::empty())
                    .unwrap();
                let answer = routes.clone().oneshot(request).await.unwrap();
                assert_eq!(answer.status(), open, "{path} {token}");
            }
        }
        // A route that takes one says why this is none.
        let request = http::Request::get("/parameters")
            .header(header::AUTHORIZATION, format!("Bearer {expired}"))
            .header(header::ACCEPT_LANGUAGE, "en")
            .body(Body::empty())
            .unwrap();
        let answer = routes.oneshot(request).await.unwrap().into_body();
        let answer = answer.collect().await.unwrap().to_bytes();
        let said = texts::token::EXPIRED.get(Language::En);
        assert!(
            String::from_utf8_lossy(&answer).contains(said),
            "{answer:?}"
        );
    }

    #[test]
    fn only_names_of_this_machine_are_local() {
        for (host, local) in [
            ("127.0.0.1:8417", true),
            ("localhost", true),
            ("[::1]:8417", true),
            ("evil.example:8417", false),
            ("127.0.0.1.evil.example", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            assert_eq!(is_local_name(&headers), local, "{host}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_told_from_our_own_and_from_programs() {
        let own = ("host", "127.0.0.1:8417");
        for (sent, foreign) in [
            (&[][..], false),
            (&[("origin", "http://127.0.0.1:8417")], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "http://127.0.0.1:3000")], true),
            (&[("origin", "http://localhost:8417")], true),
            (&[("origin", "https://evil.example")], true),
            (&[("origin", "http://127.0.0.1:8417.evil.example")], true),
            (&[("origin", "ftp://127.0.0.1:8417")], true),
            (&[("origin", "null")], true),
            (&[("origin", "")], true),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (
                &[
                    ("origin", "http://127.0.0.1:8417"),
                    ("sec-fetch-site", "cross-site"),
                ],
                true,
            ),
            (
                &[("origin", "http://127.0.0.1:8417"), ("origin", "null")],
                true,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [&[own], sent].concat() {
                headers.append(name, HeaderValue::from_static(value));
            }
            assert_eq!(asked_by_another_site(&headers), foreign, "{sent:?}");
        }
        let mut nameless = HeaderMap::new();
        nameless.insert("origin", HeaderValue::from_static("http://127.0.0.1:8417"));
        assert!(asked_by_another_site(&nameless));
    }
}
