//! Answers, read.

mod identity;
mod network;
mod pin;
mod texts;

pub use identity::identity;
pub use network::{Operator, Registration, Signal, operator, registration, service_centre, signal};
pub use pin::{PinState, pin_state};
pub use texts::{Memory, StoredText, memory, sent_reference, stored_texts};
