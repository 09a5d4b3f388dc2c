//! The Posthouse SMS gateway: pools of modems on one side, a component (XEP-0114) of the server on the other.

pub mod at;
pub mod clock;
pub mod command_line;
pub mod config;
pub mod conversation;
pub mod dispatcher;
pub mod gateway;
pub mod inbox;
pub mod link;
pub mod modem;
pub mod outbox;
pub mod pdu;
pub mod pool;
pub mod query_codes;
pub mod quotas;
pub mod retention;
pub mod route;
pub mod smpp;
pub mod status;
pub mod store;
pub mod tls;
pub mod transport;
pub mod ways;
