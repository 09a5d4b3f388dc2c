//! `If-Match` and `If-None-Match` (RFC 9110, section 13.1): who changes something says which state of it was read, so
//! that two systems do not overwrite each other unseen.

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::FromRequestParts;
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, header};
use serde_json::Value;

use super::error::{ApiError, Code};

/// What a request demands of what is there.
#[derive(Debug)]
pub(super) struct Preconditions {
    /// Tags of `If-Match`; `*` is one of them.
    wanted: Option<Vec<String>>,
    /// `If-None-Match: *`.
    must_be_new: bool,
}

impl Preconditions {
    /// There is something with this tag, and it is to change.
    pub(super) fn allow_change(&self, tag: &str) -> Result<(), ApiError> {
        if self.must_be_new {
            return Err(ApiError::new(Code::PreconditionFailed, "It is there already."));
        }
        let Some(wanted) = &self.wanted else {
            let sentence =
                "If-Match is missing: send the ETag of what was read, or * to change it whatever it is.";
            return Err(ApiError::new(Code::PreconditionRequired, sentence));
        };
        if wanted.iter().any(|one| one == "*" || one == tag) {
            Ok(())
        } else {
            Err(ApiError::new(Code::PreconditionFailed, "It has been changed since it was read."))
        }
    }

    /// There is nothing, and it is to be made.
    pub(super) fn allow_creation(&self) -> Result<(), ApiError> {
        if self.wanted.is_some() {
            return Err(ApiError::new(Code::PreconditionFailed, "It is not there, or not any more."));
        }
        Ok(())
    }
}

impl<S: Sync> FromRequestParts<S> for Preconditions {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, _state: &S) -> Result<Self, ApiError> {
        let must_be_new = tags(&head.headers, &header::IF_NONE_MATCH).iter().any(|tag| tag == "*");
        let has_match = head.headers.contains_key(header::IF_MATCH);
        Ok(Self { wanted: has_match.then(|| tags(&head.headers, &header::IF_MATCH)), must_be_new })
    }
}

/// A weak tag (`W/"…"`) keeps its mark and so never matches, as strong comparison wants it.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|tag| tag.trim().trim_matches('"').to_owned()).collect()
}

/// A tag that differs whenever the content does.
pub(super) fn tag(content: &Value) -> String {
    let digest = digest(&SHA256, content.to_string().as_bytes());
    digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn demand(name: &str, value: &'static str) -> Preconditions {
        let mut headers = HeaderMap::new();
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static(value));
        let has_match = headers.contains_key(header::IF_MATCH);
        Preconditions {
            wanted: has_match.then(|| tags(&headers, &header::IF_MATCH)),
            must_be_new: tags(&headers, &header::IF_NONE_MATCH).contains(&"*".to_owned()),
        }
    }

    #[test]
    fn only_who_names_the_state_that_is_there_may_change_it() {
        assert!(demand("if-match", "\"old\", \"now\"").allow_change("now").is_ok());
        assert!(demand("if-match", "*").allow_change("now").is_ok());
        let refused = |demand: Preconditions| demand.allow_change("now").unwrap_err().code;
        assert_eq!(refused(demand("if-match", "\"old\"")), Code::PreconditionFailed);
        assert_eq!(refused(demand("if-match", "W/\"now\"")), Code::PreconditionFailed);
        assert_eq!(refused(demand("if-none-match", "*")), Code::PreconditionFailed);
        assert_eq!(refused(demand("accept", "a/b")), Code::PreconditionRequired);
    }

    #[test]
    fn who_expects_something_makes_nothing_new() {
        assert!(demand("if-match", "*").allow_creation().is_err());
        assert!(demand("if-none-match", "*").allow_creation().is_ok());
    }
}
