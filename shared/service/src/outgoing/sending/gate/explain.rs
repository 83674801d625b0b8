//! Looks at what is in the way of mails that wait in the queue, and takes nothing.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    super::{
        batch::{Batch, MAX_BATCH},
        lanes::Lane,
        options::PACE,
        pacer,
        templates::Templates,
        windows::{Moment, Windows},
    },
    Facts, Places, Stop, walk,
};
use crate::{App, Result};
use domain::{
    delivery::{Delivery, DeliveryStatus},
    reason::{Reason, Recorded},
};

/// Why each of these waits that is queued and of which no attempt has recorded a reason: by delivery. Whether the mail can be made is not tried.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn in_the_way(
    app: &App,
    deliveries: &[Delivery],
) -> Result<HashMap<Uuid, Recorded<Reason>>> {
    let waits = |one: &&Delivery| one.status == DeliveryStatus::Queued && one.reason.is_none();
    let waiting: Vec<&Delivery> = deliveries.iter().filter(waits).collect();
    let (templates, now) = (Templates::default(), app.now());
    let mut reasons = HashMap::new();
    for chunk in waiting.chunks(MAX_BATCH) {
        let batch = match Batch::read(app, &templates, chunk).await {
            Ok(batch) => batch,
            Err(error) if error.is_retryable() => return Err(error),
            // The sender tells of it; what is recorded can be explained all the same.
            Err(_) => continue,
        };
        // A provider that stops the whole account can be asked, and is before a mail tries.
        let circuit = batch.state.circuit.as_ref();
        let circuit = circuit.filter(|open| open.stops(now, true));
        for delivery in chunk {
            let facts = Facts {
                batch: &batch,
                delivery,
                circuit,
            };
            let mut looking = Looking { app, now };
            if let Some((_, stop)) = walk(&facts, &mut looking).await? {
                reasons.insert(delivery.id, stop.reason());
            }
        }
    }
    Ok(reasons)
}

struct Looking<'a> {
    app: &'a App,
    now: Timestamp,
}

impl Places for Looking<'_> {
    fn make(&mut self, _: &Facts<'_>) -> Option<Stop> {
        None
    }

    fn window(&mut self, facts: &Facts<'_>) -> Option<Stop> {
        let windows = Arc::new(Windows::default());
        let limits = &self.app.settings.storm_limits;
        let thread = facts.batch.thread(facts.delivery);
        match windows.take(limits, facts.delivery, &thread, self.now) {
            Moment::Now(_) => None,
            Moment::Later(_, obstacle) => Some(Stop::Hold(obstacle)),
        }
    }

    fn order(&mut self, facts: &Facts<'_>) -> Option<Stop> {
        let goes = Lane::default().may_go(facts.delivery, facts.batch, self.now);
        (!goes).then_some(Stop::Wait(Reason::EarlierMailWaits))
    }

    async fn rate(&mut self, facts: &Facts<'_>) -> Result<Option<Stop>> {
        let mut pace = pacer::decoded(facts.batch.pace.as_ref());
        pace.forget_future(self.now);
        let taken = pace.is_taken_until((self.now + PACE).as_millisecond());
        Ok(taken.then_some(Stop::Wait(Reason::RateReached)))
    }
}
