//! The table itself: the messaging parameters first.

use super::{Parameter, ParameterType, Refusal, Texts, texts};

/// Every parameter that is recognised.
pub const PARAMETERS: &[Parameter] = &[
    parameter(
        417,
        ParameterType::Template,
        None,
        texts(
            "Modelo de e-mail da mensageria",
            "Messaging e-mail template",
            "Plantilla de correo de mensajería",
        ),
        texts(
            "Modelo do e-mail que leva as mensagens nos dois sentidos. A mensageria fica disponível quando ele está definido.",
            "Template of the mail that carries messages in both directions. Messaging is available once it is set.",
            "Plantilla del correo que lleva los mensajes en ambos sentidos. La mensajería está disponible cuando está definida.",
        ),
    ),
    parameter(
        251,
        ParameterType::Template,
        None,
        texts(
            "Modelo de e-mail para o solicitante",
            "E-mail template to the requester",
            "Plantilla de correo para el solicitante",
        ),
        texts(
            "Usado no lugar do 417 nas mensagens para o solicitante.",
            "Used instead of 417 for messages to the requester.",
            "Se usa en lugar del 417 en los mensajes al solicitante.",
        ),
    ),
    parameter(
        253,
        ParameterType::Template,
        None,
        texts(
            "Modelo de e-mail para o responsável",
            "E-mail template to the responsible technician",
            "Plantilla de correo para el responsable",
        ),
        texts(
            "Usado no lugar do 417 nas mensagens para o responsável.",
            "Used instead of 417 for messages to the responsible technician.",
            "Se usa en lugar del 417 en los mensajes al responsable.",
        ),
    ),
    parameter(
        1001,
        ParameterType::Template,
        None,
        texts(
            "Modelo do aviso de e-mail não entregue",
            "Template of the bounce notice",
            "Plantilla del aviso de correo no entregado",
        ),
        texts(
            "Usado no lugar do 253 e do 417 quando se avisa quem atende de que um e-mail não chegou.",
            "Used instead of 253 and 417 when those who work on a ticket are told that a mail did not arrive.",
            "Se usa en lugar del 253 y del 417 cuando se avisa a quien atiende de que un correo no llegó.",
        ),
    ),
    parameter(
        252,
        ParameterType::Flag,
        Some("S"),
        texts(
            "Registrar ocorrência pelo portal",
            "The portal may write messages",
            "El portal puede escribir mensajes",
        ),
        texts(
            "Permite que o solicitante escreva mensagens pelo portal (S/N).",
            "Lets the requester write messages in the portal (S/N).",
            "Permite que el solicitante escriba mensajes en el portal (S/N).",
        ),
    ),
    parameter(
        299,
        ParameterType::Flag,
        Some("S"),
        texts(
            "Troca de mensagens entre solicitante e técnico",
            "Message exchange between requester and technician",
            "Intercambio de mensajes entre solicitante y técnico",
        ),
        texts(
            "Liga a troca de mensagens (S/N).",
            "Turns the exchange of messages on (S/N).",
            "Activa el intercambio de mensajes (S/N).",
        ),
    ),
    parameter(
        300,
        ParameterType::Flag,
        Some("S"),
        texts(
            "Notificar o responsável",
            "Notify the responsible technician",
            "Notificar al responsable",
        ),
        texts(
            "Avisa o responsável quando o solicitante escreve (S/N).",
            "Tells the responsible technician when the requester writes (S/N).",
            "Avisa al responsable cuando el solicitante escribe (S/N).",
        ),
    ),
    parameter(
        297,
        ParameterType::Flag,
        Some("N"),
        texts(
            "Interromper o envio de e-mails",
            "Stop all mail",
            "Detener el envío de correos",
        ),
        texts(
            "Com S nenhum e-mail sai: as entregas ficam retidas e seguem quando voltar a N.",
            "With S no mail leaves: deliveries are held, and go out when it is N again.",
            "Con S no sale ningún correo: las entregas quedan retenidas y siguen cuando vuelva a N.",
        ),
    ),
    parameter(
        10,
        ParameterType::Email,
        None,
        texts(
            "Remetente dos e-mails",
            "Sender of all mail",
            "Remitente de los correos",
        ),
        texts(
            "Endereço que aparece como remetente (From) de todos os e-mails: atendimento@example.com ou Central de Serviços <atendimento@example.com>. Sem nome, vale o nome de MAIL_FROM.",
            "Address shown as the sender (From) of all mail: desk@example.com or Service Desk <desk@example.com>. Without a name, that of MAIL_FROM is kept.",
            "Dirección que aparece como remitente (From) de todos los correos: mesa@example.com o Mesa de Ayuda <mesa@example.com>. Sin nombre, vale el de MAIL_FROM.",
        ),
    ),
    parameter(
        9,
        ParameterType::Emails,
        None,
        texts(
            "Grupo de último recurso",
            "Group of last resort",
            "Grupo de último recurso",
        ),
        texts(
            "Endereços que recebem a mensagem do solicitante quando o chamado não tem responsável nem grupo.",
            "Addresses that get a requester's message when the ticket has neither a responsible technician nor a group.",
            "Direcciones que reciben el mensaje del solicitante cuando el ticket no tiene responsable ni grupo.",
        ),
    ),
    parameter(
        33,
        ParameterType::Url,
        None,
        texts(
            "URL de acesso ao sistema",
            "Base of ticket links",
            "URL de acceso al sistema",
        ),
        texts(
            "Base https de todo link para um chamado.",
            "The https base of every link to a ticket.",
            "Base https de todo enlace a un ticket.",
        ),
    ),
    parameter(
        36,
        ParameterType::Domain,
        None,
        texts(
            "Domínio de e-mail próprio",
            "Own e-mail domain",
            "Dominio de correo propio",
        ),
        texts(
            "Domínio dos e-mails da própria organização.",
            "Domain of the organisation's own mail.",
            "Dominio de los correos de la propia organización.",
        ),
    ),
    parameter(
        262,
        ParameterType::Text,
        None,
        texts(
            "Categoria padrão das mensagens do portal",
            "Default category of portal messages",
            "Categoría por defecto de los mensajes del portal",
        ),
        texts(
            "Categoria da ocorrência quando o solicitante escreve pelo portal.",
            "Occurrence category when the requester writes in the portal.",
            "Categoría de la ocurrencia cuando el solicitante escribe en el portal.",
        ),
    ),
    parameter(
        263,
        ParameterType::Text,
        None,
        texts(
            "Origem padrão das mensagens do portal",
            "Default origin of portal messages",
            "Origen por defecto de los mensajes del portal",
        ),
        texts(
            "Origem da ocorrência quando o solicitante escreve pelo portal.",
            "Occurrence origin when the requester writes in the portal.",
            "Origen de la ocurrencia cuando el solicitante escribe en el portal.",
        ),
    ),
    parameter(
        278,
        ParameterType::Number,
        Some("10485760"),
        texts(
            "Tamanho máximo de anexo",
            "Largest attachment",
            "Tamaño máximo de adjunto",
        ),
        texts("Em bytes.", "In bytes.", "En bytes."),
    ),
    parameter(
        318,
        ParameterType::Extensions,
        // What runs when it is opened, and pages that run in a browser.
        Some(
            "exe;com;scr;pif;cpl;msi;msp;bat;cmd;ps1;vbs;vbe;js;jse;wsf;wsh;hta;jar;lnk;reg;html;htm;xhtml;shtml;mht;mhtml;svg",
        ),
        texts(
            "Extensões de anexo recusadas",
            "Refused attachment extensions",
            "Extensiones de adjunto rechazadas",
        ),
        texts(
            "Extensões separadas por ponto e vírgula.",
            "Extensions separated by semicolons.",
            "Extensiones separadas por punto y coma.",
        ),
    ),
    parameter(
        446,
        ParameterType::Flag,
        Some("N"),
        texts(
            "Encaminhar anexos por e-mail",
            "Forward attachments in mail",
            "Reenviar adjuntos por correo",
        ),
        texts(
            "Leva os anexos das mensagens nos e-mails (S/N).",
            "Carries the attachments of messages in the mail (S/N).",
            "Lleva los adjuntos de los mensajes en los correos (S/N).",
        ),
    ),
    refused(
        11,
        Refusal::Smtp,
        texts(
            "Autenticação no servidor SMTP (S/N)",
            "SMTP authentication (S/N)",
            "Autenticación en el servidor SMTP (S/N)",
        ),
    ),
    refused(
        12,
        Refusal::Smtp,
        texts("Usuário SMTP", "SMTP user", "Usuario SMTP"),
    ),
    refused(
        13,
        Refusal::Password,
        texts("Senha SMTP", "SMTP password", "Contraseña SMTP"),
    ),
    refused(
        14,
        Refusal::Smtp,
        texts("Servidor SMTP", "SMTP server", "Servidor SMTP"),
    ),
    refused(
        25,
        Refusal::Password,
        texts(
            "Senha da conta de e-mail de entrada",
            "Password of the inbound mail account",
            "Contraseña de la cuenta de correo de entrada",
        ),
    ),
    refused(
        199,
        Refusal::Smtp,
        texts(
            "STARTTLS/TLS no servidor SMTP",
            "STARTTLS/TLS on the SMTP server",
            "STARTTLS/TLS en el servidor SMTP",
        ),
    ),
    refused(
        269,
        Refusal::Smtp,
        texts("Porta SMTP", "SMTP port", "Puerto SMTP"),
    ),
];

const fn parameter(
    number: u16,
    kind: ParameterType,
    default: Option<&'static str>,
    names: Texts,
    descriptions: Texts,
) -> Parameter {
    Parameter {
        number,
        names,
        descriptions,
        kind,
        default,
        refusal: None,
    }
}

/// A parameter that is recognised so that a PUT of it can be answered with the way out.
const fn refused(number: u16, refusal: Refusal, names: Texts) -> Parameter {
    Parameter {
        number,
        names,
        descriptions: match refusal {
            Refusal::Smtp => texts(
                "Não é guardado aqui: a conta SMTP fica nas configurações de transporte e no segredo da instalação.",
                "Not stored here: the SMTP account lives in the stack's transport settings and its secret.",
                "No se guarda aquí: la cuenta SMTP está en la configuración de transporte y en el secreto de la instalación.",
            ),
            Refusal::Password => texts(
                "Senhas nunca são aceitas como parâmetro: ficam no segredo da instalação.",
                "Passwords are never accepted as parameters: they live in the stack's secret.",
                "Las contraseñas nunca se aceptan como parámetro: están en el secreto de la instalación.",
            ),
        },
        kind: ParameterType::Refused,
        default: None,
        refusal: Some(refusal),
    }
}
