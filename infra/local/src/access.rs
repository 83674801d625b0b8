//! Who may call the local server: tokens on every route, and the browser's `Host` on all of them.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use shared::{
    app::{
        Code, Error,
        access::{Caller, Role},
    },
    http::caller::Claims,
};

use crate::tokens::Tokens;

/// What the checks need to know.
#[derive(Clone)]
pub(crate) struct Gate {
    /// Verifies tokens.
    pub(crate) tokens: Arc<Tokens>,
    /// Address that is listened on.
    pub(crate) host: IpAddr,
}

/// Verifies the token, when there is one, and puts its claims into the request.
pub(crate) async fn identify(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Response {
    // A page of another site that makes its name point here (DNS rebinding) is turned away.
    if gate.host.is_loopback() && !is_local_name(request.headers()) {
        return Error::new(
            Code::RequestInvalid,
            "The Host header names another machine.",
        )
        .into_response();
    }
    // Claims come from a verified token and from nowhere else.
    request.extensions_mut().remove::<Claims>();
    match bearer(request.headers()).map(|token| gate.tokens.verify(token)) {
        None => {}
        Some(Ok(claims)) => drop(request.extensions_mut().insert(Claims(claims))),
        Some(Err(reason)) => return Error::new(Code::Unauthenticated, reason).into_response(),
    }
    next.run(request).await
}

/// The `/local` routes show every mail: beyond this machine they need an admin.
pub(crate) async fn guard_local(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Response {
    if !gate.host.is_loopback() {
        let allowed = match request.extensions().get::<Claims>() {
            None => Err(Error::new(
                Code::Unauthenticated,
                "Beyond this machine the /local routes need an admin token.",
            )),
            Some(claims) => {
                Caller::from_claims(&claims.0).and_then(|caller| caller.require(&[Role::Admin]))
            }
        };
        if let Err(error) = allowed {
            return error.into_response();
        }
    }
    next.run(request).await
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
    use http::HeaderValue;

    use super::*;

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
}
