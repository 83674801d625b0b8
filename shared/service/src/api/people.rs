//! People, and groups of them.

use domain::{
    address::WrittenAddress, delivery, delivery::Capacity, message, message::Side, ticket,
};

exchanged! {
    /// A person on a ticket.
    #[derive(Default)]
    #[serde(default)]
    #[schema(as = Person)]
    pub struct PersonFields = ticket::Person {
        /// Name as it is shown.
        pub name: String,
        /// E-mail address; empty when there is none.
        #[serde(skip_serializing_if = "WrittenAddress::is_empty")]
        #[schema(value_type = String)]
        pub email: WrittenAddress,
        /// Telephone, as the ITSM system writes it.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub phone: String,
        /// Unit of the organisation.
        #[serde(skip_serializing_if = "String::is_empty")]
        pub department: String,
        /// Language of their mail, BCP 47 (`pt-BR`, `en`, `es`).
        #[serde(skip_serializing_if = "Option::is_none")]
        pub locale: Option<String>,
        /// IANA time zone of their mail.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub time_zone: Option<String>,
    }

    /// A support group and the addresses its mail goes to.
    #[derive(Default)]
    #[serde(default)]
    #[schema(as = Group)]
    pub struct GroupFields = ticket::Group {
        /// Name, compared with the caller's group claims (case and white space do not count).
        pub name: String,
        /// Addresses of the group.
        #[schema(value_type = Vec<String>)]
        pub addresses: Vec<WrittenAddress>,
    }
}

shown! {
    /// Who wrote a message.
    #[derive(serde::Deserialize)]
    #[schema(as = Author)]
    pub struct AuthorFields = message::Author {
        /// Name as it is shown (key `REGISTRADOPOR`).
        pub name: String,
        /// Normalised address, when known: the author never gets their own message.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schema(value_type = Option<String>)]
        pub email: Option<WrittenAddress> = email.map(WrittenAddress::from),
        /// Their side of the conversation: it decides who is told.
        pub role: Side,
    }

    /// Whom a delivery goes to.
    #[schema(as = Recipient)]
    pub struct RecipientView = delivery::Recipient {
        /// Name, may be empty.
        pub name: String,
        /// Normalised: domain in lower case and punycode. Windows and suppressions compare it.
        #[schema(value_type = String)]
        pub address: WrittenAddress,
        /// Why they get it.
        pub capacity: Capacity,
        /// Language of their mail.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub locale: Option<String>,
        /// Time zone of their mail.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub time_zone: Option<String>,
    }
}
