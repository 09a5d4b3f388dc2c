//! Scenes with the real server in a process of its own and the real client without a window.

mod absence;
mod history;
mod office;
mod outbox;
mod password;
mod presence;
mod queries;
mod sign_in;
mod states;
mod tree;
mod two_computers;
