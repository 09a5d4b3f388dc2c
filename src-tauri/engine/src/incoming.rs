//! What comes in passes four steps: classify (what is it, and may its sender say that), deduplicate and store
//! (in one transaction), announce.

mod announce;
mod classify;
mod failure;
mod notice;
mod phone;
mod store;

pub(crate) use self::announce::Announce;
pub(crate) use self::classify::{Arrival, Incoming, Way, archived, classify, read_position};
pub(crate) use self::failure::word as failure_word;
pub(crate) use self::store::{Applied, Reading, apply, choice_failed, choice_sent, read_elsewhere};
