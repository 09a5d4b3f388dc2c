//! Modems and SIMs are known again wherever they are plugged in: what is kept for them goes with them.

use std::path::Path;
use std::sync::Arc;

use posthouse_gateway::clock::Clock;
use posthouse_gateway::conversation::{Colleague, Conversations, Found, Incoming, Letter, Numbering};
use posthouse_gateway::modem::{Settings, State};
use posthouse_gateway::outbox::{Order, Policy, TextState};
use posthouse_gateway::pool::{Limits, Place};
use posthouse_gateway::quotas::Rules;
use posthouse_gateway::transport::PortAddress;
use posthouse_tests::modem_simulator::{Habits, ModemSimulator, Network, Sim};

use crate::office::{Office, PHONE, SMS};
use crate::world::{PATIENCE, quick};

const MODEMS: [&str; 2] = ["modem1", "modem2"];

/// A computer with two USB sockets.
struct Desk {
    folder: tempfile::TempDir,
    network: Network,
    modems: Vec<ModemSimulator>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ports")).unwrap();
        Self { folder, network: Network::default(), modems: Vec::new() }
    }

    fn ports(&self) -> String {
        self.folder.path().join("ports").display().to_string()
    }

    fn port(&self, socket: usize) -> String {
        format!("{}/ttyUSB{socket}", self.ports())
    }

    /// Plugs a modem with a card into a socket.
    fn plug_in(&mut self, modem: &str, card: &str, pin: Option<&str>, socket: usize) {
        let sim = Sim { card: Some(card.to_owned()), pin: pin.map(str::to_owned), ..Sim::default() };
        let port = self.port(socket);
        let modem = ModemSimulator::pty(modem, Path::new(&port), &self.network, sim, Habits::CALM).unwrap();
        self.modems.push(modem);
    }

    /// Both modems, each with a card, plugged in at these sockets.
    fn plug_in_both(&mut self, cards: [&str; 2], sockets: [usize; 2]) {
        for ((modem, card), socket) in MODEMS.into_iter().zip(cards).zip(sockets) {
            self.plug_in(modem, card, None, socket);
        }
    }

    fn pull_all_out(&mut self) {
        self.modems.clear();
    }

    fn place(&self, name: &str, port: &str) -> Place {
        Place {
            settings: Settings {
                name: name.to_owned(),
                port: PortAddress::parse(port, 115_200),
                pin: None,
                may_reset: false,
                timing: quick(),
            },
            prefixes: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// `modem1` and `modem2` are written down with the sockets 1 and 2.
    fn places(&self) -> Vec<Place> {
        MODEMS.iter().zip([1, 2]).map(|(name, socket)| self.place(name, &self.port(socket))).collect()
    }

    async fn office(&self, places: Vec<Place>) -> Office {
        let search = vec![self.ports()];
        Office::open_at(self.folder.path(), places, search, Policy::default(), Rules::default()).await
    }
}

/// Both modems work, after they were all out.
async fn works_again(office: &Office) {
    let all = tokio::time::timeout(PATIENCE, office.route.all_ready());
    if all.await.is_err() {
        panic!("the modems do not come back: {:?}", office.route.view());
    }
}

async fn are_out(office: &Office) {
    for name in MODEMS {
        office.modem_is(name, State::Unplugged).await;
    }
}

async fn order_through(office: &Office, id: &str, modem: &str) {
    let order = Order {
        origin: "zhang.san@posthouse.test".to_owned(),
        origin_id: id.to_owned(),
        reply_to: String::new(),
        recipient: String::new(),
        number: PHONE.to_owned(),
        body: id.to_owned(),
        is_flash: false,
        wanted: Some(modem.to_owned()),
    };
    assert!(office.outbox.take(order).await.unwrap());
    office.becomes(id, TextState::Delivered).await;
}

/// Two colleagues write to one phone: each has a SIM of their own. Answers whose it is that this modem's texts are for.
fn conversations(office: &Office) -> Conversations {
    let route = office.route.clone();
    Conversations::new(
        office.store.clone(),
        Arc::new(Clock::System),
        Numbering { domain: SMS.to_owned(), country: "+86".to_owned() },
        Arc::new(move |_: &str| route.healthy()),
    )
}

async fn writes(office: &Office, person: &str) -> String {
    let writer = Colleague { address: person.to_owned(), name: person.to_owned() };
    let letter = Letter {
        writer,
        recipient: format!("wang.lei@{SMS}"),
        number: PHONE.to_owned(),
        body: "hello".to_owned(),
    };
    conversations(office).outgoing(letter).await.unwrap().modem.expect("a SIM of their own")
}

/// To whom a text of the phone goes that comes to this device.
async fn answer_through(desk: &Desk, office: &Office, device: &str) -> String {
    desk.network.write(PHONE, device, "好的");
    let text = office.received(1).await.remove(0);
    office.inbox.is_handed(text.id).await.unwrap();
    match conversations(office).incoming(&text, &Found::default()).await.unwrap() {
        Incoming::Chat { to, .. } => to,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn modems_that_change_their_ports_keep_their_names_conversations_and_counts() {
    let mut desk = Desk::new();
    desk.plug_in_both(MODEMS, [1, 2]);
    let office = desk.office(desk.places()).await;
    works_again(&office).await;
    let first = writes(&office, "chen.jing@posthouse.test").await;
    let second = writes(&office, "zhao.min@posthouse.test").await;
    assert_ne!(first, second);
    for id in ["1", "2", "3"] {
        order_through(&office, id, &first).await;
    }
    desk.pull_all_out();
    are_out(&office).await;
    desk.plug_in_both(MODEMS, [2, 1]);
    works_again(&office).await;
    order_through(&office, "4", &first).await;
    let sent = desk.network.sent();
    assert!(sent.iter().all(|text| text.modem == first), "{sent:?}");
    let counts = |office: &Office| -> Vec<(String, usize)> {
        office.route.view().into_iter().map(|view| (view.name, view.sent_today)).collect()
    };
    let counted: Vec<(String, usize)> =
        MODEMS.iter().map(|name| ((*name).to_owned(), if *name == first { 4 } else { 0 })).collect();
    assert_eq!(counts(&office), counted);
    assert_eq!(answer_through(&desk, &office, &first).await, "chen.jing@posthouse.test");
    assert_eq!(answer_through(&desk, &office, &second).await, "zhao.min@posthouse.test");
    office.close().await;
    // A gateway that starts anew finds them as well.
    let office = desk.office(desk.places()).await;
    works_again(&office).await;
    order_through(&office, "5", &first).await;
    assert!(desk.network.sent().iter().all(|text| text.modem == first));
    office.close().await;
}

#[tokio::test]
async fn no_sim_is_given_the_pin_of_another_modem_when_they_change_their_ports() {
    let mut desk = Desk::new();
    let plug_in = |desk: &mut Desk, sockets: [usize; 2]| {
        desk.plug_in("modem1", "a", Some("1111"), sockets[0]);
        desk.plug_in("modem2", "b", Some("2222"), sockets[1]);
    };
    plug_in(&mut desk, [1, 2]);
    let mut places = desk.places();
    places[0].settings.pin = Some("1111".to_owned());
    places[1].settings.pin = Some("2222".to_owned());
    let office = desk.office(places).await;
    works_again(&office).await;
    desk.pull_all_out();
    are_out(&office).await;
    plug_in(&mut desk, [2, 1]);
    works_again(&office).await;
    assert_eq!(desk.modems[0].pins_tried(), ["1111"]);
    assert_eq!(desk.modems[1].pins_tried(), ["2222"]);
    office.close().await;
}

#[tokio::test]
async fn a_refused_pin_is_not_tried_again_in_another_modem() {
    let mut desk = Desk::new();
    desk.plug_in("modem1", "a", Some("1111"), 1);
    let place = |desk: &Desk| {
        let mut place = desk.place("one", &desk.port(1));
        place.settings.pin = Some("9999".to_owned());
        place
    };
    let office = desk.office(vec![place(&desk)]).await;
    office.modem_is("one", State::PinRefused).await;
    assert_eq!(desk.modems[0].pins_tried(), ["9999"]);
    desk.pull_all_out();
    desk.plug_in("another device", "a", Some("1111"), 1);
    office.modem_is("one", State::Unplugged).await;
    office.modem_is("one", State::PinRefused).await;
    assert_eq!(desk.modems[0].pins_tried(), [""; 0]);
    office.close().await;
}

#[tokio::test]
async fn what_is_kept_for_a_sim_goes_with_the_card_into_another_modem() {
    let mut desk = Desk::new();
    desk.plug_in_both(["a", "b"], [1, 2]);
    let office = desk.office(desk.places()).await;
    works_again(&office).await;
    let first = writes(&office, "chen.jing@posthouse.test").await;
    let second = writes(&office, "zhao.min@posthouse.test").await;
    for id in ["1", "2"] {
        order_through(&office, id, &first).await;
    }
    office.close().await;
    desk.pull_all_out();
    desk.plug_in_both(["b", "a"], [1, 2]);
    let office = desk.office(desk.places()).await;
    works_again(&office).await;
    // The phone answers the number of the first card, which is in the second modem now.
    assert_eq!(answer_through(&desk, &office, &second).await, "chen.jing@posthouse.test");
    assert_eq!(answer_through(&desk, &office, &first).await, "zhao.min@posthouse.test");
    for (name, sent) in [(&first, 0), (&second, 2)] {
        assert_eq!(office.counted(name), sent, "{name}");
    }
    office.close().await;
}

#[tokio::test]
async fn a_new_sim_begins_with_nothing_and_an_old_one_finds_what_was_kept() {
    let mut desk = Desk::new();
    let places = |desk: &Desk| vec![desk.place("one", &desk.port(1))];
    for (id, card, before) in [("1", "a", 0), ("2", "b", 0), ("3", "a", 1)] {
        desk.plug_in("modem1", card, None, 1);
        let office = desk.office(places(&desk)).await;
        works_again(&office).await;
        assert_eq!(office.counted("one"), before);
        order_through(&office, id, "one").await;
        assert_eq!(office.counted("one"), before + 1);
        office.close().await;
        desk.pull_all_out();
    }
}

#[tokio::test]
async fn a_modem_given_by_its_number_is_found_again_at_another_port() {
    let mut desk = Desk::new();
    desk.plug_in_both(MODEMS, [3, 4]);
    let port = format!("imei:{}", desk.modems[1].imei());
    let office = desk.office(vec![desk.place("two", &port)]).await;
    works_again(&office).await;
    order_through(&office, "1", "two").await;
    desk.pull_all_out();
    office.modem_is("two", State::Unplugged).await;
    desk.plug_in_both(MODEMS, [4, 7]);
    works_again(&office).await;
    order_through(&office, "2", "two").await;
    assert!(desk.network.sent().iter().all(|text| text.modem == "modem2"), "{:?}", desk.network.sent());
    office.close().await;
}
