//! The fields by which an archive can be searched (XEP-0313 section 4.1.5).

use crate::routing::iq::IqAnswer;

const FIELDS: &[(&str, &str)] = &[
    ("with", "jid-single"),
    ("start", "text-single"),
    ("end", "text-single"),
    ("before-id", "text-single"),
    ("after-id", "text-single"),
    ("ids", "list-multi"),
];

/// The empty form.
pub(super) fn answer() -> IqAnswer {
    let mut form = String::from(
        "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='form'>\
         <field type='hidden' var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>",
    );
    for (name, kind) in FIELDS {
        let open = if *name == "ids" {
            "<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><open/></validate>"
        } else {
            ""
        };
        form.push_str(&format!("<field type='{kind}' var='{name}'>{open}</field>"));
    }
    form.push_str("</x></query>");
    IqAnswer::Payload(form.into_bytes())
}
