//! What a person wishes of the mail that they get: they alone read and set it.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    App, Code, Error, Result,
    access::{Caller, Role},
    entity::{self, Entity as _},
    texts,
};
use domain::{
    address::AddressKey, catalog::LanguageTag, delivery::Recipient, preferences::Preferences,
};

/// Longest language tag and time zone, in characters.
const MAX_NAME: usize = 64;

/// What the caller wishes of mails to them; what is absent follows the ticket or the desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Preferences)]
pub struct MyPreferences {
    /// Language of the mails to them, a BCP 47 tag; absent: that of the ticket, else of the desk.
    #[serde(default)]
    pub locale: Option<String>,
    /// IANA time zone of the times in them; absent: that of the ticket, else of the desk.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// No mail that a system wrote: changes of status, news of mails that did not arrive. What people
    /// write arrives all the same.
    #[serde(default)]
    pub mute_automatic: bool,
}

impl From<Preferences> for MyPreferences {
    fn from(wishes: Preferences) -> Self {
        Self {
            locale: wishes.locale,
            time_zone: wishes.time_zone,
            mute_automatic: wishes.mute_automatic,
        }
    }
}

/// The caller's preferences.
///
/// # Errors
/// [`Code::Forbidden`] for callers without an address, storage.
pub async fn read(app: &App, caller: &Caller) -> Result<MyPreferences> {
    Ok(of_address(app, address_of(caller)?).await?.into())
}

/// Sets the caller's preferences.
///
/// # Errors
/// [`Code::Forbidden`] for callers without an address, [`Code::Invalid`] with every finding, storage.
pub async fn set(app: &App, caller: &Caller, new: &MyPreferences) -> Result<MyPreferences> {
    let address = address_of(caller)?;
    let wishes = checked(app, new)?;
    let write = entity::Preferences(address).put(&wishes)?;
    app.store.commit(vec![write]).await?;
    Ok(wishes.into())
}

/// What the person with this address wishes.
pub(crate) async fn of_address(app: &App, address: &AddressKey) -> Result<Preferences> {
    app.read(entity::Preferences(address).or_default()).await
}

/// A recipient as they wish to be written to.
pub(crate) async fn applied(app: &App, to: &Recipient) -> Result<Recipient> {
    Ok(match to.address.key() {
        Some(address) => of_address(app, address).await?.applied_to(to),
        None => to.clone(),
    })
}

/// The address under which the caller's preferences are kept: a person's own.
fn address_of(caller: &Caller) -> Result<&AddressKey> {
    caller.require(&[Role::Requester, Role::Technician, Role::Admin])?;
    caller.email.as_ref().ok_or_else(|| {
        Error::new(
            Code::Forbidden,
            texts::preferences::KEPT_BY_ADDRESS.phrase(),
        )
    })
}

/// What is set, the tag as RFC 5646 writes it; an empty text is nothing.
fn checked(app: &App, new: &MyPreferences) -> Result<Preferences> {
    let given = |text: &Option<String>| {
        let text = text.as_deref().filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let (locale, time_zone) = (given(&new.locale), given(&new.time_zone));
    let mut findings = app.findings();
    let tag = locale.as_deref().map(|text| {
        let tag = LanguageTag::read(text);
        tag.filter(|tag| tag.is_whole() && text.len() <= MAX_NAME && text.trim() == text)
    });
    if tag == Some(None) {
        let wanted = texts::preferences::A_LANGUAGE_TAG.phrase();
        findings.add("LOCALE_INVALID", "locale", wanted);
    }
    let is_zone = |name: &String| name.len() <= MAX_NAME && TimeZone::get(name).is_ok();
    if time_zone.as_ref().is_some_and(|name| !is_zone(name)) {
        let wanted = texts::preferences::A_TIME_ZONE.phrase();
        findings.add("TIME_ZONE_INVALID", "time_zone", wanted);
    }
    findings.finish(Code::Invalid)?;
    Ok(Preferences {
        locale: tag.flatten().map(|tag| tag.to_string()),
        time_zone,
        mute_automatic: new.mute_automatic,
    })
}
