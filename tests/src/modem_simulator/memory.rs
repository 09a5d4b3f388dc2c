//! A memory with numbered places.

/// A text that lies there.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) digits: String,
    pub(super) is_read: bool,
}

/// Places from 1.
#[derive(Debug)]
pub(super) struct Memory(Vec<Option<Stored>>);

impl Memory {
    pub(super) fn new(places: usize) -> Self {
        Self(vec![None; places])
    }

    /// The place it got; `None` when all are taken.
    pub(super) fn put(&mut self, digits: String) -> Option<usize> {
        let (place, free) = self.0.iter_mut().enumerate().find(|(_, place)| place.is_none())?;
        *free = Some(Stored { digits, is_read: false });
        Some(place + 1)
    }

    pub(super) fn read(&mut self, place: usize) -> Option<Stored> {
        let stored = self.0.get_mut(place.checked_sub(1)?)?.as_mut()?;
        let before = stored.clone();
        stored.is_read = true;
        Some(before)
    }

    pub(super) fn remove(&mut self, place: usize) -> bool {
        match place.checked_sub(1).and_then(|index| self.0.get_mut(index)) {
            Some(found) => {
                *found = None;
                true
            }
            None => false,
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.fill(None);
    }

    pub(super) fn all(&mut self) -> Vec<(usize, Stored)> {
        let found: Vec<(usize, Stored)> = self
            .0
            .iter()
            .enumerate()
            .filter_map(|(index, place)| place.clone().map(|stored| (index + 1, stored)))
            .collect();
        self.0.iter_mut().flatten().for_each(|stored| stored.is_read = true);
        found
    }

    pub(super) fn used(&self) -> usize {
        self.0.iter().flatten().count()
    }

    pub(super) fn places(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.used() == self.places()
    }
}
