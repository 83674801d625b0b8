//! What a message says of a mail of which not everything can be read here.

use domain::catalog::language::{Texts, texts};
use mail::inbound::Unreadable;

/// What of it cannot be read and what to do, in words for those who read the message.
pub(super) fn words(unreadable: Unreadable) -> Texts {
    match unreadable {
        Unreadable::Tnef => texts(
            "[Os arquivos deste e-mail estão dentro de winmail.dat, um formato que só o Outlook lê. Peça ao remetente que os envie de novo em HTML ou texto sem formatação.]",
            "[The files of this mail are inside winmail.dat, a format that only Outlook reads. Ask the sender to send them again as HTML or plain text.]",
            "[Los archivos de este correo están dentro de winmail.dat, un formato que solo Outlook lee. Pida al remitente que los envíe de nuevo en HTML o texto sin formato.]",
        ),
        Unreadable::SignedSmime => texts(
            "[O texto deste e-mail está dentro da assinatura S/MIME (arquivo smime.p7m). Abra o arquivo em um programa de e-mail, ou peça ao remetente que assine sem encapsular.]",
            "[The text of this mail is inside its S/MIME signature (file smime.p7m). Open the file in a mail program, or ask the sender to sign in clear text.]",
            "[El texto de este correo está dentro de la firma S/MIME (archivo smime.p7m). Abra el archivo en un programa de correo, o pida al remitente que firme en texto claro.]",
        ),
        Unreadable::EncryptedSmime => texts(
            "[Este e-mail está criptografado com S/MIME e não pode ser lido aqui. Peça ao remetente que o envie sem criptografia.]",
            "[This mail is encrypted with S/MIME and cannot be read here. Ask the sender to send it without encryption.]",
            "[Este correo está cifrado con S/MIME y no se puede leer aquí. Pida al remitente que lo envíe sin cifrar.]",
        ),
        Unreadable::EncryptedPgp => texts(
            "[Este e-mail está criptografado com PGP e não pode ser lido aqui. Peça ao remetente que o envie sem criptografia.]",
            "[This mail is encrypted with PGP and cannot be read here. Ask the sender to send it without encryption.]",
            "[Este correo está cifrado con PGP y no se puede leer aquí. Pida al remitente que lo envíe sin cifrar.]",
        ),
    }
}
