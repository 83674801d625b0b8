//! The table itself, in the order of the documentation.

use super::{Key, KeyKind, Texts, texts};

/// Every key that a template may use.
pub const KEYS: &[Key] = &[
    page(key(
        "IDSOLICITACAOSERVICO",
        &["IDSERVICEREQUEST", "IDSOLICITUDSERVICIO"],
        KeyKind::Text,
        texts("ID do ticket", "Ticket number", "Número del ticket"),
        same("2041"),
    )),
    page(key(
        "NOMECONTATO",
        &["CONTACTNAME"],
        KeyKind::Text,
        texts("Nome do contato", "Contact name", "Nombre del contacto"),
        same("Ana Souza"),
    )),
    page(key(
        "REGISTRADOPOR",
        &["USERNAME"],
        KeyKind::Text,
        texts("Registrado por", "Registered by", "Registrado por"),
        same("Bia Lima"),
    )),
    page(key(
        "DATAHORA",
        &["DATETIMECREATED"],
        KeyKind::DateTime,
        texts("Data e hora", "Date and time", "Fecha y hora"),
        texts("14/03/2026 09:30", "03/14/2026 09:30", "14/03/2026 09:30"),
    )),
    page(key(
        "DEMANDA",
        &["DEMANDTYPENAME"],
        KeyKind::Text,
        texts("Tipo da atividade", "Activity type", "Tipo de actividad"),
        texts("Incidente", "Incident", "Incidente"),
    )),
    page(key(
        "SERVICO",
        &["SERVICENAME", "NOMESERVICO"],
        KeyKind::Text,
        texts("Atividade", "Activity", "Actividad"),
        texts(
            "Restabelecer acesso à VPN",
            "Restore VPN access",
            "Restablecer acceso a la VPN",
        ),
    )),
    page(key(
        "SERVICORELACIONADO",
        &[],
        KeyKind::Text,
        texts("Serviço", "Service", "Servicio"),
        texts("Acesso remoto", "Remote access", "Acceso remoto"),
    )),
    page(key(
        "PORTFOLIO",
        &[],
        KeyKind::Text,
        texts("Portfólio", "Portfolio", "Portafolio"),
        texts("Serviços de TI", "IT services", "Servicios de TI"),
    )),
    page(key(
        "CATEGORIA",
        &[],
        KeyKind::Text,
        texts(
            "Categoria da ocorrência",
            "Occurrence category",
            "Categoría",
        ),
        texts("Acompanhamento", "Follow-up", "Seguimiento"),
    )),
    page(key(
        "TEMPOGASTODATA",
        &[],
        KeyKind::Date,
        texts("Tempo gasto (data)", "Time spent (date)", "Tiempo (fecha)"),
        texts("14/03/2026", "03/14/2026", "14/03/2026"),
    )),
    page(key(
        "TEMPOGASTOHORA",
        &[],
        KeyKind::Duration,
        texts("Tempo gasto (hora)", "Time spent (hours)", "Tiempo (horas)"),
        same("01:30"),
    )),
    page(key(
        "COMMENTTEXT",
        &["NOTA", "NOTE", "OCORRENCIA", "OCORRENCIAS"],
        KeyKind::Html,
        texts("Texto da mensagem", "Message text", "Texto del mensaje"),
        texts(
            "<p>Pode tentar novamente, por favor?</p>",
            "<p>Could you please try again?</p>",
            "<p>¿Puede intentarlo de nuevo, por favor?</p>",
        ),
    )),
    key(
        "REQUESTERNAME",
        &["SOLICITANTE"],
        KeyKind::Text,
        texts("Solicitante", "Requester", "Solicitante"),
        same("Ana Souza"),
    ),
    key(
        "REQUESTRESPONSIBLENAME",
        &["RESPONSAVELATUAL", "CURRENTRESPONSIBLE"],
        KeyKind::Text,
        texts("Responsável", "Responsible technician", "Responsable"),
        same("Bia Lima"),
    ),
    key(
        "DESCRICAO",
        &["DESCRIPTION"],
        KeyKind::Html,
        texts("Descrição", "Description", "Descripción"),
        texts(
            "<p>Não consigo entrar na VPN.</p>",
            "<p>I cannot sign in to the VPN.</p>",
            "<p>No puedo entrar en la VPN.</p>",
        ),
    ),
    key(
        "RESPOSTA",
        &["RESPONSE"],
        KeyKind::Html,
        texts("Resposta", "Closing text", "Respuesta"),
        texts(
            "<p>Acesso restabelecido.</p>",
            "<p>Access restored.</p>",
            "<p>Acceso restablecido.</p>",
        ),
    ),
    key(
        "ASSINATURA",
        &["SIGNATURE", "FIRMA"],
        KeyKind::Lines,
        texts("Assinatura", "Signature", "Firma"),
        texts(
            "Central de Serviços\nDias úteis, das 8h às 18h",
            "Service desk\nWorking days, 8 am to 6 pm",
            "Mesa de servicios\nDías hábiles, de 8 a 18 h",
        ),
    ),
    key(
        "ORIGEM",
        &["ORIGINNAME"],
        KeyKind::Text,
        texts("Origem", "Origin", "Origen"),
        texts("Portal", "Portal", "Portal"),
    ),
    key(
        "SITUACAO",
        &["SITUATION", "SITUACTION", "DESCRSITUACAO", "DESCRSITUATION"],
        KeyKind::Text,
        texts("Situação", "Status", "Situación"),
        texts("Em andamento", "In progress", "En curso"),
    ),
    key(
        "PRIORIDADE",
        &["PRIORITY"],
        KeyKind::Text,
        texts("Prioridade", "Priority", "Prioridad"),
        same("3"),
    ),
    key(
        "URGENCIA",
        &["URGENCY"],
        KeyKind::Text,
        texts("Urgência", "Urgency", "Urgencia"),
        texts("Média", "Medium", "Media"),
    ),
    key(
        "IMPACTO",
        &["IMPACT"],
        KeyKind::Text,
        texts("Impacto", "Impact", "Impacto"),
        texts("Baixo", "Low", "Bajo"),
    ),
    key(
        "CONTRATO",
        &["CONTRACTNAME"],
        KeyKind::Text,
        texts("Contrato", "Contract", "Contrato"),
        texts("Suporte 2026", "Support 2026", "Soporte 2026"),
    ),
    key(
        "EMAILCONTATO",
        &["CONTACTEMAIL"],
        KeyKind::Text,
        texts("E-mail do contato", "Contact e-mail", "Correo del contacto"),
        same("ana@example.com"),
    ),
    key(
        "TELEFONECONTATO",
        &["CONTACTPHONE"],
        KeyKind::Text,
        texts(
            "Telefone do contato",
            "Contact phone",
            "Teléfono del contacto",
        ),
        same("+55 61 5555-0100"),
    ),
    key(
        "GRUPOATUAL",
        &["NOMEGRUPOATUAL", "CURRENTGROUP", "CURRENTGROUPNAME"],
        KeyKind::Text,
        texts("Grupo atual", "Current group", "Grupo actual"),
        texts("Redes", "Networks", "Redes"),
    ),
    key(
        "GRUPONIVEL1",
        &["GROUPLEVEL1"],
        KeyKind::Text,
        texts("Grupo nível 1", "Level-1 group", "Grupo nivel 1"),
        texts("Central de Serviços", "Service Desk", "Mesa de Servicios"),
    ),
    key(
        "FASEATUAL",
        &["CURRENTPHASE"],
        KeyKind::Text,
        texts("Fase atual", "Current phase", "Fase actual"),
        texts("Execução", "Execution", "Ejecución"),
    ),
    key(
        "NOMETAREFA",
        &[],
        KeyKind::Text,
        texts("Tarefa atual", "Current task", "Tarea actual"),
        texts("Atender", "Fulfil", "Atender"),
    ),
    key(
        "DATAHORASOLICITACAOSTR",
        &[
            "DATAHORASOLICITACAO",
            "DATAHORAINICIO",
            "REQUESTDATETIMESTR",
            "STARTDATETIME",
        ],
        KeyKind::DateTime,
        texts(
            "Data da solicitação",
            "Requested at",
            "Fecha de la solicitud",
        ),
        texts("13/03/2026 17:05", "03/13/2026 17:05", "13/03/2026 17:05"),
    ),
    key(
        "DATAHORALIMITESTR",
        &["DEADLINESTR"],
        KeyKind::DateTime,
        texts("Prazo", "Deadline", "Plazo"),
        texts("16/03/2026 18:00", "03/16/2026 18:00", "16/03/2026 18:00"),
    ),
    key(
        "DATAHORAFIM",
        &["ENDDATETIME"],
        KeyKind::DateTime,
        texts("Data de término", "Finished at", "Fin"),
        texts("15/03/2026 11:00", "03/15/2026 11:00", "15/03/2026 11:00"),
    ),
    key(
        "NOMEUNIDADESOLICITANTE",
        &["REQUESTERDEPARTMENTNAME"],
        KeyKind::Text,
        texts(
            "Unidade do solicitante",
            "Requester's department",
            "Unidad del solicitante",
        ),
        texts("Financeiro", "Finance", "Finanzas"),
    ),
    key(
        "NOMEUNIDADERESPONSAVEL",
        &["OWNERDEPARTMENTNAME"],
        KeyKind::Text,
        texts(
            "Unidade de quem registrou",
            "Owner's department",
            "Unidad del propietario",
        ),
        texts("Tecnologia", "Technology", "Tecnología"),
    ),
    key(
        "RESPONSAVEL",
        &["OWNERNAME"],
        KeyKind::Text,
        texts("Registrou a solicitação", "Owner", "Propietario"),
        same("Caio Dias"),
    ),
    key(
        "OBSERVACAO",
        &["OBSERVATION"],
        KeyKind::Text,
        texts("Observação", "Observation", "Observación"),
        texts(
            "Atende em horário comercial",
            "Available in office hours",
            "Disponible en horario de oficina",
        ),
    ),
    key(
        "INFORMACOESCONTATO",
        &[],
        KeyKind::Lines,
        texts(
            "Informações de contato",
            "Contact details",
            "Datos de contacto",
        ),
        texts(
            "Ana Souza\nRamal 100",
            "Ana Souza\nExtension 100",
            "Ana Souza\nExtensión 100",
        ),
    ),
    key(
        "TEMPOGASTO",
        &[],
        KeyKind::Duration,
        texts("Tempo gasto", "Time spent", "Tiempo"),
        texts("90 minuto(s)", "90 minute(s)", "90 minuto(s)"),
    ),
    key(
        "LINKSOLICITACAOSERVICO",
        &["LINKSERVICEREQUEST"],
        KeyKind::Link,
        texts("Link do ticket", "Ticket link", "Enlace"),
        same("https://portal.example.com/tickets/2041"),
    ),
    key(
        "RESPONDERPOREMAIL",
        &["REPLYBYEMAIL"],
        KeyKind::Text,
        texts("Como responder", "How to answer", "Cómo responder"),
        super::REPLY_BY_MAIL,
    ),
    key(
        "IDSOLICITACAORELACIONADA",
        &[],
        KeyKind::Text,
        texts("Solicitação relacionada", "Related ticket", "Relacionada"),
        same("1987"),
    ),
];

const fn key(
    name: &'static str,
    aliases: &'static [&'static str],
    kind: KeyKind,
    labels: Texts,
    sample: Texts,
) -> Key {
    Key {
        name,
        aliases,
        kind,
        labels,
        sample,
        messaging: false,
    }
}

/// A key of the messaging page.
const fn page(key: Key) -> Key {
    Key {
        messaging: true,
        ..key
    }
}

/// The same sample in every language.
const fn same(text: &'static str) -> Texts {
    texts(text, text, text)
}
