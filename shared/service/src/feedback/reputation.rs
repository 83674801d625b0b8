//! Counts what harms the account's reputation, by the hour, over several items so that none is hot.

use crate::{
    App, Result,
    entity::{Entity as _, Loaded, Reputation},
};
use domain::reputation::{Counts, HOURS, hour};
use mail::ses_event::{BounceType, Happening, SesEvent};
use storage::{Write, keys};

/// What SES calls a bounce or complaint off the account's own list: it harms nothing.
const ON_OUR_LIST: &str = "OnAccountSuppressionList";

/// What an event counts as; none, it counts as nothing.
fn counted(happening: &Happening) -> Option<Counts> {
    match happening {
        Happening::Bounce {
            bounce: BounceType::Permanent,
            sub_type,
            ..
        } if sub_type != ON_OUR_LIST => Some(Counts {
            bounces: 1,
            complaints: 0,
        }),
        Happening::Complaint { sub_type, .. } if sub_type != ON_OUR_LIST => Some(Counts {
            bounces: 0,
            complaints: 1,
        }),
        _ => None,
    }
}

/// What an event is counted in: of this hour, one of several by the mail.
pub(super) fn of(app: &App, event: &SesEvent) -> Reputation {
    Reputation(hour(app.now()), keys::shard(&event.provider_id))
}

/// The write that counts an event, given what was counted before.
pub(super) fn write(
    app: &App,
    event: &SesEvent,
    known: Option<Loaded<Counts>>,
) -> Result<Option<Write>> {
    let Some(one) = counted(&event.happening) else {
        return Ok(None);
    };
    let (before, expect) = Loaded::or_default(known);
    let ends = app.now().as_second() + (HOURS + 1) * 3600;
    let item = of(app, event).item(&before.with(one))?.expiring(ends);
    Ok(Some(Write::store(item, expect)))
}
