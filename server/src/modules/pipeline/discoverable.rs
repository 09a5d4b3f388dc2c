//! What the server and its accounts say of themselves (XEP-0030, XEP-0115).

use std::collections::BTreeSet;
use std::sync::Arc;

use jid::Jid;
use posthouse_protocol::{organization, presence, sms};

use crate::modules::service_discovery::Discoverable;
use crate::modules::{ad_hoc_commands, archive, carbons, offline, ping, pubsub, sign_on};
use crate::routing::commands::AdHocCommand;

/// XEP-0115 section 6.3.
pub(super) fn caps_element(node: &str, ver: &str) -> String {
    format!("<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{node}' ver='{ver}'/>")
}

pub(super) fn discoverable(
    domain: &str,
    components: &[String],
    signs_on: bool,
    commands: &[Arc<dyn AdHocCommand>],
) -> Discoverable {
    let owned = |features: &[&str]| features.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>();
    let mut server = owned(archive::FEATURES);
    server.extend(owned(carbons::FEATURES));
    server.extend(owned(offline::FEATURES));
    server.extend(owned(ping::FEATURES));
    server.extend(owned(&[
        "urn:xmpp:blocking",
        "vcard-temp",
        "urn:xmpp:time",
        "jabber:iq:version",
        "jabber:iq:register",
    ]));
    server.extend(owned(&["jabber:iq:last", "jabber:iq:private", "jabber:iq:roster", "jabber:iq:search"]));
    server.extend(owned(&[organization::NAMESPACE, presence::NAMESPACE]));
    if components.contains(&format!("sms.{domain}")) {
        server.insert(sms::PHONES.to_owned());
    }
    if signs_on {
        server.extend(owned(sign_on::FEATURES));
    }
    if !commands.is_empty() {
        server.insert(ad_hoc_commands::NAMESPACE.to_owned());
    }
    let mut account = owned(archive::FEATURES);
    account.extend(owned(pubsub::FEATURES));
    let items =
        components.iter().filter_map(|domain| Some((Jid::new(domain).ok()?, domain.clone()))).collect();
    Discoverable { server, account, items, contacts: Vec::new() }
}
