//! Compares what a sheet wants with what is there, and makes the steps of one edit of it.

use std::collections::{HashMap, HashSet};

use super::rows::{Wanted, WantedPerson, WantedPost};
use super::words;
use super::{Place, Problem};
use crate::organization::editor::{NewPassword, PersonEdit, PostEdit, Step, TagsEdit};
use crate::organization::tree::Tree;
use crate::storage::accounts::AccountRow;
use crate::storage::organization::PersonRow;

/// The organisation as it is.
#[derive(Debug)]
pub struct Present {
    /// Departments and people.
    pub tree: Tree,
    /// Accounts by login.
    pub accounts: Vec<AccountRow>,
}

/// What the administrator chose beside the sheet.
#[derive(Debug, Clone, Copy)]
pub struct Choices {
    /// Whoever is not in the sheet goes.
    pub remove_missing: bool,
    /// Passwords of the sheet replace those that people have.
    pub reset_passwords: bool,
    /// For ages.
    pub today: time::Date,
}

/// What an import changes.
#[derive(Debug, Default)]
pub struct Difference {
    /// Paths and priorities of departments that are made, those above first.
    pub(super) new_departments: Vec<(Vec<String>, i32)>,
    /// Paths of departments that get another priority, with the old and the new one.
    pub(super) moved_departments: Vec<(Vec<String>, i32, i32)>,
    pub(super) new_people: Vec<PersonStep>,
    pub(super) changed_people: Vec<PersonStep>,
    pub(super) unchanged_people: usize,
    /// IDs and names of people who are not in the sheet.
    pub(super) missing_people: Vec<(String, String)>,
    /// Paths of departments that are not in the sheet, those below first.
    pub(super) missing_departments: Vec<Vec<String>>,
    pub(super) removes_missing: bool,
    /// Passwords in the sheet that are not used, as their people have one.
    pub(super) kept_passwords: usize,
}

/// A new or changed person.
#[derive(Debug)]
pub(super) struct PersonStep {
    pub(super) login: String,
    pub(super) edit: PersonEdit,
    pub(super) password: Option<(String, Place)>,
    /// What is new or changes, in words.
    pub(super) words: Vec<String>,
}

impl Difference {
    /// Compares.
    ///
    /// # Errors
    /// What the sheet wants cannot be had, row by row.
    pub fn new(wanted: Wanted, present: &Present, choices: Choices) -> Result<Self, Vec<Problem>> {
        let mut comparison = Comparison::new(present, choices);
        comparison.departments(&wanted);
        for person in wanted.people {
            comparison.person(person);
        }
        comparison.missing();
        if comparison.problems.is_empty() { Ok(comparison.found) } else { Err(comparison.problems) }
    }

    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        self.new_departments.is_empty()
            && self.moved_departments.is_empty()
            && self.new_people.is_empty()
            && self.changed_people.is_empty()
            && !(self.removes_missing
                && (!self.missing_people.is_empty() || !self.missing_departments.is_empty()))
    }

    /// The passwords that are set, in the order in which [`Difference::steps`] wants their keys.
    pub fn passwords(&self) -> Vec<&(String, Place)> {
        self.new_people.iter().chain(&self.changed_people).filter_map(|step| step.password.as_ref()).collect()
    }

    /// The steps of the edit; `keys` belong to [`Difference::passwords`].
    pub fn steps(self, keys: Vec<NewPassword>) -> Vec<Step> {
        let mut keys = keys.into_iter();
        let mut steps = Vec::new();
        steps.extend(
            self.new_departments.into_iter().map(|(path, priority)| Step::Department(path, priority)),
        );
        steps.extend(self.moved_departments.into_iter().map(|(path, _, new)| Step::Department(path, new)));
        for person in self.new_people.into_iter().chain(self.changed_people) {
            let password = person.password.and_then(|_| keys.next());
            steps.push(Step::Person(person.login, Box::new(person.edit), password));
        }
        if self.removes_missing {
            steps.extend(self.missing_people.into_iter().map(|(login, _)| Step::RemovePerson(login)));
            steps.extend(self.missing_departments.into_iter().map(Step::RemoveDepartment));
        }
        steps
    }

    /// One line about each kind of change, for the end of an import and for the audit log.
    pub fn summary(&self) -> String {
        words::summary(self)
    }

    /// Everything that changes, line by line.
    pub fn lines(&self) -> Vec<String> {
        words::lines(self)
    }
}

struct Comparison<'a> {
    present: &'a Present,
    choices: Choices,
    /// Departments that are there: path, id, priority.
    departments: HashMap<Vec<String>, (i64, i32)>,
    paths: HashMap<i64, Vec<String>>,
    people: HashMap<&'a str, &'a PersonRow>,
    /// Departments that stand in the sheet or are needed by somebody in it, with all above them.
    named: HashSet<Vec<String>>,
    seen: HashSet<i64>,
    found: Difference,
    problems: Vec<Problem>,
}

impl<'a> Comparison<'a> {
    fn new(present: &'a Present, choices: Choices) -> Self {
        let mut departments = HashMap::new();
        let mut paths: HashMap<i64, Vec<String>> = HashMap::new();
        // Each department comes after the one above it.
        for row in present.tree.departments() {
            let mut path = paths.get(&row.parent).cloned().unwrap_or_default();
            path.push(row.name.clone());
            departments.insert(path.clone(), (row.id, row.priority));
            paths.insert(row.id, path);
        }
        Self {
            present,
            choices,
            departments,
            paths,
            people: present.tree.people().map(|person| (person.login.as_str(), person)).collect(),
            named: HashSet::new(),
            seen: HashSet::new(),
            found: Difference { removes_missing: choices.remove_missing, ..Difference::default() },
            problems: Vec::new(),
        }
    }

    fn departments(&mut self, wanted: &Wanted) {
        let priorities: HashMap<&[String], i32> = wanted
            .departments
            .iter()
            .filter_map(|department| Some((department.path.as_slice(), department.priority?)))
            .collect();
        let rows = wanted.departments.iter().map(|department| &department.path);
        let posts = wanted.people.iter().flat_map(|person| person.posts.iter().flatten());
        for path in rows.chain(posts.map(|post| &post.department)) {
            self.name(path, &priorities);
        }
        if wanted.people.is_empty() && self.choices.remove_missing {
            self.problems.push(Problem::of_file(
                "there is nobody in the sheet, and --remove-missing would remove everybody; leave it away",
            ));
        }
    }

    /// Notes that a department stands in the sheet, those above it first.
    fn name(&mut self, path: &[String], priorities: &HashMap<&[String], i32>) {
        let Some((_, above)) = path.split_last() else { return };
        if !self.named.insert(path.to_vec()) {
            return;
        }
        self.name(above, priorities);
        let priority = priorities.get(path).copied();
        match (self.departments.get(path), priority) {
            (None, priority) => {
                self.found.new_departments.push((path.to_vec(), priority.unwrap_or_default()));
            }
            (Some((_, old)), Some(new)) if *old != new => {
                self.found.moved_departments.push((path.to_vec(), *old, new));
            }
            (Some(_), Some(_) | None) => {}
        }
    }

    fn person(&mut self, wanted: WantedPerson) {
        match self.people.get(wanted.login.as_str()).copied() {
            Some(row) => self.known_person(wanted, row),
            None => self.new_person(wanted),
        }
    }

    fn new_person(&mut self, wanted: WantedPerson) {
        let login = wanted.login.clone();
        let is_taken = self.account(&login).is_some();
        let mut refuse = |text: String| {
            self.problems.push(Problem { place: wanted.place.clone(), text });
        };
        if is_taken {
            refuse(format!(
                "the ID {login} belongs to an account that is nobody in the organisation; choose another ID"
            ));
        }
        if wanted.fields.name.is_none() {
            refuse(format!("{login} is new and needs a name; add a column name (姓名)"));
        }
        let Some(posts) = &wanted.posts else {
            refuse(format!("{login} is new and needs a department; add a column department (部门)"));
            return;
        };
        let posts = posts.iter().map(|post| post_edit(post, None)).collect();
        let birth = wanted.age.map(|age| self.birth_of(age)).or_else(|| wanted.fields.birth.clone());
        let edit = PersonEdit { posts: Some(posts), birth, ..wanted.fields };
        let words = words::new_person(&edit);
        self.found.new_people.push(PersonStep { login, edit, password: wanted.password, words });
    }

    fn known_person(&mut self, wanted: WantedPerson, row: &PersonRow) {
        self.seen.insert(row.id);
        let posts = wanted.posts.as_ref().map(|posts| {
            posts.iter().map(|post| post_edit(post, self.post_of(row, &post.department))).collect::<Vec<_>>()
        });
        let before: Vec<PostEdit> = row.posts.iter().map(|post| self.present_post(post)).collect();
        if posts.is_none() {
            // Who keeps the posts keeps the departments.
            for post in &before {
                for length in 1..=post.department.len() {
                    self.named.insert(post.department.iter().take(length).cloned().collect());
                }
            }
        }
        let fields = wanted.fields;
        let birth = match wanted.age {
            Some(age) if self.age_of(&row.birth) != Some(i32::from(age)) => Some(self.birth_of(age)),
            Some(_) => None,
            None => fields.birth,
        };
        let edit = PersonEdit {
            name: fields.name.filter(|name| *name != row.name),
            gender: fields.gender.filter(|gender| *gender != row.gender),
            birth: birth.filter(|birth| *birth != row.birth),
            phones: fields.phones.filter(|phones| *phones != row.phones),
            mobile: fields.mobile.filter(|mobile| *mobile != row.mobile),
            email: fields.email.filter(|email| *email != row.email),
            disabled: fields.disabled.filter(|disabled| *disabled != row.disabled),
            employee_number: fields.employee_number.filter(|number| *number != row.employee_number),
            tags: fields.tags.filter(|tags| *tags != TagsEdit::All(row.tags.clone())),
            posts: posts.filter(|posts| *posts != before),
            title: None,
            priority: None,
        };
        let has_password = self.account(&row.login).is_some_and(|account| account.has_password);
        let keeps = has_password && !self.choices.reset_passwords;
        let password = wanted.password.filter(|_| !keeps || self.count_kept());
        if edit == PersonEdit::default() && password.is_none() {
            self.found.unchanged_people = self.found.unchanged_people.saturating_add(1);
            return;
        }
        let words = words::changed_person(row, &before, &edit, password.is_some());
        self.found.changed_people.push(PersonStep { login: row.login.clone(), edit, password, words });
    }

    /// Counts a password that is not used; answers false, for a filter.
    fn count_kept(&mut self) -> bool {
        self.found.kept_passwords = self.found.kept_passwords.saturating_add(1);
        false
    }

    fn account(&self, login: &str) -> Option<&AccountRow> {
        let accounts = &self.present.accounts;
        let index = accounts.binary_search_by(|account| account.login.as_str().cmp(login)).ok()?;
        accounts.get(index)
    }

    fn present_post(&self, post: &crate::storage::organization::PostRow) -> PostEdit {
        let department = self.paths.get(&post.department).cloned().unwrap_or_default();
        PostEdit { department, title: post.title.clone(), priority: post.priority }
    }

    fn post_of(&self, row: &PersonRow, department: &[String]) -> Option<PostEdit> {
        let (id, _) = self.departments.get(department)?;
        row.posts.iter().find(|post| post.department == *id).map(|post| self.present_post(post))
    }

    fn missing(&mut self) {
        let people = self.present.tree.people_in_order();
        self.found.missing_people = people
            .into_iter()
            .filter(|person| !self.seen.contains(&person.id))
            .map(|person| (person.login.clone(), person.name.clone()))
            .collect();
        let departments = self.present.tree.departments();
        let paths = departments.into_iter().rev().filter_map(|row| self.paths.get(&row.id));
        self.found.missing_departments = paths.filter(|path| !self.named.contains(*path)).cloned().collect();
    }

    /// The first of January: whoever is born then has that age all year, so that the same sheet changes nothing.
    fn birth_of(&self, age: u8) -> String {
        format!("{:04}-01-01", self.choices.today.year().saturating_sub(i32::from(age)))
    }

    fn age_of(&self, birth: &str) -> Option<i32> {
        let numbers: Vec<i32> = birth.split('-').filter_map(|part| part.parse().ok()).collect();
        let [year, month, day] = numbers.as_slice() else { return None };
        let today = self.choices.today;
        let is_before_birthday =
            (i32::from(u8::from(today.month())), i32::from(today.day())) < (*month, *day);
        Some(today.year().saturating_sub(*year).saturating_sub(i32::from(is_before_birthday)))
    }
}

fn post_edit(wanted: &WantedPost, before: Option<PostEdit>) -> PostEdit {
    let before = before.unwrap_or_default();
    PostEdit {
        department: wanted.department.clone(),
        title: wanted.title.clone().unwrap_or(before.title),
        priority: wanted.priority.unwrap_or(before.priority),
    }
}
