//! What stays on this computer: one SQLite file for the computer's user, and one for each account. The only SQL
//! of the engine; one file here per family of tables.

mod database;
mod migrations;
pub(crate) mod settings;
pub(crate) mod sign_in;

pub(crate) use database::{Store, StoreError};
pub(crate) use migrations::{ACCOUNT, COMPUTER};
