//! The words all Posthouse programs share: the wire scanner, our own payloads, error codes.
//!
//! No input or output, no clock, no runtime: bytes and values in, bytes and values out.

mod attribute_word;
pub mod codes;
pub mod error_code;
pub mod notice;
pub mod organization;
pub mod presence;
pub mod sign_on;
pub mod sms;
pub mod wire;
