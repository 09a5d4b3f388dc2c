//! Takes bytes from the front of a PDU.

use super::PduError;

/// What has not been read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn byte(&mut self) -> Result<u8, PduError> {
        let (first, rest) = self.0.split_first().ok_or(PduError::TooShort)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], PduError> {
        let (front, rest) = self.0.split_at_checked(count).ok_or(PduError::TooShort)?;
        self.0 = rest;
        Ok(front)
    }

    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }
}
