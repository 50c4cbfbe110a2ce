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

    /// Checks that every character of every text has a glyph, and may stand in an archival PDF; white space and line ends need no glyph.
    ///
    /// # Errors
    /// Kind `Output`, one problem per such character, with the first text it stands in.
    pub fn check<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Result<(), Problems> {
        let book = self.store.book();
        let infos: Vec<&FontInfo> = (0..self.faces).filter_map(|face| book.info(face)).collect();
        let mut seen: BTreeSet<char> = BTreeSet::new();
        let mut problems = Problems::new();
        for text in texts {
            for c in text.chars().filter(|c| !c.is_whitespace() || is_forbidden(*c)) {
                if !seen.insert(c) {
                    continue;
                }
                if is_forbidden(c) {
                    problems.push(forbidden(c, text));
                } else if !infos.iter().any(|info| info.coverage.contains(c as u32)) {
                    problems.push(missing(c, text));
                }
            }
        }
        problems.into_result(())
    }
}

/// What ISO 19005-3 (6.2.11.7) does not let a text stand for, what means nothing outside one font, and separators that break a line of text.
fn is_forbidden(c: char) -> bool {
    let private = matches!(c as u32, 0xE000..=0xF8FF | 0xF_0000..=0x10_FFFF);
    private || matches!(c, '\u{0}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')
}

fn forbidden(c: char, text: &str) -> Problem {
    let shown: String = text.chars().filter(|c| !is_forbidden(*c)).take(60).collect();
    Problem::new(
        Kind::Output,
        Place::default(),
        format!("character U+{:04X} cannot stand in the report, in \"{shown}\"", c as u32),
        "an archival PDF holds text that reads the same everywhere",
        "take the invisible or private character out of the name",
    )
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
    within_bounds(dir)?;
    let mut found: Vec<_> = typst_kit::fonts::scan(dir).collect();
    found.sort_by(|(a, _), (b, _)| (&a.path, a.index).cmp(&(&b.path, b.index)));
    Ok(found.into_iter().filter_map(|(path, info)| path.load().map(|font| (font, info))).collect())
}

/// Files below a font folder, the fonts among them together, and folders in folders.
const FILES_MOST: usize = 10_000;
const FONT_BYTES_MOST: u64 = 1 << 30;
const DEEPEST: usize = 8;

/// Refuses a font folder that would never be read to its end: devices among the fonts, too many files, too many bytes.
fn within_bounds(dir: &Path) -> Result<(), Problems> {
    let problem = |path: &Path, what: String| {
        let why = "a folder of fonts has at most 10,000 files in 8 folders deep, and fonts of 1 GiB, each a file on disk";
        let fix = "give a folder that holds the fonts that are needed and nothing else";
        Problems::from(Problem::new(Kind::Output, Place::file(path.display().to_string()), what, why, fix))
    };
    let unread = |path: &Path, error: std::io::Error| problem(path, format!("cannot be read: {error}"));
    let (mut folders, mut files, mut bytes) = (vec![(dir.to_path_buf(), 0)], 0, 0_u64);
    while let Some((folder, depth)) = folders.pop() {
        if depth > DEEPEST {
            return Err(problem(&folder, format!("lies more than {DEEPEST} folders deep")));
        }
        for entry in std::fs::read_dir(&folder).map_err(|error| unread(&folder, error))? {
            let path = entry.map_err(|error| unread(&folder, error))?.path();
            files += 1;
            if files > FILES_MOST {
                return Err(problem(dir, format!("holds more than {FILES_MOST} files")));
            }
            // a link that leads nowhere is no font
            let Ok(facts) = std::fs::metadata(&path) else { continue };
            if facts.is_dir() {
                folders.push((path, depth + 1));
                continue;
            }
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
            if !["ttf", "otf", "ttc", "otc"].contains(&ending.as_str()) {
                continue;
            }
            if !facts.is_file() {
                return Err(problem(&path, "is no regular file".into()));
            }
            bytes = bytes.saturating_add(facts.len());
            if bytes > FONT_BYTES_MOST {
                return Err(problem(dir, format!("holds fonts of more than {FONT_BYTES_MOST} bytes")));
            }
        }
    }
    Ok(())
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
        // a private character has no meaning outside its font, and a separator is no name
        for c in ['\u{e000}', '\u{feff}', '\u{2028}', '\u{10fffd}'] {
            let problems = fonts.check([format!("a{c}b").as_str()]).unwrap_err();
            assert!(
                problems.to_string().contains(&format!("character U+{:04X} cannot stand in the report, in \"ab\"", c as u32)),
                "{problems}"
            );
        }
    }

    #[test]
    fn a_han_character_is_one_em_wide() {
        let fonts = Fonts::load(None).unwrap();
        assert!((fonts.width("平仓", false, 10.0) - 20.0).abs() < 0.1);
        assert!(fonts.width("12", true, 10.0) < 13.0);
    }

    #[test]
    fn a_folder_of_fonts_is_bounded_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let said = || Fonts::load(Some(folder.path())).err().map_or_else(String::new, |problems| problems.to_string());
        std::fs::write(folder.path().join("a.ttf"), b"no font").unwrap();
        assert_eq!(said(), "");
        // a sparse file takes no room on disk and would take all of the memory
        std::fs::File::create(folder.path().join("b.otf")).unwrap().set_len(2 << 30).unwrap();
        assert!(said().contains("fonts of more than 1073741824 bytes"), "{}", said());
        std::fs::remove_file(folder.path().join("b.otf")).unwrap();
        let deep = (0..10).fold(folder.path().to_path_buf(), |path, _| path.join("d"));
        std::fs::create_dir_all(&deep).unwrap();
        assert!(said().contains("more than 8 folders deep"), "{}", said());
        std::fs::remove_dir_all(folder.path().join("d")).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/dev/zero", folder.path().join("c.ttf")).unwrap();
            assert!(said().contains("is no regular file"), "{}", said());
            std::fs::remove_file(folder.path().join("c.ttf")).unwrap();
            std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
            assert!(said().contains("8 folders deep"), "{}", said());
        }
    }
}
