//! What stays on this computer: one SQLite file for the computer's user, and one for each account. The only SQL
//! of the engine; one file here per family of tables.

pub(crate) mod avatars;
pub(crate) mod binding;
pub(crate) mod conversations;
pub(crate) mod cursors;
mod database;
pub(crate) mod messages;
mod migrations;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod settings;
pub(crate) mod sign_in;

pub(crate) use database::{Store, StoreError};
pub(crate) use migrations::{ACCOUNT, COMPUTER};
