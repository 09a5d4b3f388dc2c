//! Messages to phones and back through the server: what the sender wishes, who may, and what nobody learns.

use std::time::Duration;

use posthouse_tests::element::Element;
use posthouse_tests::modem_simulator::Habits;

use crate::house::{self, House, SPACE, WANG, message, refused, states};
use crate::office::{PHONE, SMS};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_for_the_phone_goes_there_only_and_its_states_come_back() {
    let house = House::open().await;
    let slow = Duration::from_millis(300);
    for modem in &house.yard.modems {
        modem.set_habits(Habits { network_time: slow, report_time: slow, ..Habits::default() });
    }
    let (mut chen, mut wang) = (house.person("chen.jing").await, house.person("wang.lei").await);
    chen.send(&message(WANG, "m1", "会议改到下午3点", "phone")).await.unwrap();
    let told = states(&mut chen, "m1", "delivered").await;
    assert!(told.iter().all(|(from, _)| from == WANG), "the chat's own address: {told:?}");
    assert!(told.iter().any(|(_, state)| state == "queued") && told.iter().any(|(_, state)| state == "sent"));
    assert_eq!(house.texts(1).await, ["陈静：会议改到下午3点\n（直接回复即可）"]);
    assert!(wang.all_messages().await.unwrap().is_empty(), "the client gets nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_stands_in_the_same_chat_marked_as_a_text() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "在吗", "phone")).await.unwrap();
    states(&mut chen, "m1", "delivered").await;
    let modem = house.yard.network.sent()[0].modem.clone();
    house.yard.network.write(PHONE, &modem, "收到😀");
    let answer = chen.next_where(|it| it.body() == "收到😀").await.unwrap();
    assert_eq!(answer.attribute("from"), Some(WANG));
    assert_eq!(answer.attribute("type"), Some("chat"));
    assert!(answer.has("sms", SPACE));
    let mut wang = house.person("wang.lei").await;
    let chat = ["在吗", "收到😀"];
    assert_eq!(house::history(&mut chen, WANG).await, chat, "both stand in the history of the chat");
    assert_eq!(house::history(&mut wang, "chen.jing@posthouse.test").await, chat, "of either side");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_means_client_and_phone() {
    let house = House::open().await;
    let (mut chen, mut wang) = (house.person("chen.jing").await, house.person("wang.lei").await);
    chen.send(&message(WANG, "m1", "两边", "both")).await.unwrap();
    assert_eq!(wang.next_message().await.unwrap().body(), "两边");
    states(&mut chen, "m1", "delivered").await;
    assert_eq!(house.texts(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_is_the_second_way_when_the_sender_wishes_so() {
    let house = House::open().await;
    let (mut chen, mut wang) = (house.person("chen.jing").await, house.person("wang.lei").await);
    chen.send(&message(WANG, "m1", "here", "client-else-phone")).await.unwrap();
    assert_eq!(wang.next_message().await.unwrap().body(), "here");
    wang.send("</stream:stream>").await.unwrap();
    wang.client.ends().await.unwrap();
    chen.send(&message(WANG, "m2", "away", "client-else-phone")).await.unwrap();
    states(&mut chen, "m2", "delivered").await;
    let texts = house.texts(1).await;
    assert!(texts.len() == 1 && texts[0].contains("away"), "{texts:?}");
    let mut wang = house.person_before_messages("wang.lei").await;
    assert!(wang.all_messages().await.unwrap().is_empty(), "it does not wait as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_wish_a_message_waits_for_the_client() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "waits", "")).await.unwrap();
    chen.send(&message(WANG, "m2", "waits too", "client")).await.unwrap();
    chen.send(&message(WANG, "m3", "text", "phone")).await.unwrap();
    states(&mut chen, "m3", "delivered").await;
    assert_eq!(house.texts(1).await.len(), 1, "only what was wished is a text");
    let mut wang = house.person_before_messages("wang.lei").await;
    assert_eq!(wang.next_message().await.unwrap().body(), "waits");
    assert_eq!(wang.next_message().await.unwrap().body(), "waits too");
    assert!(wang.all_messages().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_text_is_told_so_and_may_still_chat() {
    let house = House::open_with("[visibility.texts]\npeople = [\"zhao.min\"]\n", Vec::new()).await;
    let (mut chen, mut zhao) = (house.person("chen.jing").await, house.person("zhao.min").await);
    for (id, wish) in [("m1", "phone"), ("m2", "both"), ("m3", "client-else-phone")] {
        chen.send(&message(WANG, id, "no", wish)).await.unwrap();
        let refused = refused(&mut chen, id).await;
        assert_eq!(refused, ("forbidden".to_owned(), "texting-not-allowed".to_owned()), "{wish}");
    }
    chen.send(&message(&format!("wang.lei@{SMS}"), "m4", "no", "")).await.unwrap();
    assert_eq!(refused(&mut chen, "m4").await.1, "texting-not-allowed");
    zhao.send(&message(WANG, "m5", "yes", "phone")).await.unwrap();
    states(&mut zhao, "m5", "delivered").await;
    assert_eq!(house.texts(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_texted_only_where_the_rules_say_so() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    chen.send(&message(&format!("+8613700000007@{SMS}"), "m1", "no", "")).await.unwrap();
    assert_eq!(refused(&mut chen, "m1").await.1, "texting-not-allowed");
    let house = House::open_with("[visibility.texts]\nstrangers = true\n", Vec::new()).await;
    let mut chen = house.person("chen.jing").await;
    let stranger = format!("+8613700000007@{SMS}");
    chen.send(&message(&stranger, "m2", "您好", "")).await.unwrap();
    let told = states(&mut chen, "m2", "delivered").await;
    assert!(told.iter().all(|(from, _)| *from == stranger));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_without_phone_is_told_at_once_and_a_gateway_that_is_away_is_waited_for() {
    let mut house = House::without_gateway("").await;
    let mut chen = house.person("chen.jing").await;
    chen.send(&message("zhao.min@posthouse.test", "m1", "no", "phone")).await.unwrap();
    assert_eq!(refused(&mut chen, "m1").await, ("item-not-found".to_owned(), "no-phone".to_owned()));
    chen.send(&message(WANG, "m2", "text", "phone")).await.unwrap();
    chen.send(&message(WANG, "m3", "waits", "client-else-phone")).await.unwrap();
    chen.send(&message(WANG, "m4", "waits too", "both")).await.unwrap();
    chen.everything().await.unwrap();
    let mut wang = house.person_before_messages("wang.lei").await;
    assert_eq!(wang.next_message().await.unwrap().body(), "waits");
    assert_eq!(wang.next_message().await.unwrap().body(), "waits too");
    house.start_gateway(Vec::new()).await;
    states(&mut chen, "m2", "delivered").await;
    states(&mut chen, "m4", "delivered").await;
    let texts = house.texts(2).await;
    assert!(texts[0].contains("text") && texts[1].contains("waits too"), "in their order: {texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_no_number_and_gives_none() {
    let house = House::open_with("[visibility.fields]\nmobile = \"nobody\"\n", Vec::new()).await;
    let mut chen = house.person("chen.jing").await;
    chen.send(&message(WANG, "m1", "在吗", "both")).await.unwrap();
    states(&mut chen, "m1", "delivered").await;
    let modem = house.yard.network.sent()[0].modem.clone();
    house.yard.network.write(PHONE, &modem, "在");
    let answer = chen.next_where(|it| it.body() == "在").await.unwrap();
    assert!(!format!("{answer:?}").contains("13800000001"));
    let find = format!("<find xmlns='{SPACE}' number='{PHONE}'/>");
    let asked = chen.ask_at("posthouse.test", "get", &find).await.unwrap();
    assert_eq!(asked.condition(), "forbidden");
    let order = format!("<deliver xmlns='{SPACE}' number='+8613700000007' name='x' chat='{WANG}'/>");
    chen.send(&format!("<message to='wang.lei@{SMS}' id='m2'><body>x</body>{order}</message>"))
        .await
        .unwrap();
    assert_eq!(refused(&mut chen, "m2").await.0, "bad-request");
    chen.send(&message(WANG, "m3", "x", "pigeon")).await.unwrap();
    assert_eq!(refused(&mut chen, "m3").await.0, "bad-request");
    assert_eq!(house.texts(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_phone_may_begin_and_names_whom_it_means() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    house.yard.network.write(PHONE, "modem1", "@陈静 我到了");
    let begun = chen.next_where(|it| it.body() == "我到了").await.unwrap();
    assert_eq!(begun.attribute("from"), Some(WANG));
    assert!(begun.has("sms", SPACE));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_writes_keeps_its_order() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    for number in 0..12 {
        house.yard.network.write(PHONE, "modem1", &format!("@陈静 {number}"));
    }
    for number in 0..12 {
        let text = chen.next_where(|it| it.has("sms", SPACE)).await.unwrap();
        assert_eq!(text.body(), number.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_nobody_knows_gets_no_answer_and_is_noted() {
    let house = House::open().await;
    let mut chen = house.person("chen.jing").await;
    for text in ["@陈静 hello", "001", "who are you"] {
        house.yard.network.write("+8613700000007", "modem1", text);
    }
    house.yard.network.write(PHONE, "modem1", "@陈静 behind");
    chen.next_where(|it| it.body() == "behind").await.unwrap();
    assert!(chen.all_messages().await.unwrap().is_empty());
    assert_eq!(house.yard.network.sent(), []);
    let office = house.gateway.as_ref().unwrap();
    assert_eq!(office.counter("ignored").await, 3);
    let noted = office.store.ignored().await.unwrap();
    assert!(noted.len() == 3 && noted.iter().all(|(number, _, _)| number == "+8613700000007"), "{noted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_does_not_arrive_says_why() {
    let house = House::open_with("[visibility.texts]\nstrangers = true\n", Vec::new()).await;
    let mut chen = house.person("chen.jing").await;
    let stranger = format!("+8613700000007@{SMS}");
    house.yard.network.switch_off("+8613700000007");
    house.yard.network.switch_off(PHONE);
    for (to, id) in [(WANG, "m1"), (stranger.as_str(), "m2")] {
        chen.send(&message(to, id, "off", if to == WANG { "phone" } else { "" })).await.unwrap();
        let is_failure =
            |it: &Element| it.child("failure", SPACE).is_some_and(|it| it.attribute("id") == Some(id));
        let notice = chen.next_where(is_failure).await.unwrap();
        assert_eq!(notice.attribute("from"), Some(to));
        assert_eq!(notice.child("state", SPACE).unwrap().attribute("value"), Some("failed"));
        assert_eq!(notice.child("failure", SPACE).unwrap().attribute("class"), Some("reported"));
        let error = refused(&mut chen, id).await;
        assert_eq!(error.0, "recipient-unavailable");
    }
}
