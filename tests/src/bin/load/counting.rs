//! Counts the ends of messages in bytes that come in pieces.

use memchr::memmem;

const END: &[u8] = b"</message>";

/// Received bytes of which only what may be the beginning of an end is kept.
#[derive(Debug)]
pub(crate) struct MessageCounter {
    finder: memmem::Finder<'static>,
}

impl MessageCounter {
    /// A counter.
    pub(crate) fn new() -> Self {
        Self { finder: memmem::Finder::new(END) }
    }

    /// How many messages end in `received`; takes out of it what has been counted.
    pub(crate) fn take(&self, received: &mut Vec<u8>) -> usize {
        let ends = self.finder.find_iter(received);
        let (count, counted) = ends.fold((0_usize, 0_usize), |(count, _), at| {
            (count.saturating_add(1), at.saturating_add(END.len()))
        });
        let tail = received.len().saturating_sub(END.len().saturating_sub(1)).max(counted);
        received.drain(..tail);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_size_give_the_same_count() {
        let text = b"<message><body>a</body></message><presence/><message><body>b</body></message>".repeat(3);
        for size in 1..text.len() {
            let counter = MessageCounter::new();
            let (mut kept, mut count) = (Vec::new(), 0);
            for piece in text.chunks(size) {
                kept.extend_from_slice(piece);
                count += counter.take(&mut kept);
                assert!(kept.len() < END.len());
            }
            assert_eq!(count, 6, "pieces of {size}");
        }
    }
}
