//! The starters, and the words that stand in them.

use super::Starter;
use crate::{
    catalog::language::Texts,
    parameter::{MESSAGING_TEMPLATE, NOTICE_TEMPLATE, TO_REQUESTER, TO_RESPONSIBLE},
    texts,
};

/// The starters, in the order in which they are offered.
pub(super) const STARTERS: &[Starter] = &[
    Starter {
        id: "message",
        identifier: "mensagem",
        parameter: MESSAGING_TEMPLATE,
        names: texts::starters::MESSAGE_NAME,
        descriptions: texts::starters::MESSAGE_ABOUT,
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[news]] {{ REGISTRADOPOR }}",
        html: include_str!("message.html"),
        text: include_str!("message.txt"),
    },
    Starter {
        id: "technician",
        identifier: "mensagem-tecnico",
        parameter: TO_RESPONSIBLE,
        names: texts::starters::TECHNICIAN_NAME,
        descriptions: texts::starters::TECHNICIAN_ABOUT,
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[news]] {{ REGISTRADOPOR }}",
        html: include_str!("technician.html"),
        text: include_str!("technician.txt"),
    },
    Starter {
        id: "approval",
        identifier: "aprovacao",
        parameter: TO_REQUESTER,
        names: texts::starters::APPROVAL_NAME,
        descriptions: texts::starters::APPROVAL_ABOUT,
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[decision]]",
        html: include_str!("approval.html"),
        text: include_str!("approval.txt"),
    },
    Starter {
        id: "bounce",
        identifier: "nao-entregue",
        parameter: NOTICE_TEMPLATE,
        names: texts::starters::BOUNCE_NAME,
        descriptions: texts::starters::BOUNCE_ABOUT,
        title: "[{{ IDSOLICITACAOSERVICO }}] {{ SERVICO }}: [[undelivered]]",
        html: include_str!("bounce.html"),
        text: include_str!("bounce.txt"),
    },
];

/// `[[name]]` → the words that take its place.
pub(super) const WORDS: &[(&str, Texts)] = &[
    ("ticket", texts::starters::TICKET),
    ("news", texts::starters::NEWS),
    ("wrote", texts::starters::WROTE),
    ("open", texts::starters::OPEN),
    ("service", texts::starters::SERVICE),
    ("spent", texts::starters::SPENT),
    ("priority", texts::starters::PRIORITY),
    ("contact", texts::starters::CONTACT),
    ("demand", texts::starters::DEMAND),
    ("portfolio", texts::starters::PORTFOLIO),
    ("group", texts::starters::GROUP),
    ("deadline", texts::starters::DEADLINE),
    ("category", texts::starters::CATEGORY),
    ("requester", texts::starters::REQUESTER),
    ("decision", texts::starters::DECISION),
    ("approve", texts::starters::APPROVE),
    ("reject", texts::starters::REJECT),
    ("days", texts::starters::DAYS),
    ("undelivered", texts::starters::UNDELIVERED),
    ("failure", texts::starters::FAILURE),
    ("why", texts::starters::WHY),
];
