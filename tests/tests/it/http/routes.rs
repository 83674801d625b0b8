//! The access table: every route of the API and who may call it. A route that is not in it fails the
//! test, so that none is forgotten.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::memory::Memory;

use crate::desk::{
    Desk, TICKET, accepted, admin, bia, integration, mail, maria, nobody, person, quarantined,
};
use crate::{logged::Logged, sources};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    /// Everyone, without a token.
    Open,
    /// Whoever has a token.
    Token,
    /// Administrators.
    Admin,
    /// The ITSM system, and administrators.
    Snapshots,
    /// Whoever has tickets: every role but the ITSM system.
    People,
    /// Technicians and administrators; what they find there is theirs.
    Desk,
    /// Both sides of the ticket, and administrators.
    Participants,
    /// Both sides of the ticket, and the ITSM system.
    Writers,
    /// Who wrote the message, and the ITSM system, which writes for others.
    Author,
    /// The desk's side of the ticket, and administrators.
    DeskOfTicket,
    /// The same for what is told to nobody else: whoever sees the other side gets no other answer than
    /// a stranger. A mail of the quarantine, a preview.
    DeskUnseen,
}

impl Right {
    /// The roles of which a caller needs one.
    pub(crate) fn roles(self) -> &'static [&'static str] {
        match self {
            Self::Open | Self::Token => ROLES,
            Self::Admin => &["admin"],
            Self::Snapshots => &["admin", "integration"],
            Self::People | Self::Participants => &["requester", "technician", "admin"],
            Self::Desk | Self::DeskOfTicket | Self::DeskUnseen => &["technician", "admin"],
            Self::Writers | Self::Author => &["requester", "technician", "integration"],
        }
    }
}

/// All of them.
pub(crate) const ROLES: &[&str] = &["requester", "technician", "admin", "integration"];

/// A route, with a request of somebody who may call it, and what that one is answered.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) right: Right,
    body: &'static str,
    answered: u16,
}

impl Route {
    /// The body of the request about this message.
    pub(crate) fn body(&self, message: &str) -> Option<Value> {
        let body = Some(self.body).filter(|body| !body.is_empty());
        body.map(|body| serde_json::from_str(&body.replace("{message}", message)).expect("JSON"))
    }
}

const fn route(
    method: &'static str,
    path: &'static str,
    right: Right,
    body: &'static str,
    answered: u16,
) -> Route {
    Route {
        method,
        path,
        right,
        body,
        answered,
    }
}

const TEMPLATE: &str = r#"{"identifier":"x","title":"t","html":"<p>${IDSOLICITACAOSERVICO}</p>"}"#;
const OTHER_TEMPLATE: &str =
    r#"{"identifier":"y","title":"t","html":"<p>${IDSOLICITACAOSERVICO}</p>"}"#;
const OF_TICKET: &str =
    r#"{"ticket_id":"4711","draft":{"identifier":"x","title":"t","html":"<p>${COMMENTTEXT}</p>"}}"#;
const TEST_OF_DRAFT: &str = r#"{"to":"a@example.com","draft":{"identifier":"x","title":"t","html":"<p>${IDSOLICITACAOSERVICO}</p>"}}"#;
const UPLOAD: &str = r#"{"name":"a.txt","media_type":"text/plain","size":1,"sha256":"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"}"#;
const SNAPSHOT: &str = r#"{"requester":{"email":"maria@example.com"}}"#;

/// Every route.
#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    route("GET", "/health", Right::Open, "", 200),
    route("GET", "/files/{token}", Right::Open, "", 404),
    route("GET", "/links/{token}", Right::Open, "", 404),
    route("POST", "/links/{token}", Right::Open, "", 404),
    route("GET", "/keys", Right::Token, "", 200),
    route("GET", "/health/config", Right::Admin, "", 200),
    route("GET", "/parameters", Right::Admin, "", 200),
    route("GET", "/parameters/{number}", Right::Admin, "", 200),
    route("PUT", "/parameters/{number}", Right::Admin, r#"{"value":"N"}"#, 200),
    route("DELETE", "/parameters/{number}", Right::Admin, "", 200),
    route("GET", "/parameters/{number}/history", Right::Admin, "", 200),
    route("GET", "/identities", Right::Admin, "", 200),
    route("GET", "/identities/{contract}", Right::Admin, "", 404),
    route("PUT", "/identities/{contract}", Right::Admin, "{}", 422),
    route("DELETE", "/identities/{contract}", Right::Admin, "", 404),
    route("GET", "/identities/{contract}/history", Right::Admin, "", 200),
    route("GET", "/templates", Right::Admin, "", 200),
    route("POST", "/templates", Right::Admin, OTHER_TEMPLATE, 201),
    route("POST", "/templates/import", Right::Admin, r#"{"templates":[]}"#, 200),
    route("POST", "/templates/import/read", Right::Admin, "{}", 400),
    route("POST", "/templates/preview", Right::DeskUnseen, OF_TICKET, 200),
    route("POST", "/templates/validate", Right::Admin, TEMPLATE, 200),
    route("GET", "/templates/starters", Right::Admin, "", 200),
    route("GET", "/templates/{template}", Right::Admin, "", 200),
    route("PUT", "/templates/{template}", Right::Admin, TEMPLATE, 428),
    route("DELETE", "/templates/{template}", Right::Admin, "", 204),
    route("GET", "/templates/{template}/versions", Right::Admin, "", 200),
    route("GET", "/templates/{template}/versions/{version}", Right::Admin, "", 200),
    route("POST", "/templates/{template}/rollback", Right::Admin, r#"{"version":1}"#, 200),
    route("POST", "/templates/{template}/test", Right::Admin, r#"{"to":"a@example.com"}"#, 422),
    route("POST", "/templates/test", Right::Admin, TEST_OF_DRAFT, 422),
    route("GET", "/suppressions", Right::Admin, "", 200),
    route("POST", "/suppressions", Right::Admin, r#"{"address":"x@example.com","reason":"x"}"#, 201),
    route("GET", "/suppressions/{address}", Right::Admin, "", 404),
    route("DELETE", "/suppressions/{address}", Right::Admin, r#"{"reason":""}"#, 422),
    route("POST", "/deliveries/resend", Right::Admin, r#"{"ticket_id":"4711"}"#, 200),
    route("GET", "/erasures", Right::Admin, "", 200),
    route("POST", "/erasures", Right::Admin, r#"{"address":"rui@example.com","reason":"x"}"#, 200),
    route("GET", "/me", Right::Token, "", 200),
    route("GET", "/me/preferences", Right::People, "", 200),
    route("PUT", "/me/preferences", Right::People, r#"{"locale":"es"}"#, 200),
    route("GET", "/tickets/changes", Right::People, "", 200),
    route("GET", "/tickets", Right::People, "", 200),
    route("GET", "/tickets/{ticket}", Right::Participants, "", 200),
    route("PUT", "/tickets/{ticket}", Right::Snapshots, SNAPSHOT, 200),
    route("PUT", "/tickets/{ticket}/read", Right::Participants, r#"{"message_id":"{message}"}"#, 200),
    route("GET", "/tickets/{ticket}/messages", Right::Participants, "", 200),
    route("POST", "/tickets/{ticket}/messages", Right::Writers, r#"{"text":"oi"}"#, 202),
    route("POST", "/tickets/{ticket}/messages/preview", Right::Writers, r#"{"text":"oi"}"#, 200),
    route("POST", "/tickets/{ticket}/uploads", Right::Writers, UPLOAD, 201),
    route("PUT", "/uploads/{token}", Right::Open, "", 404),
    route("DELETE", "/tickets/{ticket}/messages/{message}", Right::Author, "", 409),
    route("GET", "/tickets/{ticket}/messages/{message}", Right::Participants, "", 200),
    route("GET", "/tickets/{ticket}/messages/{message}/attachments/{number}", Right::Participants, "", 200),
    route("GET", "/tickets/{ticket}/messages/{message}/explain", Right::DeskOfTicket, "", 200),
    route("POST", "/tickets/{ticket}/messages/{message}/deliveries/{delivery}/resend", Right::DeskOfTicket, "", 409),
    route("POST", "/tickets/{ticket}/messages/{message}/deliveries/{delivery}/dismiss", Right::DeskOfTicket, "{}", 409),
    route("GET", "/deliveries", Right::Desk, "", 200),
    route("GET", "/deliveries/counts", Right::Desk, "", 200),
    route("POST", "/deliveries/dismiss", Right::Desk, r#"{"deliveries":[{"ticket_id":"4711","message_id":"{message}","id":"{message}"}]}"#, 200),
    route("GET", "/statistics", Right::Desk, "", 200),
    route("GET", "/snippets", Right::Desk, "", 200),
    route("POST", "/snippets", Right::Desk, r#"{"title":"Oi","text":"Oi"}"#, 201),
    route("GET", "/snippets/{snippet}", Right::Desk, "", 404),
    route("PUT", "/snippets/{snippet}", Right::Desk, r#"{"title":"Oi","text":"Oi"}"#, 404),
    route("DELETE", "/snippets/{snippet}", Right::Desk, "", 404),
    route("GET", "/quarantine", Right::Desk, "", 200),
    route("GET", "/quarantine/counts", Right::Desk, "", 200),
    route("GET", "/quarantine/{mail}", Right::DeskUnseen, "", 200),
    route("GET", "/quarantine/{mail}/original", Right::DeskUnseen, "", 200),
    route("GET", "/quarantine/{mail}/files/{number}", Right::DeskUnseen, "", 200),
    route("POST", "/quarantine/{mail}/dismiss", Right::DeskUnseen, r#"{"reason":"x"}"#, 200),
    route("POST", "/quarantine/{mail}/accept", Right::DeskUnseen, "", 202),
];

/// Somebody who calls, as they stand to the ticket of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Caller {
    Nobody,
    WithoutRole,
    Requester,
    OtherRequester,
    Technician,
    TechnicianOfGroup,
    OtherTechnician,
    /// A technician who follows the ticket as a requester does.
    FollowingTechnician,
    /// The same without the role of a requester.
    FollowerWithDeskRole,
    Admin,
    Integration,
}

impl Caller {
    const ALL: [Self; 11] = [
        Self::Nobody,
        Self::WithoutRole,
        Self::Requester,
        Self::OtherRequester,
        Self::Technician,
        Self::TechnicianOfGroup,
        Self::OtherTechnician,
        Self::FollowingTechnician,
        Self::FollowerWithDeskRole,
        Self::Admin,
        Self::Integration,
    ];

    fn claims(self) -> Value {
        match self {
            Self::Nobody => nobody(),
            Self::WithoutRole => person("Admin", "maria@example.com", &["N1", "[admin]", ""]),
            Self::Requester => maria(),
            Self::OtherRequester => person("requester", "rui@example.com", &["N1"]),
            Self::Technician => bia(),
            Self::TechnicianOfGroup => person("technician", "carla@example.com", &["n1"]),
            Self::OtherTechnician => person("technician", "rui@example.com", &["N2"]),
            Self::FollowingTechnician => {
                person("technician", "fabio@example.com", &["requester", "N2"])
            }
            Self::FollowerWithDeskRole => person("technician", "fabio@example.com", &["N2"]),
            Self::Admin => admin(),
            Self::Integration => integration(),
        }
    }

    /// Roles, and on which sides of the ticket they stand: requester's, desk's.
    fn stands(self) -> (&'static [&'static str], bool, bool) {
        match self {
            Self::Nobody | Self::WithoutRole => (&[], false, false),
            Self::Requester => (&["requester"], true, false),
            Self::OtherRequester => (&["requester"], false, false),
            Self::Technician | Self::TechnicianOfGroup => (&["technician"], false, true),
            Self::OtherTechnician | Self::FollowerWithDeskRole => (&["technician"], false, false),
            Self::FollowingTechnician => (&["technician", "requester"], true, false),
            Self::Admin => (&["admin"], false, false),
            Self::Integration => (&["integration"], false, false),
        }
    }
}

/// What a caller who may not call is answered; `None` when they may.
fn refused(right: Right, caller: Caller) -> Option<u16> {
    let (roles, requester_side, desk_side) = caller.stands();
    let is = |wanted: &[&str]| roles.iter().any(|role| wanted.contains(role));
    let seen = |allowed: bool| (!allowed).then_some(404);
    match right {
        Right::Open => return None,
        _ if caller == Caller::Nobody => return Some(401),
        Right::Token => return None,
        _ if !is(right.roles()) => return Some(403),
        _ => {}
    }
    match right {
        Right::Author => {
            let theirs = is(&["integration"]) || caller == Caller::Requester;
            seen(requester_side || desk_side || theirs).or((!theirs).then_some(403))
        }
        Right::Participants => seen(is(&["admin"]) || requester_side || desk_side),
        Right::Writers => seen(is(&["integration"]) || requester_side || desk_side),
        // Who sees the ticket from the other side learns no more by hearing that this is the desk's.
        Right::DeskOfTicket => {
            let other_side = requester_side && !desk_side;
            (other_side.then_some(403)).or_else(|| seen(is(&["admin"]) || desk_side))
        }
        Right::DeskUnseen => seen(is(&["admin"]) || desk_side),
        _ => None,
    }
}

/// A ticket with a message by mail that has a file, mails to the desk, a template, and a forged mail
/// in the quarantine.
struct Scene {
    desk: Desk<Memory>,
    message: String,
    delivery: String,
}

impl Scene {
    async fn new() -> Self {
        let desk = Desk::receiving().await;
        let to = desk.reply_to("maria@example.com");
        let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
        let parts = "--b\r\nContent-Type: text/plain\r\n\r\nPALAVRA-DO-CHAMADO\r\n--b\r\nContent-Type: text/plain\r\n\
            Content-Disposition: attachment; filename=\"a.txt\"\r\n\r\nconteudo\r\n--b--";
        let id = accepted(
            desk.take(mail("maria@example.com", &to, headers, parts))
                .await,
        );
        let message = id.to_string();
        let path = format!("/tickets/{TICKET}/messages/{message}");
        let found = desk.call(&bia(), "GET", &path, None).await.expect(200);
        let delivery = found["deliveries"][0]["id"].as_str().unwrap().to_owned();
        let parts = parts.replace("DO-CHAMADO", "DA-QUARENTENA");
        let forged = mail("carla@example.net", &to, headers, &parts);
        quarantined(desk.take(forged).await);
        let template: Value = serde_json::from_str(TEMPLATE).unwrap();
        let made = desk
            .call(&admin(), "POST", "/templates", Some(template))
            .await;
        made.expect(201);
        Self {
            desk,
            message,
            delivery,
        }
    }

    async fn call(&self, route: &Route, caller: Caller) -> crate::desk::Answer {
        let path = route
            .path
            .replace("{ticket}", TICKET)
            .replace("{message}", &self.message)
            .replace("{delivery}", &self.delivery)
            .replace("/attachments/{number}", "/attachments/0")
            .replace("/files/{number}", "/files/0")
            .replace("{number}", "297")
            .replace("{template}", "1")
            .replace("{version}", "1")
            .replace("{address}", "maria@example.com")
            .replace("{contract}", "Acme")
            .replace("{snippet}", "0193a0b0-0000-7000-8000-000000000000")
            .replace("{mail}", "mail-1")
            .replace("{token}", "x");
        assert!(!path.contains('{'), "{path}: no sample for a placeholder");
        let mut body = route.body(&self.message);
        if caller == Caller::Integration && route.right == Right::Writers && route.body != UPLOAD {
            let author =
                json!({ "name": "Maria", "email": "maria@example.com", "role": "requester" });
            body.as_mut().unwrap()["author"] = author;
        }
        self.desk
            .call(&caller.claims(), route.method, &path, body)
            .await
    }
}

/// Every route, by every caller.
#[tokio::test]
async fn every_route_lets_in_whom_the_table_names() {
    let mut wrong = Vec::new();
    for route in ROUTES {
        for caller in Caller::ALL {
            let scene = Scene::new().await;
            let answer = scene.call(route, caller).await;
            let (status, code) = match refused(route.right, caller) {
                None => (route.answered, answer.code()),
                Some(401) => (401, "UNAUTHENTICATED"),
                Some(403) => (403, "FORBIDDEN"),
                Some(status) => (status, "NOT_FOUND"),
            };
            let refused = refused(route.right, caller).is_some();
            let leaks = refused && answer.text.contains("PALAVRA");
            let asks = status != 401 || answer.header("www-authenticate") == "Bearer";
            if answer.status != status || answer.code() != code || leaks || !asks {
                let Route { method, path, .. } = route;
                wrong.push(format!(
                    "{method} {path} by {caller:?}: not {status}: {}",
                    answer.text
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A route without the names of its placeholders, which the document and the table call differently.
fn shape(path: &str) -> String {
    let parts = path.split('/').map(|part| match part.starts_with('{') {
        true => "{}",
        false => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The routes of the API's routers; the console's files are not of the API.
fn routers() -> BTreeSet<(String, String)> {
    let folder = sources::repository().join("functions");
    let console = folder.join("console");
    let files = sources::files(&folder).into_iter();
    files
        .filter(|file| !file.starts_with(&console))
        .flat_map(|file| sources::routes(&sources::parsed(&file)))
        .map(|(method, path)| (method, shape(&path)))
        .collect()
}

#[test]
fn every_route_is_in_the_access_table_and_in_the_document() {
    let document: Value =
        serde_json::from_str(include_str!("../../../../infra/openapi.json")).expect("JSON");
    let documented: BTreeSet<_> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("operations").keys();
            methods.map(move |method| (method.to_uppercase(), shape(path)))
        })
        .collect();
    let listed: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.method.to_owned(), shape(route.path)))
        .collect();
    assert_eq!(listed.len(), ROUTES.len(), "a route is listed twice");
    assert_eq!(listed, documented, "the table and the OpenAPI document");
    assert_eq!(
        documented,
        routers(),
        "the OpenAPI document and the routers"
    );
}

/// The mail of a ticket that somebody only follows is neither shown to them nor let in by them.
#[tokio::test]
async fn the_quarantine_is_the_desks_alone() {
    let scene = Scene::new().await;
    for caller in Caller::ALL {
        let (roles, _, desk_side) = caller.stands();
        let claims = caller.claims();
        let listed = scene.desk.call(&claims, "GET", "/quarantine", None).await;
        let shown = listed.text.contains("PALAVRA-DA-QUARENTENA");
        assert_eq!(shown, desk_side || roles.contains(&"admin"), "{caller:?}");
    }
}

/// Whoever calls whichever route, well or badly: who they are stands in no line of a log. Tokens of the
/// local server, and of some issuers, have an address as their subject.
#[tokio::test]
async fn no_route_logs_an_address() {
    let (logged, _guard) = Logged::here();
    for caller in [
        Caller::Requester,
        Caller::Technician,
        Caller::Admin,
        Caller::Integration,
        Caller::OtherTechnician,
    ] {
        let scene = Scene::new().await;
        for route in ROUTES {
            scene.call(route, caller).await;
        }
    }
    let lines = logged.lines();
    for told in ["message accepted", "mail is a message", "request refused"] {
        assert!(
            lines.iter().any(|line| line.contains(told)),
            "{told}: {lines:#?}"
        );
    }
    let leaks: Vec<_> = lines.iter().filter(|line| line.contains('@')).collect();
    assert!(leaks.is_empty(), "{leaks:#?}");
}
