//! Pages that make sounds.

use posthouse_tests::business_site::Answer;
use posthouse_tests::desktop::Desktop;

use super::house::House;

/// A second of a tone in WAV: one channel of 8000 samples, one byte each.
fn tone() -> Vec<u8> {
    let samples: Vec<u8> = (0..8_000_u32).map(|at| if at / 10 % 2 == 0 { 90 } else { 160 }).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + 8_000_u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(b"\x01\0\x08\0data");
    bytes.extend(8_000_u32.to_le_bytes());
    bytes.extend(samples);
    bytes
}

#[tokio::test]
async fn a_page_with_sound_has_a_switch_that_turns_it_off_and_on() {
    let house = House::open().await;
    let site = house.site("oa").await;
    site.answers("/tone", Answer::of_kind("audio/wav", tone()));
    site.answers("/", Answer::page("会议", "<audio src='/tone' loop></audio>"));
    let desktop = Desktop::start().await.unwrap();
    let window = house.window(&desktop).await;
    window.open_system("oa").await.unwrap();
    window.tab_is_drawn("oa").await.unwrap();
    assert!(!window.tab_has_sound_switch("oa").await.unwrap());

    window.tab_does("oa", "document.querySelector('audio').play(), 'plays'").await.unwrap();

    window.tab_sound_is_off("oa", false).await.unwrap();
    window.press_tab_sound().await.unwrap();
    window.tab_sound_is_off("oa", true).await.unwrap();
    window.press_tab_sound().await.unwrap();
    window.tab_sound_is_off("oa", false).await.unwrap();
}
