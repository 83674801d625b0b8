//! Read units of looking at the list of tickets all day: the whole list, and the cheap check for changes.

use std::sync::Arc;

use ::tests::memory::Memory;
use serde_json::{Value, json};
use storage::keys;

use super::{
    desk, shared_storage,
    units::{Meter, Shared},
};
use crate::{
    Failure,
    desk::{admin, message, technician, ticket},
};

/// Tickets on the list, each with a description as people write them.
const TICKETS: usize = 200;
/// Characters of a description.
const DESCRIPTION: usize = 1500;

/// What one look takes, in read units.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Who looks.
    pub role: &'static str,
    /// The first page of the list.
    pub list: f64,
    /// A check when nothing happened.
    pub quiet: f64,
    /// A check when one ticket changed.
    pub news: f64,
}

/// Counts the looks of each role of the desk.
///
/// # Errors
/// When a call is refused.
pub async fn measure() -> Result<Vec<Look>, Failure> {
    let meter = Arc::new(Meter::new(Arc::new(Memory::default())));
    let desk = desk(shared_storage(Shared(meter.clone()))).await?;
    for number in 0..TICKETS {
        let id = format!("9{number:04}");
        let mut snapshot = ticket(&id);
        snapshot["description"] = Value::from(format!("<p>{}</p>", "a".repeat(DESCRIPTION)));
        desk.call(&admin(), "PUT", &format!("/tickets/{id}"), &snapshot)
            .await?;
    }
    let mut looks = Vec::new();
    for (role, claims) in [("technician", technician()), ("administrator", admin())] {
        let read = async |path: &str| -> Result<f64, Failure> {
            meter.take();
            desk.call(&claims, "GET", path, &json!({})).await?;
            Ok(meter.take().read)
        };
        let list = read("/tickets").await?;
        let since = keys::by_time(desk.app.now(), "").replace('#', "%23");
        let changes = format!("/tickets/changes?since={since}");
        let quiet = read(&changes).await?;
        desk.post("90001", &message()).await?;
        let news = read(&changes).await?;
        looks.push(Look {
            role,
            list,
            quiet,
            news,
        });
    }
    Ok(looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the page of costs promises: asking whether something happened is far cheaper than asking for all.
    #[tokio::test]
    async fn a_check_reads_a_small_part_of_a_list() {
        for look in measure().await.unwrap() {
            println!("{look:?}");
            assert!(
                look.quiet > 0.0 && look.quiet * 4.0 <= look.list,
                "{look:?}"
            );
            assert!(look.news > look.quiet && look.news < look.list, "{look:?}");
        }
    }
}
