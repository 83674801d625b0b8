use super::{super::lines::split, Proof, at};

fn lines_taken(text: &str) -> Option<usize> {
    at(&split(text)).map(|found| found.lines)
}

#[test]
fn what_people_write_too_is_no_proof() {
    for (text, proof) in [
        ("Em 05/06 às 14:03 Ana escreveu:", Proof::Weak),
        ("Em 05/06/2025 14:03 o técnico escreveu:", Proof::Weak),
        ("Ana via Suporte <ana@example.com> schrieb:", Proof::Weak),
        ("On Nov 26, 2013 you wrote:", Proof::Dated),
        ("Ana Sol escreveu em 05/06/2025 14:03:", Proof::Dated),
        ("Às 14:03 de 05/06/2025, Ana Sol escreveu:", Proof::Dated),
        (
            "Pada tanggal Kam, 5 Jun 2025 pukul 14.03 Ana <ana@example.com> menulis:",
            Proof::Sure,
        ),
        (
            "Kamis 5 Jun 2025 14:03 Ana <ana@example.com> zzzz:",
            Proof::Dated,
        ),
        ("El 5/6/25 a las 14:03, Ana Sol escribió:", Proof::Sure),
        ("Em 05/06/2025 14:03, Ana Sol escreveu:", Proof::Sure),
        (
            "Em qui., 5 de jun., Ana <ana@example.com> escreveu:",
            Proof::Sure,
        ),
    ] {
        assert_eq!(at(&split(text)).unwrap().proof, proof, "{text}");
    }
}

#[test]
fn attributions_of_many_clients_are_known() {
    for (text, taken) in [
        (
            "Em qui., 5 de jun. de 2025 às 14:03, Ana Sol <ana@example.com> escreveu:",
            1,
        ),
        (
            "On Qui 05/06/25 14:03 , \"Ana Sol\" ana@example.com sent:",
            1,
        ),
        (
            "Em qui., 5 de jun. de 2025 às 14:03, Ana Sol <\nana@example.com> escreveu:",
            2,
        ),
        (
            "Em 5 de jun. de 2025, à(s) 14:03, Ana Sol <ana@example.com> escreveu:",
            1,
        ),
        ("Em 05/06/2025 14:03, Ana Sol escreveu:", 1),
        (
            "Ana Sol <ana@example.com> escreveu no dia quinta, 5/06/2025 à(s) 14:03:",
            1,
        ),
        (
            "Ana Sol <ana@example.com> escreveu (quinta, 5/06/2025 à(s) 14:03):",
            1,
        ),
        (
            "---- Ativado qui, 05 jun 2025 14:03:22 -0300 Ana Sol <ana@example.com> escreveu ----",
            1,
        ),
        // Claws Mail
        (
            "On Thu, 5 Jun 2025 14:03:00 -0300\nAna Sol <ana@example.com> wrote:",
            2,
        ),
        ("Citando Ana Sol <ana@example.com>:", 1),
        (
            "El jue, 5 jun 2025 a las 14:03, Ana Sol (<ana@example.com>) escribió:",
            1,
        ),
        ("El 5/6/25 a las 14:03, Ana Sol escribió:", 1),
        (
            "On Thu, Jun 5, 2025 at 2:03\u{202f}PM Ana Sol <ana@example.com> wrote:",
            1,
        ),
        (
            "On Thursday, June 5th, 2025 at 2:03 PM, Ana Sol <ana@example.com>\nwrote:",
            2,
        ),
        ("On Thu, 5 Jun 2025, Ana Sol wrote:", 1),
        (
            "Am Do., 5. Juni 2025 um 14:03 Uhr schrieb Ana Sol <\nana@example.com>:",
            2,
        ),
        (
            "Op do 5 jun 2025 om 14:03 schreef Ana Sol <ana@example.com>:",
            1,
        ),
        ("чт, 5 июн. 2025 г. в 14:03, Ana Sol <ana@example.com>:", 1),
        ("05.06.2025, 14:03, \"Ana Sol\" <ana@example.com>:", 1),
        ("- Le 5 juin 2025 à 14:03, Ana Sol a écrit :", 1),
        ("At 14:03 05/06/2025 -0300, you wrote:", 1),
        ("At 02:03 PM 6/5/2025, Ana Sol wrote:", 1),
        (
            "чт, 5 черв. 2025 р. о 14:03 Ana Sol <ana@example.com> пише:",
            1,
        ),
        (
            "Am Do., 5. Juni 2025 um 14:03 Uhr schrieb Ana via Suporte <ana@example.com>:",
            1,
        ),
        (
            "On Thu, Jun 5, 2025 at\n2:03 PM Ana Sol <ana@example.com> wrote:",
            2,
        ),
        (
            "On Thu, Jun 5, 2025 at 2:03 PM joao silva <joao@example.com> wrote:",
            1,
        ),
        (
            "Em qui., 5 de jun.\nde 2025 às 14:03, Dr. Ana Sol <ana@example.com>\nescreveu:",
            3,
        ),
        (
            "Ana Sol <ana@example.com>\nescreveu no dia quinta, 5/06/2025 à(s) 14:03:",
            2,
        ),
        (
            "Il giorno gio 5 giu 2025 alle ore 14:03 Ana Sol <ana@example.com> ha scritto:",
            1,
        ),
        ("Em 05/06/2025 14:03, joao silva escreveu:", 1),
        (
            "On Nov 21, 2014,\nat 10:18,\nAna Sol <ana@example.com> wrote:",
            3,
        ),
        ("Am 05.06.25 um 14:03 schrieb Ana Sol:", 1),
        (
            "Am Donnerstag, dem 05.06.2025 um 14:03 +0200 schrieb Ana Sol:",
            1,
        ),
        ("Jun 5, 2025, 14:03 by ana@example.com:", 1),
        ("5 de jun. de 2025 14:03 de ana@example.com:", 1),
        (
            "Wiadomość napisana przez Ana Sol <ana@example.com> w dniu 5 cze 2025, o godz. 14:03:",
            1,
        ),
        ("Вы писали 5 июня 2025 г., 14:03:22:", 1),
        ("Citeren Ana Sol <ana@example.com>:", 1),
        (
            "On Jun 5, 2025, 2:03 PM -0300, Ana Sol <ana@example.com>, wrote:",
            1,
        ),
        (
            "Ana Sol <ana@example.com> 于2025年6月5日周四 14:03写道：",
            1,
        ),
        (
            "2025년 6월 5일 (목) 오후 2:03, Ana Sol <ana@example.com>님이 작성:",
            1,
        ),
        (
            "26.11.2026. у 19:02, Ana Sol <ana@example.com> је написао/ла:",
            1,
        ),
        ("2026-11-26, kt, 19:02 Ana Sol <ana@example.com> parašė:", 1),
        (
            "ceturtd., 2026. g. 26. nov. plkst. 19:02 Ana Sol <ana@example.com> rakstīja:",
            1,
        ),
        ("در 2026-11-26 19:02، Ana Sol <ana@example.com> نوشت:", 1),
        (
            "V V čet., 5. jun. 2025 ob 14:03 je oseba Ana <ana@example.com> napisala:",
            1,
        ),
    ] {
        assert_eq!(lines_taken(text), Some(taken), "{text}");
    }
}

#[test]
fn it_is_known_wherever_it_is_wrapped() {
    for attribution in [
        "Em 26 de nov. de 2026, à(s) 19:02, Central de Serviços <desk@example.com> escreveu:",
        "Em qui., 26 de nov. de 2026 às 19:02, Central de Serviços <desk@example.com> escreveu:",
        "Central de Serviços <desk@example.com> escreveu no dia quinta, 26/11/2026 à(s) 19:02:",
        "Central de Serviços <desk@example.com> escreveu (quinta, 26/11/2026 à(s) 19:02):",
        "El 26 nov 2026, a la(s) 19:02, Central de Serviços <desk@example.com> escribió:",
        "On Nov 26, 2026, at 19:02, Central de Serviços <desk@example.com> wrote:",
        "Pe joi, 26 nov. 2026 la 19:02, Central de Serviços <desk@example.com> a scris:",
    ] {
        for (at, _) in attribution.match_indices(' ') {
            let (head, tail) = attribution.split_at(at);
            // A name alone on its line, and the beginning of a date, may be a person's.
            let address = attribution.find('>').unwrap();
            if at < 20 || attribution.starts_with("Central") && at < address {
                continue;
            }
            let wrapped = format!("{head}\n{}\n> Oi", tail.trim_start());
            assert_eq!(lines_taken(&wrapped), Some(2), "{wrapped}");
        }
    }
}

#[test]
fn what_people_write_is_none() {
    for text in [
        "On the other hand, we wrote:",
        "On average, this works well.",
        "Em anexo segue o que o cliente escreveu:",
        "Em 10/06 às 14:00 a impressora parou.",
        "Segue o contato: ana@example.com",
        "O manual diz como escreveu o fabricante: reiniciar",
        "Das 10:30 às 11:45:",
        "2024-01-15 14:30:25",
        "Favor enviar para Ana <ana@example.com>:",
        "On Monday I wrote:",
        "On Monday at 10:30 I wrote:",
        "Em 05/06 o técnico escreveu:",
        "Em 05/06 às 14:03 liguei, ninguém atendeu, e o técnico escreveu:",
        "Em 05/06 às 14:03 mandei o log para Ana <ana@example.com> e ela escreveu:",
        "Em 10/06/2025 às 14:00 a impressora parou. O técnico escreveu:",
        "Em 10/06/2025 às 14:00 a rede caiu novamente.\nO técnico escreveu:",
        "",
    ] {
        assert_eq!(lines_taken(text), None, "{text}");
    }
}

#[test]
fn what_stands_directly_above_is_no_part_of_it() {
    for (above, attribution) in [
        ("Am Montag um 10:00", "Am 24.11.26 um 09:12 schrieb Ana:"),
        (
            "Montag",
            "Am Dienstag, dem 24.11.2026 um 09:12 +0100 schrieb Ana:",
        ),
        ("Am 30.11.2026", "Ana schrieb am 24.11.2026 um 09:12:"),
        ("At 5 PM", "Ana <ana@example.com> writes:"),
        ("El 30/11/2026", "Ana <ana@example.com> escribió:"),
        ("Le 24 novembre à 10:00", "Ana <ana@example.com> a écrit :"),
        (
            "W dniu 30.11.2026 o 10:00",
            "wt., 24 lis 2026 o 09:12 Ana <ana@example.com> napisał(a):",
        ),
        ("Вторник", "24.11.2026 09:12, Ana пишет:"),
        (
            "Пн в 10:00",
            "вт, 24 нояб. 2026 г. в 09:12, Ana <ana@example.com>:",
        ),
        (
            "På måndag",
            "den tisdag 24 november 2026 kl. 09:12:33 CET skrev Ana <ana@example.com>:",
        ),
        ("14:00", "Às 09:12 de 24/11/2026, Ana escreveu:"),
        ("11 99999-0000", "Ana escreveu em 24/11/2026 09:12:"),
    ] {
        let text = format!("{above}\n{attribution}");
        assert_eq!(lines_taken(&text), None, "{text}");
        assert_eq!(lines_taken(attribution), Some(1), "{attribution}");
    }
}

#[test]
fn a_date_directly_above_one_without_a_date_is_an_answer() {
    for attribution in [
        "Central de Serviços <desk@example.com> escreveu:",
        "Central <desk@example.com> escribió:",
        "Central <desk@example.com> wrote:",
        "\"Central\" <desk@example.com> writes:",
        "Central de Serviços escreveu:",
        "Central de Serviços de TI da Universidade Federal do Sul da Bahia\n<desk@example.com> escreveu:",
        "Central de Serviços de TI da Universidade Federal do Sul da Bahia\n<desk@example.com> escreveu em 05/06/2025 14:03:",
    ] {
        for answer in [
            "Pode vir no dia 30/11/2026 às 14:00",
            "Parou ontem, 26/11/2026 09:00",
            "It works on Monday 11/30/2026 at 10:00",
            "El 30/11/2026 a las 10:00",
            "On 11/30/2026 at 9:00 AM",
            "Segunda-feira às 10:00",
            "Segunda-feira",
            "30/11/2026 14:00",
            "14:00",
            "4471",
            "11 99999-0000",
            "Ligue para 11 99999-0000",
        ] {
            let text = format!("{answer}\n{attribution}\n> Oi");
            let lines = split(&text);
            assert_eq!(lines_taken(&text), None, "{text}");
            assert_eq!(super::within(&lines[0], &lines[1..]), None, "{text}");
        }
    }
}

#[test]
fn it_begins_behind_an_answer_on_the_same_line() {
    for (answer, attribution) in [
        ("👍", "Em 24/11/2026 09:12, Ana escreveu:"),
        (
            "terça",
            "Em ter., 24 de nov. de 2026 às 09:12, Ana <ana@example.com> escreveu:",
        ),
        (
            "IP 10.0.0.5",
            "terça-feira, 24 de novembro de 2026 09:12 -0300 de Ana <ana@example.com>:",
        ),
        (
            "(11) 95555-0000",
            "terça-feira, 24 de novembro de 2026 09:12 -0300 de Ana <ana@example.com>:",
        ),
        (
            "Sì, grazie.",
            "Il giorno mar 24 nov 2026 alle ore 09:12 Ana <ana@example.com> ha scritto:",
        ),
        (
            "Да, работает",
            "вт, 24 нояб. 2026 г. в 09:12, Ana <ana@example.com>:",
        ),
        (
            "Tak, działa",
            "wt., 24 lis 2026 o 09:12 Ana <ana@example.com> napisał(a):",
        ),
        (
            "",
            "On Nov 24, 2026, 9:12 AM -0300, Ana <ana@example.com>, wrote:",
        ),
    ] {
        let line = format!("{answer} {attribution}");
        let found = super::within(&split(&line)[0], &split("> Oi"));
        let wanted = (!answer.is_empty()).then_some(answer.len() + 1);
        assert_eq!(found, wanted, "{line}");
    }
}

#[test]
fn names_that_hold_short_weekdays_stay_in_one_piece() {
    for name in [
        "Suporte TI",
        "Central de TI",
        "Equipe de TI",
        "Bia - TI",
        "Equipe Mar",
        "Frei Dom",
        "Sex Shop",
        "Central Do Povo",
        "Team Di",
        "So La",
        "Ma Su",
        "Equipe Sa",
        "Paróquia Pe. Ana",
        "Sala Fr. Luís",
        "Clube Pá",
        "Equipe Sáb",
        "Plantão Mar 24h",
        "TI 24h",
        "TI",
    ] {
        for attribution in [
            "Em qui., 26 de nov. de 2026 às 19:02, NAME <desk@example.com> escreveu:",
            "Em 26 de nov. de 2026, à(s) 19:02, NAME <desk@example.com> escreveu:",
            "Em quinta-feira, 26 de novembro de 2026 às 19:02:15 BRT, NAME <desk@example.com> escreveu:",
            "On Thu, Nov 26, 2026 at 7:02 PM NAME <desk@example.com> wrote:",
            "Pe joi, 26 nov. 2026 la 19:02, NAME <desk@example.com> a scris:",
            "În joi, 26 nov. 2026 la 19:02 NAME <desk@example.com> a scris:",
            "เมื่อ พฤ. 26 พ.ย. 2026 เวลา 19:02 NAME <desk@example.com> เขียนว่า:",
            "NAME <desk@example.com> escreveu (quinta, 26/11/2026 à(s) 19:02):",
        ] {
            let line = attribution.replace("NAME", name);
            for below in ["> Oi", "\nOi", "Oi"] {
                let found = super::within(&split(&line)[0], &split(below));
                assert_eq!(found, None, "{line}");
            }
            assert_eq!(lines_taken(&line), Some(1), "{line}");
            let wrapped = line.replace(" <desk", " <\ndesk");
            let lines = split(&wrapped);
            assert_eq!(super::within(&lines[0], &lines[1..]), None, "{line}");
        }
    }
}

#[test]
fn a_weekday_within_a_sentence_begins_nothing() {
    for line in [
        "Falei com o analista da TI <ti@example.com> e ele me escreveu:",
        "Preciso Ter acesso. O RH <rh@example.com> escreveu:",
        "A Seg. Patrimonial <seg@example.com> escreveu:",
        "O pessoal da TI <ti@example.com> escreveu:",
    ] {
        let found = super::within(&split(line)[0], &split("\nReinicie o roteador."));
        assert_eq!(found, None, "{line}");
    }
    for line in [
        "TI <ti@example.com> escreveu:",
        "Mar <mar@example.com> escreveu:",
        "El técnico <tecnico@example.com> escribió:",
        "Il tecnico <tecnico@example.com> ha scritto:",
        "Le technicien <tech@example.com> a écrit :",
        "On duty <duty@example.com> wrote:",
    ] {
        let proof = at(&split(line)).map(|found| found.proof);
        assert!(
            matches!(proof, None | Some(Proof::Weak)),
            "{line}: {proof:?}"
        );
    }
}

#[test]
fn it_ends_where_a_blank_line_stands() {
    assert_eq!(lines_taken("Em 05/06/2025 14:03,\n\nAna escreveu:"), None);
}

#[test]
fn it_begins_behind_an_answer_whatever_the_program() {
    let answers = [
        "Sim.",
        "Sim. Patrimônio 4471.",
        "Pode vir às 14:00.",
        "Funcionou, obrigada",
        "Não sei dizer o modelo",
        "Ok",
    ];
    // A name in front of the date may hold "Ok", too.
    for (attribution, most) in [
        (
            "Central <desk@example.com> escreveu no dia 05/06/2025, às 14:03:",
            5,
        ),
        (
            "Central <desk@example.com> 于2025年6月5日周四 14:03写道：",
            5,
        ),
        ("Às 14:03 de 05/06/2025, Central escreveu:", 6),
        (
            "En jueves, 5 de junio de 2025, 14:03:09 GMT-3, Central <desk@example.com> escribió:",
            6,
        ),
        (
            "Em quinta-feira, 5 de junho de 2025 14:03:09 BRT, Central <desk@example.com> escreveu:",
            6,
        ),
        (
            "On 5 Jun 2025, at 14:03, Central <desk@example.com> wrote:",
            6,
        ),
        ("05.06.2025, 14:03, \"Central\" <desk@example.com>:", 6),
        ("5 de jun. de 2025, 14:03 por desk@example.com:", 6),
        ("Jun 5, 2025, 14:03 by desk@example.com:", 6),
        (
            "---- On Thu, 05 Jun 2025 14:03:09 -0300 Central <desk@example.com> wrote ----",
            6,
        ),
        ("Citando Central <desk@example.com>:", 6),
        ("Quoting Central <desk@example.com>:", 6),
        ("чт, 5 июн. 2025 г. в 14:03, Central <desk@example.com>:", 6),
        (
            "czw., 5 cze 2025 o 14:03 Central <desk@example.com> napisał(a):",
            6,
        ),
        ("2025年6月5日(木) 14:03 Central <desk@example.com>:", 6),
        (
            "2025년 6월 5일 (목) 오후 2:03, Central <desk@example.com>님이 작성:",
            6,
        ),
        (
            "5 Haz 2025 Per 14:03 tarihinde Central <desk@example.com> şunu yazdı:",
            6,
        ),
    ] {
        let alone = super::within(&split(attribution)[0], &split("\n> Oi"));
        assert_eq!(alone, None, "{attribution}");
        for answer in &answers[..most] {
            let line = format!("{answer} {attribution}");
            let found = super::within(&split(&line)[0], &split("\n> Oi"));
            assert_eq!(found, Some(answer.len() + 1), "{line}");
        }
    }
    for (line, begins) in [
        (
            "Até segunda 26 nov 2026, 09:27 por desk@example.com:",
            "26 nov",
        ),
        (
            "Pode vir 30/11/2026 às 14:00 Central <desk@example.com> escreveu em 05/06/2025 14:03:",
            "",
        ),
        (
            "Pode vir no dia 30/11/2026 às 14:00 Central <desk@example.com> escreveu em 05/06/2025 14:03:",
            "",
        ),
    ] {
        let found = super::within(&split(line)[0], &split("> Oi"));
        let wanted = line.find(begins).filter(|_| !begins.is_empty());
        assert_eq!(found, wanted, "{line}");
    }
    for attribution in [
        "Equipe técnica TI <ti@example.com> escreveu no dia 05/06/2025, às 14:03:",
        "Equipe 24/7 <desk@example.com> escreveu em 05/06/2025 14:03:",
        "Ana Sol 05/06/2025 14:03 <ana@example.com> wrote:",
        "Ana em qui., 5 de jun. de 2025 às 14:03 <ana@example.com> escreveu:",
    ] {
        let found = super::within(&split(attribution)[0], &split("\n> Oi"));
        assert_eq!(found, None, "{attribution}");
    }
}
