//! What an error of a call means, and when to call again.

use std::{error::Error, future::Future, time::Duration};

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use super::super::StorageError;

/// Most calls for one answer.
pub(super) const ATTEMPTS: u32 = 5;
/// Longest wait before the second call; it doubles from call to call.
const FIRST_WAIT: Duration = Duration::from_millis(40);

/// What became of a call that brought no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It was not done; another call may be.
    Again(String),
    /// It may or may not have been done.
    Unseen(String),
    /// It was not done, and no other call would be.
    Final(StorageError),
}

impl Trouble {
    /// Reads it from the error of a call on `table`.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>, table: &str) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(service) => {
                Self::of_answer(service.err(), service.raw().status().as_u16(), table)
            }
            SdkError::ConstructionFailure(_) => Self::Final(StorageError::Unusable(format!(
                "no request for table {table} can be made: {}",
                causes(error)
            ))),
            SdkError::DispatchFailure(failure) if failure.is_user() => Self::Final(
                StorageError::Unusable(format!("no call of table {table}: {}", causes(error))),
            ),
            SdkError::DispatchFailure(_) if never_connected(error) => Self::Again(causes(error)),
            _ => Self::Unseen(causes(error)),
        }
    }

    fn of_answer(error: &impl ProvideErrorMetadata, status: u16, table: &str) -> Self {
        let code = error.code().unwrap_or("without a code");
        match code {
            "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "Throttling"
            | "TransactionConflictException"
            | "TransactionInProgressException"
            | "ReplicatedWriteConflictException" => Self::Again(code.to_owned()),
            "ResourceNotFoundException" => Self::Final(StorageError::Unusable(format!(
                "no table {table} with index {} in this account and region",
                super::INDEX
            ))),
            "AccessDeniedException"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "IncompleteSignatureException"
            | "MissingAuthenticationTokenException"
            | "ExpiredTokenException" => Self::Final(StorageError::Unusable(format!(
                "no permission for table {table}: {code}"
            ))),
            _ if status >= 500 => Self::Unseen(code.to_owned()),
            _ => {
                let message = error.message().unwrap_or_default();
                let why = format!("table {table} refused the call: {code} {message}");
                Self::Final(StorageError::Unusable(why))
            }
        }
    }
}

/// Waits before call number `attempt` (from 1), with full jitter.
pub(super) async fn wait(attempt: u32) {
    let most = FIRST_WAIT * 2u32.saturating_pow(attempt.saturating_sub(1));
    tokio::time::sleep(most.mul_f64(fastrand::f64())).await;
}

/// A read, called again as long as it may help.
pub(super) async fn read<T, E, F>(table: &str, call: impl Fn() -> F) -> Result<T, StorageError>
where
    E: ProvideErrorMetadata + Error + 'static,
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
{
    let mut why = String::new();
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            wait(attempt).await;
        }
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => match Trouble::of(&error, table) {
                Trouble::Final(error) => return Err(error),
                Trouble::Again(reason) | Trouble::Unseen(reason) => {
                    tracing::warn!(table, attempt, reason, "a read is tried again");
                    why = reason;
                }
            },
        }
    }
    Err(StorageError::Busy(why))
}

/// Whether no connection was there to send anything over.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    chain(error)
        .filter_map(|cause| cause.downcast_ref::<hyper_util::client::legacy::Error>())
        .any(hyper_util::client::legacy::Error::is_connect)
}

fn causes(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = chain(error).map(ToString::to_string).collect();
    causes.join(": ")
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
