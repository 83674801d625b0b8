//! Records of erased people.

use jiff::Timestamp;
use uuid::Uuid;

use crate::admin::erasure::{self, Status};

shown! {
    /// What was erased so far.
    #[schema(as = ErasedCounts)]
    pub struct ErasedView = erasure::Counts {
        /// Tickets on which something was.
        pub tickets: u64,
        /// Messages that the person wrote: their texts are gone.
        pub messages: u64,
        /// Files that were the person's: nobody can take them any more.
        pub files: u64,
        /// Deliveries to them. What still waited will not be sent.
        pub deliveries: u64,
        /// Mails of theirs that came in, raw bytes included.
        pub mails: u64,
        /// Suppressions, bounces and records of lifted suppressions.
        pub suppressions: u64,
    }

    /// The record of an erasure.
    #[schema(as = Erasure)]
    pub struct ErasureView = erasure::Erasure {
        /// UUIDv7: the list of erasures is in the order of their beginnings.
        pub id: Uuid,
        /// SHA-256 of the address in lower case, 64 hexadecimal digits: who knows the address can tell
        /// that it was erased.
        pub digest: String,
        /// The address masked as in logs, for whoever reads the list.
        pub address: String,
        /// Who did it: a digest of the subject of their token, as logs have it.
        pub by: String,
        /// Their address, masked; none when their token had none.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub by_address: Option<String>,
        /// The ground that was given, with addresses masked.
        pub reason: String,
        /// How far it came.
        pub status: Status,
        /// When it was asked for; it may take several calls to be done.
        pub begun_at: Timestamp,
        /// When it was done.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub finished_at: Option<Timestamp>,
        /// What was erased so far, by kind.
        pub erased: ErasedView,
        /// Whether the address stays on the suppression list: its owner complained of our mail, and without
        /// it they might get some again. Nothing but the address and the complaint is kept.
        #[serde(default)]
        pub suppression_kept: bool,
    }
}
