//! Identities: who mail is from, and how it is signed, by the contract of its ticket.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Noun, Precondition, Result, Retrying,
    access::{Caller, Role, clean_name},
    admin::parameters,
    api::IdentityChangeView,
    entity::{self, Entity as _, Loaded},
    pages::{self, Bounds, Rows},
    texts,
};
use domain::{
    address::Mailbox,
    characters::is_one_line,
    identity::{EVERY_CONTRACT, Identity, IdentityState, contract_key},
};
use storage::{Position, Query, Range, Source, Version, keys};

/// Most identities: they are one document with the parameters, which every mail reads.
pub const MAX_IDENTITIES: usize = 50;
/// Longest signature, in characters.
pub const MAX_SIGNATURE: usize = 1000;
/// Longest name of a contract, in characters.
const MAX_CONTRACT: usize = 100;

/// What an identity says; at least one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NewIdentity)]
pub struct New {
    /// Sender, maybe with a name: `Name <address>`. Absent: that of every contract (`*`), parameter
    /// 10, or the stack's.
    #[serde(default)]
    pub from: Option<String>,
    /// Domain of the reply addresses of its mail: `REPLY_DOMAIN` or one of `FURTHER_REPLY_DOMAINS` of the
    /// installation. Absent: that of every contract, then `REPLY_DOMAIN`.
    #[serde(default)]
    pub reply_domain: Option<String>,
    /// Plain text that templates write with `${ASSINATURA}`. Absent: that of every contract.
    #[serde(default)]
    pub signature: Option<String>,
}

/// An identity as it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Identity)]
pub struct IdentityView {
    /// The contract, as tickets name it; `*` for every contract without an identity of its own.
    pub contract: String,
    /// Sender of its mails, `Name <address>`; none: that of the parameters.
    pub from: Option<String>,
    /// Domain of reply addresses.
    pub reply_domain: Option<String>,
    /// Signature of its mails (key `ASSINATURA`), plain text.
    pub signature: Option<String>,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Who changed it: the `sub` of their token.
    pub updated_by: String,
    /// Name from their token; empty in records that are older than this field.
    pub updated_by_name: String,
    /// Mark of the last change, for `If-Match`.
    #[serde(skip)]
    pub etag: String,
}

impl From<Identity> for IdentityView {
    fn from(identity: Identity) -> Self {
        Self {
            contract: identity.contract,
            from: identity.state.from,
            reply_domain: identity.state.reply_domain,
            signature: identity.state.signature,
            updated_at: identity.updated_at,
            updated_by: identity.updated_by,
            updated_by_name: identity.updated_by_name,
            etag: identity.etag,
        }
    }
}

/// Every identity, by contract.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<IdentityView>> {
    caller.require(&[Role::Admin])?;
    let all = parameters::load(app).await?;
    Ok(all.identities.into_values().map(Into::into).collect())
}

/// The identity of a contract.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn read(app: &App, caller: &Caller, contract: &str) -> Result<IdentityView> {
    caller.require(&[Role::Admin])?;
    let mut all = parameters::load(app).await?;
    let found = all.identities.remove(&contract_key(contract));
    Ok(found.ok_or_else(not_found)?.into())
}

/// Sets the identity of a contract; the first time without `If-Match`. `true` when it is new.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::Invalid`] with every finding, [`Code::PreconditionRequired`],
/// [`Code::Stale`], storage.
pub async fn set(
    app: &App,
    caller: &Caller,
    contract: &str,
    new: &New,
    precondition: &Precondition,
) -> Result<(IdentityView, bool)> {
    caller.require(&[Role::Admin])?;
    let contract = clean_name(contract);
    let state = checked(app, &contract, new)?;
    let mut retrying = Retrying::over(app, &keys::parameters()).await;
    loop {
        retrying.round().await?;
        let (mut all, expect) = Loaded::or_default(app.read(entity::Parameters).await?);
        let key = contract_key(&contract);
        let before = all.identities.get(&key).cloned();
        precondition.check(before.as_ref().map(|known| known.etag.as_str()))?;
        let created = before.is_none();
        if created && all.identities.len() >= MAX_IDENTITIES {
            let full = texts::identities::THERE_ARE_AT_MOST_IDENTITIES.phrase();
            return Err(Error::new(Code::Invalid, full.with("max", MAX_IDENTITIES)));
        }
        let identity = Identity {
            contract: contract.clone(),
            state: state.clone(),
            etag: Version::fresh().0,
            updated_at: app.now(),
            updated_by: caller.sub.clone(),
            updated_by_name: caller.name.clone(),
        };
        all.identities.insert(key, identity.clone());
        let change = changed(app, caller, before.as_ref(), Some(&identity))?;
        let all = entity::Parameters.store(&all, expect)?;
        if retrying.commit(vec![all, change]).await? {
            return Ok((identity.into(), created));
        }
    }
}

/// Removes the identity of a contract: what holds for every contract holds for it.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], [`Code::PreconditionRequired`], [`Code::Stale`], storage.
pub async fn remove(
    app: &App,
    caller: &Caller,
    contract: &str,
    precondition: &Precondition,
) -> Result<()> {
    caller.require(&[Role::Admin])?;
    let mut retrying = Retrying::over(app, &keys::parameters()).await;
    loop {
        retrying.round().await?;
        let (mut all, expect) = Loaded::or_default(app.read(entity::Parameters).await?);
        let known = all.identities.remove(&contract_key(contract));
        let known = known.ok_or_else(not_found)?;
        precondition.check(Some(&known.etag))?;
        let change = changed(app, caller, Some(&known), None)?;
        let all = entity::Parameters.store(&all, expect)?;
        if retrying.commit(vec![all, change]).await? {
            return Ok(());
        }
    }
}

/// A change of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityChange {
    /// What it said before; absent when there was none.
    pub before: Option<IdentityState>,
    /// What it says since; absent when it was removed.
    pub after: Option<IdentityState>,
    /// When it was changed, by the clock of the function.
    pub at: Timestamp,
    /// Who: the `sub` of their token.
    pub by: String,
    /// Name from their token, as it was then.
    pub by_name: String,
}

/// Changes of the identity of a contract, newest first; also when it was removed since.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn history(
    app: &App,
    caller: &Caller,
    contract: &str,
    limit: usize,
    after: Option<Position>,
) -> Result<Rows<IdentityChangeView>> {
    caller.require(&[Role::Admin])?;
    let query = Query::of(Source::Partition(keys::parameters().pk), limit)
        .range(Range::Prefix(keys::identity_history_of(&digest(contract))))
        .descending()
        .after(after);
    pages::read(app, query, Bounds::of(limit), |item| {
        let change: IdentityChange = item.decode()?;
        Ok(Some(change.into()))
    })
    .await
}

/// A contract in a key, whatever characters its name has.
fn digest(contract: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(contract_key(contract).as_bytes()))
}

/// The write that records a change.
fn changed(
    app: &App,
    caller: &Caller,
    before: Option<&Identity>,
    after: Option<&Identity>,
) -> Result<storage::Write> {
    let contract = after.or(before).map_or("", |one| one.contract.as_str());
    let change = IdentityChange {
        before: before.map(|identity| identity.state.clone()),
        after: after.map(|identity| identity.state.clone()),
        at: app.now(),
        by: caller.sub.clone(),
        by_name: caller.name.clone(),
    };
    let contract = digest(contract);
    let kept = entity::IdentityChange(&contract, Uuid::now_v7());
    Ok(kept.create(&change)?)
}

fn not_found() -> Error {
    Error::not_found(Noun::Identity)
}

/// What is set, trimmed; an empty text is nothing.
fn checked(app: &App, contract: &str, new: &New) -> Result<IdentityState> {
    let given = |text: &Option<String>| {
        let text = text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        text.map(str::to_owned)
    };
    let new = IdentityState {
        from: given(&new.from),
        reply_domain: given(&new.reply_domain).map(|domain| domain.to_lowercase()),
        signature: given(&new.signature).map(|text| text.replace("\r\n", "\n")),
    };
    let mut findings = app.findings();
    if contract.is_empty() {
        let missing = texts::identities::THE_CONTRACT_AS_TICKETS_NAME.phrase();
        findings.add(
            "CONTRACT_MISSING",
            "contract",
            missing.with("every", EVERY_CONTRACT),
        );
    }
    findings.max_chars("contract", contract, MAX_CONTRACT);
    if let Some(domain) = &new.reply_domain
        && !app.settings.reply_domains().any(|known| known == domain)
    {
        let known: Vec<&str> = app.settings.reply_domains().collect();
        let unknown = texts::identities::NO_REPLY_DOMAIN_OF_THIS_INSTALLATION.phrase();
        let known = known.join(", ");
        findings.add(
            "REPLY_DOMAIN_UNKNOWN",
            "reply_domain",
            unknown.with("known", known),
        );
    }
    if new == IdentityState::default() {
        let nothing = texts::identities::AN_IDENTITY_NEEDS_ONE_OF_THESE.phrase();
        findings.add("IDENTITY_EMPTY", "from", nothing);
    }
    if let Some(from) = &new.from
        && (!is_one_line(from) || Mailbox::parse(from).is_err())
    {
        let address = texts::identities::ONE_ADDRESS_MAYBE_WITH_A_NAME.phrase();
        findings.add("ADDRESS_INVALID", "from", address);
    }
    if let Some(signature) = &new.signature {
        findings.max_chars("signature", signature, MAX_SIGNATURE);
        if signature
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
        {
            let control = texts::identities::NO_CONTROL_CHARACTERS.phrase();
            findings.add("CONTROL_CHARACTER", "signature", control);
        }
    }
    findings.finish(Code::Invalid)?;
    Ok(new)
}
