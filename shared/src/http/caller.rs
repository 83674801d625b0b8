//! The caller of a request, from claims that the edge verified.

use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value};

use super::query::refuse_unknown;
use crate::{
    app::{
        App, Code, Error,
        access::{Caller, Role, unverified_claims},
        links::Visitor,
        test_mails::TestMails,
    },
    catalog::phrase,
};

/// Claims of a verified token. API Gateway's authorizer or the local runner puts them into the
/// request; nothing else does.
#[derive(Clone, Debug, Default)]
pub struct Claims(pub Map<String, Value>);

/// The caller as an argument of a handler.
#[derive(Clone, Debug)]
pub struct Who(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for Who
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let caller = identified(parts, state)?;
        refuse_unknown(parts)?;
        Ok(Self(caller))
    }
}

/// The caller, whatever they may do.
fn identified<S>(parts: &Parts, state: &S) -> Result<Caller, Error>
where
    App: FromRef<S>,
{
    let Some(claims) = parts.extensions.get::<Claims>() else {
        return Err(Error::new(
            Code::Unauthenticated,
            phrase(
                "Envie um token válido: Authorization: Bearer <JWT>.",
                "Send a valid token: Authorization: Bearer <JWT>.",
                "Envíe un token válido: Authorization: Bearer <JWT>.",
            ),
        ));
    };
    Caller::from_claims(&claims.0, &App::from_ref(state).settings.claims)
}

impl FromRef<TestMails> for App {
    fn from_ref(mails: &TestMails) -> Self {
        mails.app().clone()
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
pub struct DeskPeople;

impl Roles for DeskPeople {
    const ROLES: &'static [Role] = &[Role::Technician, Role::Admin];
}

/// Whoever may put snapshots of tickets.
#[derive(Debug)]
pub struct Keepers;

impl Roles for Keepers {
    const ROLES: &'static [Role] = &[Role::Integration, Role::Admin];
}

/// Whoever has any role at all.
#[derive(Debug)]
pub struct Anyone;

impl Roles for Anyone {
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
    /// Who calls.
    pub caller: Caller,
    roles: PhantomData<R>,
}

impl<S: Send + Sync, R: Roles> FromRequestParts<S> for Only<R>
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
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

impl<S: Send + Sync> FromRequestParts<S> for Visitor
where
    App: FromRef<S>,
{
    type Rejection = Error;

    /// Open routes have no authorizer, so a token that comes along is read without proof: it only
    /// makes the answer a refusal.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        refuse_unknown(parts)?;
        let claims = match parts.extensions.get::<Claims>() {
            Some(claims) => Some(claims.0.clone()),
            None => bearer(&parts.headers).and_then(unverified_claims),
        };
        if let Some(claims) = claims {
            let rules = &App::from_ref(state).settings.claims;
            let caller = Caller::from_claims(&claims, rules);
            return Ok(Self::Person(caller.ok().and_then(|caller| caller.email)));
        }
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let mark = cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .find_map(|cookie| cookie.trim().strip_prefix(PERSON));
        Ok(mark.map_or(Self::Unknown, |mark| Self::Mark(mark.to_owned())))
    }
}

/// The token of a request, if it carries one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
