//! Where own messages stand that have no place in the archive.

use super::Step;
use crate::store::messages::{self, StoredMessage};

impl Step<'_> {
    /// What waits to be sent stands behind everything that has been said.
    pub(super) fn queued_behind(&mut self, peer: &str, moment: i64) -> rusqlite::Result<()> {
        let mut last = moment;
        for message in messages::queued(self.connection, peer)? {
            if message.moment <= last {
                messages::set_moment(self.connection, message.id, last.saturating_add(1))?;
                self.changed.insert(message.id);
            }
            last = message.moment.max(last.saturating_add(1));
        }
        Ok(())
    }

    /// What was written later stands behind an own message that has found its place. The archive may never have
    /// it: the other side got it, and the server died before it was kept.
    pub(super) fn unplaced_behind(&mut self, message: &StoredMessage, moment: i64) -> rusqlite::Result<()> {
        let mut last = moment;
        for later in messages::unplaced_behind(self.connection, &message.peer, message.id)? {
            if later.moment <= last {
                last = last.saturating_add(1);
                messages::set_moment(self.connection, later.id, last)?;
                self.changed.insert(later.id);
            }
            last = later.moment.max(last);
        }
        Ok(())
    }
}
