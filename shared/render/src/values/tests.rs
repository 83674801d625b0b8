use super::*;
use domain::message::{Author, Channel, Side, TimeSpent};

fn message() -> Message {
    let bia = Author {
        name: "Bia".to_owned(),
        email: None,
        role: Side::Technician,
    };
    let at = "2026-03-14T02:30:00Z".parse().unwrap();
    Message {
        text: "a\nb".to_owned(),
        category: "Acompanhamento".to_owned(),
        origin: "Portal".to_owned(),
        time_spent: Some(TimeSpent {
            date: jiff::civil::date(2026, 3, 14),
            hours: "01:30".to_owned(),
        }),
        ..Message::new(
            uuid::Uuid::nil(),
            &"2041".parse().unwrap(),
            bia,
            Channel::Desk,
            at,
        )
    }
}

fn ticket() -> Ticket {
    serde_json::from_value(serde_json::json!({
        "id": "2041",
        "requester": {"name": "Ana", "email": "ana@example.com"},
        "service": "Acesso remoto",
        "activity": "Restabelecer",
        "extra": {"TITULO": "<b>", "NOMECONTATO": "not Ana", "CONTRACTNAME": "C1"},
    }))
    .unwrap()
}

fn text_of(values: &Values, key: &str) -> String {
    match values.get(key) {
        Some(value) => super::super::slot::text(value).to_owned(),
        None => "-".to_owned(),
    }
}

#[test]
fn dates_follow_language_and_time_zone() {
    for (locale, zone, expected, day) in [
        (
            "pt-BR",
            "America/Sao_Paulo",
            "13/03/2026 23:30",
            "14/03/2026",
        ),
        ("es", "Europe/Madrid", "14/03/2026 03:30", "14/03/2026"),
        ("en-US", "Asia/Tokyo", "03/14/2026 11:30", "03/14/2026"),
        ("xx", "Nowhere/Land", "13/03/2026 23:30", "14/03/2026"),
    ] {
        let values = values(
            &ticket(),
            &message(),
            &ValuesContext::new(locale, zone, None),
        );
        assert_eq!(text_of(&values, "DATAHORA"), expected, "{locale} {zone}");
        assert_eq!(text_of(&values, "TEMPOGASTODATA"), day);
    }
}

#[test]
fn time_spent_is_said_in_words() {
    for (locale, words) in [
        ("pt-BR", "90 minuto(s)"),
        ("en", "90 minute(s)"),
        ("es", "90 minuto(s)"),
    ] {
        let values = values(
            &ticket(),
            &message(),
            &ValuesContext::new(locale, "UTC", None),
        );
        assert_eq!(text_of(&values, "TEMPOGASTO"), words);
    }
}

#[test]
fn service_and_activity_are_not_mixed_up() {
    let values = values(
        &ticket(),
        &message(),
        &ValuesContext::new("pt", "UTC", None),
    );
    assert_eq!(text_of(&values, "SERVICO"), "Restabelecer");
    assert_eq!(text_of(&values, "SERVICORELACIONADO"), "Acesso remoto");
}

#[test]
fn extra_keys_fill_gaps_and_hide_nothing() {
    let values = values(
        &ticket(),
        &message(),
        &ValuesContext::new("pt", "UTC", None),
    );
    assert_eq!(text_of(&values, "TITULO"), "<b>");
    assert_eq!(text_of(&values, "NOMECONTATO"), "Ana");
    assert_eq!(text_of(&values, "CONTRATO"), "C1");
}

#[test]
fn a_link_needs_a_base() {
    let context = ValuesContext::new("pt", "UTC", Some("https://portal.example.com/"));
    let values = values(&ticket(), &message(), &context);
    assert_eq!(
        text_of(&values, "LINKSOLICITACAOSERVICO"),
        "https://portal.example.com/tickets/2041"
    );
}

#[test]
fn there_is_a_sample_for_every_key() {
    for language in Language::ALL {
        let values = sample_values(language);
        assert_eq!(values.len(), KEYS.len());
    }
}
