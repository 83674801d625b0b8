use super::{super::lines::split, is_all, says_nothing, sift, start};

fn kept(text: &str) -> String {
    let lines = split(text);
    let lines: Vec<_> = lines.iter().collect();
    let end = start(&lines, false).unwrap_or(lines.len());
    let kept: Vec<_> = lines[..end].iter().map(|l| l.raw).collect();
    kept.join("\n").trim_end().to_owned()
}

#[test]
fn signatures_are_found() {
    for signature in [
        "-- \nAna Sol",
        "--\nAna Sol\nAnalista",
        "--",
        "__\nlista-interna",
        "—\nAna Sol",
        "_________\nAna Sol\n+55 11 5555-0100",
        "Enviado do meu iPhone",
        "Enviado do meu Galaxy",
        "Obter o Outlook para Android<https://aka.ms/x>",
        "Enviado do Outlook para iOS",
        "Enviado desde mi iPhone",
        "Sent from my iPad",
        "Von meinem iPhone gesendet",
        "Atenciosamente,\n\nAna Sol\nAnalista de suporte",
        "Att.\nAna",
        "Atenciosamente,\n\n[Logotipo Descrição gerada automaticamente]\nAna Sol | Analista",
        "Saludos,\n[Texto Descripción generada]<https://example.com>\n\nAna Sol",
        "Regards,\n\n[A picture containing text]\nAna Sol",
        "Thanks & Regards,\nAna Sol",
        "Att,\n\n[cid:image001.png@01DBD5F2.3A4B5C60]",
        "Att,\n\n[image.png]",
        "Atenciosamente,\n[Logotipo]<https://example.com>",
        "Att, Ana Sol",
        "Saludos,\nAna",
        "Best regards,\nAna",
        "AVISO LEGAL: esta mensagem é para uso exclusivo.",
        "Enviado do meu smartphone Samsung Galaxy.",
        "Gesendet mit der GMX Mail App",
        "Wysłane z iPhone'a",
        "Téléchargez Outlook pour iOS<https://aka.ms/x>",
        "Pobierz Outlook dla systemu iOS<https://aka.ms/x>",
        "Hol dir Outlook für iOS<https://aka.ms/x>",
        "Med vänliga hälsningar\nSven Svensson",
        "Sent with Proton Mail secure email.",
        "Antes de imprimir, pense no meio ambiente.",
        "Antes de imprimir pense em sua responsabilidade.",
        "Esta mensagem pode conter informação\nconfidencial ou privilegiada.",
        "Livre de vírus.www.avast.com<https://www.avast.com/x>",
        "<https://www.avast.com/x>\nLivre de vírus.www.avast.com\n<https://www.avast.com/x>\n<#0123>",
        "<https://www.avast.com/x> Não contém vírus.www.avast.com",
        "-- \nVocê está recebendo esta mensagem porque se inscreveu no grupo \"TI\" dos Grupos do Google.\nPara cancelar, envie um e-mail para ti@example.com.",
        "Saludos cordiales,\nAna Sol\nTel. +34 600 555 010\nEste mensaje puede contener información privilegiada.",
    ] {
        assert_eq!(
            kept(&format!("Funcionou.\n\n{signature}")),
            "Funcionou.",
            "{signature}"
        );
    }
}

#[test]
fn text_that_looks_like_one_stays() {
    for text in [
        "Enviado por engano, desculpe.",
        "Enviado do meu ramal ontem, sem resposta.",
        "Sent from my desk, is much easier then my mobile phone.",
        "As regards the timeline, we should be done.",
        "-- primeiro ponto\n-- segundo ponto",
        "Lista\n----\n1. um\n2. dois",
        "Atenciosamente,\nAna\n\nPS: a sala mudou.",
        "Att, preciso disso hoje",
        "Veja:\n<https://example.com/x>\nLivre de vírus, diz o site.",
        "Bom dia.\n\nAtt:\n\nNome: Ana Sol\nUsuário: asol",
        "Na tela aparece:\n\nEsta mensagem contém informações confidenciais e foi bloqueada.\n\nPor quê",
        "It says:\nThis message may contain privileged information.",
        "Bom dia.\n\nAtt,\n[não funcionou]\nAna",
        "Bom dia.\n\nAtt,\n[etiqueta 4471]",
        "Bom dia.\n\nAtt,\nerro [código do fabricante]",
        "Best of all, it works",
        "Cordial saludo,\nLa impresora ya funciona.",
        "Hola.\n\nSaludos,\nLa impresora ya funciona\n\nGracias",
        "Hola.\n\nSaludos,\nAna\nLa impresora ya funciona desde ayer.",
        "Olá.\n\nEnviado via Sedex hoje",
        "Bom dia.\n\nAntes de imprimir a nota aparece erro 0x45.",
        "Bom dia.\n\nAntes de imprimir, o sistema trava",
        "Bom dia.\n\nEste e-mail pode conter vírus?",
        "Bom dia.\n\nEste e-mail pode conter informações confidenciais? Posso abrir",
        "Bom dia.\n\nAviso legal não aparece no rodapé",
        "Não abre.\n\nNão contém vírus.",
        "Fiz assim:\n--\n1. abri o sistema\n2. imprimi\n--\nDeu erro",
        "O que fiz:\n---\nReiniciei o computador duas vezes.",
        "Log:\n-----\nhttp://intranet.example.com/app não abre na sala 2",
        "Enviado do meu iPhone\n\nPode fechar",
        "Como tiro a frase abaixo?\n\nEnviado do meu iPhone\n\nEla aparece sempre.",
        "How do I remove this signature?\n\nSent from my iPad\n\nIt is always there.",
        "Hola.\n\nSaludos,\nAna\nLa impresora ya funciona desde ayer",
        "Bom dia.\n\nAtenciosamente,\nAna Sol\nPode fechar o chamado",
        "Hi.\n\nRegards,\nAna\nplease close it",
        "Guten Tag\n\nMfG\nAna\ndas geht noch nicht",
    ] {
        assert_eq!(kept(text), text, "{text}");
    }
}

#[test]
fn sentences_below_a_mark_are_told_from_the_signature() {
    for (text, own) in [
        (
            "-- \nAna Sol\nAnalista\n\nPode fechar, funcionou.",
            "Pode fechar, funcionou.",
        ),
        ("-- \nAna Sol\nPode fechar", "Pode fechar"),
        (
            "-- \nAna Sol\n\nImpressora continua travada",
            "Impressora continua travada",
        ),
        ("Att,\nGracias!\n77\nAna Sol", "Gracias!\n77"),
        ("Att\nJoão\n\nA senha nova é 1234", "A senha nova é 1234"),
        (
            "-- \nJan Nowak\n\nDrukarka nie działa",
            "Drukarka nie działa",
        ),
        ("Enviado do meu iPhone\n\nretiro às 15h", "retiro às 15h"),
        (
            "-- \n\nAna Sol\n\nAnalista de suporte\n\n+55 11 5555-0100",
            "",
        ),
        ("-- \nAna Sol\nAnalista de suporte\n+55 11 5555-0100", ""),
        (
            "-- \nAna Sol\n\nSe você recebeu esta mensagem por engano, apague-a e avise o remetente.",
            "",
        ),
        (
            "Obter o Outlook para Android\nA impressora da sala\nnão imprime",
            "A impressora da sala\nnão imprime",
        ),
        (
            "Enviado do meu iPhone\n\nO sistema diz que esta mensagem é confidencial.",
            "O sistema diz que esta mensagem é confidencial.",
        ),
        (
            "-- \nAna Sol\n\nEl correo con la factura se envió por error al destinatario.",
            "El correo con la factura se envió por error al destinatario.",
        ),
        (
            "Sent from my iPad\n\nIf I open the message, it says that printing is prohibited.",
            "If I open the message, it says that printing is prohibited.",
        ),
        (
            "-- \nAna Sol\n\nDiese Nachricht ist vertraulich und nur für den Empfänger bestimmt. Unauthorized use is not allowed.\n\nWenn Sie diese Nachricht irrtümlich erhalten haben, löschen Sie sie bitte.",
            "",
        ),
        (
            "-- \nAna Sol\n\nSi ha recibido este mensaje por error, bórrelo, por favor.",
            "",
        ),
        (
            "-- \nAna Sol\n\nThis message may contain privileged information.\n\nDisclosure of the message to others is not allowed.",
            "",
        ),
        (
            "Aviso legal: mensagem confidencial.\n\nPode fechar, obrigada.",
            "Pode fechar, obrigada.",
        ),
    ] {
        let lines = split(text);
        let lines: Vec<_> = lines.iter().collect();
        let (found, _) = sift(&lines, 0);
        let found: Vec<_> = found.iter().filter(|l| !l.blank).map(|l| l.raw).collect();
        assert_eq!(found.join("\n"), own, "{text}");
    }
}

#[test]
fn only_what_nobody_wrote_says_nothing() {
    for (text, nothing, all) in [
        ("", true, true),
        ("Enviado do meu iPhone", true, true),
        ("-- \nAna Sol\nAnalista de suporte", true, true),
        ("--", true, true),
        ("Enviado do meu Wiko", false, true),
        ("Enviado do meu iPhone\n\nJá chegou", false, false),
        ("-- \nJá chegou", false, false),
        ("Atenciosamente,\nAna Sol", false, true),
        ("Enviado via Sedex hoje", false, false),
        ("Saludos,\nLa impresora ya funciona", false, false),
    ] {
        let lines = split(text);
        let lines: Vec<_> = lines.iter().collect();
        assert_eq!(says_nothing(&lines, false), nothing, "{text}");
        assert_eq!(is_all(&lines), all, "{text}");
    }
}

#[test]
fn a_list_is_no_signature() {
    for text in [
        "Marcas aceitas:\nDell\nLG\nAOC",
        "O monitor que falhou é:\n\nLG\n24MK430H",
        "A peça é:\n\nABS\nBosch",
        "Comprei um monitor\n\nLG\n24MK430H",
        "O monitor do setor é\nLG\nPatrimônio 4471",
        "O monitor do setor é\n\nLG\nPatrimônio 4471",
        "Freios\nABS\nBosch",
        "Unidade\nBR\nBrasília",
        "O produto é\nBest\nSeller",
        "Preciso de:\n--\nMouse Logitech\nTeclado ABNT2",
        "Preciso de:\n---\nMouse Logitech\nTeclado ABNT2",
        "Preciso de:\n\n—\nMouse Logitech",
        "Contato do fornecedor:\n----------\nPedro Lima\n(11) 93333-4444",
    ] {
        assert_eq!(kept(text), text, "{text}");
    }
    for text in [
        "Planilha atualizada\nAtt\nAna",
        "Obrigado\nABS\nAna",
        "Sim\nBest,\nAna",
    ] {
        assert_ne!(kept(text), text);
    }
    for closing in ["LG\nAna", "abs,\nAna Sol", "abs.", "VG\nAna Sol\nRamal 12"] {
        assert_eq!(
            kept(&format!("Funcionou.\n\n{closing}")),
            "Funcionou.",
            "{closing}"
        );
    }
    assert_eq!(
        kept("Seguem as fotos:\n\nAtt,\nAna Sol"),
        "Seguem as fotos:"
    );
}

#[test]
fn what_stands_below_a_heading_is_no_signature() {
    for heading in [
        "Contato da obra",
        "Proveedor",
        "New user",
        "Ansprechpartner",
    ] {
        for rule in ["----", "=====", "***", "____", "--"] {
            for greeting in ["", "Bom dia,\n\n"] {
                let text = format!("{greeting}{heading}\n{rule}\nRui Lima\nrui@example.com");
                assert_eq!(kept(&text), text);
            }
        }
    }
    for text in [
        "Fornecedor\n\n____\nRui Lima\n+55 11 5555-0100",
        "Fornecedor\n\n--\nRui Lima",
        "Bom dia,\n\nNovo usuário\n\n--\nRui Lima",
        "Proveedor\n\n—\nRui Lima",
        "Tela azul\n--\nsem rede depois",
        "Testei nas duas salas.\n\n--\nSala 2: Normal",
        "Testei nas duas.\n\n--\nImpressora 4471\nImpressora 4472",
        "Seguem os novos.\n\n----\nRui Lima\nEva Luz\nrui@example.com\neva@example.com",
    ] {
        assert_eq!(kept(text), text);
    }
    for text in [
        "Segue o contato do fornecedor\n\n--\nCaio Reis\n11 97777-6666",
        "Números para liberar\n\n--\n11 97777-6666\n11 98888-7777",
        "Sites a liberar\n\n--\nwww.example.com\nwww.example.org",
        "Endereço novo\n\n--\nRua das Flores, 12\nSala 3",
        "Here is the office phone\n\n--\nRui Lima\n+55 11 5555-0100",
        "Sigue el teléfono de la sede\n\n--\nRui Lima\n+55 11 5555-0100",
    ] {
        assert_eq!(kept(text), text);
    }
    for answer in [
        "O número é 4471",
        "Não abre o site",
        "Segue o print",
        "Segue o contato por e-mail.",
        "Liberou o site",
        "Contato feito",
        "Números conferem",
        "Segue link",
        "Email enviado",
        "Site ok",
    ] {
        let card = "--\nAna Sol\nAnalista\n+55 11 5555-0100";
        assert_eq!(kept(&format!("{answer}\n\n{card}")), answer);
    }
    for answer in ["Sala 12", "Dell Latitude", "Funcionou.\n\nImpressora"] {
        assert_eq!(kept(&format!("{answer}\n\n--\nAna Sol")), answer);
    }
    for answer in [
        "Sim",
        "Ok!",
        "Gracias",
        "Resolvido",
        "Funciona agora",
        "Bom dia",
    ] {
        for mark in ["--", "____"] {
            let card = format!("{mark}\nAna Sol - Sala 12\nAnalista\n+55 11 5555-0100");
            assert_eq!(kept(&format!("{answer}\n\n{card}")), answer, "{mark}");
        }
    }
}

#[test]
fn a_value_below_the_card_is_no_part_of_it() {
    for value in [
        "Patrimônio 4471",
        "Patrimônio: 4471",
        "Patrimônio 10024471",
        "4471",
        "Erro 0x809",
        "Sala 12, 3º andar",
        "Asset tag 4471",
        "Inventario 4471",
        "Monitor Dell U2419",
        "IP 10.0.0.112\nMáquina: NB-42",
    ] {
        for card in [
            "Atenciosamente,\nAna Sol",
            "Att,\nAna\nAnalista\n\n+55 11 5555-0100",
            "-- \nAna Sol\nAnalista",
            "Best regards,\n\nAna",
            "Enviado do meu iPhone",
        ] {
            let text = format!("{card}\n\n{value}");
            let lines = split(&text);
            let lines: Vec<_> = lines.iter().collect();
            let (found, _) = sift(&lines, 0);
            let found: Vec<_> = found.iter().filter(|l| !l.blank).map(|l| l.raw).collect();
            assert_eq!(found.join("\n"), value, "{text}");
        }
    }
    for part in [
        "Ramal 4471",
        "Tel: 4471",
        "Av. Paulista 1000 - 3º andar",
        "Rua do Sol, 12",
        "Suporte N2",
        "CNPJ 12.345.678/0001-90",
        "CREA 12345",
        "MASP 1234567",
        "Código Postal 28013",
        "Skype: AnaSol",
        "+55 11 5555-0100",
        "© 2026 Exemplo",
    ] {
        let text = format!("Atenciosamente,\nAna Sol\n\n{part}");
        let lines = split(&text);
        let lines: Vec<_> = lines.iter().collect();
        assert!(sift(&lines, 0).0.iter().all(|line| line.blank), "{part}");
    }
    for below in ["PS: 4471", "Patrimônio 4471", "Erro 0x809", "Ticket: 4471"] {
        let text = format!("-- \nAna Sol\n{below}");
        let lines = split(&text);
        let (found, _) = sift(&lines.iter().collect::<Vec<_>>(), 0);
        assert_eq!(
            found.iter().map(|line| line.raw).collect::<Vec<_>>(),
            [below]
        );
    }
}
