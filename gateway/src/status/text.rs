//! A snapshot as people and XMPP clients read it.

use posthouse_protocol::sms;
use posthouse_protocol::wire::escape_attribute;

use super::{Snapshot, Way};
use crate::clock::Moment;
use crate::quotas::money;

impl Snapshot {
    /// Lines for people.
    pub fn lines(&self) -> Vec<String> {
        let server = match self.server {
            Some(true) => "server: connected",
            Some(false) => "server: away; what phones write waits here",
            None => "server: none is set; what phones write is only kept",
        };
        let mut lines = vec![server.to_owned()];
        lines.extend(self.ways.iter().map(line));
        if self.ways.is_empty() {
            lines.push("no modem and no line".to_owned());
        }
        lines.push(format!("{} texts wait", self.waiting));
        let today: Vec<String> = self.today.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let today = if today.is_empty() { "none".to_owned() } else { today.join(", ") };
        lines.push(format!("texts of today: {today}; {} came from phones", self.received));
        lines.push(format!("cost of today: {} {}", money(self.cost), self.currency));
        let counted: Vec<String> =
            self.counters.iter().map(|(name, count)| format!("{count} {name}")).collect();
        if !counted.is_empty() {
            lines.push(format!("counted since the beginning: {}", counted.join(", ")));
        }
        lines.push(format!("database: {}", self.size));
        lines
    }

    /// The element that administrators get over XMPP.
    pub fn xml(&self) -> String {
        let ways: String = self.ways.iter().map(element).collect();
        let today: String = self
            .today
            .iter()
            .map(|(state, count)| format!("<texts state='{}' count='{count}'/>", escape_attribute(state)))
            .collect();
        format!(
            "<status xmlns='{}' waiting='{}' received='{}' cost='{}' currency='{}'>{ways}{today}</status>",
            sms::NAMESPACE,
            self.waiting,
            self.received,
            money(self.cost),
            escape_attribute(&self.currency),
        )
    }
}

fn line(way: &Way) -> String {
    let known = [
        way.operator.clone(),
        way.signal.map(|signal| format!("{signal} dBm")),
        way.sent.map(|sent| format!("{sent} messages in a day")),
    ];
    let known: Vec<String> = known.into_iter().flatten().collect();
    let known = if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) };
    format!("{} {}: {}{known}", way.kind, way.name, way.state)
}

fn element(way: &Way) -> String {
    let operator = way.operator.as_ref().map(|name| format!(" operator='{}'", escape_attribute(name)));
    let signal = way.signal.map(|signal| format!(" signal='{signal}'"));
    let sent = way.sent.map(|sent| format!(" sent='{sent}'"));
    let rests = way.rests_until.map(|until| format!(" rests-until='{}'", Moment(until).to_xmpp()));
    let reason = way.reason.as_ref().map(|why| format!(" reason='{}'", escape_attribute(why)));
    let more: String = [rests, reason, operator, signal, sent].into_iter().flatten().collect();
    format!(
        "<{} name='{}' ready='{}' condition='{}' state='{}'{more}/>",
        way.kind,
        escape_attribute(&way.name),
        way.is_ready,
        escape_attribute(&way.condition),
        escape_attribute(&way.state),
    )
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, Way};
    use crate::store::Size;

    #[test]
    fn a_snapshot_is_told_in_plain_words() {
        let way = Way {
            kind: "modem".to_owned(),
            name: "one".to_owned(),
            is_ready: true,
            state: "ready".to_owned(),
            condition: "ready".to_owned(),
            rests_until: Some(0),
            reason: Some("<busy>".to_owned()),
            operator: Some("China <Mobile>".to_owned()),
            signal: Some(-71),
            sent: Some(3),
        };
        let snapshot = Snapshot {
            time: 0,
            server: Some(true),
            ways: vec![way],
            waiting: 2,
            today: vec![("delivered".to_owned(), 3)],
            received: 1,
            cost: 150_000,
            currency: "CNY".to_owned(),
            counters: vec![("doubles".to_owned(), 4), ("multimedia".to_owned(), 2)],
            size: Size { bytes: 12_345_678, free: 1_000_000 },
        };
        let lines = snapshot.lines();
        assert_eq!(lines[0], "server: connected");
        assert_eq!(lines[1], "modem one: ready (China <Mobile>, -71 dBm, 3 messages in a day)");
        assert_eq!(lines[3], "texts of today: 3 delivered; 1 came from phones");
        assert_eq!(lines[4], "cost of today: 0.15 CNY");
        assert_eq!(lines[5], "counted since the beginning: 4 doubles, 2 multimedia");
        assert_eq!(lines[6], "database: 12.3 MB, of which 1.0 MB are free");
        let told = "condition='ready' state='ready' rests-until='1970-01-01T00:00:00Z' reason='&lt;busy&gt;' \
                    operator='China &lt;Mobile&gt;'";
        assert!(snapshot.xml().contains(told), "{}", snapshot.xml());
    }
}
