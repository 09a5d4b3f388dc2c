//! Scenes on the wire: a real server process, and bare clients that send bytes and look at every answer.

mod archive;
mod bad_xml;
mod binding;
mod blocking;
mod carbons;
mod client_state;
mod discovery;
mod eventing;
mod limits;
mod listeners;
mod logins;
mod management;
mod office;
mod offline;
mod presence;
mod roster;
mod small_services;
mod visibility;
