//! From rows of text to the departments and people that a sheet wants; every row that cannot be meant is named.

use std::collections::{BTreeMap, HashMap};

use super::columns::{Column, Head};
use super::sheet::{self, Row, Sheet};
use super::{Place, Problem};
use crate::organization::editor::{PersonEdit, TagsEdit};
use crate::organization::fields::{self, FieldProblem};

/// Fields of a person, the same in all rows of one person.
const OF_PERSON: [Column; 11] = [
    Column::Name,
    Column::Gender,
    Column::Birth,
    Column::Age,
    Column::Phones,
    Column::Mobile,
    Column::Email,
    Column::EmployeeNumber,
    Column::Tags,
    Column::Status,
    Column::Password,
];

/// What a sheet wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What the file turned out to be.
    pub form: String,
    /// Departments with rows of their own, in the order of the sheet.
    pub departments: Vec<WantedDepartment>,
    /// People in the order of the sheet, each once.
    pub people: Vec<WantedPerson>,
    /// Columns and worksheets that were not read.
    pub unread: Vec<String>,
}

/// A department with a row of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDepartment {
    /// Path from the top.
    pub path: Vec<String>,
    /// `None` leaves it as it is.
    pub priority: Option<i32>,
}

/// A person; fields without a column stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedPerson {
    /// First row.
    pub place: Place,
    /// ID.
    pub login: String,
    /// Fields; the posts are not among them.
    pub fields: PersonEdit,
    /// Age in years, when there is no date of birth.
    pub age: Option<u8>,
    /// Posts, the main one first.
    pub posts: Option<Vec<WantedPost>>,
    /// Password, and where it stands.
    pub password: Option<(String, Place)>,
}

/// A post; what has no column stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedPost {
    /// Path of the department.
    pub department: Vec<String>,
    /// Title.
    pub title: Option<String>,
    /// Order within the department.
    pub priority: Option<i32>,
}

/// Reads a file; answers every problem that it has.
///
/// # Errors
/// At least one problem.
pub fn read(file: &[u8]) -> Result<Wanted, Vec<Problem>> {
    let document = sheet::read(file).map_err(|problem| vec![problem])?;
    let mut reading = Reading::default();
    let has_many = document.sheets.len() > 1;
    let mut has_head = false;
    for sheet in &document.sheets {
        let name = if has_many { sheet.name.as_str() } else { "" };
        match Head::find(&sheet.rows) {
            Some(head) => {
                has_head = true;
                reading.sheet(name, sheet, &head);
            }
            None => reading.wanted.unread.push(format!("sheet {}", sheet.name)),
        }
    }
    if !has_head {
        return Err(vec![Problem::of_file(
            "there is no row that names the columns; the first row must have at least id or department \
             (账号 or 部门)",
        )]);
    }
    reading.wanted.form = document.form;
    reading.finish()
}

/// What the rows of one person say, before it is understood.
#[derive(Debug, Default)]
struct Gathered {
    place: Place,
    login: String,
    cells: BTreeMap<Column, (String, Place)>,
    posts: Option<Vec<(WantedPost, usize)>>,
}

#[derive(Debug, Default)]
pub(super) struct Reading {
    wanted: Wanted,
    people: Vec<Gathered>,
    by_login: HashMap<String, usize>,
    department_rows: HashMap<Vec<String>, usize>,
    problems: Vec<Problem>,
}

impl Reading {
    fn sheet(&mut self, name: &str, sheet: &Sheet, head: &Head) {
        let place = |row: usize| Place { sheet: name.to_owned(), row, column: String::new() };
        for label in &head.twice {
            let text = format!("the column {label:?} stands there twice; remove or rename one");
            self.problems.push(Problem { place: place(head.row), text });
        }
        self.wanted.unread.extend(head.unread.iter().map(|label| format!("column {label}")));
        for row in sheet.rows.iter().filter(|row| row.number > head.row) {
            self.line(head, row, place(row.number));
        }
    }

    /// One row under its head.
    pub(super) fn line(&mut self, head: &Head, row: &Row, place: Place) {
        let mut line = Line { head, row, place, problems: &mut self.problems };
        if row.cells.iter().skip(head.width).any(|cell| !cell.is_empty()) {
            line.problem(
                None,
                "has more cells than the row of column names; a text with the separator in it needs quotes",
            );
            return;
        }
        match line.is_department() {
            Some(true) => {
                let found = line.department(&mut self.department_rows);
                self.wanted.departments.extend(found);
            }
            Some(false) => {
                if let Some(person) = line.person() {
                    self.gather(person);
                }
            }
            None => {}
        }
    }

    /// Joins a row with those of the same person before it.
    fn gather(&mut self, person: Gathered) {
        let Some(index) = self.by_login.get(&person.login) else {
            self.by_login.insert(person.login.clone(), self.people.len());
            self.people.push(person);
            return;
        };
        let Some(first) = self.people.get_mut(*index) else { return };
        for (column, (text, place)) in person.cells {
            let known = first.cells.entry(column).or_default();
            if known.0.is_empty() {
                *known = (text, place);
            } else if !text.is_empty() && known.0 != text && column != Column::Password {
                let text = format!(
                    "{:?} differs from {:?} in row {}, which has the same ID {}; one person has one value",
                    text, known.0, known.1.row, first.login
                );
                self.problems.push(Problem { place, text });
            } else if !text.is_empty() && known.0 != text {
                let text = format!("the password differs from that of the same ID in row {}", known.1.row);
                self.problems.push(Problem { place, text });
            }
        }
        for (post, row) in person.posts.into_iter().flatten() {
            let posts = first.posts.get_or_insert_default();
            if let Some((_, before)) = posts.iter().find(|(known, _)| known.department == post.department) {
                let text = format!(
                    "{} stands in {} already, in row {before}; one row for each department, or another ID for another person",
                    first.login,
                    post.department.join("/")
                );
                self.problems.push(Problem { place: person.place.clone(), text });
            } else {
                posts.push((post, row));
            }
        }
    }

    pub(super) fn finish(mut self) -> Result<Wanted, Vec<Problem>> {
        for gathered in std::mem::take(&mut self.people) {
            let person = self.understood(gathered);
            self.wanted.people.push(person);
        }
        if self.wanted.people.is_empty() && self.wanted.departments.is_empty() && self.problems.is_empty() {
            self.problems.push(Problem::of_file("there is nothing below the row of column names"));
        }
        self.problems.sort_by(|left, right| {
            (&left.place.sheet, left.place.row).cmp(&(&right.place.sheet, right.place.row))
        });
        if self.problems.is_empty() { Ok(self.wanted) } else { Err(self.problems) }
    }

    fn understood(&mut self, person: Gathered) -> WantedPerson {
        let mut cells = Cells { cells: person.cells, problems: &mut self.problems };
        let fields = PersonEdit {
            name: cells.read(Column::Name, fields::name),
            gender: cells.read(Column::Gender, fields::gender),
            birth: cells.read(Column::Birth, fields::birth),
            phones: cells.read(Column::Phones, phones),
            mobile: cells.read(Column::Mobile, fields::mobile),
            email: cells.read(Column::Email, fields::email),
            disabled: cells.read(Column::Status, fields::disabled),
            employee_number: cells.read(Column::EmployeeNumber, |text| fields::line("employee number", text)),
            tags: cells.read(Column::Tags, tags).map(TagsEdit::All),
            ..PersonEdit::default()
        };
        let has_birth = fields.birth.as_ref().is_some_and(|birth| !birth.is_empty());
        let age = cells.read(Column::Age, age).flatten().filter(|_| !has_birth);
        let password = cells.cells.remove(&Column::Password).filter(|(text, _)| !text.is_empty());
        let posts = person.posts.map(|posts| posts.into_iter().map(|(post, _)| post).collect());
        WantedPerson { place: person.place, login: person.login, fields, age, posts, password }
    }
}

/// Cells of one person.
struct Cells<'a> {
    cells: BTreeMap<Column, (String, Place)>,
    problems: &'a mut Vec<Problem>,
}

impl Cells<'_> {
    /// `None` when the sheet does not have the column, or when the cell cannot be understood.
    fn read<T>(&mut self, column: Column, read: impl Fn(&str) -> Result<T, FieldProblem>) -> Option<T> {
        let (text, place) = self.cells.get(&column)?;
        match read(text) {
            Ok(value) => Some(value),
            Err(FieldProblem(text)) => {
                self.problems.push(Problem { place: place.clone(), text });
                None
            }
        }
    }
}

/// A row under its head.
struct Line<'a> {
    head: &'a Head,
    row: &'a Row,
    place: Place,
    problems: &'a mut Vec<Problem>,
}

impl Line<'_> {
    fn cell(&self, column: Column) -> Option<&str> {
        self.head.cell(self.row, column)
    }

    fn place_of(&self, column: Column) -> Place {
        Place { column: self.head.label(column), ..self.place.clone() }
    }

    fn problem(&mut self, column: Option<Column>, text: impl Into<String>) {
        let place = column.map_or_else(|| self.place.clone(), |column| self.place_of(column));
        self.problems.push(Problem { place, text: text.into() });
    }

    fn read<T>(&mut self, column: Column, read: impl Fn(&str) -> Result<T, FieldProblem>) -> Option<T> {
        match read(self.cell(column)?) {
            Ok(value) => Some(value),
            Err(FieldProblem(text)) => {
                self.problem(Some(column), text);
                None
            }
        }
    }

    /// Whether the row is a department's; without a word about it, a row without ID and name is.
    fn is_department(&mut self) -> Option<bool> {
        let is_empty = |column| self.cell(column).is_none_or(str::is_empty);
        match self.cell(Column::Kind).unwrap_or_default().to_lowercase().as_str() {
            "" => Some(is_empty(Column::Id) && is_empty(Column::Name)),
            "department" | "部门" => Some(true),
            "person" | "user" | "人员" | "员工" | "用户" => Some(false),
            other => {
                let text = format!("{other:?} is not known; write department, person, 部门 or 人员");
                self.problem(Some(Column::Kind), text);
                None
            }
        }
    }

    fn department(&mut self, seen: &mut HashMap<Vec<String>, usize>) -> Option<WantedDepartment> {
        if self.cell(Column::Department).is_none() {
            self.problem(None, "the sheet has no column for the department (department or 部门)");
            return None;
        }
        let path = self.read(Column::Department, fields::path)?;
        let priority = self.read(Column::Priority, fields::priority);
        if let Some(row) = seen.insert(path.clone(), self.row.number) {
            let text = format!("the department {} stands in row {row} already", path.join("/"));
            self.problem(Some(Column::Department), text);
        }
        Some(WantedDepartment { path, priority })
    }

    fn person(&mut self) -> Option<Gathered> {
        if self.cell(Column::Id).is_none() {
            self.problem(None, "the sheet has no column for the ID (id or 账号), which every person needs");
            return None;
        }
        let login = self.read(Column::Id, fields::login)?;
        let mut cells = BTreeMap::new();
        for column in OF_PERSON {
            if let Some(text) = self.cell(column) {
                cells.insert(column, (text.to_owned(), self.place_of(column)));
            }
        }
        let mut posts = None;
        if self.cell(Column::Department).is_some() {
            let department = self.read(Column::Department, fields::path);
            let title = self.read(Column::Title, |text| fields::line("title", text));
            let priority = self.read(Column::Priority, fields::priority);
            posts = department
                .map(|department| vec![(WantedPost { department, title, priority }, self.row.number)]);
        }
        Some(Gathered { place: self.place.clone(), login, cells, posts })
    }
}

/// Several phones in one cell stand behind semicolons, slashes, 、 or line breaks.
fn phones(text: &str) -> Result<Vec<String>, FieldProblem> {
    text.split([';', '；', '/', '、', '\n', '\r'])
        .map(str::trim)
        .filter(|phone| !phone.is_empty())
        .map(fields::phone)
        .collect()
}

/// Several tags in one cell stand behind semicolons, 、 or line breaks.
fn tags(text: &str) -> Result<Vec<String>, FieldProblem> {
    let parts = text.split([';', '；', '、', '\n', '\r']).map(str::trim);
    fields::tags(parts.filter(|tag| !tag.is_empty()))
}

fn age(text: &str) -> Result<Option<u8>, FieldProblem> {
    let text = text.trim().trim_end_matches('岁');
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(age) if age <= 120 => Ok(Some(age)),
        Ok(_) | Err(_) => Err(FieldProblem(format!("{text:?} is not an age in years"))),
    }
}
