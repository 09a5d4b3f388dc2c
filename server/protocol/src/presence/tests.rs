//! What goes over the wire, letter by letter.

use super::*;

fn written<T: AsXml>(value: &T) -> String {
    String::from_utf8(xso::to_vec(value).unwrap()).unwrap()
}

#[test]
fn a_watch_names_departments_and_people() {
    let watch = Watch {
        departments: vec![WatchDepartment { id: "7".to_owned() }],
        people: vec![WatchPerson { jid: "zhang.san@example.org".parse().unwrap() }],
    };
    assert_eq!(
        written(&watch),
        "<watch xmlns='urn:posthouse:presence:1'><department id='7'></department>\
         <person jid='zhang.san@example.org'></person></watch>"
    );
}

#[test]
fn online_is_the_absent_word() {
    let state = State {
        people: vec![
            PersonState {
                jid: "a@example.org".parse().unwrap(),
                availability: Availability::Online,
                status: String::new(),
            },
            PersonState {
                jid: "b@example.org".parse().unwrap(),
                availability: Availability::DoNotDisturb,
                status: "开会".to_owned(),
            },
        ],
        counts: vec![DepartmentCount { department: "7".to_owned(), online: 2, total: 9 }],
    };
    let text = written(&state);
    assert_eq!(xso::from_bytes::<State>(text.as_bytes()).unwrap(), state);
    assert_eq!(
        text,
        "<state xmlns='urn:posthouse:presence:1'><person jid='a@example.org'></person>\
         <person jid='b@example.org' show='dnd'>开会</person>\
         <count department='7' online='2' total='9'></count></state>"
    );
}

#[test]
fn a_word_of_a_newer_server_counts_as_online() {
    let text =
        "<state xmlns='urn:posthouse:presence:1'><person jid='a@b' show='teleporting'/><moon/></state>";
    let state: State = xso::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(state.people.first().unwrap().availability, Availability::Online);
}
