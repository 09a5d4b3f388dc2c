use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use encoding_rs::GB18030;
use posthouse_protocol::organization::Gender;
use proptest::prelude::*;

use super::{Choices, Difference, Present, Problem, Wanted, read, read_listed};
use crate::clock::Clock;
use crate::organization::editor::{Editor, NewPassword};
use crate::organization::export;
use crate::organization::tree::Tree;
use crate::storage::organization::PersonRow;
use crate::storage::{Database, accounts, organization as table};

const KEEP: Choices =
    Choices { remove_missing: false, reset_passwords: false, today: time::macros::date!(2026 - 11 - 25) };

/// An organisation of its own that sheets are imported into.
struct House {
    _folder: tempfile::TempDir,
    database: Database,
    editor: Editor,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        let clock = Arc::new(Clock::Fixed(AtomicI64::new(7)));
        let editor = Editor::new(database.clone(), clock, "test".to_owned());
        Self { _folder: folder, database, editor }
    }

    fn tree(&self) -> Tree {
        let rows = self.database.read_now(|c| Ok((table::departments(c)?, table::people(c)?))).unwrap();
        Tree::new(rows.0, rows.1)
    }

    fn difference(&self, sheet: &[u8], choices: Choices) -> Result<Difference, Vec<Problem>> {
        let accounts = self.database.read_now(accounts::accounts).unwrap();
        Difference::new(read(sheet)?, &Present { tree: self.tree(), accounts }, choices)
    }

    /// Imports as the command does; the keys of passwords are empty.
    fn import_with(&self, sheet: &str, choices: Choices) {
        let difference = self.difference(sheet.as_bytes(), choices).unwrap();
        let keys = difference.passwords().iter().map(|_| key()).collect();
        let steps = difference.steps(keys);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.editor.import("test", String::new(), steps)).unwrap();
    }

    fn import(&self, sheet: &str) {
        self.import_with(sheet, KEEP);
    }

    fn person(&self, login: &str) -> PersonRow {
        self.tree().people().find(|person| person.login == login).cloned().unwrap()
    }

    fn export(&self) -> String {
        String::from_utf8(export::csv(&self.tree()).unwrap()).unwrap()
    }
}

fn key() -> NewPassword {
    let row = accounts::CredentialRow {
        hash: 2,
        salt: vec![1],
        iterations: 4_096,
        stored_key: vec![2],
        server_key: vec![3],
    };
    NewPassword { keys: vec![row], must_change: false }
}

fn problems(sheet: &str) -> Vec<String> {
    read(sheet.as_bytes()).unwrap_err().iter().map(Problem::to_string).collect()
}

const STAFF: &str = "id,name,department,title,priority,mobile\n\
    zhang.san,张三,总部/财务部,会计,10,13800000001\n\
    li.si,李四,总部,经理,5,\n\
    zhang.san,张三,总部,顾问,90,13800000001\n";

#[test]
fn a_sheet_becomes_departments_people_and_posts() {
    let house = House::new();
    house.import(STAFF);
    let zhang = house.person("zhang.san");
    let tree = house.tree();
    let posts: Vec<_> =
        zhang.posts.iter().map(|p| (tree.path(p.department), p.title.as_str(), p.priority)).collect();
    assert_eq!(posts, [("总部/财务部".to_owned(), "会计", 10), ("总部".to_owned(), "顾问", 90)]);
    assert_eq!((zhang.mobile.as_str(), zhang.priority), ("+8613800000001", 10));
}

#[test]
fn a_listed_row_changes_only_what_it_names_whatever_other_rows_name() {
    let house = House::new();
    house.import(STAFF);
    let row = |cells: &[(&'static str, &str)]| {
        cells.iter().map(|(name, cell)| (*name, (*cell).to_owned())).collect::<Vec<_>>()
    };
    let rows = vec![
        row(&[("id", "zhang.san"), ("email", "zhang@example.org")]),
        row(&[("id", "li.si"), ("mobile", ""), ("title", "总监"), ("department", "总部")]),
    ];
    let wanted = read_listed(rows).unwrap();
    let accounts = house.database.read_now(accounts::accounts).unwrap();
    let present = Present { tree: house.tree(), accounts };
    let changed = Difference::new(wanted, &present, KEEP).unwrap().lines().join("\n");
    assert!(changed.contains("zhang.san: 张三; e-mail nothing → zhang@example.org\n"), "{changed}");
    let posts = "posts 总部 (经理, priority 5) → 总部 (总监, priority 5)";
    assert!(changed.contains(&format!("li.si: 李四; {posts}")), "{changed}");
    let wrong = vec![row(&[("id", "li.si")]), row(&[("id", "a b"), ("mobile", "x")])];
    let problems: Vec<_> = read_listed(wrong).unwrap_err().iter().map(Problem::to_string).collect();
    assert!(problems[0].starts_with("row 2, column id:"), "{problems:?}");
}

#[test]
fn every_usual_form_of_a_file_is_read_alike() {
    let plain = read(STAFF.as_bytes()).unwrap();
    let same = |bytes: &[u8], form: &str| {
        let read = read(bytes).unwrap();
        assert_eq!((read.people, read.form.as_str()), (plain.people.clone(), form));
    };
    same(format!("\u{feff}{STAFF}").as_bytes(), "CSV in UTF-8 with commas");
    same(STAFF.replace('\n', "\r\n").as_bytes(), "CSV in UTF-8 with commas");
    same(STAFF.replace(',', ";").as_bytes(), "CSV in UTF-8 with semicolons");
    same(STAFF.replace(',', "\t").as_bytes(), "CSV in UTF-8 with tabs");
    same(&GB18030.encode(STAFF).0, "CSV in GB18030 with commas");
    let wide: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(STAFF.replace(',', "\t").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    same(&wide, "CSV in UTF-16 with tabs");
}

#[test]
fn a_workbook_with_a_title_row_numbers_dates_and_several_sheets_is_read() {
    let wanted = read(include_bytes!("../../../tests/administration/staff.xlsx")).unwrap();
    let zhao = &wanted.people[0];
    assert_eq!(zhao.fields.mobile.as_deref(), Some("+8613800000002"));
    assert_eq!(zhao.fields.birth.as_deref(), Some("1990-01-31"));
    assert_eq!(zhao.fields.gender, Some(Gender::Female));
    assert_eq!((zhao.place.sheet.as_str(), zhao.place.row), ("人员", 3));
    assert_eq!(wanted.departments[0].priority, Some(20));
    assert_eq!(wanted.unread, ["column 备注", "sheet 说明"]);
}

#[test]
fn every_problem_is_told_with_its_row_and_column() {
    let told = problems(
        "账号,姓名,部门,手机,性别\n\n\
         a b,甲,总部,,\n\
         yi,,总部,abc,女\n\
         bing,丙,总部//财务部,,x\n\
         ding,丁,总部,,,,多了\n",
    );
    let beginnings = [
        "row 3, column 账号: the ID \"a b\" has a blank",
        "row 4, column 姓名: the name is missing",
        "row 4, column 手机: \"abc\" is not a mobile number",
        "row 5, column 部门: the department \"总部//财务部\" has an empty name",
        "row 5, column 性别: the gender \"x\" is not known",
        "row 6: has more cells",
    ];
    assert_eq!(told.len(), beginnings.len(), "{told:#?}");
    for (told, beginning) in told.iter().zip(beginnings) {
        assert!(told.starts_with(beginning), "{told}");
    }
}

#[test]
fn rows_of_one_person_must_agree() {
    let told = problems(
        "id,name,department,password\nzhang,张三,总部,geheim1\nzhang,张三丰,分部,geheim2\nzhang,张三,总部,\n",
    );
    assert!(told[0].contains("row 3, column name") && told[0].contains("row 2"), "{told:#?}");
    assert!(told[2].contains("row 4") && told[2].contains("总部 already, in row 2"), "{told:#?}");
    assert!(!told.concat().contains("geheim"), "passwords are not repeated: {told:#?}");
}

#[test]
fn row_numbers_are_those_of_a_spreadsheet() {
    let told = problems("id,name,department\n\n\"x\",\"甲\n乙\",总部\nb b,丙,总部\n");
    assert!(told[0].starts_with("row 3, column name"), "{told:#?}");
    assert!(told[1].starts_with("row 4, column id"), "{told:#?}");
}

#[test]
fn a_file_that_is_no_sheet_is_refused() {
    assert!(problems("hello\nworld\n")[0].contains("names the columns"));
    assert!(problems("")[0].contains("names the columns"));
    assert!(problems("id,name,department\n")[0].contains("nothing below"));
    assert!(problems("id,name,department,手机,mobile\n")[0].contains("stands there twice"));
    assert!(read(&[0x81, 0xff, 0xff]).unwrap_err()[0].to_string().contains("neither UTF-8 nor GB18030"));
    assert!(read(b"PK\x03\x04nothing").unwrap_err()[0].to_string().contains("cannot be read"));
}

#[test]
fn the_same_sheet_again_changes_nothing() {
    let house = House::new();
    house.import(STAFF);
    let difference = house.difference(STAFF.as_bytes(), KEEP).unwrap();
    assert!(difference.is_empty());
    assert_eq!(difference.summary(), "0 departments new, 0 changed; 0 people new, 0 changed, 2 unchanged");
}

#[test]
fn what_changes_is_told_and_the_rest_stays() {
    let house = House::new();
    house.import(STAFF);
    let sheet = "id,mobile,department,priority\nzhang.san,13900000009,总部/财务部,10\nzhang.san,,总部,90\n";
    let difference = house.difference(sheet.as_bytes(), KEEP).unwrap();
    assert_eq!(
        difference.lines(),
        [
            "Changed people: 1",
            "  ~ zhang.san: 张三; mobile +8613800000001 → +8613900000009",
            "People who are not in the sheet; they are kept (--remove-missing removes them): 1",
            "  - li.si 李四",
        ]
    );
    house.import(sheet);
    assert_eq!(house.person("zhang.san").posts[0].title, "会计", "there was no column for titles");
    house.person("li.si");
}

#[test]
fn who_is_missing_goes_only_when_asked() {
    let house = House::new();
    house.import(STAFF);
    let remove = Choices { remove_missing: true, ..KEEP };
    house.import_with("id,name,department\nli.si,李四,总部\n", remove);
    let tree = house.tree();
    assert_eq!(tree.people().count(), 1);
    assert_eq!(tree.departments().len(), 1, "the finance department is empty and not in the sheet");
    let nobody = house.difference("department\n总部\n".as_bytes(), remove).unwrap_err();
    assert!(nobody[0].text.contains("remove everybody"));
}

#[test]
fn a_new_person_needs_a_name_a_department_and_a_free_id() {
    let house = House::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(house.editor.add_account("admin", "administrator", key())).unwrap();
    let told = house.difference(b"id,mobile\nadmin,\n", KEEP).unwrap_err();
    let told: Vec<String> = told.iter().map(Problem::to_string).collect();
    assert!(told[0].starts_with("row 2: the ID admin belongs to an account"), "{told:#?}");
    assert!(told[1].contains("needs a name") && told[2].contains("needs a department"), "{told:#?}");
}

#[test]
fn a_password_is_only_for_those_who_have_none() {
    let house = House::new();
    let sheet = "id,name,department,password\nzhang.san,张三,总部,anfang\n";
    house.import(sheet);
    let again = house.difference(sheet.as_bytes(), KEEP).unwrap();
    assert!(again.is_empty() && again.passwords().is_empty());
    assert!(again.lines()[0].contains("--reset-passwords"));
    let reset = house.difference(sheet.as_bytes(), Choices { reset_passwords: true, ..KEEP }).unwrap();
    assert_eq!(reset.passwords().len(), 1);
    assert!(!reset.lines().concat().contains("anfang"));
}

#[test]
fn an_age_is_kept_as_a_year_and_does_not_overwrite_a_date() {
    let house = House::new();
    house.import("账号,姓名,部门,年龄\nzhang,张三,总部,36岁\n");
    assert_eq!(house.person("zhang").birth, "1990-01-01");
    house.import("账号,出生日期\nzhang,1990-03-05\n");
    let same = house.difference("账号,年龄\nzhang,36\n".as_bytes(), KEEP).unwrap();
    assert!(same.is_empty(), "somebody born on 1990-03-05 is 36 years old");
}

#[test]
fn a_column_of_tags_sets_them_and_without_it_they_stay() {
    let house = House::new();
    house.import("账号,姓名,部门,标签\nzhang.san,张三,总部,司机；出纳、司机\nli.si,李四,总部,\n");
    assert_eq!(house.person("zhang.san").tags, ["出纳", "司机"]);
    let version = house.database.read_now(table::state).unwrap().version;
    house.import("id,name\nzhang.san,张三\n");
    assert_eq!(house.person("zhang.san").tags, ["出纳", "司机"], "no column");
    let difference = house.difference("id,tags\nzhang.san,司机\nli.si,\n".as_bytes(), KEEP).unwrap();
    assert_eq!(difference.lines().concat(), "Changed people: 1  ~ zhang.san: 张三; tags 出纳, 司机 → 司机");
    house.import("id,tags\nzhang.san,\n");
    assert!(house.person("zhang.san").tags.is_empty(), "an empty cell");
    assert_eq!(house.database.read_now(table::state).unwrap().version, version);
    let problems = house.difference("id,tags\nzhang.san,\"a,b\"\n".as_bytes(), KEEP).unwrap_err();
    assert_eq!((problems.len(), problems[0].place.column.as_str()), (1, "tags"), "{problems:?}");
}

#[test]
fn the_longest_path_is_made_from_the_top() {
    let house = House::new();
    house.import("department,priority\n甲/乙/丙,3\n甲,1\n");
    let tree = house.tree();
    let all: Vec<_> = tree.departments().iter().map(|d| (tree.path(d.id), d.priority)).collect();
    assert_eq!(all, [("甲".to_owned(), 1), ("甲/乙".to_owned(), 0), ("甲/乙/丙".to_owned(), 3)]);
}

/// Texts as people may have written them into fields, with everything that CSV must quote.
fn text() -> impl Strategy<Value = String> {
    "[张三李四a-c ,;\t\"'=+|\u{3000}。.-]{1,8}"
        .prop_map(|text: String| text.trim().replace('\t', " "))
        .prop_filter("something is left", |text| !text.is_empty())
}

fn organization() -> impl Strategy<Value = String> {
    let department = prop::collection::vec(text(), 1..4).prop_map(|names| names.join("/"));
    let departments = prop::collection::vec((department, -5..5_i32), 1..6);
    let person =
        (text(), text(), prop::collection::btree_map(0..6_usize, -3..3_i32, 1..4), any::<bool>(), 0..3_u8);
    (departments, prop::collection::vec(person, 0..8)).prop_map(|(departments, people)| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record([
                "kind",
                "id",
                "name",
                "department",
                "title",
                "priority",
                "phone",
                "status",
                "gender",
                "mobile",
                "tags",
            ])
            .unwrap();
        let mut seen = std::collections::HashSet::new();
        for (path, priority) in &departments {
            if seen.insert(path) {
                writer
                    .write_record(["department", "", "", path, "", &priority.to_string(), "", "", "", "", ""])
                    .unwrap();
            }
        }
        for (number, (name, title, posts, disabled, gender)) in people.iter().enumerate() {
            let id = format!("p{number}");
            let status = if *disabled { "停用" } else { "" };
            let gender = ["", "男", "女"][usize::from(*gender)];
            let mut seen = std::collections::HashSet::new();
            for (place, priority) in posts {
                let path = &departments[place % departments.len()].0;
                if seen.insert(path) {
                    let row = [
                        "person",
                        &id,
                        name,
                        path,
                        title,
                        &priority.to_string(),
                        "12345; 678-9转1",
                        status,
                        gender,
                        "13800000001",
                        "司机；财务 审批、a=b",
                    ];
                    writer.write_record(row).unwrap();
                }
            }
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn an_export_is_read_back_as_it_was(sheet in organization()) {
        let (house, other) = (House::new(), House::new());
        house.import(&sheet);
        let exported = house.export();
        prop_assert!(house.difference(exported.as_bytes(), KEEP).unwrap().is_empty());
        other.import(&exported);
        prop_assert_eq!(other.export(), exported);
    }

    #[test]
    fn no_bytes_bring_the_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _: Result<Wanted, Vec<Problem>> = read(&bytes);
    }
}
