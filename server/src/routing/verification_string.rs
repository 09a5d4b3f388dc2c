//! The hash in entity capabilities (XEP-0115 section 5.1). `xmpp_parsers` has it too, yet sorts names with the
//! `<` behind them: wherever one name begins another, as `x` does `x+notify`, its hash is nobody else's.

use std::fmt::Write;

use xmpp_parsers::caps::hash_caps;
use xmpp_parsers::data_forms::{DataForm, Field, FieldType};
use xmpp_parsers::disco::DiscoInfoResult;
use xmpp_parsers::hashes::Algo;

/// The value of `ver`; `None` when the algorithm is one we do not know.
pub fn verification_string(info: &DiscoInfoResult, algorithm: Algo) -> Option<String> {
    hash_caps(text_of(info).as_bytes(), algorithm).ok().map(|hash| hash.to_base64())
}

fn text_of(info: &DiscoInfoResult) -> String {
    let mut identities: Vec<_> = info
        .identities
        .iter()
        .map(|identity| {
            let lang = identity.lang.as_deref().unwrap_or_default();
            let name = identity.name.as_deref().unwrap_or_default();
            (identity.category.as_str(), identity.type_.as_str(), lang, name)
        })
        .collect();
    identities.sort_unstable();
    let mut text = String::new();
    for (category, kind, lang, name) in identities {
        let _ = write!(text, "{category}/{kind}/{lang}/{name}<");
    }
    // A `BTreeSet` is in the order that is asked for: by bytes.
    info.features.iter().for_each(|feature| add(&mut text, feature));
    let mut forms: Vec<_> =
        info.extensions.iter().filter_map(|form| Some((form_type(form)?, form))).collect();
    forms.sort_by_key(|(kind, _)| *kind);
    for (kind, form) in forms {
        add(&mut text, kind);
        add_fields(&mut text, form);
    }
    text
}

fn add(text: &mut String, name: &str) {
    text.push_str(name);
    text.push('<');
}

fn add_fields(text: &mut String, form: &DataForm) {
    let mut fields: Vec<(&str, &Field)> =
        form.fields.iter().filter_map(|field| Some((field.var.as_deref()?, field))).collect();
    fields.retain(|(name, _)| *name != "FORM_TYPE");
    fields.sort_by_key(|(name, _)| *name);
    for (name, field) in fields {
        add(text, name);
        let mut values: Vec<&str> = field.values.iter().map(String::as_str).collect();
        values.sort_unstable();
        values.into_iter().for_each(|value| add(text, value));
    }
}

/// Section 5.4, step 3.6: a form whose type is not hidden, or that has none, does not count.
fn form_type(form: &DataForm) -> Option<&str> {
    let field = form.fields.iter().find(|field| field.var.as_deref() == Some("FORM_TYPE"))?;
    (field.type_ == FieldType::Hidden).then(|| field.values.first().map(String::as_str))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(inner: &str) -> String {
        let query = format!("<query xmlns='http://jabber.org/protocol/disco#info'>{inner}</query>");
        verification_string(&xso::from_bytes(query.as_bytes()).unwrap(), Algo::Sha_1).unwrap()
    }

    fn features(names: &[&str]) -> String {
        names.iter().map(|name| format!("<feature var='{name}'/>")).collect()
    }

    const PROTOCOL: [&str; 4] = [
        "http://jabber.org/protocol/caps",
        "http://jabber.org/protocol/disco#info",
        "http://jabber.org/protocol/disco#items",
        "http://jabber.org/protocol/muc",
    ];

    #[test]
    fn the_examples_of_the_specification_have_their_hashes() {
        let exodus = "<identity category='client' name='Exodus 0.9.1' type='pc'/>";
        assert_eq!(hash(&format!("{exodus}{}", features(&PROTOCOL))), "QgayPKawpkPSDYmwT/WM94uAlu0=");
        let psi = "<identity xml:lang='en' category='client' name='Psi 0.11' type='pc'/>\
            <identity xml:lang='el' category='client' name='Ψ 0.11' type='pc'/>";
        let form = "<x xmlns='jabber:x:data' type='result'>\
            <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:dataforms:softwareinfo</value></field>\
            <field var='ip_version' type='text-multi'><value>ipv4</value><value>ipv6</value></field>\
            <field var='os'><value>Mac</value></field><field var='os_version'><value>10.5.1</value></field>\
            <field var='software'><value>Psi</value></field>\
            <field var='software_version'><value>0.11</value></field></x>";
        assert_eq!(hash(&format!("{psi}{}{form}", features(&PROTOCOL))), "q07IKJEyjvHSyhy//CH0CxmKi8w=");
    }

    /// The hash that slixmpp 1.8.3 announced for exactly this.
    #[test]
    fn a_name_that_begins_another_comes_before_it() {
        let names = [
            "http://jabber.org/protocol/caps",
            "http://jabber.org/protocol/disco#info",
            "http://jabber.org/protocol/shim",
            "http://jabber.org/protocol/shim#SubID",
            "jabber:x:data",
            "urn:xmpp:avatar:metadata",
            "urn:xmpp:avatar:metadata+notify",
            "urn:xmpp:ping",
            "vcard-temp",
        ];
        let bot = "<identity category='client' type='bot'/>";
        assert_eq!(hash(&format!("{bot}{}", features(&names))), "5dv23/iuLR8uj/xXshH8zM/LcY8=");
    }
}
