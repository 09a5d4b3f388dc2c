//! The address that a client has written to last. People write to one for a while, and checking an address
//! (RFC 7622) costs more than comparing it.

use jid::Jid;

/// Remembers one address, as it was written and as it is meant.
#[derive(Debug, Default)]
pub struct Addressee(Option<Box<(Box<str>, Jid)>>);

impl Addressee {
    /// The address that is written like that; `None` when it is none.
    pub fn read(&mut self, written: &str) -> Option<Jid> {
        if let Some(last) = &self.0
            && *last.0 == *written
        {
            return Some(last.1.clone());
        }
        let jid = Jid::new(written).ok()?;
        self.0 = Some(Box::new((written.into(), jid.clone())));
        Some(jid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_the_same_again_and_after_another() {
        let mut addressee = Addressee::default();
        for written in ["Bob@Example.ORG/PC", "Bob@Example.ORG/PC", "eve@example.org", "Bob@Example.ORG/PC"] {
            assert_eq!(addressee.read(written), Jid::new(written).ok());
        }
        assert_eq!(addressee.read("a@b@c"), None);
        assert_eq!(addressee.read("eve@example.org"), Jid::new("eve@example.org").ok());
    }
}
