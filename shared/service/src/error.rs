//! The one error of the use cases: a stable code, words for the caller, and what to log.

use std::fmt;

use domain::{
    catalog::{Language, Phrase, Texts, phrase},
    diagnostic::Diagnostic,
};
use storage::StorageError;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $pt:literal, $en:literal, $es:literal;)*) => {
        /// Stable error codes of the HTTP API. Each has one status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the table: the OpenAPI document lists them.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];
            /// The code as it stands in an answer.
            pub fn as_str(self) -> &'static str { match self { $(Code::$variant => $text,)* } }
            /// HTTP status.
            pub fn status(self) -> u16 { match self { $(Code::$variant => $status,)* } }
            /// Short title, the same for every occurrence.
            pub fn title(self) -> Texts { match self { $(Code::$variant => Texts { pt: $pt, en: $en, es: $es },)* } }
        }
    };
}

codes! {
    /// The body is not JSON, or a field has the wrong type.
    BodyInvalid = "BODY_INVALID", 400, "O corpo não pode ser lido", "The body cannot be read", "El cuerpo no se puede leer";
    /// A query parameter, header or path segment cannot be read.
    RequestInvalid = "REQUEST_INVALID", 400, "A requisição não pode ser lida", "The request cannot be read", "La solicitud no se puede leer";
    /// A cursor that this list did not give.
    CursorInvalid = "CURSOR_INVALID", 400, "O cursor não é desta lista", "The cursor does not belong to this list", "El cursor no es de esta lista";
    /// No token, or a bad one.
    Unauthenticated = "UNAUTHENTICATED", 401, "É preciso um token válido", "A valid token is required", "Se necesita un token válido";
    /// The caller's role may not do this.
    Forbidden = "FORBIDDEN", 403, "Seu papel não permite isto", "Your role may not do this", "Su rol no permite esto";
    /// Parameter 252 is off.
    PortalWritingOff = "PORTAL_WRITING_OFF", 403, "Escrever pelo portal está desligado", "Writing from the portal is switched off", "Escribir desde el portal está apagado";
    /// Parameter 299 is off.
    MessagesOff = "MESSAGES_OFF", 403, "A troca de mensagens está desligada", "Message exchange is switched off", "El intercambio de mensajes está apagado";
    /// No such thing, or none that the caller may see.
    NotFound = "NOT_FOUND", 404, "Não encontrado", "Not found", "No encontrado";
    /// The method is not one of this route.
    MethodNotAllowed = "METHOD_NOT_ALLOWED", 405, "Método não permitido", "Method not allowed", "Método no permitido";
    /// The template is named by a parameter.
    TemplateInUse = "TEMPLATE_IN_USE", 409, "O modelo está em uso", "The template is in use", "La plantilla está en uso";
    /// The state of the thing does not allow this.
    StateConflict = "STATE_CONFLICT", 409, "O estado atual não permite isto", "The present state does not allow this", "El estado actual no permite esto";
    /// Somebody wrote after the message that the author has seen.
    NewerMessage = "NEWER_MESSAGE", 409, "Há uma mensagem mais nova", "There is a newer message", "Hay un mensaje más nuevo";
    /// The same idempotency key is being worked on.
    IdempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS", 409, "A mesma requisição está em andamento", "The same request is in progress", "La misma solicitud está en curso";
    /// `If-Match` names an older state.
    Stale = "STALE", 412, "Alguém mudou isto nesse meio-tempo", "Somebody changed it in the meantime", "Alguien lo cambió mientras tanto";
    /// The body is over the limit.
    TooLarge = "TOO_LARGE", 413, "O corpo é grande demais", "The body is too large", "El cuerpo es demasiado grande";
    /// Understood, and not acceptable: see `errors`.
    Invalid = "INVALID", 422, "Não aceitável", "Not acceptable", "No aceptable";
    /// The template has errors: see `errors`.
    TemplateInvalid = "TEMPLATE_INVALID", 422, "O modelo tem erros", "The template has errors", "La plantilla tiene errores";
    /// No such template.
    TemplateNotFound = "TEMPLATE_NOT_FOUND", 422, "Não existe esse modelo", "There is no such template", "No existe esa plantilla";
    /// The template is inactive.
    TemplateInactive = "TEMPLATE_INACTIVE", 422, "O modelo está inativo", "The template is inactive", "La plantilla está inactiva";
    /// The identifier is too long, empty or has spaces.
    IdentifierInvalid = "IDENTIFIER_INVALID", 422, "O identificador não é aceitável", "The identifier is not acceptable", "El identificador no es aceptable";
    /// Another template has the identifier.
    IdentifierTaken = "IDENTIFIER_TAKEN", 422, "O identificador já está em uso", "The identifier is taken", "El identificador ya está en uso";
    /// The parameter is kept elsewhere, or nowhere.
    ParameterNotStored = "PARAMETER_NOT_STORED", 422, "Este parâmetro não é guardado aqui", "This parameter is not stored here", "Este parámetro no se guarda aquí";
    /// The value does not fit the parameter.
    ValueInvalid = "VALUE_INVALID", 422, "O valor não é aceitável", "The value is not acceptable", "El valor no es aceptable";
    /// A test mail may go to the allow-list only.
    RecipientNotAllowed = "RECIPIENT_NOT_ALLOWED", 422, "E-mail de teste não pode ir para este endereço", "Test mail may not go to this address", "El correo de prueba no puede ir a esta dirección";
    /// The idempotency key was used with another body.
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH", 422, "A chave de idempotência foi usada em outra requisição", "The idempotency key was used for another request", "La clave de idempotencia se usó en otra solicitud";
    /// A change of an existing thing needs `If-Match`.
    PreconditionRequired = "PRECONDITION_REQUIRED", 428, "If-Match é obrigatório", "If-Match is required", "If-Match es obligatorio";
    /// A fault on our side; the log has it under the request id.
    Internal = "INTERNAL", 500, "Algo falhou do nosso lado", "Something failed on our side", "Algo falló de nuestro lado";
    /// Storage is busy or away: asking again may succeed.
    Unavailable = "UNAVAILABLE", 503, "Tente de novo em instantes", "Try again shortly", "Intente de nuevo en un momento";
}

/// Why a use case did not do what was asked.
#[derive(Clone, Debug)]
pub struct Error {
    /// Stable code.
    pub code: Code,
    /// What is wrong and what to do, for the caller; no personal data of others, no internals.
    pub detail: Phrase,
    /// Every finding.
    pub errors: Vec<Finding>,
    /// Seconds after which asking again makes sense.
    pub retry_after: Option<u32>,
    /// For the log alone.
    pub cause: Option<String>,
}

/// One thing that is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// Field that it is about, by its path in the body.
    pub field: Option<String>,
    /// What is wrong.
    pub message: Phrase,
    /// Parameter that it is about.
    pub parameter: Option<u16>,
    /// Where in a template it is.
    pub diagnostic: Option<Diagnostic>,
    /// In which language of the template.
    pub locale: Option<String>,
}

impl Finding {
    /// A finding about no field.
    pub fn new(code: &str, message: impl Into<Phrase>) -> Self {
        Self {
            code: code.to_owned(),
            field: None,
            message: message.into(),
            parameter: None,
            diagnostic: None,
            locale: None,
        }
    }

    /// What is wrong in a template, and in which of its languages.
    pub fn of_template(diagnostic: &Diagnostic, locale: Option<&str>) -> Self {
        Self {
            diagnostic: Some(diagnostic.clone()),
            locale: locale.map(str::to_owned),
            ..Self::new(&diagnostic.code, diagnostic.phrase())
        }
    }
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with words for the caller.
    pub fn new(code: Code, detail: impl Into<Phrase>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            cause: None,
        }
    }

    /// The same with its findings.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<Finding>) -> Self {
        self.errors = errors;
        self
    }

    /// A thing that does not exist, or that the caller may not see: the two answer alike.
    pub fn not_found(what: &str) -> Self {
        let noun = match what {
            "ticket" => phrase("chamado", "ticket", "ticket"),
            "message" => phrase("mensagem", "message", "mensaje"),
            "delivery" => phrase("entrega", "delivery", "entrega"),
            "template" => phrase("modelo", "template", "plantilla"),
            "file" => phrase("arquivo", "file", "archivo"),
            "mail" => phrase("e-mail", "mail", "correo"),
            "suppression" => phrase("bloqueio", "suppression", "bloqueo"),
            "identity" => phrase("identidade", "identity", "identidad"),
            "snippet" => phrase("resposta pronta", "canned answer", "respuesta lista"),
            "upload" => phrase("envio de arquivo", "upload", "carga"),
            other => Phrase::verbatim(other),
        };
        Self::new(
            Code::NotFound,
            phrase(
                "Não existe aqui, ou você não tem acesso: {what}.",
                "There is no such {what}, or you may not see it.",
                "No existe aquí, o usted no tiene acceso: {what}.",
            )
            .with_phrase("what", noun),
        )
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self.code, Code::Unavailable | Code::IdempotencyInProgress)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        let (code, detail) = match &error {
            StorageError::TooLarge { .. } => (
                Code::Invalid,
                phrase(
                    "É grande demais para ser guardado: encurte (são guardados cerca de 380 KB, no máximo).",
                    "It is too large to be stored: shorten it (about 380 KB are stored at most).",
                    "Es demasiado grande para guardarlo: acórtelo (se guardan unos 380 KB como máximo).",
                ),
            ),
            StorageError::Busy(_)
            | StorageError::Contended(_)
            | StorageError::Unknown(_)
            | StorageError::Conflict { .. } => (
                Code::Unavailable,
                phrase(
                    "O armazenamento está ocupado. Envie a mesma requisição de novo.",
                    "Storage is busy. Send the same request again.",
                    "El almacenamiento está ocupado. Envíe la misma solicitud de nuevo.",
                ),
            ),
            StorageError::Position => (Code::CursorInvalid, foreign_cursor()),
            StorageError::Limit(_) | StorageError::Corrupt { .. } | StorageError::Unusable(_) => (
                Code::Internal,
                phrase(
                    "A requisição não pôde ser concluída. O motivo está no log, sob o id da requisição.",
                    "The request could not be completed. The log has the reason under the request id.",
                    "La solicitud no se pudo completar. El motivo está en el registro, bajo el id de la solicitud.",
                ),
            ),
        };
        let mut converted = Self::new(code, detail);
        converted.retry_after = converted.is_retryable().then_some(1);
        converted.cause = Some(error.to_string());
        converted
    }
}

/// What is said of a cursor that is not of the list it was given to.
pub fn foreign_cursor() -> Phrase {
    phrase(
        "Use o next_cursor desta mesma lista, ou nenhum para recomeçar.",
        "Use the next_cursor of this very list, or none to start again.",
        "Use el next_cursor de esta misma lista, o ninguno para empezar de nuevo.",
    )
}

/// Findings collected before anything is refused, so that the caller sees all of them at once.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// Adds a finding about a field, named by its path in the body.
    pub fn add(&mut self, code: &str, field: &str, message: impl Into<Phrase>) {
        self.0.push(Finding {
            field: Some(field.to_owned()),
            ..Finding::new(code, message)
        });
    }

    /// Adds a finding when the text is longer than `max` characters.
    pub fn max_chars(&mut self, field: &str, text: &str, max: usize) {
        if text.chars().count() > max {
            let message = phrase(
                "no máximo {max} caracteres",
                "at most {max} characters",
                "{max} caracteres como máximo",
            );
            self.add("TOO_LONG", field, message.with("max", max));
        }
    }

    /// Code of the first finding.
    pub fn first_code(&self) -> Option<&str> {
        self.0.first().map(|finding| finding.code.as_str())
    }

    /// The findings alone.
    pub fn into_values(self) -> Vec<Finding> {
        self.0
    }

    /// Ends the check: an error of `code` when there is any finding.
    ///
    /// # Errors
    /// When something was found.
    pub fn finish(self, code: Code) -> Result<()> {
        let detail = match self.0.as_slice() {
            [] => return Ok(()),
            [one] => phrase(
                "{field}: {message}",
                "{field}: {message}",
                "{field}: {message}",
            )
            .with("field", one.field.as_deref().unwrap_or_default())
            .with_phrase("message", one.message.clone()),
            many => phrase(
                "{count} problemas, veja errors.",
                "{count} findings, see errors.",
                "{count} problemas, vea errors.",
            )
            .with("count", many.len()),
        };
        Err(Error::new(code, detail).with_errors(self.0))
    }
}

impl Error {
    /// The detail in this language.
    pub fn detail(&self, language: Language) -> String {
        self.detail.get(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_title_in_every_language() {
        for code in Code::ALL {
            let titles = Language::ALL.map(|language| code.title().get(language));
            assert!(titles.iter().all(|title| !title.is_empty()), "{code:?}");
            assert_ne!(titles[0], titles[1], "{code:?}");
            assert_ne!(titles[2], titles[1], "{code:?}");
        }
    }
}
