//! Names what a shock hits: all symbols, a board, a sector, or some by name.

use super::{ShockWord, Text, Word};
use crate::model::history::Board;
use crate::model::shock::Target;

/// What a shock hits.
pub fn words(text: &Text, target: &Target) -> String {
    match target {
        Target::All => text.get(Word::TargetAll).into(),
        Target::Board(board) => {
            let board = match board {
                Board::Main => text.get(Word::BoardMain),
                Board::Star => text.get(Word::BoardStar),
                Board::Chinext => text.get(Word::BoardChinext),
                Board::Bse => text.get(Word::BoardBse),
                Board::B => text.get(ShockWord::BoardB),
                Board::Etf => text.get(ShockWord::BoardEtf),
                Board::EtfWide => text.get(ShockWord::BoardEtfWide),
                Board::Fund => text.get(ShockWord::BoardFund),
                Board::Convertible => text.get(ShockWord::BoardConvertible),
                Board::None => text.get(Word::BoardNone),
            };
            text.fill(Word::TargetBoard, &[("board", board)])
        }
        Target::Sector(sector) => text.fill(Word::TargetSector, &[("sector", sector)]),
        Target::Symbols(symbols) => text.fill(Word::TargetSymbols, &[("symbols", &text.list(symbols))]),
    }
}
