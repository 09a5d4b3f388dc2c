//! IMEI, IMSI, maker, model: one line, with or without the command's name in front.

use crate::at::Reply;

/// The first line that says something.
pub fn identity(reply: &Reply) -> Option<String> {
    let line = reply.lines.first().filter(|_| reply.is_ok())?;
    let value = match line.split_once(':') {
        Some((name, value)) if name.starts_with('+') => value,
        _ => line.as_str(),
    };
    let value = value.trim().trim_matches('"');
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::identity;
    use crate::at::{FinalResult, Reply};

    #[test]
    fn both_forms_of_a_serial_number_are_read() {
        for line in ["867012030405060", "+CGSN: \"867012030405060\""] {
            let reply = Reply { lines: vec![line.to_owned()], result: FinalResult::Ok };
            assert_eq!(identity(&reply).unwrap(), "867012030405060");
        }
    }
}
