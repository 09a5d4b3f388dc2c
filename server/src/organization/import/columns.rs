//! The columns of a sheet and the names that they may have.

use super::sheet::Row;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Kind,
    Id,
    Name,
    Department,
    Title,
    Priority,
    Gender,
    Birth,
    Age,
    Phones,
    Mobile,
    Email,
    EmployeeNumber,
    Tags,
    Status,
    Password,
}

/// Names without blanks, hyphens and underscores, in lower case.
const NAMES: &[(Column, &[&str])] = &[
    (Column::Kind, &["kind", "type", "类型", "类别"]),
    (Column::Id, &["id", "login", "userid", "username", "account", "账号", "帐号", "用户名", "登录名"]),
    (Column::Name, &["name", "fullname", "displayname", "姓名", "名字"]),
    (
        Column::Department,
        &["department", "departmentpath", "dept", "path", "部门", "所属部门", "所在部门", "部门路径"],
    ),
    (Column::Title, &["title", "jobtitle", "position", "职务", "职位", "岗位"]),
    (Column::Priority, &["priority", "order", "优先级", "排序", "排序号", "顺序"]),
    (Column::Gender, &["gender", "sex", "性别"]),
    (Column::Birth, &["birthdate", "birth", "birthday", "dateofbirth", "出生日期", "生日"]),
    (Column::Age, &["age", "年龄"]),
    (
        Column::Phones,
        &["phone", "phones", "telephone", "tel", "officephone", "电话", "办公电话", "固定电话", "座机"],
    ),
    (
        Column::Mobile,
        &["mobile", "mobilephone", "mobilenumber", "cellphone", "手机", "手机号", "手机号码", "移动电话"],
    ),
    (Column::Email, &["email", "mail", "emailaddress", "邮箱", "电子邮箱", "电子邮件", "邮件"]),
    (
        Column::EmployeeNumber,
        &["employeenumber", "employeeid", "staffnumber", "工号", "员工编号", "人员编号"],
    ),
    (Column::Tags, &["tag", "tags", "标签"]),
    (Column::Status, &["status", "state", "状态"]),
    (Column::Password, &["password", "initialpassword", "密码", "初始密码"]),
];

impl Column {
    fn of_head(head: &str) -> Option<Self> {
        // Remarks such as 姓名（必填） or "Name *" do not belong to the name.
        let bare = head.split(['(', '（', '[', '【']).next().unwrap_or_default();
        let name: String = bare
            .chars()
            .filter(|letter| !letter.is_whitespace() && !matches!(letter, '-' | '_' | '*' | ':' | '：'))
            .flat_map(char::to_lowercase)
            .collect();
        NAMES.iter().find_map(|(column, names)| names.contains(&name.as_str()).then_some(*column))
    }
}

/// The row that names the columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// Number of its row.
    pub(super) row: usize,
    columns: Vec<(Column, usize, String)>,
    /// Heads of columns that are not read.
    pub(super) unread: Vec<String>,
    /// Columns that stand there twice.
    pub(super) twice: Vec<String>,
    /// Number of columns.
    pub(super) width: usize,
}

impl Head {
    /// The first row that names an ID or a department; above it a sheet may have its own title.
    pub(super) fn find(rows: &[Row]) -> Option<Self> {
        rows.iter()
            .take(10)
            .map(Self::of)
            .find(|head| head.index(Column::Id).is_some() || head.index(Column::Department).is_some())
    }

    pub(super) fn of(row: &Row) -> Self {
        let mut head = Self { row: row.number, width: row.cells.len(), ..Self::default() };
        for (index, text) in row.cells.iter().enumerate() {
            match Column::of_head(text) {
                Some(column) if head.index(column).is_some() => head.twice.push(text.clone()),
                Some(column) => head.columns.push((column, index, text.clone())),
                None if text.is_empty() => {}
                None => head.unread.push(text.clone()),
            }
        }
        head
    }

    /// Number of columns that are known.
    pub(super) fn known(&self) -> usize {
        self.columns.len()
    }

    /// Place of the column in a row.
    pub(super) fn index(&self, column: Column) -> Option<usize> {
        self.columns.iter().find(|(known, ..)| *known == column).map(|(_, index, _)| *index)
    }

    /// The column's head as it is written.
    pub(super) fn label(&self, column: Column) -> String {
        self.columns
            .iter()
            .find(|(known, ..)| *known == column)
            .map(|(.., text)| text.clone())
            .unwrap_or_default()
    }

    /// The cell of a row; `None` when the sheet does not have the column.
    pub(super) fn cell<'a>(&self, row: &'a Row, column: Column) -> Option<&'a str> {
        let index = self.index(column)?;
        Some(row.cells.get(index).map(String::as_str).unwrap_or_default())
    }
}
