//! Scenes of administration: the real program, its commands while it runs, and clients that notice.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a scene that cannot go on has failed")]

mod applications;
mod backups;
mod client;
mod examination;
mod figures;
mod house;
mod people;
mod running;
mod settings;
mod sheets;
