//! The HTTP door: what business systems ask of the server, figures, a sign of life. The only folder that knows
//! the HTTP library.

mod admission;
mod application;
mod asked;
mod badges;
mod connection;
mod description;
mod directory;
mod error;
mod gate;
mod guard;
mod json;
mod limits;
mod messages;
mod metrics;
mod page;
mod parts;
mod preconditions;
mod relying_parties;
mod server;
mod single_sign_on;
mod webhooks;

pub use connection::{Acceptor, HttpDoor};
pub use limits::HttpLimits;
pub use metrics::{Health, metrics};
pub use parts::Parts;
pub use server::{Routes, routes, serve};
pub use webhooks::{WebhookSecret, Webhooks, is_good_address};
