//! The rules of single sign-on: an OpenID provider, a CAS server, forward-auth and launch tickets, entered by
//! one-time tickets that the messenger fetches over its own stream.
//!
//! Nothing here reads a clock, a socket, a file or a database. Every operation has the same shape: a request
//! and the facts it needs go in, with the time and a source of randomness; a decision comes out, which holds
//! the records to store. What may be used once only (tickets, codes, refresh tokens) is taken by the caller in
//! one atomic step before, and comes in as [`taken::Taken`]. Only hashes of secrets are in any record.

pub mod address;
pub mod authorize;
pub mod cas;
pub mod client_authentication;
pub mod discovery;
pub mod end_session;
pub mod forward_auth;
pub mod id_token;
pub mod introspection;
pub mod issuer;
pub mod keys;
pub mod launch;
pub mod logout;
pub mod moment;
pub mod page;
pub mod parameters;
pub mod person;
pub mod refusal;
pub mod relying_party;
pub mod revocation;
pub mod secret;
pub mod session;
pub mod step_up;
pub mod taken;
pub mod ticket;
pub mod token;
pub mod userinfo;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod threats;
