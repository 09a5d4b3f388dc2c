//! Pictures of people: one each, whichever way a client sends it; the directory tells its hash.

use std::sync::Arc;

use jid::BareJid;

use super::editor::{EditError, Editor};
use crate::clock::Clock;
use crate::storage::avatar::{Avatar, AvatarStore};
use crate::storage::{Database, StorageError};

/// Largest picture, in bytes.
const LARGEST: usize = 128 * 1024;

/// Why bytes are no picture for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Neither PNG, JPEG, GIF nor WebP.
    #[error("this is no picture of a kind that is known")]
    UnknownKind,
    /// More bytes than we keep.
    #[error("the picture is too large")]
    TooLarge,
}

/// The pictures.
#[derive(Debug, Clone)]
pub struct Pictures {
    store: AvatarStore,
    database: Database,
    clock: Arc<Clock>,
}

impl Pictures {
    /// Those in that database.
    pub fn new(database: Database, clock: Arc<Clock>) -> Self {
        Self { store: AvatarStore::new(database.clone()), database, clock }
    }

    /// The picture of an account.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn of(&self, account: &BareJid) -> Result<Option<Avatar>, StorageError> {
        self.store.avatar_of(account.clone()).await
    }

    /// Sets or, with `None`, removes the picture of an account, which is who stands in the audit log.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn set(&self, account: &BareJid, picture: Option<Avatar>) -> Result<(), EditError> {
        let before = self.of(account).await?;
        if before.as_ref().map(|it| &it.hash) == picture.as_ref().map(|it| &it.hash) {
            return Ok(());
        }
        let editor = Editor::new(self.database.clone(), Arc::clone(&self.clock), account.to_string());
        editor.set_picture(account, picture).await
    }
}

/// Understands a picture: its kind is that of its first bytes, whatever a client says.
///
/// # Errors
/// It is of no known kind, or too large.
pub fn read(picture: Vec<u8>) -> Result<Avatar, PictureError> {
    let media_type = match picture.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => return Err(PictureError::UnknownKind),
    };
    if picture.len() > LARGEST {
        return Err(PictureError::TooLarge);
    }
    Ok(Avatar { hash: hash(&picture), media_type: media_type.to_owned(), picture })
}

/// What clients call a picture: SHA-1 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    // XEP-0084 and XEP-0153 name pictures by SHA-1; nothing secret depends on it.
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::changes;
    use crate::organization::editor::PersonEdit;

    #[tokio::test]
    async fn a_picture_is_kept_and_the_directory_tells_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        let clock = Arc::new(Clock::System);
        let editor = Editor::new(database.clone(), Arc::clone(&clock), "test".to_owned());
        editor.add_person("zhang.san", PersonEdit::default(), None).await.unwrap();
        let pictures = Pictures::new(database.clone(), clock);
        let account = BareJid::new("zhang.san@example.org").unwrap();
        let picture = read(b"\x89PNG and so on".to_vec()).unwrap();
        pictures.set(&account, Some(picture.clone())).await.unwrap();
        assert_eq!(pictures.of(&account).await.unwrap(), Some(picture.clone()));
        let domain = jid::DomainPart::new("example.org").unwrap().into_owned();
        let (stock, _) = changes::load(&database, &domain).await.unwrap();
        let person = stock.people.iter().find(|person| person.jid == account).unwrap();
        assert_eq!(person.avatar.as_deref(), Some(picture.hash.as_str()));

        pictures.set(&account, None).await.unwrap();
        assert_eq!(pictures.of(&account).await.unwrap(), None);
        let (stock, _) = changes::load(&database, &domain).await.unwrap();
        assert!(stock.people.iter().all(|person| person.avatar.is_none()));
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_refused() {
        assert_eq!(read(b"<svg/>".to_vec()), Err(PictureError::UnknownKind));
        let large = [&b"GIF8"[..], &vec![0; LARGEST]].concat();
        assert_eq!(read(large), Err(PictureError::TooLarge));
    }
}
