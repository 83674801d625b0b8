//! The names, as tables.

/// Objects around the fields of a ticket, and around those of an occurrence.
pub(super) const REQUEST: [&str; 2] = ["sourceRequest", "request"];
pub(super) const OCCURRENCE: [&str; 2] = ["occurrence", "ocurrence"];

/// The object of a ticket that says in which phase it is, and which group works on it.
pub(super) const TASK: &str = "currentTask";

/// Legacy name (compared without case) → place in a ticket snapshot.
pub(super) const TICKET: &[(&str, &[&str])] = &[
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
pub(super) const PERSON: &[(&str, &[&str])] =
    &[("e-mail", &["email"]), ("phoneNumber", &["phone"])];

/// People of a ticket who are one object.
pub(super) const PEOPLE: [&str; 4] = ["requester", "contact", "responsible", "owner"];

/// Fields that are a text here and a code with its name there.
pub(super) const NAMED: [&str; 12] = [
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
pub(super) const NEEDLESS: [&str; 9] = [
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
pub(super) const MESSAGE: &[(&str, &[&str])] = &[
    ("description", &["text"]),
    ("descricao", &["text"]),
    ("ocorrencia", &["text"]),
    ("categoria", &["category"]),
    ("origem", &["origin"]),
];
