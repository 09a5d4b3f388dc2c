//! The words all Posthouse programs share: the wire scanner, our own payloads, error codes.
//!
//! No input or output, no clock, no runtime: bytes and values in, bytes and values out.

pub mod wire;
