//! Scenes and simulators.
