//! What SES says of the account, of the identity that sends and of the configuration set.

use std::time::Duration;

use aws_sdk_sesv2::{Client, error::ProvideErrorMetadata};

use domain::account::{Account, Standing};

/// Time between two questions: SES takes about one of this kind a second.
pub(super) const APART: Duration = Duration::from_secs(1);

/// Asks for all three, one after the other. Without an answer about the account there is none at all; the
/// others may stay unknown.
pub(super) async fn ask(
    client: &Client,
    identity: Option<&str>,
    configuration_set: Option<&str>,
    apart: Duration,
) -> Option<Account> {
    let account = client.get_account().send().await.map_err(|error| {
        tracing::warn!(code = error.code(), "SES does not tell about its account");
    });
    // Who is asked too often already is not asked on.
    let account = account.ok()?;
    tokio::time::sleep(apart).await;
    let identity = self::identity(client, identity).await;
    tokio::time::sleep(apart).await;
    Some(Account {
        rate: account.send_quota().map(|quota| quota.max_send_rate()),
        sending: account.sending_enabled(),
        production: account.production_access_enabled(),
        identity,
        configuration_set: self::configuration_set(client, configuration_set).await,
    })
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
