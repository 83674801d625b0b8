//! Whether a message posted now would arrive, and what to do when it would not.

mod provider;

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use crate::settings::Settings;
use crate::{
    App, Result,
    access::{Caller, Role},
    admin::parameters,
    outgoing::mailing,
};
use domain::{
    catalog::{Language, Phrase, phrase},
    parameter::{self, Parameters},
    template::{Status as TemplateStatus, Summary},
};
use mail::token::Keyring;
use storage::keys;
use transport::MailTransport;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// Mail arrives, and something is missing.
    Warning,
    /// No mail arrives.
    Failed,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Check)]
pub struct CheckView {
    /// Stable name.
    pub id: &'static str,
    /// How it went.
    pub status: CheckStatus,
    /// What was found.
    pub detail: String,
    /// What to do; empty when nothing is to be done.
    pub fix: String,
}

/// What a check found, before it is put into words.
struct Check {
    id: &'static str,
    status: CheckStatus,
    detail: Phrase,
    fix: Option<Phrase>,
}

/// All checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Readiness {
    /// No check failed.
    pub ready: bool,
    /// Each one.
    pub checks: Vec<CheckView>,
}

impl Check {
    fn ok(id: &'static str, detail: Phrase) -> Self {
        Self {
            id,
            status: CheckStatus::Ok,
            detail,
            fix: None,
        }
    }
    fn bad(id: &'static str, status: CheckStatus, detail: Phrase, fix: Phrase) -> Self {
        Self {
            id,
            status,
            detail,
            fix: Some(fix),
        }
    }

    fn view(&self, language: Language) -> CheckView {
        CheckView {
            id: self.id,
            status: self.status,
            detail: self.detail.get(language),
            fix: self
                .fix
                .as_ref()
                .map(|fix| fix.get(language))
                .unwrap_or_default(),
        }
    }
}

/// Looks at everything that a message needs to leave. SES itself is not asked here: the sender
/// keeps what it says, so that one function alone may ask.
///
/// # Errors
/// [`crate::Code::Forbidden`], storage.
pub async fn look(app: &App, caller: &Caller, language: Language) -> Result<Readiness> {
    caller.require(&[Role::Admin])?;
    if let Some(fault) = app.store.fault().await {
        // Nothing else can be looked at.
        let check = Check::bad(
            "storage",
            CheckStatus::Failed,
            Phrase::verbatim(fault),
            phrase(
                "Libere espaço no disco da pasta de dados; o armazenamento continua sozinho.",
                "Free space on the disk of the data folder; the store goes on by itself.",
                "Libere espacio en el disco de la carpeta de datos; el almacenamiento sigue por sí solo.",
            ),
        );
        return Ok(Readiness {
            ready: false,
            checks: vec![check.view(language)],
        });
    }
    let (parameters, _) = parameters::load(app).await?;
    let mut checks = vec![messaging_template(&parameters)];
    if app.store.is_older_copy() {
        checks.push(Check::bad(
            "storage",
            CheckStatus::Failed,
            phrase(
                "uma cópia do armazenamento foi trazida de volta: o que estava por sair nela pode já ter saído, então nada é enviado",
                "a copy of the store was brought back: what was due in it may have left already, so nothing is sent",
                "se trajo de vuelta una copia del almacenamiento: lo pendiente en ella puede haber salido ya, así que nada se envía",
            ),
            phrase(
                "Veja o que está na fila; inicie com --send-due para enviá-lo, o que pode chegar duas vezes às pessoas.",
                "Look at what is queued; start with --send-due to send it, which may reach people twice.",
                "Mire lo que está en la cola; inicie con --send-due para enviarlo, lo que puede llegar dos veces a las personas.",
            ),
        ));
    }
    checks.push(templates(app, &parameters).await?);
    checks.push(sender(&app.settings, &parameters));
    checks.extend(provider::checks(app, &parameters).await?);
    checks.push(replies(&app.settings));
    checks.push(kill_switch(&parameters));
    checks.push(message_exchange(&parameters));
    Ok(Readiness {
        ready: checks
            .iter()
            .all(|check| check.status != CheckStatus::Failed),
        checks: checks.iter().map(|check| check.view(language)).collect(),
    })
}

/// The templates of both directions.
fn named(parameters: &Parameters) -> [Option<u64>; 2] {
    [true, false].map(|to_requester| parameters.messaging_template(to_requester))
}

fn messaging_template(parameters: &Parameters) -> Check {
    const ID: &str = "parameter_417";
    match named(parameters) {
        [Some(requester), Some(desk)] if requester == desk => Check::ok(
            ID,
            phrase(
                "modelo {template} nos dois sentidos",
                "template {template} for both directions",
                "plantilla {template} en ambos sentidos",
            )
            .with("template", requester),
        ),
        [Some(requester), Some(desk)] => Check::ok(
            ID,
            phrase(
                "modelo {requester} para solicitantes, {desk} para o atendimento",
                "template {requester} to requesters, {desk} to the desk",
                "plantilla {requester} para solicitantes, {desk} para la mesa",
            )
            .with("requester", requester)
            .with("desk", desk),
        ),
        _ => Check::bad(
            ID,
            CheckStatus::Failed,
            phrase(
                "o parâmetro 417 não tem modelo: todo e-mail fica retido",
                "parameter 417 names no template: every mail is held",
                "el parámetro 417 no tiene plantilla: todo correo queda retenido",
            ),
            phrase(
                "Crie ou importe um modelo e depois PUT /parameters/417 com o número dele.",
                "Create or import a template, then PUT /parameters/417 with its id.",
                "Cree o importe una plantilla y luego PUT /parameters/417 con su número.",
            ),
        ),
    }
}

async fn templates(app: &App, parameters: &Parameters) -> Result<Check> {
    const ID: &str = "template";
    let numbers = parameter::TEMPLATES.map(|number| parameters.template(number));
    let ids: BTreeSet<u64> = numbers.into_iter().flatten().collect();
    let wanted: Vec<_> = ids.iter().map(|id| keys::template(*id)).collect();
    let failed = |detail: Phrase, fix: Phrase| Ok(Check::bad(ID, CheckStatus::Failed, detail, fix));
    if wanted.is_empty() {
        return failed(
            phrase(
                "não há nenhum para conferir",
                "there is none to look at",
                "no hay ninguna que revisar",
            ),
            phrase(
                "Defina primeiro o parâmetro 417.",
                "Set parameter 417 first.",
                "Defina primero el parámetro 417.",
            ),
        );
    }
    for (id, item) in ids.iter().zip(app.store.get(&wanted).await?) {
        let Some(item) = item else {
            return failed(
                phrase(
                    "o modelo {id} não existe",
                    "template {id} is not there",
                    "la plantilla {id} no existe",
                )
                .with("id", id),
                phrase(
                    "Escolha outro no parâmetro 417 (ou 251, 253, 1001).",
                    "Name another one in parameter 417 (or 251, 253, 1001).",
                    "Elija otra en el parámetro 417 (o 251, 253, 1001).",
                ),
            );
        };
        let summary: Summary = item.decode()?;
        if summary.status != TemplateStatus::Active {
            return failed(
                phrase(
                    "o modelo {id} está inativo",
                    "template {id} is inactive",
                    "la plantilla {id} está inactiva",
                )
                .with("id", id),
                phrase(
                    "Ative-o: PUT /templates/{id} com status active.",
                    "Activate it: PUT /templates/{id} with status active.",
                    "Actívela: PUT /templates/{id} con status active.",
                )
                .with("id", id),
            );
        }
        if summary.errors > 0 {
            return failed(
                phrase(
                    "o modelo {id} tem {count} erros",
                    "template {id} has {count} errors",
                    "la plantilla {id} tiene {count} errores",
                )
                .with("id", id)
                .with("count", summary.errors),
                phrase(
                    "GET /templates/{id} os mostra; publique uma versão sem erros.",
                    "GET /templates/{id} shows them; publish a version without.",
                    "GET /templates/{id} los muestra; publique una versión sin errores.",
                )
                .with("id", id),
            );
        }
    }
    Ok(Check::ok(
        ID,
        phrase(
            "ativo e sem erros",
            "active and without errors",
            "activa y sin errores",
        ),
    ))
}

fn sender(settings: &Settings, parameters: &Parameters) -> Check {
    match mailing::sender(settings, parameters) {
        Some(sender) => Check::ok("sender", Phrase::verbatim(sender.address.as_str())),
        None => Check::bad(
            "sender",
            CheckStatus::Failed,
            phrase(
                "não há remetente: todo e-mail fica retido",
                "there is no sender: every mail is held",
                "no hay remitente: todo correo queda retenido",
            ),
            phrase(
                "Defina o parâmetro 10 ou MAIL_FROM com um endereço como desk@example.com.",
                "Set parameter 10 or MAIL_FROM to an address such as desk@example.com.",
                "Defina el parámetro 10 o MAIL_FROM con una dirección como desk@example.com.",
            ),
        ),
    }
}

fn replies(settings: &Settings) -> Check {
    const ID: &str = "reply_domain";
    // On AWS the stack makes the keys, and only the functions that sign are given them.
    let keys = settings.mail_transport == MailTransport::Ses
        || Keyring::new(&settings.reply_token_keys).is_ok();
    match (&settings.reply_domain, keys) {
        (Some(domain), true) => Check::ok(ID, Phrase::verbatim(domain.as_str())),
        (Some(_), false) => Check::bad(
            ID,
            CheckStatus::Warning,
            phrase(
                "REPLY_DOMAIN está definido, e falta a chave que assina os endereços de resposta",
                "REPLY_DOMAIN is set, and there is no key to sign reply addresses",
                "REPLY_DOMAIN está definido, y falta la clave que firma las direcciones de respuesta",
            ),
            phrase(
                "Defina REPLY_TOKEN_KEYS.",
                "Set REPLY_TOKEN_KEYS.",
                "Defina REPLY_TOKEN_KEYS.",
            ),
        ),
        (None, _) => Check::bad(
            ID,
            CheckStatus::Warning,
            phrase(
                "respostas por e-mail estão desligadas",
                "replies by mail are off",
                "las respuestas por correo están apagadas",
            ),
            phrase(
                "Defina REPLY_DOMAIN e REPLY_TOKEN_KEYS para recebê-las.",
                "Set REPLY_DOMAIN and REPLY_TOKEN_KEYS to take them in.",
                "Defina REPLY_DOMAIN y REPLY_TOKEN_KEYS para recibirlas.",
            ),
        ),
    }
}

fn kill_switch(parameters: &Parameters) -> Check {
    if parameters.is_on(parameter::KILL_SWITCH) {
        return Check::bad(
            "kill_switch",
            CheckStatus::Failed,
            phrase(
                "o parâmetro 297 retém todo o e-mail",
                "parameter 297 holds all mail",
                "el parámetro 297 retiene todo el correo",
            ),
            phrase(
                "PUT /parameters/297 com N; o que está retido sai então.",
                "PUT /parameters/297 with N; what is held leaves then.",
                "PUT /parameters/297 con N; lo retenido sale entonces.",
            ),
        );
    }
    Check::ok("kill_switch", phrase("desligado", "off", "apagado"))
}

fn message_exchange(parameters: &Parameters) -> Check {
    if parameters.is_on(parameter::MESSAGE_EXCHANGE) {
        return Check::ok("message_exchange", phrase("ligada", "on", "encendido"));
    }
    Check::bad(
        "message_exchange",
        CheckStatus::Failed,
        phrase(
            "o parâmetro 299 está desligado: nenhuma mensagem é aceita",
            "parameter 299 is off: no message is accepted",
            "el parámetro 299 está apagado: no se acepta ningún mensaje",
        ),
        phrase(
            "PUT /parameters/299 com S.",
            "PUT /parameters/299 with S.",
            "PUT /parameters/299 con S.",
        ),
    )
}
