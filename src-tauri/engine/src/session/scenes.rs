//! A session against a server of a few lines: the directory and presence as they come over a line.

mod directory;
mod office;
mod presence;
