//! Matches the headers of a file to the columns of a table: English, Chinese, vendors' names, and the programme's own map.
//!
//! Matching ignores case, spaces and underscores at the ends. A unit behind the name scales the column:
//! `成交额(万元)` is 10,000, `rate(%)` and `rate_pct` are 0.01, `成交量(手)` is 100.

use super::Gather;
pub use super::header_units::fold;
use super::header_units::{self, Split};
use crate::model::case::Data;
use crate::model::lineage::Note;
use crate::problem::{Kind, Place, Problem, Problems};
use std::collections::BTreeMap;

/// One column of a table: its name and the other names it goes by, best first.
pub struct Column {
    pub name: &'static str,
    pub required: bool,
    pub aliases: &'static [&'static str],
}

/// One kind of input file.
pub struct Role {
    pub name: &'static str,
    pub columns: &'static [Column],
}

const fn required(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, required: true, aliases }
}

const fn optional(name: &'static str, aliases: &'static [&'static str]) -> Column {
    Column { name, required: false, aliases }
}

const DATE: Column = required("date", &["trade_date", "trading_date", "tradedate", "日期", "交易日期", "交易日"]);
const SYMBOL: Column =
    required("symbol", &["ts_code", "code", "ticker", "stock_code", "security_code", "代码", "证券代码", "股票代码", "标的代码"]);
const RATE: Column = optional("rate_annual", &["rate", "annual_rate", "interest_rate", "年利率", "利率", "年化利率"]);
const MATURITY: Column = optional("maturity_date", &["maturity", "due_date", "到期日", "到期日期"]);

pub const PRICES: Role = Role {
    name: "prices",
    columns: &[
        DATE,
        SYMBOL,
        optional("close", &["close_price", "closing_price", "收盘", "收盘价"]),
        optional("adj_close", &["adjclose", "adjusted_close", "复权收盘", "复权收盘价", "前复权收盘价", "后复权收盘价"]),
        optional("open", &["open_price", "开盘", "开盘价"]),
        optional("high", &["high_price", "最高", "最高价"]),
        optional("low", &["low_price", "最低", "最低价"]),
        optional("preclose", &["pre_close", "prev_close", "previous_close", "昨收", "昨收价", "前收盘", "前收盘价"]),
        optional("volume", &["vol", "成交量"]),
        optional("amount", &["amount_k", "成交额", "成交金额"]),
        optional("adj_factor", &["adjfactor", "adjust_factor", "复权因子"]),
        optional("suspended", &["is_suspended", "paused", "停牌", "是否停牌"]),
        optional("tradestatus", &["trade_status", "交易状态"]),
        optional("is_st", &["isst", "st", "是否st"]),
        optional("limit_close", &[]),
        optional("limit_locked", &[]),
        optional("float_shares", &["float_share", "流通股本", "流通股"]),
        optional("adjustflag", &["adjust_flag", "adjust", "fq", "复权", "复权类型", "复权状态", "复权方式"]),
        optional("name", &["名称", "证券名称", "股票名称", "证券简称", "股票简称"]),
    ],
};

pub const RETURNS: Role = Role {
    name: "returns",
    columns: &[
        DATE,
        SYMBOL,
        optional("return", &["ret", "simple_return", "log_return", "daily_return", "收益率", "日收益率", "pct_chg", "pctchg"]),
    ],
};

pub const INSTRUMENTS: Role = Role {
    name: "instruments",
    columns: &[
        SYMBOL,
        optional("name", &["名称", "证券名称", "股票名称", "证券简称"]),
        optional("board", &["板块", "上市板块"]),
        optional("st", &["is_st", "isst", "是否st"]),
        optional("sector", &["industry", "行业", "所属行业"]),
        optional("haircut", &["折算率"]),
        optional("adv_amount", &["adv", "日均成交额"]),
        optional("free_float_value", &["free_float", "流通市值", "自由流通市值"]),
        optional("depth_amount", &["depth", "bid_depth", "盘口深度", "买盘深度"]),
        optional("price", &["last_price", "最新价", "价格", "市价"]),
        optional("resume_date", &["resumption_date", "复牌日", "复牌日期"]),
        optional("list_date", &["listed", "listing_date", "ipo_date", "上市日期", "上市日", "上市时间"]),
    ],
};

pub const ACCOUNTS: Role = Role {
    name: "accounts",
    columns: &[
        required("account_id", &["account", "client_id", "账户", "账户编号", "客户号", "账号", "资金账号"]),
        required("tier", &["层", "层级", "资金层"]),
        optional("grade", &["credit_grade", "等级", "信用等级"]),
        optional("product", &["产品"]),
        required("cash", &["现金", "资金余额"]),
        required("loan", &["debt", "融资", "融资余额", "负债"]),
        optional("accrued_interest", &["interest", "应计利息", "利息"]),
        RATE,
        optional("open_date", &["opened", "开仓日", "开户日", "开仓日期", "开户日期"]),
        MATURITY,
        optional("called_on", &["call_date", "margin_call_date", "追保日期", "追保日", "追保通知日", "追保通知日期", "追加保证金日期"]),
        optional("warning", &["预警线"]),
        optional("limit", &["限额线"]),
        optional("call", &["追保线"]),
        optional("liquidation", &["平仓线"]),
        optional("restore_to", &["平仓至", "恢复线"]),
        optional("cure_days", &["追保天数"]),
        optional("rulebook", &["规则", "规则手册"]),
        optional("own_capital_initial", &["初始自有资金"]),
        optional("high_water_mark", &["历史高水位", "高水位"]),
        optional("short_debt", &["short_value", "short_market_value", "融券余额", "融券负债", "融券市值", "融券金额"]),
        optional(
            "stated_ratio",
            &["maintenance_ratio", "margin_ratio", "维持担保比例", "维持担保比", "担保比例", "维保比例", "履约保障比例"],
        ),
    ],
};

pub const POSITIONS: Role = Role {
    name: "positions",
    columns: &[
        required("account_id", &["account", "client_id", "账户", "账户编号", "客户号", "账号", "资金账号"]),
        SYMBOL,
        required("quantity", &["shares", "数量", "持仓数量", "持仓", "股数"]),
        optional("sellable_quantity", &["sellable", "available_quantity", "可卖数量", "可用数量"]),
        optional("cost", &["cost_price", "成本", "成本价"]),
        optional(
            "stated_value",
            &["market_value", "position_value", "positionvalue", "市值", "持仓市值", "证券市值", "最新市值", "参考市值"],
        ),
        optional("detail", &["levelofdetail", "level_of_detail"]),
    ],
};

pub const FUNDING: Role = Role {
    name: "funding",
    columns: &[
        required("source_id", &["source", "资金方", "来源", "资金来源"]),
        required("tier", &["层", "层级", "资金层"]),
        required("amount", &["金额", "资金金额", "额度"]),
        RATE,
        MATURITY,
        optional("runnable", &["可挤兑"]),
    ],
};

pub const CORRELATIONS: Role = Role {
    name: "correlations",
    columns: &[
        required("symbol_a", &["symbol", "symbol_1", "symbol1", "证券a", "证券1", "代码a", "代码1"]),
        required("symbol_b", &["symbol_2", "symbol2", "证券b", "证券2", "代码b", "代码2"]),
        required("correlation", &["rho", "corr", "相关系数"]),
    ],
};

pub const IMPLIED: Role = Role {
    name: "implied-volatility",
    columns: &[
        DATE,
        Column { required: false, ..SYMBOL },
        required("implied_volatility", &["implied_vol", "iv", "volatility_index", "隐含波动率", "波动率指数"]),
    ],
};

/// The paths of `[market.given]`.
pub const GIVEN: Role = Role {
    name: "paths",
    columns: &[
        required("path", &["path_id", "scenario_id", "simulation", "路径", "路径编号"]),
        required("day", &["step", "session", "交易日序号", "天"]),
        SYMBOL,
        required("return", &["simple_return", "ret", "收益率"]),
        optional("halted", &["suspended", "停牌"]),
        optional("locked_down", &["limit_down", "跌停"]),
        optional("locked_up", &["limit_up", "涨停"]),
        optional("volume", &["relative_volume", "相对成交量"]),
    ],
};

pub const CALENDAR: Role = Role {
    name: "calendar",
    columns: &[
        Column { aliases: &["cal_date", "trade_date", "trading_date", "calendar_date", "日期", "交易日期", "交易日"], ..DATE },
        optional("open", &["is_open", "is_trading_day", "是否交易", "是否交易日", "是否开市"]),
    ],
};

pub const ROLES: [&Role; 10] =
    [&PRICES, &RETURNS, &INSTRUMENTS, &ACCOUNTS, &POSITIONS, &FUNDING, &CORRELATIONS, &IMPLIED, &GIVEN, &CALENDAR];

/// Where a column stands in the file, under which header, and what one unit of it is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    pub index: usize,
    pub header: String,
    pub scale: f64,
    /// The header, or the vendor's shape, says what one unit is.
    pub stated: bool,
}

/// The columns found in a file, by canonical name.
pub type Matches = BTreeMap<&'static str, Match>;

/// Checks that `[data.columns]` names files and columns that exist.
pub fn check_overrides(data: &Data, problems: &mut Problems) {
    for (file, map) in &data.columns {
        let key = format!("data.columns.{file}");
        let Some(role) = ROLES.iter().find(|role| role.name == file) else {
            let known: Vec<&str> = ROLES.iter().map(|role| role.name).collect();
            let fix = format!("write one of {}", known.join(", "));
            problems.push(Problem::new(
                Kind::Programme,
                Place::default().field(key),
                "names no input file",
                "columns are mapped by file",
                fix,
            ));
            continue;
        };
        for column in map.keys().filter(|column| role.columns.iter().all(|c| c.name != column.as_str())) {
            let known: Vec<&str> = role.columns.iter().map(|c| c.name).collect();
            let place = Place::default().field(format!("{key}.{column}"));
            let what = format!("`{column}` is no column of {file}");
            problems.push(Problem::new(
                Kind::Programme,
                place,
                what,
                "own headers are given by canonical name",
                format!("write one of {}", known.join(", ")),
            ));
        }
    }
}

/// Finds each column of `role` among `headers`; repeated headers, ambiguous and missing columns are problems.
pub fn find(role: &Role, place: &Place, headers: &[String], data: &Data, gather: &mut Gather) -> Option<Matches> {
    let before = gather.problems.len();
    let plain: Vec<Split> = headers.iter().map(|header| header_units::split(header, &gather.currency)).collect();
    repeated(place, headers, &mut gather.problems);
    let overrides = data.columns.get(role.name);
    let mut matches = Matches::new();
    for column in role.columns {
        let found = match overrides.and_then(|map| map.get(column.name)) {
            Some(own) => {
                let index = headers.iter().position(|header| fold(header) == fold(own));
                if index.is_none() {
                    let what = format!("has no header {own:?}");
                    let why = format!("[data.columns.{}] names it for `{}`", role.name, column.name);
                    gather.problems.push(Problem::new(
                        Kind::Data,
                        place.clone().field(column.name),
                        what,
                        why,
                        format!("write one of: {}", headers.join(", ")),
                    ));
                }
                index
            }
            None => unmapped(column, place, headers, &plain, overrides, &mut gather.problems),
        };
        if let Some(index) = found {
            let Split { stated, unknown, .. } = &plain[index];
            if let Some(unit) = unknown.as_ref().filter(|_| !is_text(column.name)) {
                gather.problems.push(unknown_unit(place, &headers[index], unit));
            }
            let (scale, stated) = (scale_of(&plain[index]), *stated);
            matches.insert(column.name, Match { index, header: headers[index].clone(), scale, stated });
        }
    }
    vendor_units(role, &plain, &mut matches, gather, place);
    for column in role.columns.iter().filter(|c| c.required && !matches.contains_key(c.name)) {
        let named = overrides.is_some_and(|map| map.contains_key(column.name));
        if !named {
            gather.problems.push(missing(role, column.name, place, headers));
        }
    }
    let unused: Vec<&str> = (0..headers.len()).filter(|i| matches.values().all(|m| m.index != *i)).map(|i| headers[i].as_str()).collect();
    let unused: Vec<&str> = unused.into_iter().filter(|header| !header.is_empty()).collect();
    if !unused.is_empty() && gather.problems.len() == before {
        gather.note(
            format!("{}: columns not used: {}", place.file, unused.join(", ")),
            format!("{}：未使用的列：{}", place.file, unused.join("、")),
        );
    }
    (gather.problems.len() == before).then_some(matches)
}

/// How many columns of a role a line of headers names.
pub fn recognised(role: &Role, headers: &[String], data: &Data) -> usize {
    let overrides = data.columns.get(role.name);
    let names = |column: &Column, header: &str| {
        let stem = header_units::split(header, "").stem;
        stem == column.name
            || column.aliases.contains(&stem.as_str())
            || overrides.and_then(|map| map.get(column.name)).is_some_and(|own| fold(own) == fold(header))
    };
    role.columns.iter().filter(|column| headers.iter().any(|header| names(column, header))).count()
}

/// Columns of words, days and codes, by canonical name: no unit scales them and no decimal sign stands in them.
pub fn is_text(column: &str) -> bool {
    const TEXT: [&str; 26] = [
        "",
        "date",
        "symbol",
        "account_id",
        "tier",
        "grade",
        "product",
        "open_date",
        "maturity_date",
        "rulebook",
        "name",
        "board",
        "st",
        "sector",
        "source_id",
        "runnable",
        "symbol_a",
        "symbol_b",
        "suspended",
        "tradestatus",
        "is_st",
        "kind",
        "called_on",
        "adjustflag",
        "detail",
        "settlement",
    ];
    TEXT.contains(&column)
}

/// The problem of a column that a table cannot do without.
pub fn missing(role: &Role, name: &str, place: &Place, headers: &[String]) -> Problem {
    let found = if headers.len() > 12 { format!("{}, …", headers[..12].join(", ")) } else { headers.join(", ") };
    let fix = format!("add a column `{name}`, or write [data.columns.{}] {name} = \"your header\"; the file has: {found}", role.name);
    Problem::new(Kind::Data, place.clone().field(name), "is missing", format!("{} need this column", role.name), fix)
}

fn repeated(place: &Place, headers: &[String], problems: &mut Problems) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (index, header) in headers.iter().enumerate().filter(|(_, header)| !header.is_empty()) {
        if let Some(first) = seen.insert(fold(header), index) {
            let what = format!("stands twice, in columns {} and {}", first + 1, index + 1);
            problems.push(Problem::new(
                Kind::Data,
                place.clone().field(header),
                what,
                "a header names one column",
                "rename or delete one of them",
            ));
        }
    }
}

/// The header that stands for `column` by name; two different ones are a problem, but a `ts_code` beside `symbol` is the fuller code.
fn unmapped(
    column: &Column,
    place: &Place,
    headers: &[String],
    plain: &[Split],
    overrides: Option<&BTreeMap<String, String>>,
    problems: &mut Problems,
) -> Option<usize> {
    let taken = |index: usize| overrides.is_some_and(|map| map.values().any(|own| fold(own) == fold(&headers[index])));
    let named = |name: &str| plain.iter().position(|split| split.stem == name).filter(|index| !taken(*index));
    let found: Vec<usize> = std::iter::once(column.name).chain(column.aliases.iter().copied()).filter_map(named).collect();
    if column.name == "symbol"
        && let Some(full) = named("ts_code")
    {
        return Some(full);
    }
    if let [first, second, ..] = found.as_slice() {
        let what = format!("stands twice, as {:?} and {:?}", headers[*first], headers[*second]);
        let why = "two headers mean the same column";
        problems.push(Problem::new(Kind::Data, place.clone().field(column.name), what, why, "delete one, or choose with [data.columns]"));
    }
    found.first().copied()
}

/// Tushare tables (`ts_code`) count volume in lots of 100 shares and turnover in thousands.
fn vendor_units(role: &Role, plain: &[Split], matches: &mut Matches, gather: &mut Gather, place: &Place) {
    if role.name != "prices" || !plain.iter().any(|split| split.stem == "ts_code") {
        return;
    }
    let mut scaled = false;
    for (name, header, scale) in [("volume", "vol", 100.0), ("amount", "amount", 1000.0)] {
        if let Some(found) = matches.get_mut(name).filter(|m| fold(&m.header) == header) {
            found.scale = scale;
            found.stated = true;
            scaled = true;
        }
    }
    if scaled {
        gather.note(
            format!("{}: a ts_code table, so `vol` is read in lots of 100 shares and `amount` in thousands", place.file),
            format!("{}：含 ts_code 列，vol 按手（100 股）、amount 按千元读取", place.file),
        );
    }
}

fn unknown_unit(place: &Place, header: &str, unit: &str) -> Problem {
    let what = format!("has the unit {unit:?}, which is not known");
    let why = "its numbers would be read as ones";
    let fix = "write 元, 千元, 万元, 百万元, 亿元, 股, 手, 万股 or % behind the name, or the name alone where the numbers are ones of the programme's currency, or shares";
    Problem::new(Kind::Data, place.clone().field(header), what, why, fix)
}

fn scale_of(Split { stem, scale, .. }: &Split) -> f64 {
    match stem.as_str() {
        "amount_k" => 1e3,
        "pct_chg" | "pctchg" => 0.01,
        _ => *scale,
    }
}

impl Gather {
    /// Keeps a sentence for the reader.
    pub fn note(&mut self, en: String, zh: String) {
        self.notes.push(Note { en, zh });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(role: &Role, headers: &str) -> Result<Matches, String> {
        let headers: Vec<String> = headers.split(',').map(String::from).collect();
        let mut gather = Gather::default();
        find(role, &Place::file("a.csv"), &headers, &Data::default(), &mut gather).ok_or_else(|| gather.problems.to_string())
    }

    #[test]
    fn vendor_shapes_and_chinese_headers_need_no_map() {
        let tushare = found(&PRICES, "ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount").unwrap();
        assert_eq!((tushare["volume"].scale, tushare["amount"].scale), (100.0, 1000.0));
        let chinese = found(&PRICES, "日期,代码,收盘,成交额(万元),成交量（手）").unwrap();
        assert_eq!((chinese["amount"].scale, chinese["volume"].scale), (1e4, 100.0));
        let baostock =
            found(&PRICES, "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,isST").unwrap();
        assert_eq!(baostock["is_st"].index, 13);
        assert_eq!(found(&ACCOUNTS, "客户号,层级,信用等级,现金,融资余额,年利率(%)").unwrap()["rate_annual"].scale, 0.01);
        assert_eq!(found(&INSTRUMENTS, "ts_code,symbol,name,area,industry").unwrap()["symbol"].index, 0);
    }

    #[test]
    fn repeated_and_missing_columns_are_named() {
        assert!(found(&POSITIONS, "account_id,symbol").unwrap_err().contains("`quantity`: is missing"));
        assert!(found(&POSITIONS, "account_id,symbol,quantity,Quantity").unwrap_err().contains("columns 3 and 4"));
        assert!(found(&POSITIONS, "account_id,代码,股票代码,quantity").unwrap_err().contains("stands twice"));
    }
}
