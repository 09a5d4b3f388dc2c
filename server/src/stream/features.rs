//! The stream features of each phase (RFC 6120 section 4.3.2).

use super::sasl::Mechanism;

/// The features the server offers; texts that are the same for every client.
#[derive(Debug, Default)]
pub(crate) struct Features {
    /// Before TLS.
    pub(crate) before_tls: String,
    /// Before login, on a connection whose TLS has exporter data.
    pub(crate) before_login: String,
    /// The same where the certificate can be bound to as well.
    pub(crate) before_certified_login: String,
    /// Before login, on a connection that nothing can be bound to.
    pub(crate) before_unbound_login: String,
    /// Before resource binding.
    pub(crate) before_binding: String,
}

impl Features {
    /// `limits`: most bytes of a stanza before and after login. `more` goes beside resource binding.
    pub(crate) fn new(limits: (usize, usize), more: &str) -> Self {
        let before_tls = features(&format!(
            "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>{}",
            stream_limits(limits.0)
        ));
        let limit = stream_limits(limits.0);
        let before_login = features(&format!("{}{limit}", logins(&["tls-exporter"])));
        let before_certified_login =
            features(&format!("{}{limit}", logins(&["tls-exporter", "tls-server-end-point"])));
        let before_unbound_login = features(&format!("{}{limit}", logins(&[])));
        let before_binding = features(&format!(
            "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>\
             <session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>\
             <sm xmlns='urn:xmpp:sm:3'/><csi xmlns='urn:xmpp:csi:0'/>\
             <ver xmlns='urn:xmpp:features:rosterver'/>{}{more}",
            stream_limits(limits.1)
        ));
        Self { before_tls, before_login, before_certified_login, before_unbound_login, before_binding }
    }
}

fn features(content: &str) -> String {
    format!("<stream:features>{content}</stream:features>")
}

/// Mechanisms, and what they can be bound to (XEP-0440).
fn logins(bindings: &[&str]) -> String {
    let mechanisms: String = Mechanism::ALL
        .iter()
        .filter(|one| !bindings.is_empty() || !one.is_plus())
        .map(|one| format!("<mechanism>{}</mechanism>", one.name()))
        .collect();
    let mechanisms =
        format!("<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{mechanisms}</mechanisms>");
    if bindings.is_empty() {
        return mechanisms;
    }
    let bindings: String = bindings.iter().map(|one| format!("<channel-binding type='{one}'/>")).collect();
    format!("{mechanisms}<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>{bindings}</sasl-channel-binding>")
}

/// XEP-0478.
fn stream_limits(bytes: usize) -> String {
    format!("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>{bytes}</max-bytes></limits>")
}
