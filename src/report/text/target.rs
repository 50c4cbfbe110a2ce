//! Names what a shock hits: all symbols, a board, a sector, or some by name.

use super::Text;
use crate::model::history::Board;
use crate::model::part::Words;
use crate::model::shock::Target;

const TARGET_ALL: Words = Words("all symbols", "全部证券");
const TARGET_BOARD: Words = Words("symbols of the {board}", "{board}证券");
const TARGET_SECTOR: Words = Words("sector {sector}", "{sector}行业证券");
const TARGET_SYMBOLS: Words = Words("{symbols}", "{symbols}");
const BOARD_MAIN: Words = Words("main board", "主板");
const BOARD_STAR: Words = Words("STAR market", "科创板");
const BOARD_CHINEXT: Words = Words("ChiNext", "创业板");
const BOARD_BSE: Words = Words("Beijing exchange", "北交所");
const BOARD_NONE: Words = Words("boards without limits", "无涨跌幅限制");
const BOARD_B: Words = Words("B shares", "B 股");
const BOARD_ETF: Words = Words("ETFs", "ETF");
const BOARD_ETF_WIDE: Words = Words("ETFs that move by 20%", "涨跌幅 20% 的 ETF");
const BOARD_FUND: Words = Words("closed and listed funds", "封闭式及 LOF 基金");
const BOARD_CONVERTIBLE: Words = Words("convertible bonds", "可转债");

/// What a shock hits.
pub fn words(text: &Text, target: &Target) -> String {
    match target {
        Target::All => text.get(TARGET_ALL).into(),
        Target::Board(board) => {
            let board = match board {
                Board::Main => text.get(BOARD_MAIN),
                Board::Star => text.get(BOARD_STAR),
                Board::Chinext => text.get(BOARD_CHINEXT),
                Board::Bse => text.get(BOARD_BSE),
                Board::B => text.get(BOARD_B),
                Board::Etf => text.get(BOARD_ETF),
                Board::EtfWide => text.get(BOARD_ETF_WIDE),
                Board::Fund => text.get(BOARD_FUND),
                Board::Convertible => text.get(BOARD_CONVERTIBLE),
                Board::None => text.get(BOARD_NONE),
            };
            text.fill(TARGET_BOARD, &[("board", board)])
        }
        Target::Sector(sector) => text.fill(TARGET_SECTOR, &[("sector", sector)]),
        Target::Symbols(symbols) => text.fill(TARGET_SYMBOLS, &[("symbols", &text.list(symbols))]),
    }
}
