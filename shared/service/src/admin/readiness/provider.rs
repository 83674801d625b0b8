//! How the mail provider stands: the transport, and what SES said to the sender about the account,
//! the identity and the configuration set.

use jiff::Timestamp;

use super::{Check, CheckStatus};
use crate::{
    App, Result,
    outgoing::{mailing, sending::SendingState},
    settings::Settings,
};
use domain::{
    account::{Seen, Standing},
    address::{Address, Mailbox},
    catalog::{Phrase, phrase},
    delivery::Delivery,
    parameter::Parameters,
    reason::Reason,
};
use storage::{
    Query, Range, Source,
    keys::{self, Due},
};
use transport::MailTransport;

const ACCOUNT: &str = "ses_account";
const IDENTITY: &str = "ses_identity";
const CONFIGURATION_SET: &str = "configuration_set";

/// Everything about the provider, in one read.
pub(super) async fn checks(app: &App, parameters: &Parameters) -> Result<Vec<Check>> {
    let wanted = [keys::sending_state(), keys::account()];
    let mut found = app.store.get(&wanted).await?.into_iter();
    let state = match found.next().flatten() {
        Some(item) => item.decode::<SendingState>()?,
        None => SendingState::default(),
    };
    let mut checks = vec![transport(&app.settings), sending(&state, app.now())];
    if app.settings.mail_transport == MailTransport::Smtp {
        checks.push(smtp_account(app).await?);
    }
    if !app.settings.mail_transport.capabilities().has_account {
        return Ok(checks);
    }
    let seen = match found.next().flatten() {
        Some(item) => Some(item.decode::<Seen>()?),
        None => None,
    };
    let sender = mailing::sender(&app.settings, parameters).map(|sender| sender.address);
    checks.push(account(seen.as_ref()));
    checks.push(identity(seen.as_ref(), sender.as_ref()));
    checks.extend(other_senders(seen.as_ref(), parameters));
    checks.push(configuration_set(seen.as_ref(), &app.settings));
    Ok(checks)
}

fn failed(id: &'static str, detail: Phrase, fix: Phrase) -> Check {
    Check::bad(id, CheckStatus::Failed, detail, fix)
}

fn warning(id: &'static str, detail: Phrase, fix: Phrase) -> Check {
    Check::bad(id, CheckStatus::Warning, detail, fix)
}

fn transport(settings: &Settings) -> Check {
    match settings.mail_transport {
        MailTransport::Ses => Check::ok("transport", Phrase::verbatim("SES")),
        MailTransport::Smtp => Check::ok("transport", Phrase::verbatim("SMTP")),
        MailTransport::Outbox => warning(
            "transport",
            phrase(
                "o e-mail vai para a caixa de saída desta máquina, e para ninguém",
                "mail goes to the outbox on this machine, and to nobody",
                "el correo va a la bandeja de salida de esta máquina, y a nadie",
            ),
            phrase(
                "MAIL_TRANSPORT=smtp com SMTP_URL o envia; na AWS, MAIL_TRANSPORT=ses.",
                "MAIL_TRANSPORT=smtp with SMTP_URL sends it; on AWS MAIL_TRANSPORT=ses.",
                "MAIL_TRANSPORT=smtp con SMTP_URL lo envía; en AWS, MAIL_TRANSPORT=ses.",
            ),
        ),
    }
}

/// Whether the senders stopped for the whole account, see the circuit of `sending`.
fn sending(state: &SendingState, now: Timestamp) -> Check {
    const ID: &str = "sending";
    match &state.circuit {
        Some(open) if !open.is_over(now) => {
            let said = open.detail.clone().map_or_else(
                || {
                    phrase(
                        "o provedor não disse por quê",
                        "the provider did not say why",
                        "el proveedor no dijo por qué",
                    )
                },
                Phrase::verbatim,
            );
            failed(
                ID,
                phrase(
                    "parado desde {since} ({reason}): {said}",
                    "stopped since {since} ({reason}): {said}",
                    "detenido desde {since} ({reason}): {said}",
                )
                .with("since", open.since)
                .with("reason", &open.reason)
                .with_phrase("said", said),
                phrase(
                    "Corrija o que o provedor diz; um e-mail tenta de novo a cada poucos minutos, e os outros seguem.",
                    "Fix what the provider says; one mail tries again every few minutes, and the rest follows.",
                    "Corrija lo que dice el proveedor; un correo lo intenta de nuevo cada pocos minutos, y los demás siguen.",
                ),
            )
        }
        _ => Check::ok(
            ID,
            phrase("não está parado", "not stopped", "no está detenido"),
        ),
    }
}

/// Whether the mail server refuses mail from us. It may do so for some recipients alone (relaying is
/// not allowed), which stops nothing else.
async fn smtp_account(app: &App) -> Result<Check> {
    const ID: &str = "smtp_account";
    let prefix = Range::Prefix(format!("{}#", Reason::SmtpAuth.code()));
    for shard in 0..keys::DUE_SHARDS {
        let held = Source::Index(keys::due(Due::Held, shard));
        let query = Query::of(held, 1).range(prefix.clone());
        if let Some(item) = app.store.query(query).await?.items.first() {
            let delivery: Delivery = item.decode()?;
            let said = delivery.detail.as_deref().unwrap_or_default();
            return Ok(failed(
                ID,
                phrase(
                    "o servidor de e-mail recusa mensagens desta conta: {said}",
                    "the mail server refuses mail from this account: {said}",
                    "el servidor de correo rechaza mensajes de esta cuenta: {said}",
                )
                .with("said", said),
                phrase(
                    "Corrija usuário e senha em SMTP_URL, o remetente (parâmetro 10) ou o que o servidor deixa esta conta enviar; o que está retido sai sozinho.",
                    "Correct user and password in SMTP_URL, the sender (parameter 10), or what the server lets this account send; what is held leaves by itself.",
                    "Corrija usuario y contraseña en SMTP_URL, el remitente (parámetro 10) o lo que el servidor deja enviar a esta cuenta; lo retenido sale por sí solo.",
                ),
            ));
        }
    }
    Ok(Check::ok(
        ID,
        phrase(
            "nenhum e-mail está retido por causa dela",
            "no mail is held for it",
            "ningún correo está retenido por ella",
        ),
    ))
}

/// Nobody has asked yet: nothing is known to be wrong.
fn not_asked(id: &'static str) -> Check {
    warning(
        id,
        phrase(
            "o SES ainda não foi consultado",
            "SES has not been asked yet",
            "aún no se consultó a SES",
        ),
        phrase(
            "O sender consulta em um minuto; confira de novo depois. Se continuar, veja o log do sender.",
            "The sender asks within a minute; look again then. If this stays, see the sender's log.",
            "El sender consulta en un minuto; revise de nuevo después. Si sigue, vea el registro del sender.",
        ),
    )
}

fn account(seen: Option<&Seen>) -> Check {
    let Some(seen) = seen else {
        return not_asked(ACCOUNT);
    };
    let asked = seen.asked_at;
    let account = &seen.account;
    if !account.sending {
        return failed(
            ACCOUNT,
            phrase(
                "o SES desligou o envio da conta (consultado em {asked})",
                "SES has sending switched off for the account (asked at {asked})",
                "SES apagó el envío de la cuenta (consultado el {asked})",
            )
            .with("asked", asked),
            phrase(
                "Leia o caso no console do SES e peça à AWS que o religue.",
                "Read the case in the SES console, and ask AWS to lift it.",
                "Lea el caso en la consola de SES y pida a AWS que lo levante.",
            ),
        );
    }
    if !account.production {
        return warning(
            ACCOUNT,
            phrase(
                "em sandbox: e-mail só para endereços verificados (consultado em {asked})",
                "in the sandbox: mail to verified addresses alone (asked at {asked})",
                "en sandbox: correo solo a direcciones verificadas (consultado el {asked})",
            )
            .with("asked", asked),
            phrase(
                "Peça acesso de produção no console do SES.",
                "Ask for production access in the SES console.",
                "Pida acceso de producción en la consola de SES.",
            ),
        );
    }
    Check::ok(
        ACCOUNT,
        phrase(
            "acesso de produção, envio ligado (consultado em {asked})",
            "production access, sending on (asked at {asked})",
            "acceso de producción, envío encendido (consultado el {asked})",
        )
        .with("asked", asked),
    )
}

/// Senders of contracts that are not of the identity by which the stack may send.
fn other_senders(seen: Option<&Seen>, parameters: &Parameters) -> Option<Check> {
    let identity = seen?.identity_name.as_ref()?;
    let foreign = parameters.identities.values().filter(|one| {
        let from = one
            .from
            .as_deref()
            .and_then(|from| Mailbox::parse(from).ok());
        from.is_some_and(|from| !is_of(&from.address, identity))
    });
    let contracts: Vec<&str> = foreign.map(|one| one.contract.as_str()).collect();
    let id = "contract_senders";
    if contracts.is_empty() {
        let any = parameters.identities.values().any(|one| one.from.is_some());
        let fine = phrase(
            "todos da identidade {name}",
            "all of the identity {name}",
            "todos de la identidad {name}",
        );
        return any.then(|| Check::ok(id, fine.with("name", identity)));
    }
    Some(warning(
        id,
        phrase(
            "os remetentes destes contratos não são da identidade {name}, pela qual a stack pode enviar: {contracts}",
            "the senders of these contracts are not of the identity {name}, by which the stack may send: {contracts}",
            "los remitentes de estos contratos no son de la identidad {name}, con la que la stack puede enviar: {contracts}",
        )
        .with("name", identity)
        .with("contracts", contracts.join(", ")),
        phrase(
            "Use um endereço dessa identidade, ou verifique a outra no SES e permita ses:SendEmail por ela ao sender.",
            "Use an address of that identity, or verify the other one in SES and allow the sender ses:SendEmail by it.",
            "Use una dirección de esa identidad, o verifique la otra en SES y permita al sender ses:SendEmail con ella.",
        ),
    ))
}

fn identity(seen: Option<&Seen>, sender: Option<&Address>) -> Check {
    let Some(seen) = seen else {
        return not_asked(IDENTITY);
    };
    let Some(name) = &seen.identity_name else {
        return warning(
            IDENTITY,
            phrase(
                "MAIL_IDENTITY não está definido, então o SES não foi consultado",
                "MAIL_IDENTITY is not set, so SES was not asked",
                "MAIL_IDENTITY no está definido, así que no se consultó a SES",
            ),
            phrase(
                "Defina no sender MAIL_IDENTITY com a identidade pela qual o SES envia.",
                "Set MAIL_IDENTITY of the sender to the identity that SES sends as.",
                "Defina en el sender MAIL_IDENTITY con la identidad con la que SES envía.",
            ),
        );
    };
    match seen.account.identity {
        Standing::Absent => failed(
            IDENTITY,
            phrase(
                "o SES não tem a identidade {name}",
                "SES does not have the identity {name}",
                "SES no tiene la identidad {name}",
            )
            .with("name", name),
            phrase(
                "Crie e verifique no SES, ou indique outra (MailIdentity da stack).",
                "Make and verify it in SES, or name another one (the stack's MailIdentity).",
                "Créela y verifíquela en SES, o indique otra (MailIdentity de la stack).",
            ),
        ),
        Standing::NotReady => failed(
            IDENTITY,
            phrase(
                "{name} não está verificado: todo e-mail fica retido",
                "{name} is not verified: every mail is held",
                "{name} no está verificado: todo correo queda retenido",
            )
            .with("name", name),
            phrase(
                "Domínio: ponha no DNS os registros CNAME da saída DkimRecords. Endereço: siga o link que o SES mandou a ele.",
                "A domain: put the CNAME records of the output DkimRecords into its DNS. An address: follow the link that SES mailed to it.",
                "Dominio: ponga en su DNS los registros CNAME de la salida DkimRecords. Dirección: siga el enlace que SES le envió.",
            ),
        ),
        _ if sender.is_some_and(|sender| !is_of(sender, name)) => failed(
            IDENTITY,
            phrase(
                "o remetente não é um endereço de {name}: o SES o recusa",
                "the sender is not an address of {name}: SES refuses it",
                "el remitente no es una dirección de {name}: SES lo rechaza",
            )
            .with("name", name),
            phrase(
                "Defina o parâmetro 10 (ou MAIL_FROM) com um endereço de {name}.",
                "Set parameter 10 (or MAIL_FROM) to an address of {name}.",
                "Defina el parámetro 10 (o MAIL_FROM) con una dirección de {name}.",
            )
            .with("name", name),
        ),
        Standing::Ready => Check::ok(
            IDENTITY,
            phrase(
                "{name} está verificado",
                "{name} is verified",
                "{name} está verificado",
            )
            .with("name", name),
        ),
        Standing::Unknown => warning(
            IDENTITY,
            phrase(
                "o SES não informou sobre {name}",
                "SES did not tell about {name}",
                "SES no informó sobre {name}",
            )
            .with("name", name),
            phrase(
                "O sender consulta de novo em minutos; o log dele diz o que o SES respondeu.",
                "The sender asks again within minutes; its log says what SES answered.",
                "El sender consulta de nuevo en minutos; su registro dice qué respondió SES.",
            ),
        ),
    }
}

/// Whether an identity covers a sender: it is the address, or its domain.
fn is_of(sender: &Address, identity: &str) -> bool {
    let domain = sender.as_str().rsplit('@').next().unwrap_or_default();
    [sender.as_str(), domain]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(identity))
}

fn configuration_set(seen: Option<&Seen>, settings: &Settings) -> Check {
    let Some(name) = &settings.configuration_set else {
        return warning(
            CONFIGURATION_SET,
            phrase(
                "sem um configuration set nenhuma entrega é confirmada",
                "without a configuration set no delivery is ever confirmed",
                "sin un configuration set ninguna entrega se confirma",
            ),
            phrase(
                "Defina CONFIGURATION_SET.",
                "Set CONFIGURATION_SET.",
                "Defina CONFIGURATION_SET.",
            ),
        );
    };
    let Some(seen) = seen else {
        return not_asked(CONFIGURATION_SET);
    };
    match seen.account.configuration_set {
        Standing::Ready => Check::ok(
            CONFIGURATION_SET,
            phrase(
                "{name} existe e está ligado",
                "{name} is there and on",
                "{name} existe y está encendido",
            )
            .with("name", name),
        ),
        Standing::NotReady => failed(
            CONFIGURATION_SET,
            phrase(
                "o envio está desligado em {name}",
                "sending is switched off for {name}",
                "el envío está apagado en {name}",
            )
            .with("name", name),
            phrase(
                "Ligue: aws sesv2 put-configuration-set-sending-options --sending-enabled.",
                "Switch it on: aws sesv2 put-configuration-set-sending-options --sending-enabled.",
                "Enciéndalo: aws sesv2 put-configuration-set-sending-options --sending-enabled.",
            ),
        ),
        Standing::Absent => failed(
            CONFIGURATION_SET,
            phrase(
                "o SES não tem {name}: todo e-mail fica retido",
                "SES does not have {name}: every mail is held",
                "SES no tiene {name}: todo correo queda retenido",
            )
            .with("name", name),
            phrase(
                "Implante a stack de novo, que o cria, ou defina CONFIGURATION_SET com um que exista.",
                "Deploy the stack again, which makes it, or set CONFIGURATION_SET to one that is there.",
                "Despliegue la stack de nuevo, que lo crea, o defina CONFIGURATION_SET con uno que exista.",
            ),
        ),
        Standing::Unknown => warning(
            CONFIGURATION_SET,
            phrase(
                "o SES não informou sobre {name}",
                "SES did not tell about {name}",
                "SES no informó sobre {name}",
            )
            .with("name", name),
            phrase(
                "O sender consulta de novo em minutos; o log dele diz o que o SES respondeu.",
                "The sender asks again within minutes; its log says what SES answered.",
                "El sender consulta de nuevo en minutos; su registro dice qué respondió SES.",
            ),
        ),
    }
}
