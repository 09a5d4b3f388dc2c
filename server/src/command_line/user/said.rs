//! What is said about a person on the command line.

use clap::Args;

use crate::command_line::CommandError;
use crate::organization::editor::{PersonEdit, PostEdit, TagsEdit};
use crate::organization::fields;

#[derive(Debug, Args)]
pub(super) struct Fields {
    /// Display name
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Department such as 总部/财务部; may be repeated, the first is the main one; created when missing
    #[arg(long, value_name = "PATH")]
    pub(super) department: Vec<String>,
    /// Title; one for every --department, or one for the main one
    #[arg(long)]
    title: Vec<String>,
    /// Order within the department, smaller first; one for every --department, or one for the main one
    #[arg(long, allow_hyphen_values = true)]
    priority: Vec<String>,
    /// female or male
    #[arg(long)]
    gender: Option<String>,
    /// Date of birth, such as 1990-01-31
    #[arg(long)]
    birth_date: Option<String>,
    /// Office phone; may be repeated
    #[arg(long, allow_hyphen_values = true)]
    phone: Vec<String>,
    /// Mobile number
    #[arg(long, allow_hyphen_values = true)]
    mobile: Option<String>,
    /// E-mail address
    #[arg(long)]
    email: Option<String>,
    /// Number in the personnel files
    #[arg(long)]
    employee_number: Option<String>,
    /// Tag, a short word such as 司机, that the person gets; may be repeated
    #[arg(long, value_name = "WORD")]
    tag: Vec<String>,
    /// Tag that is taken away; may be repeated
    #[arg(long, value_name = "WORD")]
    no_tag: Vec<String>,
}

impl Fields {
    /// What changes about the person.
    pub(super) fn edit(&self) -> Result<PersonEdit, CommandError> {
        let text = |field: &Option<String>, read: fn(&str) -> Result<String, fields::FieldProblem>| {
            field.as_deref().map(read).transpose()
        };
        let phones: Vec<String> =
            self.phone.iter().map(|phone| fields::phone(phone)).collect::<Result<_, _>>()?;
        let titles: Vec<String> =
            self.title.iter().map(|title| fields::line("title", title)).collect::<Result<_, _>>()?;
        let priorities: Vec<i32> =
            self.priority.iter().map(|priority| fields::priority(priority)).collect::<Result<_, _>>()?;
        let mut edit = PersonEdit {
            name: text(&self.name, fields::name)?,
            gender: self.gender.as_deref().map(fields::gender).transpose()?,
            birth: text(&self.birth_date, fields::birth)?,
            phones: (!self.phone.is_empty())
                .then(|| phones.into_iter().filter(|phone| !phone.is_empty()).collect()),
            mobile: text(&self.mobile, fields::mobile)?,
            email: text(&self.email, fields::email)?,
            employee_number: text(&self.employee_number, |text| fields::line("employee number", text))?,
            tags: self.tags()?,
            ..PersonEdit::default()
        };
        let places = self.department.len().max(1);
        for (what, count) in [("--title", titles.len()), ("--priority", priorities.len())] {
            if count > places {
                return Err(CommandError::Refused(format!("{what} is given more often than --department")));
            }
        }
        if self.department.is_empty() {
            (edit.title, edit.priority) = (titles.into_iter().next(), priorities.into_iter().next());
            return Ok(edit);
        }
        let (mut titles, mut priorities) = (titles.into_iter(), priorities.into_iter());
        let mut posts = Vec::with_capacity(places);
        for path in &self.department {
            posts.push(PostEdit {
                department: fields::path(path)?,
                title: titles.next().unwrap_or_default(),
                priority: priorities.next().unwrap_or_default(),
            });
        }
        edit.posts = Some(posts);
        Ok(edit)
    }

    fn tags(&self) -> Result<Option<TagsEdit>, fields::FieldProblem> {
        let read = |said: &[String]| said.iter().map(|tag| fields::tag(tag)).collect::<Result<Vec<_>, _>>();
        let (more, less) = (read(&self.tag)?, read(&self.no_tag)?);
        let is_said = !(more.is_empty() && less.is_empty());
        Ok(is_said.then_some(TagsEdit::Some { more, less }))
    }
}
