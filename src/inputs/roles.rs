//! Lists the columns of each kind of file, with the names they go by in English and Chinese.

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
        optional("currency", &["ccy", "currency_code", "币种", "货币", "währung"]),
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
        optional("currency", &["ccy", "currency_code", "币种", "货币", "währung"]),
        optional("multiplier", &["mult", "合约乘数"]),
        optional("asset_class", &["asset_category", "asset_type", "证券类别"]),
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
