//! States, steps and rules in words for people.

use super::{
    delivery::{DeliveryStatus, Step},
    recipients::Rule,
};
use crate::catalog::language::{Texts, texts};

impl DeliveryStatus {
    /// All of them, in the order of a mail's life.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::Held,
        Self::Sending,
        Self::Accepted,
        Self::Delayed,
        Self::Delivered,
        Self::Bounced,
        Self::Complained,
        Self::Rejected,
        Self::Failed,
        Self::Unknown,
        Self::Unconfirmed,
    ];

    /// What it means.
    pub fn words(self) -> Texts {
        match self {
            Self::Queued => texts("Na fila.", "Queued.", "En la cola."),
            Self::Sending => texts("Saindo agora.", "Is being sent.", "Saliendo ahora."),
            Self::Accepted => texts(
                "Entregue ao provedor de e-mail; ainda sem notícia do servidor do destinatário.",
                "Accepted by the mail provider; no news from the recipient's server yet.",
                "El proveedor de correo lo tiene; aún sin noticias del servidor del destinatario.",
            ),
            Self::Delivered => texts(
                "Entregue ao servidor do destinatário.",
                "Delivered to the recipient's server.",
                "Entregado al servidor del destinatario.",
            ),
            Self::Delayed => texts(
                "Atrasado; o provedor continua tentando.",
                "Delayed; the provider keeps trying.",
                "Demorado; el proveedor sigue intentando.",
            ),
            Self::Bounced => texts("Voltou.", "Bounced.", "Rebotó."),
            Self::Complained => texts(
                "Entregue, e marcado como spam pelo destinatário.",
                "Delivered, and marked as spam by the recipient.",
                "Entregado, y marcado como spam por el destinatario.",
            ),
            Self::Rejected => texts(
                "Recusado pelo provedor.",
                "Rejected by the provider.",
                "Rechazado por el proveedor.",
            ),
            Self::Held => texts(
                "Retido até que o motivo acabe; depois sai sozinho.",
                "Held until the reason is gone; then it leaves by itself.",
                "Retenido hasta que termine el motivo; después sale solo.",
            ),
            Self::Failed => texts("Não será enviado.", "Will not be sent.", "No se enviará."),
            Self::Unknown => texts(
                "Pode ter saído ou não; não é enviado de novo sozinho.",
                "It may or may not have been sent; it is never sent again by itself.",
                "Puede haber salido o no; nunca se reenvía solo.",
            ),
            Self::Unconfirmed => texts(
                "Entregue ao provedor, sem nenhuma notícia em 72 horas.",
                "Accepted by the provider, and no news for 72 hours.",
                "El proveedor lo tiene, sin ninguna noticia en 72 horas.",
            ),
        }
    }
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Held,
        Self::Retry,
        Self::Accepted,
        Self::Failed,
        Self::Unknown,
        Self::Resent,
        Self::Sent,
        Self::Delayed,
        Self::Delivered,
        Self::Rejected,
        Self::Bounced,
        Self::Complained,
        Self::Unconfirmed,
        Self::Dismissed,
    ];

    /// What happened.
    pub fn words(self) -> Texts {
        match self {
            Self::Held => texts("Retido", "Held", "Retenido"),
            Self::Retry => texts(
                "Tentado sem sucesso",
                "Attempt failed",
                "Intentado sin éxito",
            ),
            Self::Accepted => texts(
                "Aceito pelo provedor",
                "Accepted by the provider",
                "Aceptado por el proveedor",
            ),
            Self::Failed => texts("Falhou", "Failed", "Falló"),
            Self::Unknown => texts(
                "Resultado não visto",
                "Outcome not seen",
                "Resultado no visto",
            ),
            Self::Resent => texts(
                "Reenvio pedido",
                "Sent again on request",
                "Reenvío solicitado",
            ),
            Self::Sent => texts(
                "Confirmado pelo provedor",
                "Confirmed by the provider",
                "Confirmado por el proveedor",
            ),
            Self::Delayed => texts("Atrasado", "Delayed", "Demorado"),
            Self::Delivered => texts("Entregue", "Delivered", "Entregado"),
            Self::Rejected => texts(
                "Recusado depois de aceito",
                "Rejected after it was accepted",
                "Rechazado después de aceptado",
            ),
            Self::Bounced => texts("Voltou", "Bounced", "Rebotó"),
            Self::Complained => texts("Marcado como spam", "Marked as spam", "Marcado como spam"),
            Self::Unconfirmed => texts(
                "Sem notícia em 72 horas",
                "No news in 72 hours",
                "Sin noticias en 72 horas",
            ),
            Self::Dismissed => texts(
                "Visto; nada mais a fazer",
                "Seen; nothing more to do",
                "Visto; nada más que hacer",
            ),
        }
    }
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Mail,
        Self::Internal,
        Self::NotifyOff,
        Self::ResponsibleNoticeOff,
        Self::Author,
        Self::Duplicate,
        Self::NoAddress,
        Self::InvalidAddress,
        Self::SystemAddress,
        Self::BouncedAddress,
        Self::Coalesced,
    ];

    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Mail => "MAIL",
            Self::Internal => "INTERNAL",
            Self::NotifyOff => "NOTIFY_OFF",
            Self::ResponsibleNoticeOff => "RESPONSIBLE_NOTICE_OFF",
            Self::Author => "AUTHOR",
            Self::Duplicate => "DUPLICATE",
            Self::NoAddress => "NO_ADDRESS",
            Self::InvalidAddress => "INVALID_ADDRESS",
            Self::SystemAddress => "SYSTEM_ADDRESS",
            Self::BouncedAddress => "BOUNCED_ADDRESS",
            Self::Coalesced => "COALESCED",
        }
    }

    /// Why they get mail, or none.
    pub fn words(self) -> Texts {
        match self {
            Self::Mail => texts(
                "Recebe a mensagem por e-mail.",
                "Gets the message by e-mail.",
                "Recibe el mensaje por correo.",
            ),
            Self::Internal => texts(
                "A mensagem é interna; só a equipe a lê, e nenhum e-mail sai.",
                "The message is internal: only the desk reads it, and no mail leaves.",
                "El mensaje es interno: solo lo lee el equipo, y no sale ningún correo.",
            ),
            Self::NotifyOff => texts(
                "A mensagem foi escrita sem \"Enviar e-mail\".",
                "The message was written without \"send e-mail\".",
                "El mensaje se escribió sin \"Enviar correo\".",
            ),
            Self::ResponsibleNoticeOff => texts(
                "O parâmetro 300 está desligado: o responsável não é avisado de mensagens do solicitante.",
                "Parameter 300 is off: the responsible is not told of the requester's messages.",
                "El parámetro 300 está desactivado: el responsable no recibe aviso de los mensajes del solicitante.",
            ),
            Self::Author => texts(
                "Escreveu a mensagem; ninguém é avisado do que escreveu.",
                "Wrote the message; nobody is told of their own.",
                "Escribió el mensaje; nadie recibe aviso de lo propio.",
            ),
            Self::Duplicate => texts(
                "O mesmo endereço já está na lista.",
                "The same address is on the list already.",
                "La misma dirección ya está en la lista.",
            ),
            Self::NoAddress => texts(
                "O chamado não tem endereço de e-mail para esta pessoa.",
                "The ticket has no e-mail address for this person.",
                "El ticket no tiene dirección de correo para esta persona.",
            ),
            Self::InvalidAddress => texts(
                "O endereço no chamado não é um endereço de e-mail válido.",
                "The address on the ticket is not a valid e-mail address.",
                "La dirección en el ticket no es una dirección de correo válida.",
            ),
            Self::SystemAddress => texts(
                "É um endereço deste sistema ou de um robô de e-mail, que ninguém lê.",
                "It is an address of this system or of a mail robot, which nobody reads.",
                "Es una dirección de este sistema o de un robot de correo, que nadie lee.",
            ),
            Self::BouncedAddress => texts(
                "O aviso é sobre este mesmo endereço.",
                "The notice is about this very address.",
                "El aviso es sobre esta misma dirección.",
            ),
            Self::Coalesced => texts(
                "Mensagem automática: vai no mesmo e-mail de uma anterior, para não enviar um e-mail por mensagem.",
                "An automatic message: it goes in the mail of an earlier one, so that not each sends a mail of its own.",
                "Mensaje automático: va en el mismo correo que uno anterior, para no enviar un correo por mensaje.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::Language;

    #[test]
    fn every_state_step_and_rule_has_words_of_its_own_in_every_language() {
        for language in Language::ALL {
            for all in [
                DeliveryStatus::ALL
                    .map(|status| status.words().get(language))
                    .to_vec(),
                Step::ALL.map(|step| step.words().get(language)).to_vec(),
                Rule::ALL.map(|rule| rule.words().get(language)).to_vec(),
            ] {
                let distinct: BTreeSet<_> = all.iter().filter(|words| !words.is_empty()).collect();
                assert_eq!(distinct.len(), all.len(), "{language:?}");
            }
        }
    }

    #[test]
    fn the_lists_are_whole_and_codes_are_what_is_stored() {
        for rule in Rule::ALL {
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.code());
        }
        let text = |value: serde_json::Result<serde_json::Value>| value.unwrap().to_string();
        let states: BTreeSet<_> = DeliveryStatus::ALL
            .map(|s| text(serde_json::to_value(s)))
            .into();
        let steps: BTreeSet<_> = Step::ALL.map(|s| text(serde_json::to_value(s))).into();
        assert_eq!((states.len(), steps.len()), (12, 14));
    }
}
