//! What goes over the wire, letter by letter.

use super::*;

fn written<T: AsXml>(value: &T) -> String {
    String::from_utf8(xso::to_vec(value).unwrap()).unwrap()
}

fn zhang_san() -> Person {
    Person {
        id: "1001".to_owned(),
        jid: "zhang.san@example.org".parse().unwrap(),
        name: "张三".to_owned(),
        gender: Gender::Male,
        birth: Some("1980-02-29".to_owned()),
        avatar: None,
        mobile: Some("+8613800000001".to_owned()),
        email: Some("zhang.san@example.org".to_owned()),
        priority: 10,
        status: PersonStatus::Active,
        pinyin: Some("zhang san".to_owned()),
        phones: vec!["010-12345678".to_owned()],
        posts: vec![Post {
            department: "7".to_owned(),
            title: Some("会计 & 出纳".to_owned()),
            priority: 2,
            primary: true,
        }],
    }
}

#[test]
fn a_first_question_has_no_attributes_but_the_page_size() {
    let query = Query { max: Some(500), ..Query::default() };
    assert_eq!(written(&query), "<query xmlns='urn:posthouse:org:1' max='500'></query>");
}

#[test]
fn a_person_is_written_with_posts_and_phones() {
    let entries = Entries {
        version: 20,
        view: "all".to_owned(),
        total: 1,
        people: vec![zhang_san()],
        ..Entries::default()
    };
    let text = written(&entries);
    assert_eq!(xso::from_bytes::<Entries>(text.as_bytes()).unwrap(), entries, "{text}");
    assert_eq!(
        text,
        "<entries xmlns='urn:posthouse:org:1' ver='20' view='all' page='0' total='1' fetch='false'>\
         <person id='1001' jid='zhang.san@example.org' name='张三' gender='male' birth='1980-02-29' \
         mobile='+8613800000001' email='zhang.san@example.org' priority='10' pinyin='zhang san'>\
         <phone>010-12345678</phone>\
         <post department='7' title='会计 &amp; 出纳' priority='2' primary='true'></post></person></entries>"
    );
}

#[test]
fn elements_and_words_of_a_newer_server_are_ignored() {
    let text = "<entries xmlns='urn:posthouse:org:1' ver='3' since='2' mood='new'><robot id='4'/>\
        <person id='1' jid='a@b' name='A' gender='robot' status='asleep' shoe='43'><hat/></person>\
        <gone person='2'/></entries>";
    let entries: Entries = xso::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(entries.version, 3);
    assert_eq!(entries.since, Some(2));
    let person = entries.people.first().unwrap();
    assert_eq!((person.gender, person.status), (Gender::Unspecified, PersonStatus::Active));
    assert_eq!(entries.gone, vec![Gone { person: Some("2".to_owned()), department: None }]);
    assert_eq!(entries.count(), 2);
}
