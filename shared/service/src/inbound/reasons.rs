//! Why a mail was not let in: every reason that this system gives, in words for those who decide.

use domain::catalog::language::{Texts, texts};

/// What a reason means and what to do; none for a code that is not given (any more).
pub fn words(code: &str) -> Option<Texts> {
    let found = MAIL_REASONS.iter().find(|(known, _)| *known == code);
    found.map(|(_, words)| *words)
}

/// Every reason with its words.
pub const MAIL_REASONS: &[(&str, Texts)] = &[
    (
        "MAIL_EMPTY",
        texts("Está vazio.", "There is nothing in it.", "Está vacío."),
    ),
    (
        "MAIL_TOO_LARGE",
        texts(
            "Tem mais de 40 MB.",
            "It is larger than 40 MB.",
            "Tiene más de 40 MB.",
        ),
    ),
    (
        "MAIL_WITHOUT_HEADER",
        texts(
            "Não é um e-mail: começa sem cabeçalho.",
            "It is not a mail: it begins without a header.",
            "No es un correo: empieza sin encabezado.",
        ),
    ),
    (
        "MAIL_HEADER_TOO_LONG",
        texts(
            "Seu cabeçalho tem mais de 256 KiB.",
            "Its header is longer than 256 KiB.",
            "Su encabezado tiene más de 256 KiB.",
        ),
    ),
    (
        "MAIL_TOO_MANY_PARTS",
        texts(
            "Tem mais de 1000 partes.",
            "It has more than 1000 parts.",
            "Tiene más de 1000 partes.",
        ),
    ),
    (
        "MAIL_TOO_DEEP",
        texts(
            "Suas partes estão aninhadas demais.",
            "Its parts are nested too deep.",
            "Sus partes están demasiado anidadas.",
        ),
    ),
    (
        "MAIL_UNREADABLE",
        texts(
            "Não pôde ser lido.",
            "It could not be read.",
            "No se pudo leer.",
        ),
    ),
    (
        "VIRUS",
        texts(
            "O SES encontrou um vírus. Não pode ser aceito.",
            "SES found a virus in it. It cannot be accepted.",
            "SES encontró un virus. No se puede aceptar.",
        ),
    ),
    (
        "VIRUS_NOT_CHECKED",
        texts(
            "Tem arquivos, e o SES não soube dizer se estão limpos. Veja-os antes de aceitar.",
            "It has files, and SES could not tell whether they are clean. Look at them before you accept.",
            "Tiene archivos, y SES no supo decir si están limpios. Véalos antes de aceptar.",
        ),
    ),
    (
        "SPAM",
        texts(
            "O SES o considera spam.",
            "SES takes it for spam.",
            "SES lo considera spam.",
        ),
    ),
    (
        "SENDER_UNCLEAR",
        texts(
            "Não diz quem o enviou, ou diz mais de um remetente.",
            "It names no sender, or more than one.",
            "No dice quién lo envió, o dice más de un remitente.",
        ),
    ),
    (
        "SENDER_NOT_KNOWN",
        texts(
            "O remetente não participa do chamado, e o endereço de resposta é de outra pessoa. Aceite, ou inclua-o no chamado.",
            "Its sender takes no part in the ticket, and the reply address is another person's. Accept it, or add them to the ticket.",
            "El remitente no participa en el ticket, y la dirección de respuesta es de otra persona. Acéptelo, o inclúyalo en el ticket.",
        ),
    ),
    (
        "DMARC_FAILED",
        texts(
            "O DMARC falhou: outra pessoa pode tê-lo enviado. Confirme com o remetente antes de aceitar.",
            "DMARC failed: somebody else may have sent it. Ask the sender before you accept.",
            "DMARC falló: otra persona puede haberlo enviado. Confirme con el remitente antes de aceptar.",
        ),
    ),
    (
        "DMARC_NOT_PROVEN",
        texts(
            "O DMARC não prova nada: o domínio do remetente não tem política, ou ninguém verificou.",
            "DMARC proves nothing: the sender's domain has no policy, or nobody looked.",
            "DMARC no prueba nada: el dominio del remitente no tiene política, o nadie verificó.",
        ),
    ),
    (
        "TOKEN_MALFORMED",
        texts(
            "O endereço de resposta não contém um código, ou só parte de um.",
            "The reply address holds no token, or a part of one.",
            "La dirección de respuesta no contiene un código, o solo parte de uno.",
        ),
    ),
    (
        "TOKEN_FOREIGN",
        texts(
            "O código do endereço de resposta foi feito com uma chave que não está em uso aqui.",
            "The token of the reply address was made with a key that is not in use here.",
            "El código de la dirección de respuesta se hizo con una clave que no está en uso aquí.",
        ),
    ),
    (
        "TOKEN_FORGED",
        texts(
            "O código do endereço de resposta não foi feito aqui, ou foi feito com uma chave que já foi trocada.",
            "The token of the reply address was not made here, or with a key that was replaced since.",
            "El código de la dirección de respuesta no se hizo aquí, o con una clave que ya se cambió.",
        ),
    ),
    (
        "TOKEN_ALTERED",
        texts(
            "O código do endereço de resposta foi alterado.",
            "The token of the reply address was changed.",
            "El código de la dirección de respuesta fue alterado.",
        ),
    ),
    (
        "TOKEN_EXPIRED",
        texts(
            "O código do endereço de resposta venceu: é resposta a um e-mail de mais de 180 dias.",
            "The token of the reply address is too old: it answers a mail of more than 180 days ago.",
            "El código de la dirección de respuesta venció: responde a un correo de más de 180 días.",
        ),
    ),
    (
        "TICKET_UNKNOWN",
        texts(
            "O chamado que ele indica não existe.",
            "The ticket that it names is not there.",
            "El ticket que indica no existe.",
        ),
    ),
    (
        "NO_TICKET",
        texts(
            "Nada nele indica um chamado. Diga em qual ele entra.",
            "Nothing in it names a ticket. Say on which one it goes.",
            "Nada en él indica un ticket. Diga en cuál entra.",
        ),
    ),
    (
        "MESSAGES_OFF",
        texts(
            "A troca de mensagens está desligada (parâmetro 299).",
            "Message exchange is switched off (parameter 299).",
            "El intercambio de mensajes está apagado (parámetro 299).",
        ),
    ),
    (
        "EMPTY",
        texts(
            "Não tem texto nem arquivos. Quem o deixar entrar publica o assunto como mensagem.",
            "It has neither text nor files. Who lets it in posts its subject as the message.",
            "No tiene texto ni archivos. Quien lo deje entrar publica el asunto como mensaje.",
        ),
    ),
    (
        "NOT_ACCEPTABLE",
        texts(
            "A mensagem não pôde ser guardada como está.",
            "The message could not be stored as it is.",
            "El mensaje no se pudo guardar como está.",
        ),
    ),
    (
        "OWN_MAIL",
        texts(
            "É um e-mail nosso, que voltou.",
            "Our own mail, come back.",
            "Es un correo nuestro, que volvió.",
        ),
    ),
    (
        "BOUNCE",
        texts(
            "Aviso de um e-mail que não pôde ser entregue.",
            "A report on a mail that could not be delivered.",
            "Aviso de un correo que no se pudo entregar.",
        ),
    ),
    (
        "READ_RECEIPT",
        texts(
            "Confirmação de leitura.",
            "A notice that a mail was read.",
            "Confirmación de lectura.",
        ),
    ),
    (
        "OUT_OF_OFFICE",
        texts(
            "Alguém está ausente.",
            "Somebody is away.",
            "Alguien está ausente.",
        ),
    ),
    (
        "AUTO_REPLY",
        texts(
            "Uma máquina respondeu.",
            "A machine answered.",
            "Respondió una máquina.",
        ),
    ),
    (
        "AUTO_GENERATED",
        texts(
            "Uma máquina o escreveu.",
            "A machine wrote it.",
            "Lo escribió una máquina.",
        ),
    ),
    (
        "LIST_MAIL",
        texts(
            "Lista de discussão ou boletim.",
            "A mailing list or newsletter.",
            "Lista de correo o boletín.",
        ),
    ),
    (
        "NULL_RETURN_PATH",
        texts(
            "E-mail automático, que ninguém quer que seja respondido.",
            "An automatic mail: nobody wants an answer to it.",
            "Correo automático, al que nadie espera respuesta.",
        ),
    ),
    (
        "NOTHING_NEW",
        texts(
            "Só uma citação, e mais nada.",
            "A quotation and nothing else.",
            "Solo una cita, y nada más.",
        ),
    ),
    (
        "REPEATED",
        texts(
            "O remetente disse o mesmo neste chamado há menos de quatro horas, e ninguém escreveu à mão depois: duas máquinas que se respondem, ou um e-mail enviado duas vezes.",
            "The sender said the same on this ticket within four hours, and nobody wrote by hand since: two machines that answer each other, or a mail sent twice.",
            "El remitente dijo lo mismo en este ticket hace menos de cuatro horas, y nadie escribió a mano después: dos máquinas que se responden, o un correo enviado dos veces.",
        ),
    ),
    (
        "LOOP_LIMIT",
        texts(
            "O remetente respondeu cinco vezes neste ticket por e-mail em dez minutos, e ninguém escreveu à mão entre elas.",
            "The sender answered five times on this ticket by mail within ten minutes, and nobody wrote by hand in between.",
            "El remitente respondió cinco veces en este ticket por correo en diez minutos, y nadie escribió a mano entre ellas.",
        ),
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use domain::catalog::Language;
    use mail::inbound::{InboundError, Reason};

    #[test]
    fn every_reason_is_explained_once_in_three_languages() {
        let known: BTreeSet<_> = MAIL_REASONS.iter().map(|(code, _)| *code).collect();
        assert_eq!(known.len(), MAIL_REASONS.len());
        for (code, words) in MAIL_REASONS {
            let all: BTreeSet<_> = [Language::Pt, Language::En, Language::Es]
                .map(|language| words.get(language))
                .into();
            assert!(all.len() == 3 && !all.contains(""), "{code}");
        }
        for reason in Reason::ALL {
            assert!(words(reason.code()).is_some(), "{reason:?}");
        }
        for error in [
            InboundError::Empty,
            InboundError::TooLarge,
            InboundError::NotMail,
            InboundError::HeaderTooLong,
            InboundError::TooManyParts,
            InboundError::TooDeep,
        ] {
            assert!(words(error.code()).is_some(), "{error:?}");
        }
    }
}
