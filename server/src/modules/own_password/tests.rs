use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;

use super::OwnPassword;
use crate::modules::testing::{Client, jid};
use crate::routing::accounts::{PasswordRefusal, Passwords};
use crate::routing::iq::IqTarget;
use crate::routing::stanza_error::Condition;

/// One account with a password that the administrator chose.
#[derive(Debug, Default)]
struct OneAccount {
    chosen: Mutex<Option<(String, String)>>,
}

#[async_trait]
impl Passwords for OneAccount {
    async fn must_change(&self, _login: &str) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.chosen.lock().is_none())
    }

    async fn is_right(
        &self,
        _login: &str,
        password: &str,
    ) -> Result<bool, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.chosen.lock().as_ref().is_some_and(|(_, chosen)| chosen == password))
    }

    async fn change(&self, login: &str, _client: &str, password: &str) -> Result<(), PasswordRefusal> {
        if password.len() < 8 {
            return Err(PasswordRefusal::TooWeak("at least 8 characters".to_owned()));
        }
        *self.chosen.lock() = Some((login.to_owned(), password.to_owned()));
        Ok(())
    }
}

fn wish(login: &str, password: &str) -> String {
    format!(
        "<query xmlns='jabber:iq:register'><username>{login}</username><password>{password}</password></query>"
    )
}

#[tokio::test]
async fn a_password_somebody_else_chose_is_marked_until_its_owner_changes_it() {
    let account = Arc::new(OneAccount::default());
    let handler = OwnPassword::new(account.clone(), Arc::default());
    let zhang = Client::new("zhang.san", "pc");
    let question = "<query xmlns='jabber:iq:register'/>";
    let before = zhang.ask(&handler, IqTarget::Server, "get", question).await.unwrap();
    assert!(before.contains("<username>zhang.san</username>") && before.contains("<must-change"), "{before}");

    let changed = zhang.ask(&handler, IqTarget::Server, "set", &wish("zhang.san", "新密码&lt;8&gt;")).await;
    assert_eq!(changed.unwrap(), "");
    assert_eq!(account.chosen.lock().clone(), Some(("zhang.san".to_owned(), "新密码<8>".to_owned())));
    let after = zhang.ask(&handler, IqTarget::Server, "get", question).await.unwrap();
    assert!(!after.contains("must-change"), "{after}");
}

#[tokio::test]
async fn nobody_changes_the_password_of_another_or_ends_an_account() {
    let account = Arc::new(OneAccount::default());
    let handler = OwnPassword::new(account.clone(), Arc::default());
    let zhang = Client::new("zhang.san", "pc");
    let refused =
        |answer: Result<String, crate::routing::stanza_error::StanzaError>| answer.unwrap_err().condition;
    let other = zhang.ask(&handler, IqTarget::Server, "set", &wish("li.si", "long enough")).await;
    assert_eq!(refused(other), Condition::Forbidden);
    let of = IqTarget::Account(jid("li.si"));
    let other = zhang.ask(&handler, of, "set", &wish("zhang.san", "long enough")).await;
    assert_eq!(refused(other), Condition::NotAllowed);
    let end = "<query xmlns='jabber:iq:register'><remove/></query>";
    assert_eq!(refused(zhang.ask(&handler, IqTarget::Server, "set", end).await), Condition::NotAllowed);
    let weak = zhang.ask(&handler, IqTarget::Server, "set", &wish("zhang.san", "short")).await;
    assert_eq!(refused(weak), Condition::NotAcceptable);
    assert_eq!(*account.chosen.lock(), None);
}
