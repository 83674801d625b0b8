//! What SES would tell about the mails of the outbox: delivery results without an account.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::delivery::{Delivery, DeliveryStatus};
use jiff::Timestamp;
use serde_json::Value;
use service::{App, Error, feedback, pages};
use storage::{
    Query, Source,
    embedded::Embedded,
    keys::{self, Due},
};
use tokio::{
    sync::{mpsc::UnboundedReceiver, watch},
    task::JoinSet,
    time,
};
use transport::{OutgoingMail, simulator};
use uuid::Uuid;

use crate::shutdown::stopped;

/// How often is looked at what news did not bring.
const LOOK: Duration = Duration::from_secs(5);
/// Mails whose results are written together.
const TOGETHER: usize = 32;

/// Applies the results of the mails that were accepted, those of an earlier process first, until the
/// server ends. `tests` brings those of test mails, which no record holds.
pub(crate) async fn apply(
    app: App,
    store: Arc<Embedded>,
    mut tests: UnboundedReceiver<Value>,
    mut stop: watch::Receiver<bool>,
) {
    let mut changes = store.changes();
    let mut told = HashSet::new();
    let mut tick = time::interval(LOOK);
    loop {
        tokio::select! {
            biased;
            Some(event) = tests.recv() => {
                tell(&app, &[event]).await;
                continue;
            }
            () = stopped(&mut stop) => return,
            changed = changes.next() => match changed {
                Some(entities) if entities.contains("delivery") => {}
                Some(_) => continue,
                None => return,
            },
            _ = tick.tick() => {}
        }
        if let Err(error) = tell_of_accepted(&app, &mut told).await {
            tracing::warn!(
                code = error.code.as_str(),
                cause = error.cause(),
                "the results of some mails come later"
            );
        }
    }
}

/// Tells what became of every accepted mail. `told` holds those of this process that
/// their results left accepted.
async fn tell_of_accepted(app: &App, told: &mut HashSet<(Uuid, u32)>) -> Result<(), Error> {
    let mut waiting = HashSet::new();
    // Accepted ones stay where their lease put them until that is over.
    let places = [Due::Sending, Due::Event]
        .into_iter()
        .flat_map(|kind| (0..keys::DUE_SHARDS).map(move |shard| keys::due(kind, shard)));
    for place in places {
        let mut pages = pages::all(app, Query::of(Source::Index(place), TOGETHER));
        while let Some(items) = pages.next().await? {
            let mut telling = JoinSet::new();
            for item in &items {
                let delivery: Delivery = item.decode()?;
                if delivery.status != DeliveryStatus::Accepted {
                    continue;
                }
                let attempt = (delivery.id, delivery.attempts);
                waiting.insert(attempt);
                if let Some(events) = results(app, &delivery).filter(|_| told.insert(attempt)) {
                    let app = app.clone();
                    telling.spawn(async move { tell(&app, &events).await });
                }
            }
            telling.join_all().await;
        }
    }
    told.retain(|attempt| waiting.contains(attempt));
    Ok(())
}

/// The results of a delivery that the outbox accepted.
fn results(app: &App, delivery: &Delivery) -> Option<Vec<Value>> {
    let id = delivery.mail.as_ref()?.provider_id.clone()?;
    let to = delivery.to.address.address()?.clone();
    let sender = app.settings.mail_from.as_ref();
    let mail = OutgoingMail {
        from: sender.map_or(&to, |sender| &sender.address).clone(),
        to,
        raw: Vec::new(),
        delivery_id: delivery.id,
        attempt: delivery.attempts,
        ticket_id: delivery.ticket_id.clone(),
        message_id: delivery.message_id,
        kind: "message",
    };
    Some(simulator::results(&mail, &id, Timestamp::now()))
}

async fn tell(app: &App, events: &[Value]) {
    for event in events {
        if let Err(error) = feedback::apply(app, event).await {
            tracing::error!(
                code = error.code.as_str(),
                cause = error.cause(),
                "a result of a mail was not taken"
            );
        }
    }
}
