//! The starters, and the words that stand in them.

use super::Starter;
use crate::{
    catalog::language::{Texts, texts},
    parameter::{MESSAGING_TEMPLATE, NOTICE_TEMPLATE, TO_REQUESTER, TO_RESPONSIBLE},
};

/// The starters, in the order in which they are offered.
pub(super) const STARTERS: &[Starter] = &[
    Starter {
        id: "message",
        identifier: "mensagem",
        parameter: MESSAGING_TEMPLATE,
        names: texts("Mensagem", "Message", "Mensaje"),
        descriptions: texts(
            "Leva uma mensagem ao solicitante, e serve também para o atendimento: o texto, o link do chamado e como responder.",
            "Takes a message to the requester, and serves the desk as well: the text, the link to the ticket and how to answer.",
            "Lleva un mensaje al solicitante, y sirve también para la mesa: el texto, el enlace al ticket y cómo responder.",
        ),
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[news]] {{ REGISTRADOPOR }}",
        html: include_str!("message.html"),
        text: include_str!("message.txt"),
    },
    Starter {
        id: "technician",
        identifier: "mensagem-tecnico",
        parameter: TO_RESPONSIBLE,
        names: texts(
            "Mensagem ao técnico",
            "Message to the technician",
            "Mensaje al técnico",
        ),
        descriptions: texts(
            "Leva uma mensagem a quem atende, com o contato, a prioridade e o prazo.",
            "Takes a message to whoever works on the ticket, with contact, priority and deadline.",
            "Lleva un mensaje a quien atiende, con el contacto, la prioridad y el plazo.",
        ),
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[news]] {{ REGISTRADOPOR }}",
        html: include_str!("technician.html"),
        text: include_str!("technician.txt"),
    },
    Starter {
        id: "approval",
        identifier: "aprovacao",
        parameter: TO_REQUESTER,
        names: texts("Aprovação", "Approval", "Aprobación"),
        descriptions: texts(
            "Pede uma decisão: o chamado, a mensagem e os links que aprovam ou reprovam, que valem três dias.",
            "Asks for a decision: the ticket, the message and links that approve or reject, good for three days.",
            "Pide una decisión: el ticket, el mensaje y los enlaces que aprueban o rechazan, que valen tres días.",
        ),
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[decision]]",
        html: include_str!("approval.html"),
        text: include_str!("approval.txt"),
    },
    Starter {
        id: "bounce",
        identifier: "nao-entregue",
        parameter: NOTICE_TEMPLATE,
        names: texts(
            "Aviso de não entregue",
            "Bounce notice",
            "Aviso de no entregado",
        ),
        descriptions: texts(
            "Diz a quem atende que um e-mail do chamado não chegou, por quê, e como falar com a pessoa.",
            "Tells whoever works on the ticket that a mail did not arrive, why, and how to reach the person.",
            "Dice a quien atiende que un correo del ticket no llegó, por qué, y cómo hablar con la persona.",
        ),
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[undelivered]]",
        html: include_str!("bounce.html"),
        text: include_str!("bounce.txt"),
    },
];

/// `[[name]]` → the words that take its place.
pub(super) const WORDS: &[(&str, Texts)] = &[
    ("ticket", texts("Chamado", "Ticket", "Ticket")),
    ("news", texts("mensagem de", "message from", "mensaje de")),
    ("wrote", texts("escreveu em", "wrote on", "escribió el")),
    (
        "open",
        texts("Abrir o chamado", "Open the ticket", "Abrir el ticket"),
    ),
    ("service", texts("Serviço", "Service", "Servicio")),
    (
        "spent",
        texts("Tempo gasto", "Time spent", "Tiempo dedicado"),
    ),
    ("priority", texts("prioridade", "priority", "prioridad")),
    ("contact", texts("Contato", "Contact", "Contacto")),
    ("demand", texts("Tipo", "Type", "Tipo")),
    ("portfolio", texts("Portfólio", "Portfolio", "Portafolio")),
    ("group", texts("Grupo", "Group", "Grupo")),
    ("deadline", texts("Prazo", "Deadline", "Plazo")),
    ("category", texts("Categoria", "Category", "Categoría")),
    (
        "requester",
        texts("Solicitante", "Requester", "Solicitante"),
    ),
    (
        "decision",
        texts(
            "precisamos da sua decisão",
            "we need your decision",
            "necesitamos su decisión",
        ),
    ),
    ("approve", texts("Aprovar", "Approve", "Aprobar")),
    ("reject", texts("Reprovar", "Reject", "Rechazar")),
    (
        "days",
        texts(
            "Os links valem três dias, e pedem uma confirmação antes de registrar a decisão.",
            "The links are good for three days, and ask for a confirmation before the decision is recorded.",
            "Los enlaces valen tres días, y piden una confirmación antes de registrar la decisión.",
        ),
    ),
    (
        "undelivered",
        texts(
            "um e-mail não foi entregue",
            "a mail was not delivered",
            "un correo no fue entregado",
        ),
    ),
    (
        "failure",
        texts(
            "Um e-mail não foi entregue",
            "A mail was not delivered",
            "Un correo no fue entregado",
        ),
    ),
    (
        "why",
        texts(
            "Você recebeu este e-mail porque participa do chamado",
            "You got this mail because you take part in ticket",
            "Recibió este correo porque participa en el ticket",
        ),
    ),
];
