//! `urn:posthouse:codes:1`: codes that people ask business systems with. `docs/sms.md` is the protocol in full.

/// The namespace, and the feature (XEP-0030) of the contact that answers.
pub const NAMESPACE: &str = "urn:posthouse:codes:1";

/// The first half of the contact's address at the gateway's domain.
pub const CONTACT: &str = "query";
