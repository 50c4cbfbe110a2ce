//! Splits a header into a name and the unit behind it: `成交额(万元)`, `可用[万元]`, `rate_pct`, `融资余额【百万元】`, `volume_lots`.
//!
//! A unit that is not known is kept by its name, so that the column it stands over is refused rather than read as ones.

/// A header's folded name, what one unit of its numbers is worth, and how the unit was told.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    pub stem: String,
    pub scale: f64,
    /// The header names its unit.
    pub stated: bool,
    /// A unit in brackets that is not known.
    pub unknown: Option<String>,
}

const BRACKETS: [(char, char); 8] =
    [('(', ')'), ('（', '）'), ('[', ']'), ('［', '］'), ('【', '】'), ('〔', '〕'), ('{', '}'), ('｛', '｝')];

/// One spelling of a header: lower case, spaces and hyphens as underscores.
pub fn fold(header: &str) -> String {
    header.trim().to_lowercase().replace([' ', '-'], "_")
}

/// The folded name of a header and the unit behind it, in money of `currency`.
pub fn split(header: &str, currency: &str) -> Split {
    let name = fold(header);
    let known = |stem: &str, scale: f64| Split {
        stem: stem.trim_end_matches(['_', '/', ':', '：']).to_string(),
        scale,
        stated: true,
        unknown: None,
    };
    if let Some(stem) = name.strip_suffix("_pct") {
        return known(stem, 0.01);
    }
    for (open, close) in BRACKETS {
        let Some((stem, unit)) = name.strip_suffix(close).and_then(|inner| inner.rsplit_once(open)) else { continue };
        if stem.trim_matches('_').is_empty() {
            break;
        }
        let unit = unit.trim_matches(['_', ' ']).to_string();
        return match scale_of(&unit, currency) {
            Some(scale) => known(stem, scale),
            None => Split { unknown: Some(unit), stated: false, ..known(stem, 1.0) },
        };
    }
    const BEHIND: [(&str, f64); 15] = [
        ("百万元", 1e6),
        ("千万元", 1e7),
        ("亿元", 1e8),
        ("万元", 1e4),
        ("千元", 1e3),
        ("亿股", 1e8),
        ("万股", 1e4),
        ("千股", 1e3),
        ("_in_thousands", 1e3),
        ("_thousands", 1e3),
        ("_in_millions", 1e6),
        ("_millions", 1e6),
        ("_in_lots", 100.0),
        ("_lots", 100.0),
        ("/手", 100.0),
    ];
    for (unit, scale) in BEHIND {
        if let Some(stem) = name.strip_suffix(unit).filter(|stem| !stem.is_empty()) {
            return known(stem, scale);
        }
    }
    Split { stem: name, scale: 1.0, stated: false, unknown: None }
}

/// What one of a unit is worth; nothing for a unit that is not known.
fn scale_of(unit: &str, currency: &str) -> Option<f64> {
    let unit = unit.replace(['_', ' '], "");
    let unit = unit.trim_start_matches("单位").trim_start_matches("unit").trim_start_matches([':', '：']).trim_start_matches("in");
    let currency = currency.to_lowercase();
    let yuan = matches!(currency.as_str(), "cny" | "");
    let mut unit = unit.to_string();
    for own in [currency.as_str(), "人民币", "rmb", "yuan"] {
        if !own.is_empty() && (own == currency || yuan) && unit.contains(own) {
            unit = unit.replacen(own, "", 1);
        }
    }
    Some(match unit.trim_matches([',', '，', '.', '/', '·']) {
        "" | "元" | "1" | "年化" | "p.a" | "annual" | "不复权" | "raw" | "unadjusted" => 1.0,
        "股" | "份" | "张" | "shares" | "share" | "stk" | "stück" | "units" | "pcs" => 1.0,
        "元/股" | "pershare" | "天" | "日" | "交易日" | "days" | "sessions" | "倍" => 1.0,
        "%" | "\u{ff05}" | "pct" | "percent" | "百分比" => 0.01,
        "\u{2030}" => 0.001,
        "bp" | "bps" | "基点" => 1e-4,
        "手" | "百股" | "lot" | "lots" => 100.0,
        "千元" | "千" | "千股" | "k" | "thousand" | "thousands" | "000" | "000s" | "tsd" => 1e3,
        "万元" | "万" | "万股" | "万份" | "wan" | "萬" | "萬元" => 1e4,
        "十万元" | "十万" => 1e5,
        "百万元" | "百万" | "百万股" | "万手" | "mn" | "mln" | "mio" | "million" | "millions" => 1e6,
        "千万元" | "千万" | "千万股" => 1e7,
        "亿元" | "亿" | "亿股" | "亿份" => 1e8,
        "十亿元" | "十亿" | "bn" | "billion" | "billions" => 1e9,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_read_in_any_bracket_or_kept_by_its_name() {
        for (header, stem, scale) in [
            ("成交额(万元)", "成交额", 1e4),
            ("可用[万元]", "可用", 1e4),
            ("欠款【百万元】", "欠款", 1e6),
            ("资金余额（百万）", "资金余额", 1e6),
            ("Rate (%)", "rate", 0.01),
            ("rate_pct", "rate", 0.01),
            ("融资余额 {亿}", "融资余额", 1e8),
            ("volume_lots", "volume", 100.0),
            ("成交量/手", "成交量", 100.0),
            ("融资余额万元", "融资余额", 1e4),
            ("loan (CNY thousand)", "loan", 1e3),
            ("资金余额（单位：万元）", "资金余额", 1e4),
            ("loan (RMB mn)", "loan", 1e6),
            ("年利率(bp)", "年利率", 1e-4),
            ("万元", "万元", 1.0),
        ] {
            let found = split(header, "CNY");
            assert_eq!((found.stem.as_str(), found.scale, found.unknown), (stem, scale, None), "{header}");
        }
        for (header, unit) in [("loan (USD)", "usd"), ("收盘价(后复权)", "后复权"), ("现金［港元］", "港元"), ("loan (m)", "m")]
        {
            assert_eq!(split(header, "CNY").unknown.as_deref(), Some(unit), "{header}");
        }
        assert_eq!(split("loan (USD)", "USD").unknown, None);
        assert_eq!(split("loan (RMB)", "USD").unknown.as_deref(), Some("rmb"));
    }
}
