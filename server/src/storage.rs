//! The only place with SQL. One file per family of tables; functions are named after what they answer.

pub mod accounts;
pub mod acquaintances;
pub mod applications;
pub mod archive;
pub mod audit;
pub mod avatar;
pub mod badges;
pub mod blocklist;
mod commits;
mod database;
mod figures;
pub mod icons;
pub mod maintenance;
pub mod messages;
mod migrations;
pub mod notices;
pub mod offline;
pub mod organization;
pub mod private_storage;
pub mod pubsub;
pub mod relays;
pub mod roster;
pub mod sign_on;
mod writer;

pub use commits::Commits;
pub use database::{Database, StorageError};
pub use messages::StoredId;
pub(crate) use rusqlite::Connection;
pub use writer::{Change, Ticket, Undecided, Writer};
