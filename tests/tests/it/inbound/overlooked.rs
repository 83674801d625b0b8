//! Mails whose event never came.

use std::{fs::File, time::Duration};

use jiff::SignedDuration;
use serde_json::json;
use service::inbound::{Age, Look, look};
use storage::files::{Files, folder::Folder};
use tests::memory::Memory;

use crate::desk::{Desk, SEAL, mail, maria};

const MARIA: &str = "maria@example.com";
const AGE: Age = Age {
    least: SignedDuration::from_hours(1),
    most: SignedDuration::from_hours(24 * 30),
};
const TIME: Duration = Duration::from_secs(40);

/// Puts a mail where SES would, so long ago, and tells nobody.
async fn lay(desk: &Desk<Memory>, id: &str, age: SignedDuration, text: &str) {
    let to = desk.reply_to(MARIA);
    let raw = mail("Maria <maria@example.com>", &to, "", text);
    let folder = desk.files_folder();
    let name = format!("inbound/{id}");
    let files = Folder::open(folder).unwrap();
    let raw = [SEAL.as_bytes(), raw.as_ref()].concat();
    files.put(&name, raw).await.unwrap();
    let file = File::options().write(true).open(folder.join(name)).unwrap();
    file.set_modified((desk.app.now() - age).into()).unwrap();
}

async fn texts(desk: &Desk<Memory>) -> Vec<String> {
    let conversation = desk.conversation(&maria()).await;
    let text = |message: &serde_json::Value| message["text"].as_str().unwrap().to_owned();
    conversation.iter().map(text).collect()
}

#[tokio::test]
async fn what_has_no_record_is_taken_in_once() {
    let desk = Desk::receiving().await;
    let hours = SignedDuration::from_hours;
    lay(&desk, "b", hours(2), "two").await;
    lay(&desk, "a", hours(24 * 20), "one").await;
    lay(&desk, "c", SignedDuration::from_mins(50), "too new").await;
    lay(&desk, "d", hours(24 * 31), "too old").await;
    lay(
        &desk,
        "AMAZON_SES_SETUP_NOTIFICATION",
        hours(2),
        "not a mail",
    )
    .await;
    let looked = look(&desk.app, AGE, TIME).await.unwrap();
    let expected = Look {
        seen: 2,
        taken: 2,
        ..Look::default()
    };
    assert_eq!(looked, expected);
    assert_eq!(texts(&desk).await, ["one", "two"]);
    // By the function, as the schedule asks it: nothing is taken twice.
    let asked =
        json!({"source": "mensageria.schedule", "look": {"least_minutes": 60, "most_days": 30}});
    ::inbound::handle(&desk.app, asked).await.unwrap();
    assert_eq!(texts(&desk).await, ["one", "two"]);
    // However far back somebody wants to look: the record of a mail may end before its bytes.
    let age = Age {
        most: hours(24 * 365),
        ..AGE
    };
    lay(&desk, "e", hours(24 * 85), "its record is gone").await;
    assert_eq!(look(&desk.app, age, TIME).await.unwrap().taken, 1);
    assert_eq!(texts(&desk).await, ["one", "two", "too old"]);
    let unclear = json!({"look": {}});
    assert!(::inbound::handle(&desk.app, unclear).await.is_err());
}

#[tokio::test]
async fn a_look_without_time_goes_on_where_it_ended() {
    let desk = Desk::receiving().await;
    for number in 0..250 {
        lay(
            &desk,
            &format!("{number:03}"),
            SignedDuration::from_hours(2),
            "x",
        )
        .await;
    }
    let (mut seen, mut looks) = (0, 0);
    loop {
        let looked = look(&desk.app, AGE, Duration::ZERO).await.unwrap();
        (seen, looks) = (seen + looked.seen, looks + 1);
        if !looked.cut_short {
            break;
        }
        assert!(looked.seen > 0, "each look comes further");
    }
    assert!(looks > 2 && seen == 250, "{seen} mails in {looks} looks");
    // The next one begins anew, and finds that all are known.
    let again = look(&desk.app, AGE, TIME).await.unwrap();
    assert_eq!((again.seen, again.taken), (250, 0));
}
