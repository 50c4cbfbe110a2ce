//! Carries the fonts: the same bytes measure chart labels, draw them, and set the document.

use crate::problem::{Kind, Place, Problem, Problems};
use plotters::style::{FontStyle, register_font};
use resvg::usvg::fontdb;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Once};
use typst::foundations::Bytes;
use typst::layout::Abs;
use typst::text::{Font, FontInfo, FontInstance, FontVariant, FontVariations};
use typst_kit::fonts::{FontSource, FontStore};

/// The family every word is set in.
pub const FAMILY: &str = "Noto Sans SC";

static REGULAR: &[u8] = include_bytes!("assets/fonts/NotoSansSC-Regular.gbk.ttf");
static BOLD: &[u8] = include_bytes!("assets/fonts/NotoSansSC-Bold.gb2312.ttf");

/// The embedded fonts, and those of a folder the user named, in that order.
pub struct Fonts {
    store: FontStore,
    regular: FontInstance,
    bold: FontInstance,
    database: Arc<fontdb::Database>,
    faces: usize,
}

impl Fonts {
    /// Loads the embedded fonts, then every font below `dir`, in order of path.
    ///
    /// # Errors
    /// Kind `Output` when `dir` is not a folder.
    pub fn load(dir: Option<&Path>) -> Result<Fonts, Problems> {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
                assert!(register_font(FAMILY, style, bytes).is_ok(), "the embedded font {} cannot be read", style.as_str());
            }
        });
        let embed = |bytes: &'static [u8]| Font::new(Bytes::new(bytes), 0).expect("an embedded font can be read");
        let (regular, bold) = (embed(REGULAR), embed(BOLD));
        let mut fonts: Vec<(Font, FontInfo)> = Vec::new();
        for font in [&regular, &bold] {
            fonts.push((font.clone(), font.info().clone()));
        }
        fonts.extend(typst_kit::fonts::embedded());
        if let Some(dir) = dir {
            fonts.extend(scanned(dir)?);
        }
        let mut database = fontdb::Database::new();
        database.set_sans_serif_family(FAMILY);
        for (font, _) in fonts.iter().filter(|(font, _)| font.index() == 0) {
            database.load_font_source(fontdb::Source::Binary(Arc::new(font.data().clone())));
        }
        let faces = fonts.len();
        let measure = |font: Font| font.instantiate(FontVariant::default(), Abs::pt(10.0), &FontVariations::default());
        let (regular, bold) = (measure(regular), measure(bold));
        let mut store = FontStore::new();
        store.extend(fonts);
        Ok(Fonts { store, regular, bold, database: Arc::new(database), faces })
    }

    pub fn store(&self) -> &FontStore {
        &self.store
    }

    pub fn database(&self) -> Arc<fontdb::Database> {
        self.database.clone()
    }

    /// The width of `text` set at `em` units to the em, in the same units.
    pub fn width(&self, text: &str, bold: bool, em: f64) -> f64 {
        let font = if bold { &self.bold } else { &self.regular };
        let advance = |c: char| {
            let own = |font: &FontInstance| font.ttf().glyph_index(c).and_then(|glyph| font.x_advance(glyph.0));
            own(font).or_else(|| own(&self.regular)).map_or(1.0, |width| width.get())
        };
        text.chars().map(advance).sum::<f64>() * em
    }

    /// Checks that every character of every text has a glyph; white space and line ends need none.
    ///
    /// # Errors
    /// Kind `Output`, one problem per missing character, with the first text it stands in.
    pub fn check<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Result<(), Problems> {
        let book = self.store.book();
        let infos: Vec<&FontInfo> = (0..self.faces).filter_map(|face| book.info(face)).collect();
        let mut seen: BTreeSet<char> = BTreeSet::new();
        let mut problems = Problems::new();
        for text in texts {
            for c in text.chars().filter(|c| !c.is_whitespace()) {
                if seen.insert(c) && !infos.iter().any(|info| info.coverage.contains(c as u32)) {
                    problems.push(missing(c, text));
                }
            }
        }
        problems.into_result(())
    }
}

fn missing(c: char, text: &str) -> Problem {
    let shown: String = text.chars().take(60).collect();
    Problem::new(
        Kind::Output,
        Place::default(),
        format!("character U+{:04X} ({c}) is in none of the embedded fonts, in \"{shown}\"", c as u32),
        "an archival report may not show an empty box where a name should stand",
        "pass --font-dir with a folder that holds a font with this character, or spell the name otherwise",
    )
}

/// Every font below a folder, read now, in order of path so that the choice does not depend on the file system.
fn scanned(dir: &Path) -> Result<Vec<(Font, FontInfo)>, Problems> {
    if !dir.is_dir() {
        return Err(Problem::new(
            Kind::Output,
            Place::file(dir.display().to_string()),
            "the font folder is not a folder",
            "--font-dir names a folder with .ttf, .otf or .ttc files",
            "give the path of an existing folder, or leave --font-dir out",
        )
        .into());
    }
    let mut found: Vec<_> = typst_kit::fonts::scan(dir).collect();
    found.sort_by(|(a, _), (b, _)| (&a.path, a.index).cmp(&(&b.path, b.index)));
    Ok(found.into_iter().filter_map(|(path, info)| path.load().map(|font| (font, info))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_name_is_set_and_an_unknown_character_is_named() {
        let fonts = Fonts::load(None).unwrap();
        fonts.check(["朱镕基 · 600000.SH ± 12.4%"]).unwrap();
        let problems = fonts.check(["ok", "甲\u{20BB7}野家"]).unwrap_err();
        assert!(problems.to_string().contains("character U+20BB7"), "{problems}");
        assert_eq!(problems.exit_code(), crate::problem::exit::OUTPUT);
    }

    #[test]
    fn a_han_character_is_one_em_wide() {
        let fonts = Fonts::load(None).unwrap();
        assert!((fonts.width("平仓", false, 10.0) - 20.0).abs() < 0.1);
        assert!(fonts.width("12", true, 10.0) < 13.0);
    }
}
