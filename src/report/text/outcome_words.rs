//! Names in both languages what forced liquidations came to, and sectors.

use super::margin::Pair;

pub const CLOSE_OUTS: Pair = Pair("Forced liquidations by scenario", "各情景强制平仓过程");
pub const UNNEEDED: Pair = Pair("Would have recovered", "不平仓则可恢复");
pub const DAYS_TO_CLOSE_OUT: Pair = Pair("Days to close out", "平仓所需天数");
pub const CLOSE_OUTS_NOTE: Pair = Pair(
    "Would have recovered: share of liquidated accounts that would stand at or above their call line (without one, above their liquidation line) on the last day of the same path had nothing been sold of them. Days to close out: sessions from the close that decides a liquidation to the one that ends it, of those that end within the horizon.",
    "不平仓则可恢复：被强平账户中，若不卖出，同一路径期末维持担保比例不低于追保线（无追保线时高于平仓线）的占比。平仓所需天数：自触发收盘至平仓结束的交易日数，仅计期限内结束者。",
);
pub const SECTOR: Pair = Pair("Sector", "行业");
pub const SECTORS: Pair = Pair("“{scenario}”: sectors with the largest forced sales", "“{scenario}”：强制平仓卖出最多的行业");
pub const SECTOR_PART: Pair = Pair("Part of ES 99%", "在 ES 99% 中的部分");
pub const SECTOR_LOSS: Pair = Pair("Loss of accounts", "账户损失");
pub const SECTORS_NOTE: Pair = Pair(
    "Losses and rates are those of the accounts that hold most of their value in the sector; sales are of the sector's shares, whoever held them.",
    "损失与比率为持仓市值以该行业为主的账户；卖出额为该行业证券的卖出，不论由谁持有。",
);
