//! CITSmart's own field names on input, so that an existing integration needs no rewrite.
//!
//! A name of the table is moved to its place in the snapshot unless that place is filled already.

use serde_json::{Map, Value};

/// Legacy name (compared without case) → place in a ticket snapshot.
const TICKET: &[(&str, &[&str])] = &[
    ("number", &["id"]),
    ("requestNumber", &["id"]),
    ("idSolicitacaoServico", &["id"]),
    ("idServiceRequest", &["id"]),
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
];

/// Legacy name of an occurrence → place in a message.
const MESSAGE: &[(&str, &[&str])] = &[
    ("description", &["text"]),
    ("descricao", &["text"]),
    ("ocorrencia", &["text"]),
    ("categoria", &["category"]),
    ("origem", &["origin"]),
    ("date", &["time_spent", "date"]),
    // Where both are there, `hour` is the time of day.
    ("elapsedTime", &["time_spent", "hours"]),
    ("hour", &["time_spent", "hours"]),
    ("userID", &["author", "name"]),
];

/// Renames legacy fields of a ticket snapshot.
pub fn ticket(snapshot: &mut Value) {
    rename(snapshot, TICKET);
    if let Some(id) = snapshot.get_mut("id")
        && let Some(number) = id.as_u64()
    {
        *id = Value::String(number.to_string());
    }
}

/// Renames legacy fields of an occurrence.
pub fn message(message: &mut Value) {
    for (name, value) in message.as_object_mut().into_iter().flatten() {
        if !name.eq_ignore_ascii_case("elapsedTime") {
            continue;
        }
        if let Some(minutes) = value.as_u64() {
            *value = Value::String(format!("{:02}:{:02}", minutes / 60, minutes % 60));
        } else if value.as_str().is_some_and(|text| text.trim().is_empty()) {
            *value = Value::Null;
        }
    }
    rename(message, MESSAGE);
}

fn rename(document: &mut Value, table: &[(&str, &[&str])]) {
    let Value::Object(fields) = document else {
        return;
    };
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
    use serde_json::json;

    #[test]
    fn legacy_names_find_their_place() {
        let mut snapshot = json!({
            "idSolicitacaoServico": 4711, "nomecontato": "Maria", "emailcontato": "maria@example.com",
            "servico": "Trocar senha", "servicoRelacionado": "Rede", "demanda": "Incidente",
        });
        super::ticket(&mut snapshot);
        assert_eq!(
            snapshot,
            json!({
                "id": "4711", "contact": { "name": "Maria", "email": "maria@example.com" },
                "activity": "Trocar senha", "service": "Rede", "demand": "Incidente",
            })
        );
    }

    #[test]
    fn what_is_filled_stays() {
        let mut snapshot =
            json!({ "id": "1", "number": 2, "status": "open", "situacao": "Aberta" });
        super::ticket(&mut snapshot);
        assert_eq!(snapshot, json!({ "id": "1", "status": "open" }));
    }

    #[test]
    fn an_occurrence_is_a_message() {
        let mut message =
            json!({ "description": "Feito", "date": "2026-01-31", "elapsedTime": "00:30" });
        super::message(&mut message);
        assert_eq!(
            message,
            json!({ "text": "Feito", "time_spent": { "date": "2026-01-31", "hours": "00:30" } })
        );
        let mut message = json!({ "description": "Feito", "date": "2026-01-31", "hour": "10:45",
            "elapsedtime": 90 });
        super::message(&mut message);
        assert_eq!(message["time_spent"]["hours"], "01:30");
        let mut message = json!({ "date": "2026-01-31", "hour": "00:30", "elapsedTime": "" });
        super::message(&mut message);
        assert_eq!(message["time_spent"]["hours"], "00:30");
    }
}
