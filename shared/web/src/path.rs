//! Path segments, with an error in the form of all others.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::HttpError;
use domain::catalog::phrase;
use service::{Code, Error};

/// Path segments as a handler's argument.
#[derive(Debug)]
pub struct Segments<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Segments<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(_) => Err(Error::new(
                Code::RequestInvalid,
                phrase(
                    "O caminho não pode ser lido: modelos, versões e parâmetros são números, mensagens e entregas são UUIDs, chamados são 1 a 64 caracteres de A-Z a-z 0-9 . _ -",
                    "The path cannot be read: template ids, versions and parameter numbers are digits, message and delivery ids are UUIDs, ticket ids are 1 to 64 of A-Z a-z 0-9 . _ -",
                    "La ruta no se puede leer: plantillas, versiones y parámetros son números, mensajes y entregas son UUID, los tickets son de 1 a 64 caracteres de A-Z a-z 0-9 . _ -",
                ),
            )
            .into()),
        }
    }
}
