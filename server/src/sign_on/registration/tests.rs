//! Registrations as an administrator makes them, by whatever door.

use std::sync::Arc;

use posthouse_sign_on::relying_party::{Audience, Cas, UserName};

use super::{Draft, Edit, OpenIdWay, Preset, Registered, Registrar, RegistrationError, Ways, configuration};
use crate::clock::Clock;
use crate::storage::Database;

struct Office {
    database: Database,
    _folder: tempfile::TempDir,
}

impl Office {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&folder.path().join("posthouse.db")).unwrap();
        Self { database, _folder: folder }
    }

    fn registrar(&self) -> Registrar {
        Registrar::new(self.database.clone(), Arc::new(Clock::System), "a scene".to_owned())
    }

    async fn has(&self, id: &str, preset: Preset) -> Registered {
        self.registrar().add(draft(id, Some(preset))).await.unwrap()
    }
}

fn draft(id: &str, preset: Option<Preset>) -> Draft {
    Draft {
        id: id.to_owned(),
        name: None,
        launch: format!("https://{id}.example.org/"),
        preset,
        enabled: true,
        confirm: false,
        audience: Audience::default(),
        ways: Ways::default(),
    }
}

fn cas(service: &str) -> Cas {
    Cas { services: vec![service.to_owned()], user: UserName::Login, single_logout: true }
}

/// The fields that are wrong.
fn fields(outcome: Result<Registered, RegistrationError>) -> Vec<String> {
    match outcome {
        Err(RegistrationError::Wrong(all)) => all.into_iter().map(|wrong| wrong.field).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_system_keeps_its_secret_whatever_its_ways() {
    let office = Office::open();
    let added = office.has("oa", Preset::Grafana).await;
    let digest = added.secret.unwrap().digest();
    let edit = Edit {
        cas: Some(Some(cas("https://oa.example.org/"))),
        launch_ticket: Some(true),
        ..Edit::default()
    };
    let changed = office.registrar().change("oa", "relying-party set", edit).await.unwrap();
    assert!(changed.secret.is_none() && changed.party.launch_ticket.unwrap().secret == digest);
    let edit = Edit { open_id: Some(None), ..Edit::default() };
    let changed = office.registrar().change("oa", "relying-party set", edit).await.unwrap();
    assert!(changed.party.open_id.is_none() && changed.party.secret() == Some(&digest));
}

#[tokio::test]
async fn a_system_gets_its_first_secret_with_the_first_way_that_wants_one() {
    let office = Office::open();
    assert!(office.has("erp", Preset::ModAuthCas).await.secret.is_none());
    let refused = office.registrar().new_secret("erp").await.unwrap_err();
    assert!(matches!(refused, RegistrationError::NoSecret(_)));
    let way =
        OpenIdWay { redirect_uris: vec!["https://erp.example.org/cb".to_owned()], ..OpenIdWay::default() };
    let edit = Edit { open_id: Some(Some(way)), ..Edit::default() };
    let changed = office.registrar().change("erp", "relying-party set", edit).await.unwrap();
    assert_eq!(changed.party.secret().copied(), changed.secret.map(|secret| secret.digest()));
}

#[tokio::test]
async fn what_has_been_changed_since_it_was_read_is_not_overwritten() {
    let office = Office::open();
    let read = office.has("oa", Preset::Json).await.party;
    let renamed = |name: &str| Edit { name: Some(name.to_owned()), ..Edit::default() };
    let set = "relying-party set";
    office.registrar().provided(read.clone()).change("oa", set, renamed("一")).await.unwrap();
    let second = office.registrar().provided(read.clone()).change("oa", set, renamed("二")).await;
    assert!(matches!(second, Err(RegistrationError::Changed)), "{second:?}");
    let removal = office.registrar().provided(read).remove("oa").await;
    assert!(matches!(removal, Err(RegistrationError::Changed)), "{removal:?}");
    assert_eq!(office.registrar().find("oa").await.unwrap().name, "一");
}

#[tokio::test]
async fn every_mistake_names_its_field_and_nothing_is_written() {
    let office = Office::open();
    let mut nobody = draft("oa", Some(Preset::Json));
    nobody.audience = Audience {
        people: vec!["nobody".to_owned()],
        departments: vec!["总部/没有".to_owned()],
        tags: vec!["司机".to_owned(), "a,b".to_owned()],
    };
    assert_eq!(
        fields(office.registrar().add(nobody).await),
        ["audience.departments[0]", "audience.people[0]", "audience.tags[1]"]
    );
    assert_eq!(fields(office.registrar().add(draft("..", Some(Preset::Json))).await), ["id"]);
    assert_eq!(fields(office.registrar().add(draft("oa", None)).await), [""], "no way of signing in");
    let mut secretive = draft("oa", Some(Preset::Grafana));
    secretive.ways.open_id = Some(OpenIdWay { is_public: true, ..OpenIdWay::default() });
    assert_eq!(fields(office.registrar().add(secretive).await), ["preset"], "its configuration has a secret");
    let mut cleartext = draft("oa", Some(Preset::ModAuthOpenidc));
    cleartext.launch = "http://oa.example.org/".to_owned();
    assert_eq!(fields(office.registrar().add(cleartext).await), ["openId.redirectUris[0]"]);
    assert!(office.registrar().all().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_tag_is_stored_in_its_one_form_and_nobody_need_have_it_yet() {
    let office = Office::open();
    let mut tagged = draft("oa", Some(Preset::Json));
    tagged.audience.tags = vec![" Caf\u{65}\u{301} ".to_owned()];
    let added = office.registrar().add(tagged).await.unwrap();
    assert_eq!(added.party.audience.tags, ["Caf\u{e9}"]);
    assert_eq!(added.warnings, ["nobody has the tag Caf\u{e9} now"]);
}

#[tokio::test]
async fn a_dry_run_checks_everything_and_writes_nothing() {
    let office = Office::open();
    let dry = office.registrar().dry(true).add(draft("oa", Some(Preset::Nginx))).await.unwrap();
    assert_eq!(dry.party.forward_auth.unwrap().sites, ["https://oa.example.org"]);
    assert!(office.registrar().all().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_configuration_is_printed_only_where_the_product_takes_people_who_come_back() {
    let office = Office::open();
    let mut party = office.has("oa", Preset::ModAuthOpenidc).await.party;
    assert!(configuration::fits(Preset::Grafana, &party).unwrap_err().contains("/login/generic_oauth"));
    let uris = &mut party.open_id.as_mut().unwrap().redirect_uris;
    uris.push("https://oa.example.org/users/auth/openid_connect/callback".to_owned());
    let place = ("https://chat.example.org", std::path::Path::new("/etc/ca.pem"));
    let printed = configuration::configuration(Preset::Gitlab, &party, place, None).unwrap();
    assert!(printed.contains("https://oa.example.org/users/auth/openid_connect/callback"), "{printed}");
    assert!(configuration::fits(Preset::Gitlab, &party).is_ok());
}
