//! Canned answers: texts that people of the desk write again and again, of one person, of a group or
//! of all, with keys that are filled from the ticket.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, Code, Error, Finding, Noun, Precondition, Result, Retrying,
    access::{Caller, Role, group_name},
    api::CannedAnswerContent,
    desk::tickets,
    entity::{self, Entity as _, Loaded},
    idempotency::{self, Once, Replayable},
    pages, texts,
};
use domain::{
    characters::{composed, is_blank},
    diagnostic::{Part, Severity},
    id::TicketId,
    message::{Author, Channel, Message, Side},
    source::Source,
    ticket::Ticket,
};
use render::{Compiled, Mode, RenderContext, ValuesContext, compile, values};
use storage::{Expect, Query, Write, keys};

/// Longest title, in characters.
const MAX_TITLE: usize = 100;
/// Longest text, in characters.
const MAX_TEXT: usize = 10_000;
/// Most canned answers of a person, of a group, or of all.
const MAX_CANNED_ANSWERS: usize = 200;

/// Whose canned answer it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Owner {
    /// The person who wrote it: nobody else sees it.
    #[default]
    Me,
    /// A group: its members read and write it.
    Group,
    /// Everybody of the desk reads it, administrators write it.
    All,
}

/// A canned answer as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = NewSnippet)]
pub struct New {
    /// What it is found by.
    pub title: String,
    /// Plain text, with `${KEY}`.
    pub text: String,
    /// Whose it is; `me` when absent. It stays what it was made as.
    #[serde(default)]
    pub of: Owner,
    /// The group, when it is of one.
    #[serde(default)]
    pub group: Option<String>,
}

/// A canned answer as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannedAnswer {
    /// UUIDv7, given when it is written.
    pub id: Uuid,
    /// What it is found by.
    pub title: String,
    /// Plain text, with `${KEY}`.
    pub text: String,
    /// Who may read and change it.
    pub of: Owner,
    /// The group, when it is of one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<String>,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Who changed it: the `sub` of their token.
    pub updated_by: String,
    /// Name from their token, as it was then.
    pub updated_by_name: String,
}

/// A canned answer with its mark, and filled for a ticket where that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SnippetView)]
pub struct CannedAnswerView {
    /// The canned answer itself; its fields stand beside the others.
    #[serde(flatten)]
    pub canned_answer: CannedAnswerContent,
    /// Whether the caller may change it.
    pub can_write: bool,
    /// The text with the ticket's values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<String>,
    /// Mark of the last change, for `If-Match`.
    #[serde(skip)]
    pub etag: String,
}

/// What a request with an `Idempotency-Key` made.
#[derive(Serialize, Deserialize)]
struct Created {
    #[serde(rename = "snippet")]
    canned_answer: CannedAnswer,
    etag: String,
}

/// Where the canned answers of an owner are.
fn place(caller: &Caller, of: Owner, group: Option<&str>) -> String {
    match of {
        Owner::Me => keys::canned_answers_of_person(&caller.reader()),
        Owner::Group => keys::canned_answers_of_group(&group_name(group.unwrap_or_default())),
        Owner::All => keys::CANNED_ANSWERS_OF_ALL.to_owned(),
    }
}

/// Every place that the caller reads.
fn places(caller: &Caller) -> Vec<String> {
    let mut places = vec![
        place(caller, Owner::Me, None),
        keys::CANNED_ANSWERS_OF_ALL.to_owned(),
    ];
    places.extend(
        caller
            .groups
            .iter()
            .map(|name| keys::canned_answers_of_group(name)),
    );
    places
}

fn may_write(caller: &Caller, of: Owner, group: Option<&str>) -> bool {
    match of {
        Owner::Me => true,
        Owner::Group => caller
            .groups
            .contains(&group_name(group.unwrap_or_default())),
        Owner::All => caller.is(Role::Admin),
    }
}

fn view(caller: &Caller, canned_answer: Loaded<CannedAnswer>) -> CannedAnswerView {
    shown(caller, canned_answer.value, canned_answer.version.0)
}

fn shown(caller: &Caller, canned_answer: CannedAnswer, etag: String) -> CannedAnswerView {
    CannedAnswerView {
        can_write: may_write(caller, canned_answer.of, canned_answer.group.as_deref()),
        canned_answer: canned_answer.into(),
        filled: None,
        etag,
    }
}

/// The canned answers that the caller may use, by title.
///
/// # Errors
/// [`Code::Forbidden`], storage.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<CannedAnswerView>> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let queries: Vec<_> = places(caller).into_iter().map(all_at).collect();
    let pages = pages::each(app, queries.clone()).await?;
    let mut found = Vec::new();
    for (query, page) in queries.into_iter().zip(pages) {
        let mut items = page.items;
        if page.next.is_some() {
            items.extend(pages::items(app, query.after(page.next)).await?);
        }
        for item in &items {
            found.push(view(caller, Loaded::of(item)?));
        }
    }
    found.sort_by_cached_key(|one| (one.canned_answer.title.to_lowercase(), one.canned_answer.id));
    Ok(found)
}

fn all_at(place: String) -> Query {
    Query::of(storage::Source::Partition(place), MAX_CANNED_ANSWERS)
}

/// One of them; filled with the values of a ticket that the caller works on, where one is named.
///
/// # Errors
/// [`Code::Forbidden`], [`Code::NotFound`], storage.
pub async fn read(
    app: &App,
    caller: &Caller,
    id: Uuid,
    ticket_id: Option<&TicketId>,
) -> Result<CannedAnswerView> {
    let (_, found) = found(app, caller, id).await?;
    let mut view = view(caller, found);
    if let Some(ticket_id) = ticket_id {
        let wanted = (entity::Ticket(ticket_id), entity::Parameters.or_default());
        let (ticket, parameters) = app.read(wanted).await?;
        let record = tickets::visible_to_desk(caller, ticket)?;
        let signature = parameters.signature_of(&record.ticket.contract);
        let compiled = compiled(&view.canned_answer.text)?;
        view.filled = Some(fill(app, caller, &compiled, &record.ticket, signature));
    }
    Ok(view)
}

/// Writes a new one.
///
/// # Errors
/// [`Code::Forbidden`] for all but administrators where it is for all, and for a group that the caller
/// is not in; [`Code::Invalid`] with every finding; [`Code::IdempotencyMismatch`]; storage.
pub async fn create(
    app: &App,
    caller: &Caller,
    new: &New,
    once: Option<&Once>,
) -> Result<Replayable<CannedAnswerView>> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let group = new.group.as_deref().filter(|_| new.of == Owner::Group);
    check(app, new)?;
    if !may_write(caller, new.of, group) {
        return Err(not_theirs());
    }
    let place = place(caller, new.of, group);
    let id = Uuid::now_v7();
    let answer = entity::CannedAnswer(&place, id);
    let mut retrying = Retrying::over(app, &answer.key()).await;
    loop {
        retrying.round().await?;
        let answered = app.read(once.map(Once::entity)).await?;
        if let Some(earlier) = idempotency::earlier::<Created>(once, answered)? {
            let (
                Created {
                    canned_answer,
                    etag,
                },
                _,
            ) = earlier.into_parts();
            return Ok(Replayable::Replayed(shown(caller, canned_answer, etag)));
        }
        let there = pages::items(app, all_at(place.clone())).await?;
        if there.len() >= MAX_CANNED_ANSWERS {
            let full = texts::canned_answers::THERE_ARE_AT_MOST_CANNED_ANSWERS_HERE.phrase();
            return Err(Error::new(
                Code::Invalid,
                full.with("max", MAX_CANNED_ANSWERS),
            ));
        }
        let canned_answer = canned_answer(app, caller, id, new, group);
        let item = answer.item(&canned_answer)?;
        let etag = item.version.0.clone();
        let created = Created {
            canned_answer,
            etag,
        };
        let mut writes = vec![Write::create(item)];
        writes.extend(idempotency::record(app, once, &created)?);
        if retrying.commit(writes).await? {
            return Ok(Replayable::Fresh(shown(
                caller,
                created.canned_answer,
                created.etag,
            )));
        }
    }
}

/// Changes one; whose it is stays as it is.
///
/// # Errors
/// As [`create`], and [`Code::NotFound`], [`Code::PreconditionRequired`], [`Code::Stale`].
pub async fn update(
    app: &App,
    caller: &Caller,
    id: Uuid,
    new: &New,
    precondition: &Precondition,
) -> Result<CannedAnswerView> {
    caller.require(&[Role::Technician, Role::Admin])?;
    check(app, new)?;
    let (place, _) = found(app, caller, id).await?;
    let answer = entity::CannedAnswer(&place, id);
    let mut retrying = Retrying::over(app, &answer.key()).await;
    loop {
        retrying.round().await?;
        let known = writable(app, caller, answer, precondition).await?;
        let same = New {
            of: known.value.of,
            ..new.clone()
        };
        let canned_answer = canned_answer(app, caller, id, &same, known.value.group.as_deref());
        let item = answer.item(&canned_answer)?;
        let view = shown(caller, canned_answer, item.version.0.clone());
        let write = Write::replace(item, known.version);
        if retrying.commit(vec![write]).await? {
            return Ok(view);
        }
    }
}

/// Deletes one.
///
/// # Errors
/// As [`update`].
pub async fn remove(
    app: &App,
    caller: &Caller,
    id: Uuid,
    precondition: &Precondition,
) -> Result<()> {
    let (place, _) = found(app, caller, id).await?;
    let answer = entity::CannedAnswer(&place, id);
    let mut retrying = Retrying::over(app, &answer.key()).await;
    loop {
        retrying.round().await?;
        let known = writable(app, caller, answer, precondition).await?;
        let write = Write::delete(answer.key(), Expect::Version(known.version));
        if retrying.commit(vec![write]).await? {
            return Ok(());
        }
    }
}

/// One that the caller reads, and where it is.
async fn found(app: &App, caller: &Caller, id: Uuid) -> Result<(String, Loaded<CannedAnswer>)> {
    caller.require(&[Role::Technician, Role::Admin])?;
    let places = places(caller);
    let wanted = places.iter().map(|place| entity::CannedAnswer(place, id));
    let found = app.read(wanted.collect::<Vec<_>>()).await?;
    let mut found = places.iter().cloned().zip(found);
    let found = found.find_map(|(place, one)| Some((place, one?)));
    found.ok_or_else(|| Error::not_found(Noun::CannedAnswer))
}

async fn writable(
    app: &App,
    caller: &Caller,
    answer: entity::CannedAnswer<'_>,
    precondition: &Precondition,
) -> Result<Loaded<CannedAnswer>> {
    let known = app.read(answer).await?;
    let known = known.ok_or_else(|| Error::not_found(Noun::CannedAnswer))?;
    if !may_write(caller, known.value.of, known.value.group.as_deref()) {
        return Err(not_theirs());
    }
    precondition.check(Some(&known.version.0))?;
    Ok(known)
}

fn not_theirs() -> Error {
    Error::new(
        Code::Forbidden,
        texts::canned_answers::THOSE_OF_ALL_ARE_FOR_ADMINISTRATORS.phrase(),
    )
}

fn canned_answer(
    app: &App,
    caller: &Caller,
    id: Uuid,
    new: &New,
    group: Option<&str>,
) -> CannedAnswer {
    CannedAnswer {
        id,
        title: composed(new.title.trim()).into_owned(),
        text: new.text.clone(),
        of: new.of,
        group: group.map(str::to_owned),
        updated_at: app.now(),
        updated_by: caller.sub.clone(),
        updated_by_name: caller.name.clone(),
    }
}

fn check(app: &App, new: &New) -> Result<()> {
    let mut findings = app.findings();
    for (field, text) in [("title", &new.title), ("text", &new.text)] {
        if is_blank(text) {
            let missing = texts::canned_answers::IS_MISSING.phrase();
            findings.add("FIELD_MISSING", field, missing);
        }
    }
    findings.max_chars("title", &new.title, MAX_TITLE);
    findings.one_line("title", new.title.trim());
    findings.max_chars("text", &new.text, MAX_TEXT);
    if new.of == Owner::Group && new.group.as_deref().is_none_or(is_blank) {
        let missing = texts::canned_answers::SAY_OF_WHICH_GROUP.phrase();
        findings.add("GROUP_MISSING", "group", missing);
    }
    if let Some(group) = &new.group {
        findings.one_line("group", group);
    }
    findings.finish(Code::Invalid)?;
    compiled(&new.text).map(drop)
}

/// The text as a template: its keys are those of templates.
fn compiled(text: &str) -> Result<Compiled> {
    let source = Source {
        title: "-".to_owned(),
        html: "<p>-</p>".to_owned(),
        text: Some(text.to_owned()),
        ..Source::default()
    };
    compile(&source, Mode::Strict).map_err(|diagnostics| {
        let wrong = diagnostics
            .iter()
            .filter(|one| one.severity == Severity::Error && one.part == Part::Text);
        let findings = wrong.map(|one| Finding {
            field: Some("text".to_owned()),
            ..Finding::of_template(one, None)
        });
        let detail = texts::canned_answers::THE_TEXT_HAS_KEYS_THAT_ARE_WRONG.phrase();
        Error::new(Code::Invalid, detail).with_errors(findings.collect())
    })
}

fn fill(
    app: &App,
    caller: &Caller,
    compiled: &Compiled,
    ticket: &Ticket,
    signature: Option<&str>,
) -> String {
    let settings = &app.settings;
    let to = &ticket.requester;
    let locale = to.locale.as_deref().unwrap_or(&settings.default_locale);
    let zone = to
        .time_zone
        .as_deref()
        .unwrap_or(&settings.default_time_zone);
    let context = ValuesContext::new(locale, zone, None).signed(signature);
    let author = Author {
        name: caller.name.clone(),
        email: caller.email.clone(),
        role: Side::Technician,
    };
    let message = Message::new(Uuid::nil(), &ticket.id, author, Channel::Desk, app.now());
    let values = values(ticket, &message, &context);
    let rendering = RenderContext {
        locale: context.locale,
        time_zone: context.time_zone.clone(),
        link_maker: None,
    };
    // What cannot be filled is left to the person who reads it before it is sent.
    let rendered = compiled.render(&values, &rendering);
    rendered.map_or_else(|_| String::new(), |rendered| rendered.text)
}
