//! The demo of the first run: a messaging template, parameter 417, one ticket with two people.

use domain::{
    catalog::{language::Language, starters::Starter},
    parameter::MESSAGING_TEMPLATE,
};
use serde_json::json;
use service::{
    App, Error, Precondition,
    access::{Caller, Role},
    admin::{
        parameters,
        templates::{self, Draft, Strictness},
    },
    desk::tickets::{self, TicketFields},
};
use storage::{Query, keys};

use crate::tokens::Person;

/// Number of the demo's ticket.
pub(crate) const TICKET: &str = "4711";
const GROUP: &str = "Suporte-N1";

/// Seeds a store that has no template and no parameter yet. Says whether it did.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn demo(app: &App) -> Result<bool, Error> {
    let stored = parameters::load(app).await?;
    let templates = app
        .store
        .query(Query::of(
            storage::Source::Partition(keys::TEMPLATES.to_owned()),
            1,
        ))
        .await?;
    if !stored.values.is_empty() || !templates.items.is_empty() {
        return Ok(false);
    }
    let caller = Caller {
        sub: "demo".to_owned(),
        email: None,
        name: "demo".to_owned(),
        roles: vec![Role::Admin, Role::Integration],
        groups: Vec::new(),
    };
    let own = Language::of(&app.settings.default_locale);
    let draft = Draft::of_starter(&Starter::all()[0], own);
    let (created, _) = templates::create(app, &caller, draft, None, Strictness::Strict, None)
        .await?
        .into_parts();
    let id = created.template.id.to_string();
    parameters::set(
        app,
        &caller,
        MESSAGING_TEMPLATE,
        &id,
        &Precondition::None,
        Language::Pt,
    )
    .await?;
    tickets::put(app, &caller, TICKET, ticket()?).await?;
    Ok(true)
}

fn ticket() -> Result<TicketFields, Error> {
    service::json::convert(json!({
        "id": TICKET, "type": "Incidente", "status": "Em andamento", "priority": "Alta",
        "requester": { "name": MARIA.name, "email": MARIA.email, "locale": "pt-BR" },
        "responsible": { "name": BIA.name, "email": BIA.email, "locale": "pt-BR" },
        "group": { "name": GROUP, "addresses": ["suporte-n1@example.com"] },
        "portfolio": "Portfólio de TI", "service": "Rede corporativa", "activity": "Restabelecer acesso à VPN",
        "demand": "Incidente", "description": "<p>A VPN não conecta desde hoje cedo.</p>",
    }))
}

/// Somebody of the demo.
pub(crate) struct DemoPerson {
    /// What the sign-in of the demo is asked for.
    pub(crate) id: &'static str,
    /// Role, and name of the printed token.
    pub(crate) role: &'static str,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    groups: &'static [&'static str],
}

/// Who writes in the portal.
pub(crate) const MARIA: DemoPerson = DemoPerson {
    id: "maria",
    role: "requester",
    name: "Maria Conceição",
    email: "maria@example.com",
    groups: &[],
};
/// Who works on the ticket.
pub(crate) const BIA: DemoPerson = DemoPerson {
    id: "bia",
    role: "technician",
    name: "Bia Araújo",
    email: "bia@example.com",
    groups: &[GROUP],
};
const ADMINISTRATOR: DemoPerson = DemoPerson {
    id: "admin",
    role: "admin",
    name: "Administração",
    email: "admin@example.com",
    groups: &[],
};

/// The people of the demo, one for each role that people have.
pub(crate) const PEOPLE: [DemoPerson; 3] = [MARIA, BIA, ADMINISTRATOR];

impl From<&DemoPerson> for Person {
    fn from(person: &DemoPerson) -> Self {
        Self {
            role: person.role.to_owned(),
            email: Some(person.email.to_owned()),
            name: Some(person.name.to_owned()),
            groups: person.groups.iter().map(|g| (*g).to_owned()).collect(),
        }
    }
}
