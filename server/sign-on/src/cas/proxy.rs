//! What is not offered is refused in the words of the protocol: proxy tickets (`/cas/proxy`, section 2.7) and SAML 1.1
//! (`/cas/samlValidate`, section 4.2).

use serde_json::json;

use super::answer::{Form, envelope, escape};
use crate::moment::Moment;
use crate::parameters::Parameters;
use crate::secret::Random;

/// The answer to whoever wants a proxy ticket: no proxy-granting ticket was ever given out.
pub fn refusal(parameters: &Parameters, form: Form) -> String {
    let is_whole = parameters.repeated().is_none()
        && parameters.value("pgt").is_some()
        && parameters.value("targetService").is_some();
    let (code, sentence) = if is_whole {
        ("UNAUTHORIZED_SERVICE", "proxy tickets are not given out")
    } else {
        ("INVALID_REQUEST", "'pgt' and 'targetService' are both needed, each once")
    };
    match form {
        Form::Json { .. } => {
            let failure = json!({ "code": code, "description": sentence });
            json!({ "serviceResponse": { "proxyFailure": failure } }).to_string()
        }
        Form::Xml { .. } | Form::Lines => {
            let sentence = escape(sentence);
            envelope(&format!("<cas:proxyFailure code=\"{code}\">{sentence}</cas:proxyFailure>"))
        }
    }
}

/// The answer to a SAML 1.1 request: the server cannot do it (SAML 1.1 core section 3.4.3.1), and says how it can.
pub fn saml_refusal(now: Moment, random: &mut Random) -> String {
    format!(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body>\
         <samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" MinorVersion=\"1\" \
         IssueInstant=\"{}\" ResponseID=\"_{}\"><samlp:Status><samlp:StatusCode Value=\"samlp:Responder\"/>\
         <samlp:StatusMessage>SAML 1.1 is not offered: validate at /cas/p3/serviceValidate</samlp:StatusMessage>\
         </samlp:Status></samlp:Response></SOAP-ENV:Body></SOAP-ENV:Envelope>\n",
        now.to_text(),
        random.secret().as_str()
    )
}

#[cfg(test)]
mod tests {
    use super::{refusal, saml_refusal};
    use crate::cas::answer::Form;
    use crate::testing::{NOW, form, random};

    #[test]
    fn who_wants_a_proxy_ticket_is_told_so_in_the_words_of_the_protocol() {
        let whole = form(&[("pgt", "PGT-1"), ("targetService", "https://erp.example.org/app/")]);
        let told = refusal(&whole, Form::of(None, false));
        assert!(told.contains("<cas:proxyFailure code=\"UNAUTHORIZED_SERVICE\">"), "{told}");
        let told = refusal(&form(&[("pgt", "PGT-1")]), Form::of(None, false));
        assert!(told.contains("<cas:proxyFailure code=\"INVALID_REQUEST\">&apos;pgt&apos;"), "{told}");
        let told: serde_json::Value =
            serde_json::from_str(&refusal(&whole, Form::of(Some("JSON"), false))).unwrap();
        assert_eq!(told["serviceResponse"]["proxyFailure"]["code"], "UNAUTHORIZED_SERVICE");
    }

    #[test]
    fn saml_gets_a_status_that_is_no_success() {
        let told = saml_refusal(NOW, &mut random());
        assert!(
            told.contains("Value=\"samlp:Responder\"") && told.contains("IssueInstant=\"2026-"),
            "{told}"
        );
    }
}
