//! The caller of a request, from claims that the edge verified.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use domain::catalog::Phrase;
use http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value};

use super::{problem::HttpError, query::refuse_unknown};
use crate::texts;

use service::{
    App, Code, Error,
    access::{Caller, Role, unverified_claims},
    desk::links::Visitor,
    outgoing::test_mails::TestMails,
};

/// Claims of a verified token. API Gateway's authorizer or the local runner puts them into the
/// request; nothing else does.
#[derive(Clone, Debug, Default)]
pub struct Claims(pub Map<String, Value>);

/// Why the token of a request has no claims: what routes that need a caller answer. The local runner puts
/// it into the request; API Gateway's authorizer answers itself.
#[derive(Clone, Debug)]
pub struct Refused(pub Phrase);

/// The caller as an argument of a handler.
#[derive(Clone, Debug)]
pub struct Who(pub Caller);

impl<S: HasApp + Send + Sync> FromRequestParts<S> for Who {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let caller = identified(parts, state)?;
        refuse_unknown(parts)?;
        Ok(Self(caller))
    }
}

/// The caller, whatever they may do.
fn identified(parts: &Parts, state: &impl HasApp) -> Result<Caller, Error> {
    let Some(claims) = parts.extensions.get::<Claims>() else {
        let refused = parts.extensions.get::<Refused>();
        let none = || texts::caller::SEND_A_VALID_TOKEN.phrase();
        let detail = refused.map_or_else(none, |refused| refused.0.clone());
        return Err(Error::new(Code::Unauthenticated, detail));
    };
    Caller::from_claims(&claims.0, &state.app().settings.claims)
}

/// State of a router that has the use cases in it.
pub trait HasApp {
    /// What every use case works with.
    fn app(&self) -> &App;
}

impl HasApp for App {
    fn app(&self) -> &App {
        self
    }
}

impl HasApp for TestMails {
    fn app(&self) -> &App {
        self.app()
    }
}

/// Roles that a route is for.
pub trait Roles {
    /// One of them is enough.
    const ROLES: &'static [Role];
}

/// Whoever configures the system.
#[derive(Debug)]
pub struct Administrators;

impl Roles for Administrators {
    const ROLES: &'static [Role] = &[Role::Admin];
}

/// Whoever works on tickets, or configures the system.
#[derive(Debug)]
pub struct Agents;

impl Roles for Agents {
    const ROLES: &'static [Role] = &[Role::Technician, Role::Admin];
}

/// Every role of a person.
#[derive(Debug)]
pub struct People;

impl Roles for People {
    const ROLES: &'static [Role] = &[Role::Requester, Role::Technician, Role::Admin];
}

/// Whoever may put snapshots of tickets.
#[derive(Debug)]
pub struct SnapshotWriters;

impl Roles for SnapshotWriters {
    const ROLES: &'static [Role] = &[Role::Integration, Role::Admin];
}

/// Whoever may write on a ticket. Administrators read.
#[derive(Debug)]
pub struct Writers;

impl Roles for Writers {
    const ROLES: &'static [Role] = &[Role::Requester, Role::Technician, Role::Integration];
}

/// Whoever has any role at all.
#[derive(Debug)]
pub struct AnyRole;

impl Roles for AnyRole {
    const ROLES: &'static [Role] = &[
        Role::Requester,
        Role::Technician,
        Role::Admin,
        Role::Integration,
    ];
}

/// A caller with one of the roles `R`, as an argument of a handler. It stands before the path, the
/// headers and the body: who may not call learns that first, whatever they sent.
#[derive(Clone, Debug)]
pub struct Only<R> {
    /// The caller, whose role was checked.
    pub caller: Caller,
    roles: PhantomData<R>,
}

impl<S: HasApp + Send + Sync, R: Roles> FromRequestParts<S> for Only<R> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let caller = identified(parts, state)?;
        caller.require(R::ROLES)?;
        refuse_unknown(parts)?;
        Ok(Self {
            caller,
            roles: PhantomData,
        })
    }
}

/// The cookie by which the console says who is signed in, to the pages of links alone.
const PERSON: &str = "mensageria-person=";

/// Who opens a link, as an argument of a handler.
#[derive(Debug)]
pub struct Visiting(pub Visitor);

impl<S: HasApp + Send + Sync> FromRequestParts<S> for Visiting {
    type Rejection = HttpError;

    /// Open routes have no authorizer, so a token that comes along is read without proof: it only
    /// makes the answer a refusal. Query parameters are let be: programs put some behind every link.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let claims = match parts.extensions.get::<Claims>() {
            Some(claims) => Some(claims.0.clone()),
            None => bearer(&parts.headers).and_then(unverified_claims),
        };
        if let Some(claims) = claims {
            let rules = &state.app().settings.claims;
            let caller = Caller::from_claims(&claims, rules);
            let email = caller.ok().and_then(|caller| caller.email);
            return Ok(Self(Visitor::Person(email)));
        }
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let mark = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix(PERSON));
        Ok(Self(mark.map_or(Visitor::Unknown, |mark| {
            Visitor::Mark(mark.to_owned())
        })))
    }
}

/// The token of a request, if it carries one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
