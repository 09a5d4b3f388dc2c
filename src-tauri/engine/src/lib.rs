//! The Posthouse client without a window.
