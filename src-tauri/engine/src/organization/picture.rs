//! The picture in a card (XEP-0054), if it is one that the window may show.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use xmpp_parsers::minidom::Element;

use crate::model::AvatarPicture;

/// Namespace of cards.
pub(super) const NAMESPACE: &str = "vcard-temp";

/// Largest picture that is taken, in bytes.
const LARGEST: usize = 512 * 1024;

/// The picture of a card, with its hash; `None` when there is none, or it is too large, or something else.
pub(super) fn of_card(card: &Element) -> Option<(String, AvatarPicture)> {
    let photo = card.get_child("PHOTO", NAMESPACE)?;
    let written = photo.get_child("BINVAL", NAMESPACE)?.text();
    if written.len() > LARGEST.saturating_mul(2) {
        return None;
    }
    let encoded: String = written.split_whitespace().collect();
    let bytes = STANDARD.decode(encoded).ok()?;
    let media_type = media_type_of(&bytes)?;
    if bytes.len() > LARGEST {
        return None;
    }
    Some((hash_of(&bytes), AvatarPicture { media_type: media_type.to_owned(), bytes }))
}

/// By the first bytes, not by what the card says: nothing but these is ever given to the window.
fn media_type_of(picture: &[u8]) -> Option<&'static str> {
    match picture {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// SHA-1 in hexadecimal, the name of a picture in the directory; nothing secret depends on it.
pub(super) fn hash_of(bytes: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use xmpp_parsers::minidom::Element;

    use super::{LARGEST, of_card};

    fn card(bytes: &[u8]) -> Element {
        // Some servers break lines.
        let encoded = STANDARD.encode(bytes);
        let lines: Vec<String> =
            encoded.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into()).collect();
        let encoded = lines.join("\n");
        let text = format!(
            "<vCard xmlns='vcard-temp'><FN>张三</FN><PHOTO><TYPE>text/html</TYPE>\
             <BINVAL>{encoded}</BINVAL></PHOTO></vCard>"
        );
        text.parse().unwrap()
    }

    #[test]
    fn a_picture_is_what_its_bytes_are_and_not_what_the_card_says() {
        let png = b"\x89PNG\r\n\x1a\nAAAA";
        let (hash, picture) = of_card(&card(png)).unwrap();
        assert_eq!(picture.media_type, "image/png");
        assert_eq!(picture.bytes, png);
        assert_eq!(hash, "ec4a2897aae0c091b2c0263bd902da4e14e6eca2");
    }

    #[test]
    fn whatever_is_no_picture_is_not_taken() {
        assert_eq!(of_card(&card(b"<svg onload='alert(1)'/>")), None);
        assert_eq!(of_card(&card(b"")), None);
        assert_eq!(of_card(&"<vCard xmlns='vcard-temp'/>".parse().unwrap()), None);
    }

    #[test]
    fn a_picture_that_is_too_large_is_not_taken() {
        let mut picture = b"\xff\xd8\xff".to_vec();
        picture.resize(LARGEST, 0);
        assert!(of_card(&card(&picture)).is_some());
        picture.push(0);
        assert_eq!(of_card(&card(&picture)), None);
    }
}
