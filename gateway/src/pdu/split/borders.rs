//! Where a text may be cut.

/// Pieces of at most `room` units each. Of two ways to cut, the one that keeps visible characters together is
/// taken unless it takes more pieces.
pub(super) fn cut(text: &str, room: usize, units: impl Fn(char) -> usize) -> Vec<&str> {
    let tight = pieces(text, room, &units, |_, _| true);
    let kind = pieces(text, room, &units, |before, character| !belongs_to(before, character));
    if kind.len() > tight.len() { tight } else { kind }
}

fn pieces(
    text: &str,
    room: usize,
    units: impl Fn(char) -> usize,
    may_cut: impl Fn(char, char) -> bool,
) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (mut used, mut fits, mut border) = (0, rest.len(), 0);
        let mut before = None;
        for (place, character) in rest.char_indices() {
            if before.is_some_and(|before| may_cut(before, character)) {
                border = place;
            }
            used += units(character);
            if used > room {
                fits = place;
                break;
            }
            before = Some(character);
        }
        let end = match (fits == rest.len(), border) {
            (true, _) => fits,
            // One visible character longer than a message.
            (false, 0) => fits,
            (false, border) => border,
        };
        let Some((piece, more)) = rest.split_at_checked(end.max(1)) else { break };
        pieces.push(piece);
        rest = more;
    }
    pieces
}

/// What people see as one character: joiners, selectors, accents, skin tones, tags.
fn belongs_to(before: char, character: char) -> bool {
    const JOINER: char = '\u{200d}';
    let extends = matches!(character,
        JOINER
        | '\u{300}'..='\u{36f}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}'
        | '\u{e0020}'..='\u{e007f}');
    let is_flag = |letter: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&letter);
    extends || before == JOINER || (is_flag(before) && is_flag(character))
}
