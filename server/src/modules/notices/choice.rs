//! Which way a notice takes: decided once and written down, so that no crash can send it both ways.

use jid::BareJid;

use super::Inner;
use crate::storage::StorageError;
use crate::storage::notices::{DeliveryMode, Job, Task, Way};

impl Inner {
    /// Decides for those jobs that need it; on the disk when this returns.
    pub(super) async fn choose_ways(&self, jobs: &mut [Job]) -> Result<(), StorageError> {
        let mut decided = Vec::new();
        for job in jobs.iter_mut().filter(|job| job.task == Task::Send) {
            let way = match job.way {
                Way::Open => self.way_of(job),
                // It was being sent when the server ended. A client may have it, so the phone must not get it.
                Way::Client => Way::Again,
                Way::Again | Way::Phone | Way::Both => continue,
            };
            job.way = way;
            decided.push((job.line, way));
        }
        if decided.is_empty() { Ok(()) } else { self.parts.notices.decide(decided).await }
    }

    fn way_of(&self, job: &Job) -> Way {
        let Ok(address) = BareJid::new(&job.address) else { return Way::Client };
        let has_phone = self.phone_of(&address).is_some();
        match job.notice.delivery {
            DeliveryMode::Client => Way::Client,
            DeliveryMode::Phone => Way::Phone,
            DeliveryMode::Both if has_phone => Way::Both,
            DeliveryMode::Auto if has_phone && !self.is_online(&address) => Way::Phone,
            DeliveryMode::Both | DeliveryMode::Auto => Way::Client,
        }
    }
}
