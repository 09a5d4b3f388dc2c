//! `import` and `export`.

use super::client::Client;
use super::house::House;

const STAFF: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/administration/staff.xlsx");

fn sheet(house: &House, name: &str, content: &[u8]) -> String {
    let path = house.beside(name);
    std::fs::write(&path, content).expect("a sheet");
    path.to_str().expect("a name").to_owned()
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let house = House::new();
    let said = house.does(&["import", STAFF, "--dry-run"]);
    assert!(said.contains("+ zhao.min: 赵敏; 远山集团/财务部 (会计, priority 10)"), "{said}");
    assert!(said.contains("+ 远山集团/财务部 (priority 20)"), "{said}");
    assert!(said.contains("Dry run, nothing was changed"), "{said}");
    assert_eq!(house.does(&["user", "list"]).trim(), "");
}

#[test]
fn a_workbook_is_imported_while_the_server_runs_and_a_second_time_changes_nothing() {
    let house = House::running();
    let said = house.does(&["import", STAFF]);
    assert!(said.contains("Done:") && said.contains("2 people new"), "{said}");
    let person = house.person("zhao.min").expect("she is there");
    assert_eq!(person["birth_date"], "1990-01-31");
    assert_eq!(person["mobile"], "+8613800000002");
    let again = house.does(&["import", STAFF]);
    assert!(again.contains("Nothing to change"), "{again}");
}

#[test]
fn a_sheet_in_gb18030_with_passwords_lets_people_sign_in() {
    let house = House::running();
    let text = "账号,姓名,部门,密码\nwang.wu,王五,总部/财务部,mi ma 一\nli.si,李四,总部,mi ma 2\n";
    let (bytes, _, _) = encoding_rs::GB18030.encode(text);
    let done = house.tries(&["import", &sheet(&house, "名单.csv", &bytes)], "");
    assert!(done.is_success && done.errors.contains("CSV in GB18030 with commas"), "{}", done.errors);
    assert!(done.errors.contains("passwords: 2 of 2"), "{}", done.errors);
    assert_eq!(house.person("wang.wu").expect("he is there")["name"], "王五");
    Client::sign_in(&house, "wang.wu", "mi ma 一").ping();
}

#[test]
fn one_wrong_row_stops_the_whole_sheet_and_every_wrong_row_is_named() {
    let house = House::new();
    let text =
        "id,name,department,mobile\nok.one,Anna,Head,13800000001\nbad two,Bert,Head,\nok.three,Carl,,abc\n";
    let refusal = house.refuses(&["import", &sheet(&house, "staff.csv", text.as_bytes())]);
    assert!(refusal.contains("was not imported, nothing has changed. Problems: 3"), "{refusal}");
    for problem in [
        "row 3, column id: the ID \"bad two\" has a blank",
        "row 4, column department: the department is missing",
        "row 4, column mobile: \"abc\" is not a mobile number",
    ] {
        assert!(refusal.contains(problem), "{problem} in {refusal}");
    }
    assert_eq!(house.does(&["user", "list"]).trim(), "");
    assert_eq!(house.does(&["department", "list"]).trim(), "");
}

#[test]
fn an_export_reads_back_as_nothing_to_change() {
    let house = House::new();
    house.does(&["import", STAFF]);
    let path = house.beside("export.csv");
    house.does(&["export", path.to_str().expect("a name")]);
    let again = house.does(&["import", path.to_str().expect("a name")]);
    assert!(again.contains("Nothing to change"), "{again}");
}
