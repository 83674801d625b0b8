//! CITSmart's own field names on input, so that an existing integration needs no rewrite: those of its
//! pages, and those of its web services (`CtRequest`, `CtOccurrence`) with the objects around them.
//!
//! A name of the tables is moved to its place in the snapshot unless that place is filled already.
//! Source: CITSmart 7, "Real-world examples of using web services to integrate with service
//! management".

use jiff::{Timestamp, Zoned, civil::Date};
use serde_json::{Map, Value, json};

/// Legacy name (compared without case) → place in a ticket snapshot.
const TICKET: &[(&str, &[&str])] = &[
    ("number", &["id"]),
    ("requestNumber", &["id"]),
    ("idSolicitacaoServico", &["id"]),
    ("idServiceRequest", &["id"]),
    // The number in the system that it came from, where there is no other.
    ("numberOrigin", &["id"]),
    ("requestNumberOrigin", &["id"]),
    ("tipo", &["type"]),
    ("situacao", &["status"]),
    ("prioridade", &["priority"]),
    ("urgencia", &["urgency"]),
    ("impacto", &["impact"]),
    ("solicitante", &["requester", "name"]),
    ("nomeSolicitante", &["requester", "name"]),
    ("requesterName", &["requester", "name"]),
    ("emailSolicitante", &["requester", "email"]),
    ("requesterEmail", &["requester", "email"]),
    ("telefoneSolicitante", &["requester", "phone"]),
    ("nomeUnidadeSolicitante", &["requester", "department"]),
    ("nomeContato", &["contact", "name"]),
    ("contactName", &["contact", "name"]),
    ("emailContato", &["contact", "email"]),
    ("contactEmail", &["contact", "email"]),
    ("telefoneContato", &["contact", "phone"]),
    ("contactPhone", &["contact", "phone"]),
    ("informacoesContato", &["contact_details"]),
    ("responsavelAtual", &["responsible", "name"]),
    ("emailResponsavelAtual", &["responsible", "email"]),
    ("responsavel", &["owner", "name"]),
    ("nomeUnidadeResponsavel", &["owner", "department"]),
    ("grupoAtual", &["group", "name"]),
    ("nomeGrupoAtual", &["group", "name"]),
    ("grupoNivel1", &["level1_group", "name"]),
    ("grupoExecutor", &["executor_group", "name"]),
    ("servicoRelacionado", &["service"]),
    ("servico", &["activity"]),
    ("nomeServico", &["activity"]),
    ("demanda", &["demand"]),
    ("contrato", &["contract"]),
    ("descricao", &["description"]),
    ("resposta", &["response"]),
    ("observacao", &["observation"]),
    ("faseAtual", &["phase"]),
    ("nomeTarefa", &["phase"]),
    ("idSolicitacaoRelacionada", &["related_id"]),
    ("dataHoraSolicitacao", &["requested_at"]),
    ("dataHoraLimite", &["deadline_at"]),
    ("dataHoraFim", &["finished_at"]),
    ("contractID", &["contract"]),
    ("groupId", &["executor_group", "name"]),
    ("startDateTime", &["requested_at"]),
    ("endSLA", &["deadline_at"]),
    ("deadline", &["deadline_at"]),
    ("endDateTime", &["finished_at"]),
    ("name", &["contact", "name"]),
    ("email", &["contact", "email"]),
    ("e-mail", &["contact", "email"]),
    ("phoneNumber", &["contact", "phone"]),
    ("department", &["contact", "department"]),
];

/// Legacy name → field of a person.
const PERSON: &[(&str, &[&str])] = &[("e-mail", &["email"]), ("phoneNumber", &["phone"])];

/// People of a ticket who are one object.
const PEOPLE: [&str; 4] = ["requester", "contact", "responsible", "owner"];

/// Fields that are a text here and a code with its name there.
const NAMED: [&str; 12] = [
    "type",
    "status",
    "priority",
    "urgency",
    "impact",
    "portfolio",
    "service",
    "activity",
    "demand",
    "contract",
    "phase",
    "related_id",
];

/// What the web services add to a request, and to an occurrence, that no mail needs.
const NEEDLESS: [&str; 9] = [
    "synchronize",
    "userID",
    "startSLA",
    "number",
    "numberOrigin",
    "requestNumber",
    "requestNumberOrigin",
    "reason",
    "task",
];

/// Legacy name of an occurrence → place in a message.
const MESSAGE: &[(&str, &[&str])] = &[
    ("description", &["text"]),
    ("descricao", &["text"]),
    ("ocorrencia", &["text"]),
    ("categoria", &["category"]),
    ("origem", &["origin"]),
];

/// Renames legacy fields of a ticket snapshot.
pub fn ticket(snapshot: &mut Value) {
    unwrap(snapshot, &["sourceRequest", "request"]);
    let Value::Object(fields) = snapshot else {
        return;
    };
    let is_request = find(fields, "userID").is_some();
    if let Some(Value::Object(task)) = take(fields, "currentTask") {
        for (name, place) in [("name", &["phase"][..]), ("groupId", &["group", "name"])] {
            if let Some(value) = find(&task, name).and_then(|name| task.get(&name)) {
                fill(fields, place, value.clone());
            }
        }
    }
    rename(fields, TICKET);
    for name in NAMED.into_iter().chain(["id"]) {
        if let Some(value) = fields.get_mut(name) {
            to_text(value);
        }
    }
    for name in PEOPLE {
        if let Some(Value::Object(person)) = fields.get_mut(name) {
            rename(person, PERSON);
        }
    }
    // A null within is what has no value. At the top it may empty a field: see `without_nulls`.
    fields.values_mut().for_each(without_nulls);
    // A request names its requester by their login, and gives their data as the contact.
    if is_request
        && !fields.contains_key("requester")
        && let Some(contact) = fields.get("contact").cloned()
    {
        fields.insert("requester".to_owned(), contact);
    }
    drop_needless(fields);
}

/// Takes out of a document what has no value: exports write `null` for it.
pub fn without_nulls(document: &mut Value) {
    match document {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(without_nulls);
        }
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(without_nulls);
        }
        _ => {}
    }
}

/// Renames legacy fields of an occurrence. `now` says the day of hours that are posted without one.
///
/// `date` and `hour` say when the occurrence was registered there, which this system knows itself;
/// only `elapsedTime` is time spent, in minutes or as `HH:MM`.
pub fn message(message: &mut Value, now: &Zoned) {
    unwrap(message, &["occurrence", "ocurrence"]);
    without_nulls(message);
    let Value::Object(fields) = message else {
        return;
    };
    let day = take(fields, "date").and_then(|date| day(&date, now));
    take(fields, "hour");
    let spent = take(fields, "elapsedTime").and_then(|elapsed| hours(&elapsed));
    if let Some(hours) = spent
        && fields.get("time_spent").is_none_or(Value::is_null)
    {
        let day = day.unwrap_or_else(|| now.date());
        let spent = json!({ "date": day.to_string(), "hours": hours });
        fields.insert("time_spent".to_owned(), spent);
    }
    if let Some(user) = take(fields, "userID") {
        fill(fields, &["author", "name"], user);
        // Occurrences are written where tickets are worked on.
        fill(fields, &["author", "role"], json!("technician"));
    }
    // Where occurrences are written there is an editor: what comes as HTML goes on as HTML.
    for (name, _) in MESSAGE.iter().filter(|(_, place)| *place == ["text"]) {
        let name = find(fields, name).filter(|_| !fields.contains_key("html"));
        if let Some(name) = name.filter(|name| fields[name].as_str().is_some_and(is_html))
            && let Some(html) = fields.remove(&name)
        {
            fields.insert("html".to_owned(), html);
        }
    }
    rename(fields, MESSAGE);
    for name in ["category", "origin"] {
        if let Some(value) = fields.get_mut(name) {
            to_text(value);
        }
    }
    drop_needless(fields);
}

/// Whether a text is markup and not one that speaks of it: it begins and ends with an element.
fn is_html(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let begins = HTML.iter().any(|name| {
        text.strip_prefix('<')
            .and_then(|rest| rest.strip_prefix(name))
            .is_some_and(|rest| rest.starts_with(['>', ' ', '/']))
    });
    let breaks = ["<br>", "<br/>", "<br />", "</p>", "</div>"];
    let whole = breaks.iter().any(|tag| text.contains(tag));
    begins && text.ends_with('>') || whole
}

/// Elements with which an editor begins.
const HTML: [&str; 12] = [
    "p", "div", "span", "b", "strong", "i", "em", "ul", "ol", "table", "html", "font",
];

fn drop_needless(fields: &mut Map<String, Value>) {
    fields.retain(|name, _| !NEEDLESS.iter().any(|one| one.eq_ignore_ascii_case(name)));
}

/// Takes the object out of the one around it, whose other fields are kept where it has none such.
fn unwrap(document: &mut Value, names: &[&str]) {
    let Value::Object(outer) = document else {
        return;
    };
    let mut outer = trimmed(std::mem::take(outer));
    let name = names.iter().find_map(|name| find(&outer, name));
    let inner = name.filter(|name| outer[name].is_object());
    if let Some(Value::Object(inner)) = inner.and_then(|name| outer.remove(&name)) {
        outer.extend(trimmed(inner));
    }
    *document = Value::Object(outer);
}

/// The same with names as they are meant: the published examples have blanks in them.
fn trimmed(fields: Map<String, Value>) -> Map<String, Value> {
    let meant = |value| match value {
        Value::Object(inner) => Value::Object(trimmed(inner)),
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| match item {
                    Value::Object(inner) => Value::Object(trimmed(inner)),
                    other => other,
                })
                .collect(),
        ),
        other => other,
    };
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.trim().to_owned(), meant(value)))
        .collect()
}

/// A number, or a code with its name, as the text that is shown.
fn to_text(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::Object(named) => {
            let given = ["name", "code"]
                .iter()
                .filter_map(|name| take(named, name))
                .find(|text| !text.is_null() && text != "");
            *value = given.unwrap_or(Value::Null);
            to_text(value);
        }
        _ => {}
    }
    if value.is_null() {
        *value = Value::String(String::new());
    }
}

/// A day, or the day here of a moment such as `2026-03-14T03:00:00.000Z`.
fn day(date: &Value, now: &Zoned) -> Option<Date> {
    let text = date.as_str()?.trim();
    let moment = || text.parse::<Timestamp>().ok();
    let there = moment().map(|at| at.to_zoned(now.time_zone().clone()).date());
    there.or_else(|| text.parse().ok())
}

/// Time spent as `HH:MM`; what is neither that nor minutes stays, and is refused as it is.
fn hours(elapsed: &Value) -> Option<String> {
    let text = match elapsed {
        Value::String(text) => text.trim().to_owned(),
        Value::Null => return None,
        other => other.to_string(),
    };
    match text.parse::<u64>() {
        Ok(minutes) => Some(format!("{:02}:{:02}", minutes / 60, minutes % 60)),
        Err(_) => Some(text).filter(|text| !text.is_empty()),
    }
}

/// The name as it stands there, whatever its case.
fn find(fields: &Map<String, Value>, wanted: &str) -> Option<String> {
    let mut names = fields.keys();
    names
        .find(|name| name.eq_ignore_ascii_case(wanted))
        .cloned()
}

fn take(fields: &mut Map<String, Value>, wanted: &str) -> Option<Value> {
    fields.remove(&find(fields, wanted)?)
}

fn rename(fields: &mut Map<String, Value>, table: &[(&str, &[&str])]) {
    for (legacy, place) in table {
        let present = fields
            .keys()
            .find(|name| name.eq_ignore_ascii_case(legacy) && **name != place[0])
            .cloned();
        let Some(name) = present else { continue };
        // An object under a legacy name is the field of today (`responsible` written `responsavel`).
        if fields.get(&name).is_some_and(Value::is_object) {
            continue;
        }
        if let Some(value) = fields.remove(&name) {
            fill(fields, place, value);
        }
    }
}

fn fill(fields: &mut Map<String, Value>, place: &[&str], value: Value) {
    match place {
        [name] => {
            let slot = fields.entry((*name).to_owned()).or_insert(Value::Null);
            if slot.is_null() {
                *slot = value;
            }
        }
        [name, rest @ ..] => {
            let slot = fields
                .entry((*name).to_owned())
                .or_insert_with(|| Value::Object(Map::new()));
            if slot.is_null() {
                *slot = Value::Object(Map::new());
            }
            if let Value::Object(inner) = slot {
                fill(inner, rest, value);
            }
        }
        [] => {}
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use serde_json::{Value, json};

    use super::*;

    fn ticket(mut snapshot: Value) -> Value {
        super::ticket(&mut snapshot);
        snapshot
    }

    fn message(mut message: Value) -> Value {
        let now: Timestamp = "2026-05-02T01:00:00Z".parse().expect("a time");
        let zone = TimeZone::get("America/Sao_Paulo").expect("a zone");
        super::message(&mut message, &now.to_zoned(zone));
        message
    }

    #[test]
    fn legacy_names_find_their_place() {
        assert_eq!(
            ticket(json!({
                "idSolicitacaoServico": 4711, "nomecontato": "Maria", "emailcontato": "maria@example.com",
                "servico": "Trocar senha", "servicoRelacionado": "Rede", "demanda": "Incidente",
            })),
            json!({
                "id": "4711", "contact": { "name": "Maria", "email": "maria@example.com" },
                "activity": "Trocar senha", "service": "Rede", "demand": "Incidente",
            })
        );
    }

    #[test]
    fn what_is_filled_stays() {
        assert_eq!(
            ticket(json!({ "id": "1", "number": 2, "status": "open", "situacao": "Aberta" })),
            json!({ "id": "1", "status": "open" })
        );
    }

    #[test]
    fn a_request_of_the_web_service_is_a_ticket() {
        let contact = json!({ "name": "Fulano", "email": "fulano@example.com", "phone": "61 5555", "department": "TI" });
        assert_eq!(
            ticket(json!({ "synchronize": true, "request": {
                "number": 9, "numberOrigin": "9999", "type": "R", "userID": "fulano.de.tal",
                "contact": { "phoneNumber": "61 5555", "e-mail": "fulano@example.com", "name": "Fulano", "department": "TI" },
                "service": { "code": "S1", "name": "VPN", "category": { "name": "Redes" } },
                "status": { "code": "EmAndamento", "name": "Em andamento", "details": null },
                "contractID": 1, "urgency": "H", "impact": "L", "groupId": "N2",
                "startDateTime": "2026-03-14T03:00:00.000Z", "endSLA": "2026-03-15T03:00:00.000Z",
                "currentTask": { "number": 1, "name": "Atender", "userId": "bia", "groupId": "N1" },
            } })),
            json!({
                "id": "9", "type": "R", "contact": contact, "requester": contact, "service": "VPN",
                "status": "Em andamento", "contract": "1", "urgency": "H", "impact": "L",
                "executor_group": { "name": "N2" }, "group": { "name": "N1" }, "phase": "Atender",
                "requested_at": "2026-03-14T03:00:00.000Z", "deadline_at": "2026-03-15T03:00:00.000Z",
            })
        );
        assert_eq!(
            ticket(json!({ "numberOrigin": "9999", "status": { "code": "Suspensa" } })),
            json!({ "id": "9999", "status": "Suspensa" })
        );
    }

    #[test]
    fn published_examples_are_read_with_their_blanks() {
        let read = ticket(
            json!({ "Synchronize": true, "sourceRequest": { "numberOrigin": "9999", "type": "R",
            "userID": " 61 84460708 ", " email ": " fulano@example.com ", " name ": " So-and-so " },
            " description ": " REST v3 ", " service ": { " name ": " SERVICO.TESTE.1 " },
            "group": { " name ": "N1" }, " contractID ": " 1 " }),
        );
        assert_eq!(read["id"], "9999");
        assert_eq!(read["requester"]["email"], " fulano@example.com ");
        assert_eq!(read["service"], " SERVICO.TESTE.1 ");
        assert_eq!(read["group"]["name"], "N1");
        assert_eq!(read["contract"], " 1 ");
    }

    #[test]
    fn what_has_no_value_is_left_out() {
        assert_eq!(
            ticket(json!({
                "followers": [{"name": "Ana", "email": null}, null],
                "group": {"name": "N1", "addresses": [null]},
                "extra": {"A": null},
                "description": null,
            })),
            json!({
                "followers": [{"name": "Ana"}],
                "group": {"name": "N1", "addresses": []},
                "extra": {},
                "description": null,
            })
        );
        assert_eq!(
            message(
                json!({"text": "a", "html": null, "visibility": null, "author": {"email": null}})
            ),
            json!({"text": "a", "author": {}})
        );
    }

    #[test]
    fn an_occurrence_in_html_goes_on_as_html() {
        for (text, field) in [
            ("<p>Feito.</p>", "html"),
            ("Um<br/>dois", "html"),
            ("<div class=\"x\">a</div>", "html"),
            ("a < b e c > d", "text"),
            ("<ana@example.com>", "text"),
            ("use <p> no texto", "text"),
        ] {
            assert_eq!(message(json!({"ocorrencia": text})), json!({field: text}));
        }
    }

    #[test]
    fn when_an_occurrence_was_registered_is_no_time_spent() {
        for occurrence in [
            json!({ "description": "Feito", "date": "2026-01-31", "hour": "14:30" }),
            json!({ "description": "Feito", "date": "2026-03-14T03:00:00.000Z", "hour": "2219" }),
            json!({ "description": "Feito", "date": "2026-01-31" }),
            json!({ "description": "Feito", "hour": "14:30", "elapsedTime": "" }),
            json!({ "description": "Feito", "date": "ontem", "elapsedTime": null }),
        ] {
            assert_eq!(message(occurrence), json!({ "text": "Feito" }));
        }
    }

    #[test]
    fn elapsed_time_is_time_spent() {
        for (occurrence, date, hours) in [
            (json!({ "elapsedTime": 90 }), "2026-05-01", "01:30"),
            (
                json!({ "elapsedtime": "30", "hour": "10:45" }),
                "2026-05-01",
                "00:30",
            ),
            (
                json!({ "elapsedTime": "00:30", "date": "2026-01-31" }),
                "2026-01-31",
                "00:30",
            ),
            (
                json!({ "elapsedTime": 5, "date": "2026-03-14T02:00:00.000Z" }),
                "2026-03-13",
                "00:05",
            ),
            (json!({ "elapsedTime": "muito" }), "2026-05-01", "muito"),
        ] {
            assert_eq!(
                message(occurrence),
                json!({ "time_spent": { "date": date, "hours": hours } })
            );
        }
        let own =
            json!({ "elapsedTime": 5, "time_spent": { "date": "2026-01-01", "hours": "02:00" } });
        assert_eq!(message(own)["time_spent"]["hours"], "02:00");
    }

    #[test]
    fn an_occurrence_of_the_web_service_is_a_message() {
        assert_eq!(
            message(
                json!({ "requestNumberOrigin": "9999", "occurrence": { "description": "Teste",
                "category": { "code": "Contorno" }, "origin": "EMAIL", "userID": "bia",
                "date": "2015-08-20T03:00:00.000Z", "hour": "2219" } })
            ),
            json!({ "text": "Teste", "category": "Contorno", "origin": "EMAIL",
                "author": { "name": "bia", "role": "technician" } })
        );
    }
}
