//! An edit under way: what it has touched, and the steps that several edits share.

use std::collections::{BTreeSet, HashMap};

use super::{EditError, NewPassword, PersonEdit, PostEdit};
use crate::storage::organization::{self as table, DepartmentRow, Logged, PersonRow, PostRow};
use crate::storage::{Connection, accounts};

pub(super) struct Draft<'a> {
    pub(super) connection: &'a Connection,
    touched: BTreeSet<Logged>,
    created: Vec<String>,
    known: HashMap<Vec<String>, i64>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection, touched: BTreeSet::new(), created: Vec::new(), known: HashMap::new() }
    }

    /// What was touched, and the paths of departments that were created.
    pub(super) fn finish(self) -> (Vec<Logged>, Vec<String>) {
        (self.touched.into_iter().collect(), self.created)
    }

    pub(super) fn touch(&mut self, entry: Logged) {
        self.touched.insert(entry);
    }

    pub(super) fn find_department(&self, path: &[String]) -> Result<Option<DepartmentRow>, EditError> {
        let mut found: Option<DepartmentRow> = None;
        for name in path {
            let parent = found.as_ref().map_or(0, |row| row.id);
            found = table::department_named(self.connection, parent, name)?;
            if found.is_none() {
                return Ok(None);
            }
        }
        Ok(found)
    }

    pub(super) fn department(&self, path: &[String]) -> Result<DepartmentRow, EditError> {
        self.find_department(path)?.ok_or_else(|| EditError::NoSuchDepartment(path.join("/")))
    }

    /// Id of the department at a path; it and those above it are created where missing.
    pub(super) fn make_department(&mut self, path: &[String]) -> Result<i64, EditError> {
        if let Some(id) = self.known.get(path) {
            return Ok(*id);
        }
        let Some((name, above)) = path.split_last() else { return Ok(0) };
        let parent = self.make_department(above)?;
        let id = match table::department_named(self.connection, parent, name)? {
            Some(row) => row.id,
            None => {
                let row = DepartmentRow { id: 0, parent, name: name.clone(), priority: 0 };
                let id = table::insert_department(self.connection, &row)?;
                self.touch(Logged::Department(id));
                self.created.push(path.join("/"));
                id
            }
        };
        self.known.insert(path.to_vec(), id);
        Ok(id)
    }

    pub(super) fn put_department(&mut self, path: &[String], priority: i32) -> Result<(), EditError> {
        let id = self.make_department(path)?;
        if let Some(row) = table::department(self.connection, id)?
            && row.priority != priority
        {
            table::update_department(self.connection, &DepartmentRow { priority, ..row })?;
            self.touch(Logged::Department(id));
        }
        Ok(())
    }

    pub(super) fn refuse_if_taken(&self, login: &str) -> Result<(), EditError> {
        let is_taken = accounts::account(self.connection, login)?.is_some()
            || table::person_by_login(self.connection, login)?.is_some();
        if is_taken { Err(EditError::PersonExists(login.to_owned())) } else { Ok(()) }
    }

    pub(super) fn person(&self, login: &str) -> Result<PersonRow, EditError> {
        table::person_by_login(self.connection, login)?
            .ok_or_else(|| EditError::NoSuchPerson(login.to_owned()))
    }

    pub(super) fn put_person(
        &mut self,
        login: &str,
        edit: &PersonEdit,
        password: Option<&NewPassword>,
    ) -> Result<(), EditError> {
        match table::person_by_login(self.connection, login)? {
            Some(row) => self.change_person(row, edit)?,
            None => self.add_person(login, edit)?,
        }
        match password {
            Some(password) => {
                Ok(accounts::set_password(self.connection, login, &password.keys, password.must_change)?)
            }
            None => Ok(()),
        }
    }

    pub(super) fn add_person(&mut self, login: &str, edit: &PersonEdit) -> Result<(), EditError> {
        self.refuse_if_taken(login)?;
        let row = PersonRow { login: login.to_owned(), name: login.to_owned(), ..PersonRow::default() };
        let row = self.edited(row, edit)?;
        let id = table::insert_person(self.connection, &row)?;
        accounts::insert_account(self.connection, login, "", true)?;
        if row.disabled {
            accounts::set_disabled(self.connection, login, true)?;
        }
        self.touch(Logged::Person(id));
        Ok(())
    }

    /// Changes a person; nothing is written when nothing differs.
    pub(super) fn change_person(&mut self, before: PersonRow, edit: &PersonEdit) -> Result<(), EditError> {
        let after = self.edited(before.clone(), edit)?;
        if after == before {
            return Ok(());
        }
        table::update_person(self.connection, &after)?;
        if after.disabled != before.disabled {
            accounts::set_disabled(self.connection, &after.login, after.disabled)?;
        }
        // Nobody but the administrator sees tags: a change of them alone is no new version of the tree.
        if (PersonRow { tags: before.tags.clone(), ..after.clone() }) != before {
            self.touch(Logged::Person(after.id));
        }
        Ok(())
    }

    /// Removes a person and the account, or an account that is nobody's.
    pub(super) fn remove_person(&mut self, login: &str) -> Result<(), EditError> {
        if accounts::account(self.connection, login)?.is_none() {
            return Err(EditError::NoSuchPerson(login.to_owned()));
        }
        if let Some(row) = table::person_by_login(self.connection, login)? {
            table::delete_person(self.connection, row.id)?;
            self.touch(Logged::Person(row.id));
        }
        Ok(accounts::delete_account(self.connection, login)?)
    }

    /// Removes an empty department.
    pub(super) fn remove_department(&mut self, path: &[String]) -> Result<(), EditError> {
        let row = self.department(path)?;
        let (departments, people) = table::department_contents(self.connection, row.id)?;
        if departments > 0 || people > 0 {
            return Err(EditError::DepartmentNotEmpty { path: path.join("/"), departments, people });
        }
        self.touch(Logged::Department(row.id));
        Ok(table::delete_department(self.connection, row.id)?)
    }

    fn edited(&mut self, mut row: PersonRow, edit: &PersonEdit) -> Result<PersonRow, EditError> {
        replace(&mut row.name, edit.name.as_ref());
        replace(&mut row.gender, edit.gender.as_ref());
        replace(&mut row.birth, edit.birth.as_ref());
        replace(&mut row.phones, edit.phones.as_ref());
        replace(&mut row.mobile, edit.mobile.as_ref());
        replace(&mut row.email, edit.email.as_ref());
        replace(&mut row.disabled, edit.disabled.as_ref());
        replace(&mut row.employee_number, edit.employee_number.as_ref());
        if let Some(tags) = &edit.tags {
            row.tags = tags.applied(&row.login, &row.tags)?;
        }
        if let Some(posts) = &edit.posts {
            row.posts = self.posts(&row.login, posts)?;
        } else if let Some(main) = row.posts.first_mut() {
            replace(&mut main.title, edit.title.as_ref());
            replace(&mut main.priority, edit.priority.as_ref());
        }
        row.priority = row.posts.first().map_or(row.priority, |main| main.priority);
        Ok(row)
    }

    fn posts(&mut self, login: &str, edits: &[PostEdit]) -> Result<Vec<PostRow>, EditError> {
        let mut posts: Vec<PostRow> = Vec::with_capacity(edits.len());
        for edit in edits {
            let department = self.make_department(&edit.department)?;
            if posts.iter().any(|post| post.department == department) {
                return Err(EditError::PostTwice {
                    login: login.to_owned(),
                    path: edit.department.join("/"),
                });
            }
            posts.push(PostRow { department, title: edit.title.clone(), priority: edit.priority });
        }
        Ok(posts)
    }
}

fn replace<T: Clone>(field: &mut T, with: Option<&T>) {
    if let Some(value) = with {
        field.clone_from(value);
    }
}
