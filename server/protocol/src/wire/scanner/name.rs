//! Names of elements and attributes (Namespaces in XML 1.0 section 3).

use super::ScanError;
use super::characters::{NameByte, is_name_character, is_name_start, name_byte};

/// The longest name, prefix included, in bytes.
const LONGEST_NAME: usize = 1_024;

/// Where a checked name lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the local name starts; equals `start` when there is no prefix.
    pub(super) local: usize,
}

impl Name {
    /// Reads the name at `start`. `None`: it may go on beyond the end of `view`.
    pub(super) fn read(view: &[u8], start: usize) -> Result<Option<Self>, ScanError> {
        let rest = view.get(start..).unwrap_or_default();
        match rest.first().copied().map(name_byte) {
            None => return Ok(None),
            Some(NameByte::Start | NameByte::Wide) => {}
            Some(NameByte::No | NameByte::Inner | NameByte::Colon) => {
                return Err(ScanError::NotWellFormed(start));
            }
        }
        let mut length = 0_usize;
        let mut colons = 0_usize;
        let mut local = start;
        let mut is_wide = false;
        for byte in rest {
            match name_byte(*byte) {
                NameByte::No => break,
                NameByte::Start | NameByte::Inner => {}
                NameByte::Wide => is_wide = true,
                NameByte::Colon => {
                    colons = colons.saturating_add(1);
                    local = start.saturating_add(length).saturating_add(1);
                }
            }
            length = length.saturating_add(1);
        }
        if length > LONGEST_NAME {
            return Err(ScanError::OverLimit(start));
        }
        if length == rest.len() {
            return Ok(None);
        }
        let name = Self { start, end: start.saturating_add(length), local };
        if (colons == 0 || (colons == 1 && name.has_good_local_start(view)))
            && (!is_wide || name.has_good_characters(view)?)
        {
            Ok(Some(name))
        } else {
            Err(ScanError::NotWellFormed(start))
        }
    }

    fn has_good_local_start(self, view: &[u8]) -> bool {
        self.local < self.end
            && view
                .get(self.local)
                .is_some_and(|byte| matches!(name_byte(*byte), NameByte::Start | NameByte::Wide))
    }

    /// The slow way, for names beyond ASCII.
    fn has_good_characters(self, view: &[u8]) -> Result<bool, ScanError> {
        let text = std::str::from_utf8(self.of(view))
            .map_err(|error| ScanError::NotUtf8(self.start.saturating_add(error.valid_up_to())))?;
        Ok(text.split(':').all(|part| {
            part.chars().next().is_some_and(is_name_start) && part.chars().all(is_name_character)
        }))
    }

    #[inline]
    pub(super) fn of(self, view: &[u8]) -> &[u8] {
        view.get(self.start..self.end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn local(self, view: &[u8]) -> &[u8] {
        view.get(self.local..self.end).unwrap_or_default()
    }

    #[inline]
    pub(super) fn has_prefix(self) -> bool {
        self.local != self.start
    }

    /// Empty when there is none.
    #[inline]
    pub(super) fn prefix(self, view: &[u8]) -> &[u8] {
        view.get(self.start..self.local.saturating_sub(1)).unwrap_or_default()
    }
}
