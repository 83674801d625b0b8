//! Findings of templates in the languages of their readers, by their codes.

use super::Diagnostic;
use crate::catalog::{Language, Phrase, phrase};

/// What each code says. `{found}` is the text it is about, `{suggestion}` what to write instead,
/// `{message}` the particulars in English.
fn sentence(code: &str, suggested: bool) -> Option<Phrase> {
    Some(match (code, suggested) {
        ("UNKNOWN_KEY", true) => phrase(
            "não existe a chave {found}; seria {suggestion}?",
            "there is no key {found}; did you mean {suggestion}?",
            "no existe la clave {found}; ¿quiso decir {suggestion}?",
        ),
        ("UNKNOWN_KEY", false) => phrase(
            "não existe a chave {found}",
            "there is no key {found}",
            "no existe la clave {found}",
        ),
        ("WRONG_CASE", _) => phrase(
            "as chaves são escritas em maiúsculas",
            "keys are written in capital letters",
            "las claves se escriben en mayúsculas",
        ),
        ("MALFORMED_KEY", _) => phrase(
            "uma chave se escreve ${KEY}, sem espaços, barra ou outros sinais",
            "a key is written ${KEY}, without spaces, a backslash or other signs",
            "una clave se escribe ${KEY}, sin espacios, barra u otros signos",
        ),
        ("UNCLOSED_KEY", _) => phrase(
            "falta fechar a chave com }",
            "the key has no closing brace",
            "falta cerrar la clave con }",
        ),
        ("KEY_SPLIT_BY_MARKUP", _) => phrase(
            "há marcação dentro da chave, e ela não é reconhecida: ponha a marcação em volta",
            "markup inside a key keeps it from being recognised: put it around the key",
            "hay marcado dentro de la clave y no se reconoce: póngalo alrededor",
        ),
        ("TOKEN_INVALID", _) => phrase(
            "o link {TOKEN(…)} não está certo: {message}",
            "the link {TOKEN(…)} is not right: {message}",
            "el enlace {TOKEN(…)} no es correcto: {message}",
        ),
        ("TERA_SYNTAX", _) => phrase(
            "a expressão do Tera não é aceita: {message}",
            "the expression of Tera is not accepted: {message}",
            "la expresión de Tera no se acepta: {message}",
        ),
        ("TERA_LIMIT", _) => phrase(
            "o modelo em Tera passa de um limite: {message}",
            "the template in Tera is beyond a limit: {message}",
            "la plantilla en Tera pasa de un límite: {message}",
        ),
        ("TITLE_TOO_LONG", _) => phrase(
            "o assunto é longo demais: no máximo 255 caracteres",
            "the title is too long: at most 255 characters",
            "el asunto es demasiado largo: 255 caracteres como máximo",
        ),
        ("TITLE_EMPTY", _) => phrase(
            "o título é o assunto do e-mail e não pode ficar vazio",
            "the title is the mail's subject and cannot be empty",
            "el título es el asunto del correo y no puede quedar vacío",
        ),
        ("BODY_EMPTY", _) => phrase(
            "o corpo em HTML não pode ficar vazio",
            "the HTML body cannot be empty",
            "el cuerpo en HTML no puede quedar vacío",
        ),
        ("CONTROL_CHARACTER", _) => phrase(
            "um caractere de controle não cabe em um modelo",
            "control characters have no place in a template",
            "un carácter de control no cabe en una plantilla",
        ),
        ("NO_TICKET_KEY", _) => phrase(
            "nada no modelo diz de qual chamado é o e-mail",
            "nothing in the template ties the mail to its ticket",
            "nada en la plantilla dice de qué ticket es el correo",
        ),
        ("BAD_ENTITY", _) => phrase(
            "não existe a referência {found}: os programas de e-mail a mostram como está",
            "there is no character reference {found}: mail readers show it as it stands",
            "no existe la referencia {found}: los programas de correo la muestran como está",
        ),
        ("UNSAFE_HTML", _) => phrase(
            "isto não cabe em um e-mail e é retirado: {found}",
            "this has no place in a mail and is taken out: {found}",
            "esto no cabe en un correo y se quita: {found}",
        ),
        _ => return None,
    })
}

impl Diagnostic {
    /// What is wrong, in every language, with what it is about as values.
    pub fn phrase(&self) -> Phrase {
        let suggestion = self.suggestion.as_deref();
        let Some(sentence) = sentence(&self.code, suggestion.is_some()) else {
            return Phrase::verbatim(&self.message);
        };
        sentence
            .with("found", &self.found)
            .with("suggestion", suggestion.unwrap_or_default())
            .with("message", &self.message)
    }

    /// The same finding in the reader's language; in English with all particulars.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        if language != Language::En {
            self.message = self.phrase().get(language);
        }
        self
    }
}
