//! What SES says of its account, asked by the sweep and shown to the administrator.

use std::sync::Arc;

use domain::{
    account::{Seen, Standing},
    catalog::Language,
};
use fake_ses::{FakeSes, Settings};
use jiff::SignedDuration;
use service::{
    access::Role,
    admin::readiness::{self, CheckStatus, CheckView},
    outgoing::sending::Sender,
};
use storage::{Item, Storage, Write, keys};
use transport::Outcome;

use super::transport::Act;
use crate::desk::{Desk, caller};
use crate::transport::ses::ses;

const SES: &[(&str, &str)] = &[
    ("MAIL_TRANSPORT", "ses"),
    ("MAIL_IDENTITY", "Mensageria.example"),
    ("CONFIGURATION_SET", "mensageria"),
];

struct Account {
    desk: Desk,
    fake: FakeSes,
    sender: Sender,
}

impl Account {
    async fn with(settings: &[(&str, &str)]) -> Self {
        let desk = Desk::sending_with(settings).await;
        let fake = FakeSes::start().await.unwrap();
        let sender = Sender::new(desk.app.clone(), Arc::new(ses(&fake.url())));
        Self { desk, fake, sender }
    }

    /// The checks that are not as they should be, after a sweep that has reason to ask.
    async fn troubles(&self, change: impl FnOnce(&mut Settings)) -> Vec<(CheckStatus, CheckView)> {
        self.fake.settings(|settings| {
            *settings = Settings::default();
            change(settings);
        });
        self.desk.wait(SignedDuration::from_mins(61));
        self.sender.sweep().await.unwrap();
        troubles(&self.desk).await
    }
}

async fn troubles(desk: &Desk) -> Vec<(CheckStatus, CheckView)> {
    let found = readiness::look(&desk.app, &caller(Role::Admin), Language::En)
        .await
        .unwrap();
    let failed = |check: &CheckView| check.status == CheckStatus::Failed;
    assert_eq!(found.ready, !found.checks.iter().any(failed));
    let troubles = found
        .checks
        .into_iter()
        // Replies by mail are off in this desk.
        .filter(|check| check.status != CheckStatus::Ok && check.id != "reply_domain");
    troubles
        .inspect(|check| assert_ne!(check.fix, "", "{check:?}"))
        .map(|check| (check.status, check))
        .collect()
}

fn ids(troubles: &[(CheckStatus, CheckView)]) -> Vec<(CheckStatus, &'static str)> {
    troubles
        .iter()
        .map(|(status, check)| (*status, check.id))
        .collect()
}

#[tokio::test]
async fn the_administrator_sees_what_ses_says() {
    use CheckStatus::{Failed, Warning};
    let account = Account::with(SES).await;
    assert_eq!(
        ids(&troubles(&account.desk).await),
        [
            (Warning, "ses_account"),
            (Warning, "ses_identity"),
            (Warning, "configuration_set")
        ],
        "nobody has asked yet"
    );
    assert_eq!(ids(&account.troubles(|_| {}).await), []);
    type Change = fn(&mut Settings);
    let cases: [(Change, CheckStatus, &str, &str); 6] = [
        (
            |s| s.production_access = false,
            Warning,
            "ses_account",
            "sandbox",
        ),
        (
            |s| s.sending_enabled = false,
            Failed,
            "ses_account",
            "switched off",
        ),
        (
            |s| s.pending = vec!["mensageria.example".to_owned()],
            Failed,
            "ses_identity",
            "not verified",
        ),
        (
            |s| s.verified = Some(vec!["other.example".to_owned()]),
            Failed,
            "ses_identity",
            "does not have",
        ),
        (
            |s| s.configuration_sets = Some(Vec::new()),
            Failed,
            "configuration_set",
            "does not have mensageria",
        ),
        (
            |s| s.configuration_sets_send = false,
            Failed,
            "configuration_set",
            "switched off",
        ),
    ];
    for (change, status, id, words) in cases {
        let troubles = account.troubles(change).await;
        assert_eq!(ids(&troubles), [(status, id)], "{words}");
        assert!(troubles[0].1.detail.contains(words), "{:?}", troubles[0]);
    }
    assert_eq!(ids(&account.troubles(|_| {}).await), [], "all is fixed");
}

#[tokio::test]
async fn a_sender_outside_of_the_identity_is_named() {
    let account = Account::with(SES).await;
    account.desk.set(10, "desk@elsewhere.example").await;
    let troubles = account.troubles(|_| {}).await;
    assert_eq!(ids(&troubles), [(CheckStatus::Failed, "ses_identity")]);
    account.desk.set(10, "other@mensageria.example").await;
    assert_eq!(ids(&account.troubles(|_| {}).await), []);
}

#[tokio::test]
async fn without_an_identity_to_ask_about_the_others_are_told() {
    let account = Account::with(&[SES[0], SES[2]]).await;
    let troubles = account.troubles(|_| {}).await;
    assert_eq!(ids(&troubles), [(CheckStatus::Warning, "ses_identity")]);
    assert!(troubles[0].1.fix.contains("MAIL_IDENTITY"));
}

/// A refused question is not proof that something is wrong, and none that it is right.
#[tokio::test]
async fn what_ses_did_not_tell_is_a_warning() {
    let account = Account::with(SES).await;
    let seen = Seen {
        account: domain::account::Account {
            rate: None,
            sending: true,
            production: true,
            identity: Standing::Unknown,
            configuration_set: Standing::Unknown,
        },
        identity_name: Some("mensageria.example".to_owned()),
        asked_at: account.desk.now(),
    };
    let item = Item::new(keys::account(), "account", &seen).unwrap();
    let store = &account.desk.store;
    store.commit(vec![Write::put(item)]).await.unwrap();
    let troubles = troubles(&account.desk).await;
    let unknown = ["ses_identity", "configuration_set"].map(|id| (CheckStatus::Warning, id));
    assert_eq!(ids(&troubles), unknown);
    assert!(
        troubles
            .iter()
            .all(|(_, check)| check.detail.starts_with("SES did not tell"))
    );
}

#[tokio::test]
async fn what_is_well_is_asked_each_hour_and_trouble_within_minutes() {
    let account = Account::with(SES).await;
    assert_eq!(ids(&account.troubles(|_| {}).await), []);
    let sweep_after = async |minutes| {
        account.desk.wait(SignedDuration::from_mins(minutes));
        account.sender.sweep().await.unwrap();
        ids(&troubles(&account.desk).await)
    };
    account.fake.settings(|s| s.sending_enabled = false);
    let off = [(CheckStatus::Failed, "ses_account")];
    assert_eq!(sweep_after(30).await, [], "the last answer holds");
    assert_eq!(sweep_after(31).await, off);
    account.fake.settings(|s| s.sending_enabled = true);
    assert_eq!(sweep_after(1).await, off);
    assert_eq!(sweep_after(5).await, []);
}

#[tokio::test]
async fn a_stop_of_the_whole_account_is_named() {
    let desk = Desk::sending().await;
    desk.transport.then(Act::Answer(Outcome::Stop {
        reason: "sending paused".to_owned(),
    }));
    desk.send("one").await;
    let stopped = troubles(&desk).await;
    let found = stopped.iter().find(|(_, check)| check.id == "sending");
    let (status, check) = found.expect("the stop is told");
    assert_eq!(*status, CheckStatus::Failed);
    assert!(check.detail.contains("sending paused"), "{check:?}");
    desk.wait(SignedDuration::from_mins(6));
    assert!(
        troubles(&desk)
            .await
            .iter()
            .all(|(_, check)| check.id != "sending")
    );
}
