//! Pictures of business systems: what the file holds is drawn anew, so that nothing but the picture itself is kept.

use std::io::{Cursor, Read};
use std::path::Path;

use super::super::CommandError;
use crate::organization::pictures;

/// Largest file and largest picture in bytes.
const LARGEST: u64 = 128 * 1024;
/// Fewest and most pixels of a side.
const SIDES: std::ops::RangeInclusive<u32> = 16..=512;

/// A picture that is kept: a PNG of 8 bits, without anything beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Icon {
    /// SHA-1 in hexadecimal.
    pub(super) hash: String,
    pub(super) picture: Vec<u8>,
}

/// Reads a PNG file.
pub(super) fn read(file: &Path) -> Result<Icon, CommandError> {
    let refuse = |why: String| CommandError::Refused(format!("{}: {why}", file.display()));
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(|error| refuse(error.to_string()))?;
    opened
        .take(LARGEST.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(error.to_string()))?;
    drawn_anew(&bytes).map_err(|why| refuse(why.to_string()))
}

/// Why a file is no picture of a system.
#[derive(Debug, thiserror::Error)]
enum IconError {
    #[error("a picture has at most {} KB", LARGEST / 1024)]
    TooLarge,
    #[error("this is no PNG picture: {0}")]
    NoPng(#[source] png::DecodingError),
    #[error("it has {0} × {1} pixels; each side may have {least} to {most}", least = SIDES.start(), most = SIDES.end())]
    Sides(u32, u32),
    #[error("it cannot be written anew: {0}")]
    Unwritable(#[source] png::EncodingError),
}

fn drawn_anew(bytes: &[u8]) -> Result<Icon, IconError> {
    let is_too_large = |length: usize| u64::try_from(length).unwrap_or(u64::MAX) > LARGEST;
    if is_too_large(bytes.len()) {
        return Err(IconError::TooLarge);
    }
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(IconError::NoPng)?;
    let (width, height) = (reader.info().width, reader.info().height);
    if !SIDES.contains(&width) || !SIDES.contains(&height) {
        return Err(IconError::Sides(width, height));
    }
    let mut pixels = vec![0; reader.output_buffer_size().ok_or(IconError::TooLarge)?];
    let frame = reader.next_frame(&mut pixels).map_err(IconError::NoPng)?;
    pixels.truncate(frame.buffer_size());
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, width, height);
    encoder.set_color(frame.color_type);
    encoder.set_depth(frame.bit_depth);
    let mut writer = encoder.write_header().map_err(IconError::Unwritable)?;
    writer.write_image_data(&pixels).map_err(IconError::Unwritable)?;
    writer.finish().map_err(IconError::Unwritable)?;
    if is_too_large(picture.len()) {
        return Err(IconError::TooLarge);
    }
    Ok(Icon { hash: pictures::hash(&picture), picture })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of one colour, with a text beside.
    fn png((width, height): (u32, u32), text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Rgba);
        encoder.add_text_chunk("Comment".to_owned(), text.to_owned()).unwrap();
        let pixels = [0x33, 0x66, 0x99, 0xff].repeat(usize::try_from(width * height).unwrap());
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn nothing_but_the_picture_is_kept() {
        let with_more = [png((64, 64), "<script>alert(1)</script>"), b"<script>".to_vec()].concat();
        let icon = drawn_anew(&with_more).unwrap();
        assert!(!icon.picture.windows(7).any(|part| part == b"<script"));
        assert_eq!(icon, drawn_anew(&png((64, 64), "")).unwrap(), "the same picture is the same");
        assert_eq!(drawn_anew(&icon.picture).unwrap(), icon, "and anew it is the same again");
    }

    #[test]
    fn what_is_no_picture_or_not_of_that_size_is_refused() {
        assert!(matches!(drawn_anew(b"<svg onload='alert(1)'/>"), Err(IconError::NoPng(_))));
        assert!(matches!(drawn_anew(b""), Err(IconError::NoPng(_))));
        let whole = png((64, 64), "");
        assert!(matches!(drawn_anew(&whole[..whole.len() / 2]), Err(IconError::NoPng(_))), "half of one");
        assert!(matches!(drawn_anew(&png((8, 64), "")), Err(IconError::Sides(8, 64))));
        assert!(matches!(drawn_anew(&png((64, 513), "")), Err(IconError::Sides(64, 513))));
        let large = [whole, vec![0; 128 * 1024]].concat();
        assert!(matches!(drawn_anew(&large), Err(IconError::TooLarge)));
    }
}
