//! What a message says of a mail of which not everything can be read here.

use domain::catalog::language::Texts;
use mail::inbound::Unreadable;

use crate::texts;

/// What of it cannot be read and what to do, in words for those who read the message.
pub(super) fn words(unreadable: Unreadable) -> Texts {
    match unreadable {
        Unreadable::Tnef => texts::notes::THE_FILES_OF_THIS_MAIL_ARE_INSIDE,
        Unreadable::SignedSmime => texts::notes::THE_TEXT_OF_THIS_MAIL_IS_INSIDE,
        Unreadable::EncryptedSmime => texts::notes::THIS_MAIL_IS_ENCRYPTED_WITH_S_MIME,
        Unreadable::EncryptedPgp => texts::notes::THIS_MAIL_IS_ENCRYPTED_WITH_PGP,
    }
}
