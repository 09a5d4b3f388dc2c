//! The words all Posthouse programs share.
