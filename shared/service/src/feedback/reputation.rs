//! Counts what harms the account's reputation, by the hour, over several items so that none is hot.

use crate::{App, Result};
use domain::reputation::{Counts, HOURS, hour};
use mail::ses_event::{BounceType, Happening, SesEvent};
use storage::{Action, Expect, Item, Key, Write, keys};

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

/// The item that an event is counted in: of this hour, one of several by the mail.
pub(super) fn key(app: &App, event: &SesEvent) -> Key {
    keys::reputation(hour(app.now()), keys::shard(&event.message_id))
}

/// The write that counts an event, given the item as it was read.
pub(super) fn write(app: &App, event: &SesEvent, known: Option<&Item>) -> Result<Option<Write>> {
    let Some(one) = counted(&event.happening) else {
        return Ok(None);
    };
    let before: Counts = known.map(Item::decode).transpose()?.unwrap_or_default();
    let ends = app.now().as_second() + (HOURS + 1) * 3600;
    let item = Item::new(key(app, event), "reputation", &before.with(one))?.expiring(ends);
    Ok(Some(Write {
        action: Action::Put(item),
        expect: known.map_or(Expect::Absent, |item| Expect::Version(item.version.clone())),
    }))
}
