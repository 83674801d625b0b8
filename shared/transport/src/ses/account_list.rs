//! The account's own suppression list: SES puts an address on it after a permanent bounce or a
//! complaint, and sends nothing to it until it is taken off (SES developer guide, "Using the Amazon
//! SES account-level suppression list").

use aws_sdk_sesv2::{Client, error::ProvideErrorMetadata};

use crate::Unsuppressed;

/// Takes an address off the list, asking once: the client makes no second attempts, and the next
/// sweep asks again. Twice is as good as once.
pub(super) async fn remove(client: &Client, address: &str) -> Result<Unsuppressed, String> {
    let request = client.delete_suppressed_destination();
    match request.email_address(address).send().await {
        Ok(_) => Ok(Unsuppressed::Removed),
        Err(error) => match error.code() {
            Some("NotFoundException") => Ok(Unsuppressed::NotListed),
            Some(code) => Err(code.to_owned()),
            None => Err("no answer".to_owned()),
        },
    }
}
