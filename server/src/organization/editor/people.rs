//! Edits of people and their accounts.

use jid::BareJid;
use posthouse_sign_on::session::End;

use super::{EditError, Editor, NewPassword, PersonEdit, TagsEdit};
use crate::storage::accounts;
use crate::storage::avatar::{self, Avatar};
use crate::storage::organization::{self as table, Logged, PersonRow};

impl Editor {
    /// Adds a person with an account; answers the paths of departments that were created.
    ///
    /// # Errors
    /// The ID is taken, or two posts lie in one department.
    pub async fn add_person(
        &self,
        login: &str,
        edit: PersonEdit,
        password: Option<NewPassword>,
    ) -> Result<Vec<String>, EditError> {
        let name = login.to_owned();
        let words = edit.name.iter().cloned().chain(edit.tags.as_ref().map(TagsEdit::words));
        let detail = words.collect::<Vec<_>>().join(", ");
        self.edit("user add", login, detail, move |draft| {
            draft.refuse_if_taken(&name)?;
            draft.put_person(&name, &edit, password.as_ref())
        })
        .await
    }

    /// Changes a person; answers the paths of departments that were created.
    ///
    /// # Errors
    /// Nobody has the ID, or two posts lie in one department.
    pub async fn set_person(&self, login: &str, edit: PersonEdit) -> Result<Vec<String>, EditError> {
        let name = login.to_owned();
        let detail = names_of(&edit).join(", ");
        self.edit("user set", login, detail, move |draft| {
            let row = draft.person(&name)?;
            draft.change_person(row, &edit)
        })
        .await
    }

    /// Sets a password and ends the sessions of the account.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn set_password(&self, login: &str, password: NewPassword) -> Result<(), EditError> {
        let name = login.to_owned();
        self.edit("user password", login, String::new(), move |draft| {
            if accounts::account(draft.connection, &name)?.is_none() {
                return Err(EditError::NoSuchPerson(name));
            }
            Ok(accounts::set_password(draft.connection, &name, &password.keys, password.must_change)?)
        })
        .await
        .map(|_| ())
    }

    /// Signs an account out everywhere: its clients and what they have entered by single sign-on.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn sign_out(&self, login: &str) -> Result<(), EditError> {
        let name = login.to_owned();
        self.edit("user sign-out", login, String::new(), move |draft| {
            if accounts::account(draft.connection, &name)?.is_none() {
                return Err(EditError::NoSuchPerson(name));
            }
            Ok(accounts::end_sessions(draft.connection, &name, End::SignedOut)?)
        })
        .await
        .map(|_| ())
    }

    /// Locks or unlocks an account; locking ends its sessions.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn set_disabled(&self, login: &str, disabled: bool) -> Result<(), EditError> {
        let name = login.to_owned();
        let action = if disabled { "user disable" } else { "user enable" };
        self.edit(action, login, String::new(), move |draft| {
            if accounts::account(draft.connection, &name)?.is_none() {
                return Err(EditError::NoSuchPerson(name));
            }
            accounts::set_disabled(draft.connection, &name, disabled)?;
            if let Some(row) = table::person_by_login(draft.connection, &name)? {
                table::update_person(draft.connection, &PersonRow { disabled, ..row.clone() })?;
                draft.touch(Logged::Person(row.id));
            }
            Ok(())
        })
        .await
        .map(|_| ())
    }

    /// Sets or, with `None`, removes the picture of an account, with its hash in the directory.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn set_picture(&self, account: &BareJid, picture: Option<Avatar>) -> Result<(), EditError> {
        let login = account.node().map(|node| node.as_str().to_owned()).unwrap_or_default();
        let detail = if picture.is_some() { "set" } else { "removed" };
        let (subject, account) = (login.clone(), account.clone());
        self.edit("user picture", &subject, detail.to_owned(), move |draft| {
            avatar::set(draft.connection, &account, picture.as_ref())?;
            // An account may have no place in the organisation.
            if let Some(row) = table::person_by_login(draft.connection, &login)? {
                let hash = picture.map(|picture| picture.hash).unwrap_or_default();
                table::update_person(draft.connection, &PersonRow { avatar: hash, ..row.clone() })?;
                draft.touch(Logged::Person(row.id));
            }
            Ok(())
        })
        .await
        .map(|_| ())
    }

    /// Removes a person and the account and ends its sessions.
    ///
    /// # Errors
    /// There is no such account.
    pub async fn remove_person(&self, login: &str) -> Result<(), EditError> {
        let name = login.to_owned();
        self.edit("user remove", login, String::new(), move |draft| draft.remove_person(&name))
            .await
            .map(|_| ())
    }
}

/// Names of the fields that an edit sets, for the audit log.
fn names_of(edit: &PersonEdit) -> Vec<String> {
    let set = [
        ("name", edit.name.is_some()),
        ("gender", edit.gender.is_some()),
        ("birth date", edit.birth.is_some()),
        ("phones", edit.phones.is_some()),
        ("mobile", edit.mobile.is_some()),
        ("e-mail", edit.email.is_some()),
        ("status", edit.disabled.is_some()),
        ("employee number", edit.employee_number.is_some()),
        ("posts", edit.posts.is_some() || edit.title.is_some() || edit.priority.is_some()),
    ];
    let names = set.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name.to_owned());
    names.chain(edit.tags.as_ref().map(TagsEdit::words)).collect()
}
