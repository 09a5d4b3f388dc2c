//! Features, one file or folder each; [`pipeline`] says who does what, and in which order.

pub mod ad_hoc_commands;
pub mod archive;
pub mod blocking_command;
pub mod carbons;
pub mod client_state;
pub mod directory;
pub mod entity_caps;
pub mod last_activity;
pub mod login_greeting;
pub mod message_ids;
pub mod notices;
pub mod offline;
pub mod own_password;
pub mod ping;
pub mod pipeline;
pub mod presence;
pub mod presence_watch;
pub mod private_storage;
pub mod pubsub;
pub mod roster;
pub mod search;
pub mod service_discovery;
pub mod sign_on;
pub mod sms_relay;
pub mod software_version;
#[cfg(test)]
pub(crate) mod testing;
pub mod time;
pub mod vcard_temp;
pub mod visibility;
