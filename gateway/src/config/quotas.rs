//! `[quotas]`, `[quiet_hours]` and `[[prices]]`: what senders may text, when, and what it costs.

use serde::Deserialize;

use super::ConfigError;
use crate::quotas::{Allowance, Price, QuietHours, Rules, parse_zone};

/// Limits of senders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotasConfig {
    /// The site's distance from UTC.
    pub zone: String,
    /// Messages of a sender in a day.
    pub per_day: Option<u32>,
    /// Messages of a sender in a month.
    pub per_month: Option<u32>,
    /// Senders with limits of their own.
    pub senders: Vec<SenderConfig>,
}

impl Default for QuotasConfig {
    fn default() -> Self {
        Self { zone: "+08:00".to_owned(), per_day: None, per_month: None, senders: Vec::new() }
    }
}

/// A person or application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SenderConfig {
    /// The address.
    pub address: String,
    /// Messages in a day.
    #[serde(default)]
    pub per_day: Option<u32>,
    /// Messages in a month.
    #[serde(default)]
    pub per_month: Option<u32>,
}

/// When phones are left alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuietConfig {
    /// They begin; empty: there are none.
    pub from: String,
    /// They end.
    pub to: String,
    /// Where phones are.
    pub zones: Vec<ZoneConfig>,
}

/// Where phones with a beginning are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneConfig {
    /// The beginning.
    pub prefix: String,
    /// The distance from UTC.
    pub zone: String,
}

/// What messages cost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostsConfig {
    /// In which money.
    pub currency: String,
    /// By the beginnings of numbers.
    pub prices: Vec<PriceConfig>,
}

/// A price.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceConfig {
    /// The beginning; empty for all.
    pub prefix: String,
    /// For one message, as `"0.05"`.
    pub price: String,
}

/// A price in millionths.
fn millionths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > 6 || !is_number(whole) || !is_number(part) {
        return None;
    }
    format!("{whole}{part:0<6}").parse().ok()
}

/// The rules of these settings.
pub(super) fn rules(
    quotas: &QuotasConfig,
    quiet: &QuietConfig,
    costs: &CostsConfig,
) -> Result<Rules, ConfigError> {
    let wrong =
        |key: &str, problem: &str| ConfigError::Value { key: key.to_owned(), problem: problem.to_owned() };
    let zone = |key: &str, text: &str| {
        parse_zone(text).ok_or_else(|| wrong(key, "has to be a distance from UTC such as \"+08:00\""))
    };
    let quiet = if quiet.from.is_empty() && quiet.to.is_empty() {
        None
    } else {
        let time = |key: &str, text: &str| {
            QuietHours::time(text).ok_or_else(|| wrong(key, "has to be a time of the day such as \"22:00\""))
        };
        let (from, to) = (time("quiet_hours.from", &quiet.from)?, time("quiet_hours.to", &quiet.to)?);
        if from == to {
            return Err(wrong("quiet_hours.to", "is the same as from: when may texts go?"));
        }
        let zones =
            quiet.zones.iter().map(|it| Ok((it.prefix.clone(), zone("quiet_hours.zones", &it.zone)?)));
        Some(QuietHours { from, to, zones: zones.collect::<Result<_, _>>()? })
    };
    let senders = quotas.senders.iter().map(|sender| {
        let allowance = Allowance { per_day: sender.per_day, per_month: sender.per_month };
        (sender.address.clone(), allowance)
    });
    let prices = costs.prices.iter().map(|it| {
        let millionths = millionths(&it.price).ok_or_else(|| {
            wrong("costs.prices", "needs prices such as \"0.05\", with at most six digits behind")
        })?;
        Ok(Price { prefix: it.prefix.clone(), millionths })
    });
    Ok(Rules {
        zone: zone("quotas.zone", &quotas.zone)?,
        usual: Allowance { per_day: quotas.per_day, per_month: quotas.per_month },
        senders: senders.collect(),
        quiet,
        prices: prices.collect::<Result<_, ConfigError>>()?,
        currency: costs.currency.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::millionths;

    #[test]
    fn prices_are_exact() {
        assert_eq!(millionths("0.05"), Some(50_000));
        assert_eq!((millionths("2"), millionths("0.000001")), (Some(2_000_000), Some(1)));
        for wrong in ["", ".5", "0.0000001", "1,5", "-1"] {
            assert_eq!(millionths(wrong), None, "{wrong}");
        }
    }
}
