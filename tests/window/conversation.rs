//! Two people talk.

use posthouse_tests::desktop::Desktop;

use crate::office::{self, ALICE, BOB};

#[tokio::test]
async fn what_one_writes_the_other_reads_and_the_writer_sees_it() {
    let server = office::open().await.unwrap();
    let (here, there) = (Desktop::start().await.unwrap(), Desktop::start().await.unwrap());
    let alice = office::signed_in(&server, &here, ALICE).await.unwrap();
    let bob = office::signed_in(&server, &there, BOB).await.unwrap();

    alice.open_the_whole_tree().await.unwrap();
    alice.double_click_in_tree(&office::address(BOB)).await.unwrap();
    alice.write("三点开会，<b>别忘了</b> & 带上报表").await.unwrap();
    bob.opens_unread(&office::address(ALICE), 1).await.unwrap();
    bob.reads(&["三点开会，<b>别忘了</b> & 带上报表"]).await.unwrap();
    alice.sees_own_message("三点开会，<b>别忘了</b> & 带上报表", &["read"]).await.unwrap();

    bob.write("好").await.unwrap();
    alice.reads(&["三点开会，<b>别忘了</b> & 带上报表", "好"]).await.unwrap();
}
