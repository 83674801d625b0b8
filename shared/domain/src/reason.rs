//! Why a mail did not go, or not yet: every reason with a stable code and words for people.

use crate::catalog::language::{Texts, texts};

/// In which state a delivery is for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It stays queued and is tried again.
    Waits,
    /// It is held until the obstacle is gone.
    Holds,
    /// It will not be sent.
    Fails,
    /// Nobody saw whether it was sent.
    Unseen,
    /// It was sent, and came to this end.
    Ended,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $effect:ident, $pt:literal, $en:literal, $es:literal;)*) => {
        /// A reason with a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason { $($(#[$doc])* $variant,)* }

        impl Reason {
            /// All of them.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)*];
            /// Stable code.
            pub fn code(self) -> &'static str { match self { $(Reason::$variant => $code,)* } }
            /// State that it leads to.
            pub fn effect(self) -> Effect { match self { $(Reason::$variant => Effect::$effect,)* } }
            /// What it means and what to do, for people.
            pub fn words(self) -> Texts { match self { $(Reason::$variant => texts($pt, $en, $es),)* } }
        }
    };
}

reasons! {
    /// Parameter 297 is on.
    KillSwitch = "KILL_SWITCH", Holds,
        "O envio de e-mails está desligado (parâmetro 297). A mensagem sai quando ele for religado.",
        "Sending is switched off (parameter 297). The mail leaves when it is switched on again.",
        "El envío de correos está desactivado (parámetro 297). El mensaje sale cuando se reactive.";
    /// Neither parameter 10 nor `MAIL_FROM`.
    SenderNotSet = "SENDER_NOT_SET", Holds,
        "Falta o remetente: preencha o parâmetro 10.",
        "There is no sender: set parameter 10.",
        "Falta el remitente: defina el parámetro 10.";
    /// No template parameter for this direction.
    TemplateNotSet = "TEMPLATE_NOT_SET", Holds,
        "Nenhum modelo de e-mail foi escolhido: preencha o parâmetro 417.",
        "No e-mail template is chosen: set parameter 417.",
        "No se eligió ninguna plantilla de correo: defina el parámetro 417.";
    /// The parameter names a template that does not exist.
    TemplateMissing = "TEMPLATE_MISSING", Holds,
        "O modelo de e-mail do parâmetro não existe. Escolha outro no parâmetro 417.",
        "The template named by the parameter does not exist. Choose another in parameter 417.",
        "La plantilla del parámetro no existe. Elija otra en el parámetro 417.";
    /// The template is inactive.
    TemplateInactive = "TEMPLATE_INACTIVE", Holds,
        "O modelo de e-mail está inativo. Ative-o ou escolha outro no parâmetro 417.",
        "The template is inactive. Activate it or choose another in parameter 417.",
        "La plantilla está inactiva. Actívela o elija otra en el parámetro 417.";
    /// The template has errors, or could not be filled with this ticket.
    TemplateInvalid = "TEMPLATE_INVALID", Holds,
        "O modelo de e-mail tem erros. Corrija-o ou escolha outro no parâmetro 417.",
        "The template has errors. Fix it, or choose another in parameter 417.",
        "La plantilla tiene errores. Corríjala o elija otra en el parámetro 417.";
    /// The address is on the suppression list.
    Suppressed = "SUPPRESSED", Holds,
        "O endereço está na lista de supressão: um e-mail anterior voltou ou foi denunciado. Um administrador pode liberá-lo.",
        "The address is on the suppression list: an earlier mail bounced or was complained about. An administrator may lift it.",
        "La dirección está en la lista de supresión: un correo anterior rebotó o fue denunciado. Un administrador puede liberarla.";
    /// The recipient's data was erased.
    Erased = "ERASED", Fails,
        "Os dados do destinatário foram apagados; o e-mail não será enviado.",
        "The recipient's data was erased; the mail will not be sent.",
        "Los datos del destinatario fueron borrados; el correo no se enviará.";
    /// Too many mails to one recipient on one ticket.
    LoopLimit = "LOOP_LIMIT", Holds,
        "E-mails demais para este destinatário neste chamado em pouco tempo; pode ser um laço de respostas automáticas. Sai quando a janela permitir.",
        "Too many mails to this recipient on this ticket within a short time; it may be a loop of automatic answers. It leaves when the window allows.",
        "Demasiados correos a este destinatario en este ticket en poco tiempo; puede ser un bucle de respuestas automáticas. Sale cuando la ventana lo permita.";
    /// An automatic mail soon after another one.
    Coalesced = "COALESCED", Holds,
        "Mensagem automática logo depois de outra: espera o fim da janela e leva as seguintes no mesmo e-mail.",
        "An automatic message soon after another one: it waits for the end of the window and takes those that follow along in one mail.",
        "Mensaje automático poco después de otro: espera el fin de la ventana y lleva los siguientes en el mismo correo.";
    /// Too much of what left bounced or was complained about.
    ReputationAtRisk = "REPUTATION_AT_RISK", Holds,
        "Muitos e-mails recentes voltaram ou foram denunciados. Mensagens automáticas esperam até que a taxa baixe; as escritas por pessoas continuam saindo.",
        "Too many recent mails bounced or were complained about. Automatic messages wait until the rate falls; those that people write go on.",
        "Demasiados correos recientes rebotaron o fueron denunciados. Los mensajes automáticos esperan hasta que baje la tasa; los que escriben las personas siguen saliendo.";
    /// The provider's daily quota is used up.
    OverQuota = "OVER_QUOTA", Holds,
        "A cota diária do provedor de e-mail acabou. O envio continua sozinho quando houver cota.",
        "The mail provider's daily quota is used up. Sending goes on by itself when there is quota again.",
        "Se agotó la cuota diaria del proveedor de correo. El envío continúa solo cuando haya cuota.";
    /// The provider does not know the identity that sends (or, in the sandbox, that receives).
    SenderNotVerified = "SENDER_NOT_VERIFIED", Holds,
        "O provedor não reconhece a identidade indicada. Verifique-a no SES; o envio continua sozinho.",
        "The provider has not verified the identity named here. Verify it in SES; sending goes on by itself.",
        "El proveedor no verificó la identidad indicada. Verifíquela en SES; el envío continúa solo.";
    /// The configuration set does not exist.
    ConfigurationSetMissing = "CONFIGURATION_SET_MISSING", Holds,
        "O configuration set do SES não existe. Crie-o de novo; o envio continua sozinho.",
        "The SES configuration set does not exist. Create it again; sending goes on by itself.",
        "El configuration set de SES no existe. Créelo de nuevo; el envío continúa solo.";
    /// The provider does not let us send: permissions or credentials.
    NotAuthorized = "NOT_AUTHORIZED", Holds,
        "O provedor recusou as credenciais ou permissões do envio. Corrija-as; o envio continua sozinho.",
        "The provider refused our credentials or permissions. Fix them; sending then continues by itself.",
        "El proveedor rechazó las credenciales o permisos del envío. Corríjalos; el envío continúa solo.";
    /// The SMTP server offers no TLS, or shows a certificate that nobody vouches for.
    SmtpTls = "SMTP_TLS", Holds,
        "O servidor SMTP não oferece TLS ou o certificado dele não foi aceito. Corrija o servidor ou SMTP_URL; o envio continua sozinho.",
        "The SMTP server offers no TLS, or its certificate was not accepted. Fix the server or SMTP_URL; sending then continues by itself.",
        "El servidor SMTP no ofrece TLS o su certificado no fue aceptado. Corrija el servidor o SMTP_URL; el envío continúa solo.";
    /// The SMTP server does not take mail from our account: user, password, sender, or the right to
    /// send to other domains.
    SmtpAuth = "SMTP_AUTH", Holds,
        "O servidor SMTP não aceita e-mails desta conta: usuário, senha, remetente ou permissão de relay. Corrija SMTP_URL, o parâmetro 10 ou o servidor; o envio continua sozinho.",
        "The SMTP server takes no mail from this account: user, password, sender, or the right to relay. Correct SMTP_URL, parameter 10 or the server; sending goes on by itself.",
        "El servidor SMTP no acepta correos de esta cuenta: usuario, contraseña, remitente o permiso de relay. Corrija SMTP_URL, el parámetro 10 o el servidor; el envío continúa solo.";
    /// The provider answered "too fast".
    Throttled = "THROTTLED", Waits,
        "O provedor pediu para enviar mais devagar. Nova tentativa em instantes.",
        "The provider asked for a slower pace. It is tried again shortly.",
        "El proveedor pidió enviar más despacio. Se reintenta en instantes.";
    /// The sender's process slept after its claim, until a call might have outlived the claim.
    LeaseTooShort = "SENDER_SLEPT", Waits,
        "O processo de envio ficou parado antes de chamar o provedor e nada foi enviado. Nova tentativa em instantes.",
        "The sending process stopped for too long before it called the provider, and nothing was sent. It is tried again shortly.",
        "El proceso de envío quedó detenido antes de llamar al proveedor y nada fue enviado. Se reintenta en instantes.";
    /// The provider could not be reached; nothing was sent.
    NotReached = "NOT_REACHED", Waits,
        "O provedor não foi alcançado e nada foi enviado. Nova tentativa em instantes.",
        "The provider could not be reached and nothing was sent. It is tried again shortly.",
        "No se pudo contactar al proveedor y nada fue enviado. Se reintenta en instantes.";
    /// The account may not send at all.
    SendingStopped = "SENDING_STOPPED", Waits,
        "O provedor suspendeu a conta de envio. As mensagens esperam e saem quando ela for liberada.",
        "The provider has paused the sending account. Messages wait and leave when it is released.",
        "El proveedor suspendió la cuenta de envío. Los mensajes esperan y salen cuando se libere.";
    /// An internal message must not reach the requester's side.
    InternalMessage = "INTERNAL_MESSAGE", Fails,
        "Mensagem interna: nunca sai para o solicitante ou seguidores.",
        "An internal message never leaves for the requester or followers.",
        "Un mensaje interno nunca sale hacia el solicitante o los seguidores.";
    /// So many mails to one recipient on one ticket wait for their window that no more may.
    TooManyWaiting = "TOO_MANY_WAITING", Fails,
        "E-mails demais para este destinatário neste chamado já esperam pela sua vez; este não será enviado. A mensagem está no chamado.",
        "Too many mails to this recipient on this ticket wait for their turn already; this one is not sent. The message is on the ticket.",
        "Demasiados correos a este destinatario en este ticket ya esperan su turno; este no se envía. El mensaje está en el ticket.";
    /// The message or its ticket is gone.
    MessageMissing = "MESSAGE_MISSING", Fails,
        "A mensagem ou o chamado não existe mais.",
        "The message or its ticket does not exist any more.",
        "El mensaje o su ticket ya no existe.";
    /// Mail cannot be sent to the address.
    AddressInvalid = "ADDRESS_INVALID", Fails,
        "O endereço não serve para enviar e-mail. Corrija-o no chamado.",
        "Mail cannot be sent to this address. Correct it on the ticket.",
        "La dirección no sirve para enviar correo. Corríjala en el ticket.";
    /// The mail is larger than the provider takes.
    MailTooLarge = "MAIL_TOO_LARGE", Fails,
        "O e-mail passou do tamanho que o provedor aceita.",
        "The mail is larger than the provider accepts.",
        "El correo supera el tamaño que acepta el proveedor.";
    /// The mail could not be made: a fault on our side.
    MailNotMade = "MAIL_NOT_MADE", Fails,
        "O e-mail não pôde ser montado por uma falha nossa. O registro de eventos tem o motivo.",
        "The mail could not be made because of a fault on our side. The log has the reason.",
        "El correo no pudo armarse por una falla nuestra. El registro de eventos tiene el motivo.";
    /// The provider refused this mail.
    Rejected = "REJECTED", Fails,
        "O provedor recusou este e-mail.",
        "The provider refused this mail.",
        "El proveedor rechazó este correo.";
    /// The provider could not read the request.
    BadRequest = "BAD_REQUEST", Fails,
        "O provedor não aceitou o pedido de envio.",
        "The provider did not accept the request.",
        "El proveedor no aceptó la solicitud de envío.";
    /// A limit on resources of the account.
    LimitExceeded = "LIMIT_EXCEEDED", Holds,
        "Um limite da conta no provedor foi atingido. O envio continua sozinho quando o provedor permitir.",
        "A limit of the account at the provider was reached. Sending goes on by itself when the provider allows it.",
        "Se alcanzó un límite de la cuenta en el proveedor. El envío continúa solo cuando el proveedor lo permita.";
    /// Tried for two days.
    RetriesExhausted = "RETRIES_EXHAUSTED", Fails,
        "Todas as tentativas de dois dias falharam sem que nada fosse enviado.",
        "All attempts failed for two days, and nothing was sent.",
        "Todos los intentos de dos días fallaron y nada fue enviado.";
    /// The call's outcome could not be seen.
    NoAnswer = "NO_ANSWER", Unseen,
        "O provedor recebeu o pedido e não respondeu: o e-mail pode ter saído. O sistema não o envia de novo sozinho.",
        "The provider got the request and did not answer: the mail may have left. The system never sends it again by itself.",
        "El proveedor recibió el pedido y no respondió: el correo puede haber salido. El sistema nunca lo reenvía solo.";
    /// A permanent bounce.
    Bounced = "BOUNCED", Ended,
        "O servidor do destinatário recusou o e-mail definitivamente; o endereço não existe ou não aceita mensagens.",
        "The recipient's server refused the mail permanently: the address does not exist or does not accept mail.",
        "El servidor del destinatario rechazó el correo definitivamente: la dirección no existe o no acepta mensajes.";
    /// A transient bounce.
    BouncedForNow = "BOUNCED_FOR_NOW", Ended,
        "O e-mail voltou por um motivo temporário, como caixa cheia. Pode ser reenviado mais tarde.",
        "The mail bounced for a temporary reason, such as a full mailbox. It can be sent again later.",
        "El correo rebotó por un motivo pasajero, como un buzón lleno. Puede reenviarse más tarde.";
    /// A bounce of which the provider cannot tell how final it is.
    BounceUndetermined = "BOUNCE_UNDETERMINED", Ended,
        "O e-mail voltou, e o provedor não sabe dizer se o motivo é definitivo.",
        "The mail bounced, and the provider cannot tell whether the reason is permanent.",
        "El correo rebotó, y el proveedor no sabe si el motivo es definitivo.";
    /// The recipient called it spam.
    Complained = "COMPLAINED", Ended,
        "O destinatário marcou o e-mail como spam. O endereço foi suprimido.",
        "The recipient marked the mail as spam. The address is suppressed.",
        "El destinatario marcó el correo como spam. La dirección fue suprimida.";
    /// The provider took it and refused it then, for example for a virus.
    RefusedLater = "REFUSED_LATER", Ended,
        "O provedor aceitou o e-mail e depois o recusou, por exemplo por conter vírus.",
        "The provider accepted the mail and rejected it afterwards, for example because of a virus.",
        "El proveedor aceptó el correo y después lo rechazó, por ejemplo por un virus.";
    /// The provider is still trying.
    Delayed = "DELAYED", Ended,
        "O servidor do destinatário ainda não aceitou o e-mail; o provedor continua tentando.",
        "The recipient's server has not accepted the mail yet; the provider keeps trying.",
        "El servidor del destinatario aún no aceptó el correo; el proveedor sigue intentando.";
    /// The sender ended between its claim and its record.
    SenderLost = "SENDER_LOST", Unseen,
        "O processo de envio terminou no meio: o e-mail pode ter saído. O sistema não o envia de novo sozinho.",
        "The sending process ended halfway: the mail may have left. The system never sends it again by itself.",
        "El proceso de envío terminó a mitad: el correo puede haber salido. El sistema nunca lo reenvía solo.";
}

impl Reason {
    /// The reason with this code.
    pub fn find(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.code() == code)
    }

    /// Whether what is held for it leaves at a moment of its own, for which nobody can do anything.
    pub fn ends_by_itself(self) -> bool {
        matches!(self, Self::LoopLimit | Self::Coalesced)
    }

    /// Whether what is held for it waits for those who look after the system: the provider or the
    /// configuration is in the way. The rest was chosen, is about one address or ends by itself; the
    /// storm rules and the reputation have alarms of their own.
    pub fn is_fault(self) -> bool {
        let chosen = [
            Self::KillSwitch,
            Self::Suppressed,
            Self::LoopLimit,
            Self::Coalesced,
            Self::ReputationAtRisk,
        ];
        self.effect() == Effect::Holds && !chosen.contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::catalog::Language;

    #[test]
    fn what_provider_and_configuration_hold_is_a_fault_and_what_rules_hold_is_none() {
        let faults = Reason::ALL.iter().filter(|reason| reason.is_fault());
        assert_eq!(
            Vec::from_iter(faults.map(|reason| reason.code())),
            [
                "SENDER_NOT_SET",
                "TEMPLATE_NOT_SET",
                "TEMPLATE_MISSING",
                "TEMPLATE_INACTIVE",
                "TEMPLATE_INVALID",
                "OVER_QUOTA",
                "SENDER_NOT_VERIFIED",
                "CONFIGURATION_SET_MISSING",
                "NOT_AUTHORIZED",
                "SMTP_TLS",
                "SMTP_AUTH",
                "LIMIT_EXCEEDED",
            ]
        );
    }

    #[test]
    fn every_reason_has_its_own_code_and_words_in_every_language() {
        let codes: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
        assert_eq!(codes.len(), Reason::ALL.len());
        let mut words = BTreeSet::new();
        for reason in Reason::ALL {
            assert_eq!(Reason::find(reason.code()), Some(*reason));
            assert!(
                reason
                    .code()
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_')
            );
            for language in Language::ALL {
                let text = reason.words().get(language);
                assert!(text.ends_with('.'), "{text}");
                assert!(words.insert(text), "twice: {text}");
            }
        }
    }
}
