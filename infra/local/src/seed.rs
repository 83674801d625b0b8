//! The demo of the first run: a messaging template, parameter 417, one ticket with two people.

use serde_json::json;
use shared::{
    app::{
        App, Error,
        access::{Caller, Role},
        parameters::{self, Precondition},
        templates::{self, Draft, Weigh},
        tickets,
    },
    catalog::language::Language,
    domain::{parameter::MESSAGING_TEMPLATE, template::Status, ticket::Ticket},
    render::{Source, Syntax},
    store::{Query, Source as From, keys},
};

use crate::{
    cli::{Failure, Serve},
    serve::Server,
    tokens::Person,
};

/// Number of the demo's ticket.
pub(crate) const TICKET: &str = "4711";
const REQUESTER: (&str, &str) = ("Maria Conceição", "maria@example.com");
const TECHNICIAN: (&str, &str) = ("Bia Araújo", "bia@example.com");
const GROUP: &str = "Suporte-N1";

/// Seeds a store that has no template and no parameter yet. Says whether it did.
///
/// # Errors
/// Storage.
pub(crate) async fn demo(app: &App) -> Result<bool, Error> {
    let (stored, _) = parameters::load(app).await?;
    let templates = app
        .store
        .query(Query::of(From::Partition(keys::TEMPLATES.to_owned()), 1))
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
    let draft = Draft {
        identifier: "mensageria".to_owned(),
        status: Status::Active,
        source: Source {
            syntax: Syntax::Tera,
            title:
                "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: nova mensagem de {{ REGISTRADOPOR }}"
                    .to_owned(),
            html: include_str!("seed/mensageria.html").to_owned(),
            text: None,
        },
        ..Draft::default()
    };
    let (created, _) = templates::create(app, &caller, draft, None, Weigh::Strictly, None)
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

fn ticket() -> Result<Ticket, Error> {
    shared::http::body::convert(json!({
        "id": TICKET, "type": "Incidente", "status": "Em andamento", "priority": "Alta",
        "requester": { "name": REQUESTER.0, "email": REQUESTER.1, "locale": "pt-BR" },
        "responsible": { "name": TECHNICIAN.0, "email": TECHNICIAN.1, "locale": "pt-BR" },
        "group": { "name": GROUP, "addresses": ["suporte-n1@example.com"] },
        "portfolio": "Portfólio de TI", "service": "Rede corporativa", "activity": "Restabelecer acesso à VPN",
        "demand": "Incidente", "description": "<p>A VPN não conecta desde hoje cedo.</p>",
    }))
}

/// The people of the demo, one for each role.
fn people() -> [Person; 4] {
    let person = |role: &str, name: &str, email: Option<&str>, groups: &[&str]| Person {
        role: role.to_owned(),
        email: email.map(str::to_owned),
        name: Some(name.to_owned()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    };
    [
        person("requester", REQUESTER.0, Some(REQUESTER.1), &[]),
        person("technician", TECHNICIAN.0, Some(TECHNICIAN.1), &[GROUP]),
        person("admin", "Administração", Some("admin@example.com"), &[]),
        person("integration", "ITSM", None, &[]),
    ]
}

/// A token for the requester and one for the technician of the demo.
pub(crate) fn tokens(server: &Server) -> Result<(String, String), Failure> {
    let [requester, technician, ..] = people();
    Ok((
        server.tokens.sign(&requester)?,
        server.tokens.sign(&technician)?,
    ))
}

/// Says where it listens and what to type next.
pub(crate) fn greet(server: &Server, options: &Serve, fresh: bool) -> Result<(), Failure> {
    let base = format!("http://{}", server.address);
    println!(
        "Mensageria listens on {base}   (data: {})",
        options.data.display()
    );
    if let Some(address) = server.smtp_address {
        println!(
            "Mail programs send to {address} (SMTP without TLS): answer a mail of the outbox, and see the message."
        );
    }
    if fresh {
        println!(
            "First run: a messaging template (parameter 417) and ticket {TICKET} are there to try."
        );
    }
    println!();
    println!("Tokens, good for 30 days:");
    for person in people() {
        let variable = person.role.to_uppercase();
        println!("  {variable}={}", server.tokens.sign(&person)?);
    }
    println!();
    println!("Send a message as the technician, and see the mail that the requester gets:");
    println!();
    println!(
        "curl -s {base}/tickets/{TICKET}/messages -H \"Authorization: Bearer {}\" \\\n  \
         -H 'Content-Type: application/json' -d '{{\"text\": \"Olá! A VPN voltou. Pode testar?\"}}' \\\n  \
         && sleep 1 && curl -s {base}/local/outbox/latest",
        tokens(server)?.1
    );
    println!();
    println!(
        "All mails: {base}/local/outbox   One as it was sent: {base}/local/outbox/1.eml   End with Ctrl-C."
    );
    Ok(())
}
