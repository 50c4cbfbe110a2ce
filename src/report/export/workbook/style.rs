//! Says how cells of a workbook look: fonts, colours, number formats.

use crate::report::document::block::{Shown, Tone};
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

const INK: Color = Color::RGB(0x10345C);
const GREY: Color = Color::RGB(0x606770);
const LINE: Color = Color::RGB(0xCED4DA);
const HEAD: Color = Color::RGB(0xE9EEF4);

/// Where words stand in their cell.
#[derive(Clone, Copy)]
pub enum Side {
    Left,
    /// Apart from the figures of the column before.
    Indented,
    Right,
}

impl Side {
    /// Of the cells of a column, figures or words.
    pub fn of_column(column: usize, figures: bool) -> Side {
        match (figures, column) {
            (true, _) => Side::Right,
            (false, 0) => Side::Left,
            (false, _) => Side::Indented,
        }
    }

    fn of(self, format: Format) -> Format {
        match self {
            Side::Left => format.set_align(FormatAlign::Left),
            Side::Indented => format.set_align(FormatAlign::Left).set_indent(1),
            Side::Right => format.set_align(FormatAlign::Right),
        }
    }
}

/// The looks of one workbook, in the font of its language.
pub struct Style {
    base: Format,
}

impl Style {
    pub fn new(chinese: bool) -> Style {
        let font = if chinese { "Microsoft YaHei" } else { "Calibri" };
        Style { base: Format::new().set_font_name(font).set_font_size(10).set_align(FormatAlign::VerticalCenter) }
    }

    pub fn title(&self) -> Format {
        self.base.clone().set_bold().set_font_size(14).set_font_color(INK)
    }

    pub fn caption(&self) -> Format {
        self.base.clone().set_bold().set_font_size(11).set_font_color(INK)
    }

    pub fn faint(&self) -> Format {
        self.base.clone().set_font_color(GREY)
    }

    pub fn note(&self) -> Format {
        self.faint().set_text_wrap().set_font_size(9)
    }

    pub fn head(&self, side: Side) -> Format {
        let plain = self.base.clone().set_bold().set_font_color(INK).set_background_color(HEAD).set_text_wrap();
        let format = plain.set_border_bottom(FormatBorder::Medium).set_border_bottom_color(INK).set_align(FormatAlign::Bottom);
        side.of(format)
    }

    /// Words; what a spreadsheet might take for a formula when it is edited is marked as text.
    pub fn words(&self, tone: Tone, side: Side, guarded: bool) -> Format {
        let format = side.of(self.toned(tone).set_text_wrap());
        if guarded { format.set_quote_prefix() } else { format }
    }

    pub fn number(&self, tone: Tone, side: Side, code: &str) -> Format {
        side.of(self.toned(tone).set_num_format(code))
    }

    fn toned(&self, tone: Tone) -> Format {
        let format = self.base.clone().set_border_bottom(FormatBorder::Thin).set_border_bottom_color(LINE);
        match tone {
            Tone::Plain => format,
            Tone::Strong => format.set_bold(),
            Tone::Pass => format.set_bold().set_font_color(Color::RGB(0x1D6B43)),
            Tone::Breach => format.set_bold().set_font_color(Color::RGB(0xB03A12)),
            Tone::Undecided => format.set_bold().set_font_color(Color::RGB(0x7A5A00)),
            Tone::Code => format.set_font_name("Consolas"),
        }
    }
}

/// The number format of a spreadsheet: `"CNY "#,##0.00`, `0.0%" †"`.
pub fn code(shown: &Shown, decimals: usize) -> String {
    let quoted = |text: &str| {
        let plain: String = text.chars().filter(|c| *c != '"').collect();
        if plain.is_empty() { plain } else { format!("\"{plain}\"") }
    };
    let fraction = if decimals > 0 { format!(".{}", "0".repeat(decimals)) } else { String::new() };
    let percent = if shown.percent { "%" } else { "" };
    format!("{}#,##0{fraction}{percent}{}", quoted(&shown.before), quoted(&shown.after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_has_the_decimals_the_sign_of_per_cent_and_the_currency_of_the_text() {
        let shown = Shown { before: "≤ CN\"Y ".into(), ..Shown::default() };
        assert_eq!(code(&shown, 2), "\"≤ CNY \"#,##0.00");
        assert_eq!(code(&Shown { percent: true, after: " †".into(), ..Shown::default() }, 0), "#,##0%\" †\"");
    }
}
