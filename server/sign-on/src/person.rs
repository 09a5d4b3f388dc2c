//! The person who signs in, and what relying parties are told about them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What the organisation knows. Only made for people whose account is live.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Stable, opaque and never given to anybody else; no address and no login.
    pub subject: String,
    /// Login name.
    pub login: String,
    /// Name as it is shown.
    pub name: String,
    /// Mail.
    pub email: Option<String>,
    /// Mobile or other phone.
    pub phone: Option<String>,
    /// Title in the main department.
    pub title: Option<String>,
    /// Paths of the departments, such as `总部/财务部`, the main one first.
    pub departments: Vec<String>,
    /// Roles, such as `administrator`, beside the departments.
    pub roles: Vec<String>,
    /// The administrator's tags, which no system is told.
    pub tags: Vec<String>,
}

impl Person {
    /// Departments and roles in one list, for systems that give rights by group.
    pub fn groups(&self) -> Vec<&str> {
        self.departments.iter().chain(&self.roles).map(String::as_str).collect()
    }

    /// What may be told under these scopes (OpenID Connect Core section 5.4), beside `sub`.
    pub fn claims(&self, scopes: &Scopes) -> Map<String, Value> {
        let mut claims = Map::new();
        let mut put = |name: &str, value: Value| {
            if !value.is_null() {
                claims.insert(name.to_owned(), value);
            }
        };
        // Plain OAuth 2.0 has no word for it, and its clients want to know who it is all the same.
        if scopes.has("profile") || !scopes.has("openid") {
            put("name", json!(self.name));
            put("preferred_username", json!(self.login));
            put("title", json!(self.title));
            put("department", json!(self.departments.first()));
        }
        if scopes.has("email") {
            put("email", json!(self.email));
            put("email_verified", self.email.as_ref().map_or(Value::Null, |_| json!(true)));
        }
        if scopes.has("phone") {
            put("phone_number", json!(self.phone));
        }
        if scopes.has("groups") {
            put("groups", json!(self.groups()));
            put("departments", json!(self.departments));
        }
        claims
    }
}

/// Scopes that mean something here.
pub const KNOWN_SCOPES: &[&str] = &["openid", "profile", "email", "phone", "groups", "offline_access"];

/// A list of scopes (RFC 6749 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Reads a list; `None` when it holds characters that no scope has.
    pub fn parse(text: &str) -> Option<Self> {
        let is_right = |one: &str| one.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E));
        let all: Vec<&str> = text.split(' ').filter(|one| !one.is_empty()).collect();
        all.iter().all(|one| is_right(one)).then(|| Self(all.iter().map(|one| (*one).to_owned()).collect()))
    }

    /// Those that mean something here; others are ignored (RFC 6749 section 3.3).
    #[must_use]
    pub fn known(&self) -> Self {
        Self(self.0.iter().filter(|one| KNOWN_SCOPES.contains(&one.as_str())).cloned().collect())
    }

    /// Holds this one.
    pub fn has(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Holds nothing that the other does not.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// As a list with blanks between.
    pub fn to_text(&self) -> String {
        self.0.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::Scopes;
    use crate::testing::zhang;

    fn told(scopes: &str) -> String {
        let names: Vec<String> = zhang().claims(&Scopes::parse(scopes).unwrap()).keys().cloned().collect();
        names.join(" ")
    }

    #[test]
    fn each_scope_tells_its_own_and_no_more() {
        assert_eq!(told("openid"), "");
        assert_eq!(told("openid profile"), "department name preferred_username title");
        assert_eq!(told("openid email"), "email email_verified");
        assert_eq!(told("openid phone"), "phone_number");
        assert_eq!(told("openid groups"), "departments groups");
        assert_eq!(told(""), "department name preferred_username title");
    }

    #[test]
    fn no_scope_tells_tags() {
        let claims = zhang().claims(&Scopes::parse("openid profile email phone groups").unwrap());
        assert!(!serde_json::to_string(&claims).unwrap().contains("审批"), "{claims:?}");
    }

    #[test]
    fn chinese_names_stay_as_they_are() {
        let claims = zhang().claims(&Scopes::parse("profile groups").unwrap());
        assert_eq!(claims["name"], "张爱丽");
        assert_eq!(claims["groups"][0], "总部/财务部");
    }

    #[test]
    fn strange_characters_make_no_scope() {
        assert!(Scopes::parse("openid \"x\"").is_none());
        assert!(Scopes::parse("openid\nprofile").is_none());
        assert_eq!(Scopes::parse("openid  foo").unwrap().known().to_text(), "openid");
    }
}
