//! The Posthouse SMS gateway: pools of modems on one side, a component (XEP-0114) of the server on the other.

pub mod at;
pub mod modem;
pub mod pdu;
pub mod transport;
