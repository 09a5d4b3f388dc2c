//! Business systems in tabs.

mod certificates;
mod expiry;
mod failures;
mod files;
mod finding;
mod hostile;
mod house;
mod memory;
mod order;
mod paging;
mod proving;
mod rest;
mod signing_in;
mod sound;
mod windows;
