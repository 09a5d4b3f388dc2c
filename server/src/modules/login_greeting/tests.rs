//! What comes before stored messages.

use std::sync::atomic::AtomicUsize;

use super::*;
use crate::modules::testing::Client;

#[derive(Debug, Default)]
struct Ready(AtomicUsize);

#[async_trait]
impl Observer for Ready {
    async fn session_ready(&self, _session: &Session) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn greeting() -> (LoginGreeting, Arc<Ready>) {
    let ready = Arc::new(Ready::default());
    let observers = Observers::default();
    observers.fill(vec![ready.clone()]);
    (LoginGreeting::new(Arc::new(observers)), ready)
}

fn count(ready: &Ready) -> usize {
    ready.0.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_standard_client_is_ready_when_available() {
    let (greeting, ready) = greeting();
    greeting.session_available(&Client::new("li.si", "pc").session).await;
    assert_eq!(count(&ready), 1);
}

#[tokio::test]
async fn a_client_of_the_directory_is_ready_with_the_last_page() {
    let (greeting, ready) = greeting();
    let client = Client::new("li.si", "pc");
    client.session.switches().directory.store(true, Ordering::Release);
    greeting.session_available(&client.session).await;
    assert_eq!(count(&ready), 0);
    greeting.directory_sent(&client.session).await;
    assert_eq!(count(&ready), 1);
    greeting.directory_sent(&client.session).await;
    assert_eq!(count(&ready), 1, "a later question changes nothing");
}

mod any_order {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Directory first, then stored messages: in whatever order and however often the client asks.
        #[test]
        fn a_client_of_the_directory_is_ready_once_it_has_it_and_is_there(acts in prop::collection::vec(any::<bool>(), 0..12)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (greeting, ready) = greeting();
            let client = Client::new("li.si", "pc");
            client.session.switches().directory.store(true, Ordering::Release);
            let (mut is_there, mut has_directory) = (false, false);
            for comes in acts {
                if comes {
                    runtime.block_on(greeting.session_available(&client.session));
                    is_there = true;
                } else {
                    runtime.block_on(greeting.directory_sent(&client.session));
                    has_directory = true;
                }
                prop_assert_eq!(count(&ready) > 0, is_there && has_directory);
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_has_the_directory_is_ready_when_available() {
    let (greeting, ready) = greeting();
    let client = Client::new("li.si", "pc");
    client.session.switches().directory.store(true, Ordering::Release);
    greeting.directory_sent(&client.session).await;
    assert_eq!(count(&ready), 0);
    greeting.session_available(&client.session).await;
    assert_eq!(count(&ready), 1);
    greeting.session_closed(&client.session).await;
    assert!(greeting.waiting.lock().is_empty());
}
