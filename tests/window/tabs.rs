//! Business systems in tabs.

mod certificates;
mod expiry;
mod failures;
mod files;
mod hostile;
mod house;
mod paging;
mod proving;
mod rest;
mod signing_in;
mod windows;
