//! Notifications of the operating system.

use posthouse_tests::desktop::Desktop;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn a_click_on_a_notification_opens_the_message() {
    let server = office::open().await.unwrap();
    let (here, there) = (Desktop::start().await.unwrap(), Desktop::start().await.unwrap());
    let service = there.notification_service().await.unwrap();
    let alice = office::signed_in(&server, &here, ALICE).await.unwrap();
    let bob = office::signed_in(&server, &there, BOB).await.unwrap();
    bob.minimise().await.unwrap();

    alice.open_the_whole_tree().await.unwrap();
    alice.double_click_in_tree(&office::address(BOB)).await.unwrap();
    alice.write("看一下 <b>这里</b>").await.unwrap();

    let shown = service.next().await.unwrap();
    assert_eq!(shown.summary, ALICE.1);
    assert_eq!(shown.body, "看一下 &lt;b&gt;这里&lt;/b&gt;", "text is no markup");
    service.click(shown.number).await.unwrap();
    bob.reads(&["看一下 <b>这里</b>"]).await.unwrap();
}
