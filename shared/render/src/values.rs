//! From a ticket and a message to the values of the keys.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{RichText, Value, Values};
use domain::{
    catalog::{
        DateOrder, KeyKind, Language, Locale,
        keys::{self, KEYS},
    },
    id::TicketId,
    message::Message,
    ticket::{Person, Ticket},
};

/// Time zone of a mail when neither the recipient nor the settings name a valid one.
const DEFAULT_TIME_ZONE: &str = "America/Sao_Paulo";

/// For whom values are made.
#[derive(Clone, Debug)]
pub struct ValuesContext {
    /// Language of the mail and how it writes days.
    pub locale: Locale,
    /// Time zone of the recipient.
    pub time_zone: TimeZone,
    /// Base of links to tickets (parameter 33, else the console); none, no link.
    pub link_base: Option<String>,
    /// Whether the mail can be answered.
    pub replies: bool,
    /// Signature of the ticket's contract.
    pub signature: Option<String>,
}

impl ValuesContext {
    /// From the names that people and settings use: a BCP 47 tag and an IANA time zone. Names that
    /// are not known fall back to Portuguese and São Paulo.
    pub fn new(locale: &str, time_zone: &str, link_base: Option<&str>) -> Self {
        Self {
            locale: Locale::of(locale),
            time_zone: TimeZone::get(time_zone)
                .or_else(|_| TimeZone::get(DEFAULT_TIME_ZONE))
                .unwrap_or(TimeZone::UTC),
            link_base: link_base.map(str::to_owned),
            replies: false,
            signature: None,
        }
    }

    /// The same for a mail that can be answered, or cannot.
    pub fn answered(self, replies: bool) -> Self {
        Self { replies, ..self }
    }

    /// The same with this signature.
    pub fn signed(self, signature: Option<&str>) -> Self {
        let signature = signature.map(str::to_owned);
        Self { signature, ..self }
    }
}

/// Link to a ticket under the base of parameter 33.
pub fn ticket_link(base: &str, ticket_id: &TicketId) -> String {
    let id = super::escape::url_part(ticket_id.as_str(), true);
    format!("{}/tickets/{id}", base.trim_end_matches('/'))
}

/// A moment as the mail's language writes it.
pub fn format_date_time(at: Timestamp, locale: impl Into<Locale>, time_zone: &TimeZone) -> String {
    let local = at.to_zoned(time_zone.clone());
    let time = local.strftime("%H:%M");
    format!("{} {time}", format_date(local.date(), locale))
}

/// A day as the mail's language writes it.
pub fn format_date(date: Date, locale: impl Into<Locale>) -> String {
    let (day, month, year) = (date.day(), date.month(), date.year());
    match locale.into().dates {
        DateOrder::MonthDayYear => format!("{month:02}/{day:02}/{year:04}"),
        DateOrder::DayMonthYear => format!("{day:02}/{month:02}/{year:04}"),
        DateOrder::YearMonthDay => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// The values of every key of the catalogue that has one, and of the site's own keys.
pub fn values(ticket: &Ticket, message: &Message, context: &ValuesContext) -> Values {
    let mut values = Collector::new(context);
    values.message(message);
    values.ticket(ticket);
    values.spent(ticket, message);
    values.extra(ticket);
    values.values
}

/// The catalogue's samples, for previews without a ticket.
pub fn sample_values(language: Language) -> Values {
    KEYS.iter()
        .map(|key| {
            let sample = key.sample.get(language).to_owned();
            let value = match key.kind {
                KeyKind::Html => Value::Html(RichText::sanitise(&sample)),
                KeyKind::Lines => Value::Lines(sample),
                KeyKind::Link => Value::Link(sample),
                _ => Value::Text(sample),
            };
            (key.name.to_owned(), value)
        })
        .collect()
}

struct Collector<'a> {
    context: &'a ValuesContext,
    values: Values,
}

impl<'a> Collector<'a> {
    fn new(context: &'a ValuesContext) -> Self {
        Self {
            context,
            values: Values::new(),
        }
    }

    fn put(&mut self, key: &'static str, value: Value) {
        debug_assert!(keys::find(key).is_some_and(|known| known.name == key));
        self.values.insert(key.to_owned(), value);
    }

    fn text(&mut self, key: &'static str, text: &str) {
        if !text.is_empty() {
            self.put(key, Value::Text(text.to_owned()));
        }
    }

    fn html(&mut self, key: &'static str, html: &str) {
        if !html.is_empty() {
            self.put(key, Value::Html(RichText::sanitise(html)));
        }
    }

    fn moment(&mut self, key: &'static str, at: Option<Timestamp>) {
        if let Some(at) = at {
            let text = format_date_time(at, self.context.locale, &self.context.time_zone);
            self.put(key, Value::Text(text));
        }
    }

    fn message(&mut self, message: &Message) {
        match &message.html {
            Some(html) => self.html("COMMENTTEXT", html),
            None => self.put("COMMENTTEXT", Value::Lines(message.text.clone())),
        }
        self.text("REGISTRADOPOR", &message.author.name);
        self.moment("DATAHORA", Some(message.created_at));
        self.text("CATEGORIA", &message.category);
        self.text("ORIGEM", &message.origin);
        if let Some(spent) = &message.time_spent {
            self.text(
                "TEMPOGASTODATA",
                &format_date(spent.date, self.context.locale),
            );
            self.text("TEMPOGASTOHORA", &spent.hours);
        }
    }

    fn ticket(&mut self, ticket: &Ticket) {
        self.text("IDSOLICITACAOSERVICO", ticket.id.as_str());
        if let Some(base) = &self.context.link_base {
            self.put(
                "LINKSOLICITACAOSERVICO",
                Value::Link(ticket_link(base, &ticket.id)),
            );
        }
        if self.context.replies {
            let sentence = keys::REPLY_BY_MAIL.get(self.context.locale.language);
            self.text("RESPONDERPOREMAIL", sentence);
        }
        if let Some(signature) = &self.context.signature {
            self.put("ASSINATURA", Value::Lines(signature.clone()));
        }
        let contact = ticket.contact();
        self.text("NOMECONTATO", &contact.name);
        self.text("EMAILCONTATO", contact.email.as_str());
        self.text("TELEFONECONTATO", &contact.phone);
        self.put(
            "INFORMACOESCONTATO",
            Value::Lines(contact_details(ticket, contact)),
        );
        self.text("REQUESTERNAME", &ticket.requester.name);
        self.text("NOMEUNIDADESOLICITANTE", &ticket.requester.department);
        if let Some(responsible) = &ticket.responsible {
            self.text("REQUESTRESPONSIBLENAME", &responsible.name);
        }
        if let Some(owner) = &ticket.owner {
            self.text("RESPONSAVEL", &owner.name);
            self.text("NOMEUNIDADERESPONSAVEL", &owner.department);
        }
        if let Some(group) = &ticket.group {
            self.text("GRUPOATUAL", &group.name);
        }
        if let Some(group) = &ticket.level1_group {
            self.text("GRUPONIVEL1", &group.name);
        }
        self.text("DEMANDA", &ticket.demand);
        self.text("SERVICO", &ticket.activity);
        self.text("SERVICORELACIONADO", &ticket.service);
        self.text("PORTFOLIO", &ticket.portfolio);
        self.text("SITUACAO", &ticket.status);
        self.text("PRIORIDADE", &ticket.priority);
        self.text("URGENCIA", &ticket.urgency);
        self.text("IMPACTO", &ticket.impact);
        self.text("CONTRATO", &ticket.contract);
        self.text("FASEATUAL", &ticket.phase);
        self.text("NOMETAREFA", &ticket.phase);
        self.text("OBSERVACAO", &ticket.observation);
        self.text("IDSOLICITACAORELACIONADA", &ticket.related_id);
        self.html("DESCRICAO", &ticket.description);
        self.html("RESPOSTA", &ticket.response);
        self.moment("DATAHORASOLICITACAOSTR", ticket.requested_at);
        self.moment("DATAHORALIMITESTR", ticket.deadline_at);
        self.moment("DATAHORAFIM", ticket.finished_at);
    }

    /// Time spent in words: what was posted with the message, else what the ticket counts.
    fn spent(&mut self, ticket: &Ticket, message: &Message) {
        let posted = message
            .time_spent
            .as_ref()
            .and_then(|spent| minutes(&spent.hours));
        if let Some(minutes) = posted.or(ticket.time_spent_minutes) {
            let word = match self.context.locale.language {
                Language::En => "minute(s)",
                Language::Pt | Language::Es => "minuto(s)",
            };
            self.put("TEMPOGASTO", Value::Text(format!("{minutes} {word}")));
        }
    }

    /// The site's own keys. One that the catalogue knows fills a gap and hides nothing.
    fn extra(&mut self, ticket: &Ticket) {
        for (name, text) in &ticket.extra {
            let name = keys::find(name).map_or(name.as_str(), |key| key.name);
            self.values
                .entry(name.to_owned())
                .or_insert_with(|| Value::Text(text.clone()));
        }
    }
}

fn contact_details(ticket: &Ticket, contact: &Person) -> String {
    if !ticket.contact_details.is_empty() {
        return ticket.contact_details.clone();
    }
    let known = [&contact.name, contact.email.as_str(), &contact.phone];
    let known = known.into_iter().filter(|line| !line.is_empty());
    let known: Vec<&str> = known.collect();
    known.join("\n")
}

fn minutes(hours: &str) -> Option<u64> {
    let (hours, minutes) = hours.split_once(':')?;
    let hours: u64 = hours.parse().ok()?;
    hours.checked_mul(60)?.checked_add(minutes.parse().ok()?)
}

#[cfg(test)]
mod tests;
