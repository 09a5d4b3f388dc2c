//! The shape of the files, step by step. A step that was shipped never changes; a new one goes to the end.

use super::{avatars, binding, messages, people, settings, sign_in};

/// One step: its number, which only grows, and its statements.
pub(crate) type Migration = (u32, &'static str);

/// Steps of the file that belongs to the computer's user.
pub(crate) const COMPUTER: &[Migration] =
    &[(1, sign_in::TABLES), (3, settings::TABLES), (6, binding::TABLES)];

/// Steps of an account's file.
pub(crate) const ACCOUNT: &[Migration] = &[
    (2, messages::TABLES),
    (4, people::TABLES),
    (5, avatars::TABLES),
    (7, messages::PHONE_COLUMNS),
    (8, messages::PHONE_TIME),
    (9, messages::NOTICE_COLUMNS),
    (10, messages::NOTICE_LISTS),
];
