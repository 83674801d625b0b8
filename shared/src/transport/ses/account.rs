//! What SES says of the account, of the identity that sends and of the configuration set.

use aws_sdk_sesv2::{Client, error::ProvideErrorMetadata};

use crate::domain::account::{Account, Standing};

/// Asks for all three side by side. Without an answer about the account there is none at all; the
/// others may stay unknown.
pub(super) async fn ask(
    client: &Client,
    identity: Option<&str>,
    configuration_set: Option<&str>,
) -> Option<Account> {
    let (account, identity, configuration_set) = tokio::join!(
        client.get_account().send(),
        self::identity(client, identity),
        self::configuration_set(client, configuration_set),
    );
    match account {
        Ok(account) => Some(Account {
            rate: account.send_quota().map(|quota| quota.max_send_rate()),
            sending: account.sending_enabled(),
            production: account.production_access_enabled(),
            identity,
            configuration_set,
        }),
        Err(error) => {
            tracing::warn!(code = error.code(), "SES does not tell about its account");
            None
        }
    }
}

async fn identity(client: &Client, name: Option<&str>) -> Standing {
    let Some(name) = name else {
        return Standing::Unknown;
    };
    match client
        .get_email_identity()
        .email_identity(name)
        .send()
        .await
    {
        Ok(found) => standing(found.verified_for_sending_status()),
        Err(error) => unanswered("the identity", error.code()),
    }
}

async fn configuration_set(client: &Client, name: Option<&str>) -> Standing {
    let Some(name) = name else {
        return Standing::Absent;
    };
    let request = client.get_configuration_set().configuration_set_name(name);
    match request.send().await {
        // One that says nothing of sending has it switched on.
        Ok(found) => standing(
            found
                .sending_options()
                .is_none_or(|options| options.sending_enabled()),
        ),
        Err(error) => unanswered("the configuration set", error.code()),
    }
}

fn standing(ready: bool) -> Standing {
    if ready {
        Standing::Ready
    } else {
        Standing::NotReady
    }
}

fn unanswered(what: &'static str, code: Option<&str>) -> Standing {
    if code == Some("NotFoundException") {
        return Standing::Absent;
    }
    tracing::warn!(code, "SES does not tell about {what}");
    Standing::Unknown
}
