//! Tells what a file is by its first bytes, never by its name: text, gzip, Zstandard, Parquet, Arrow or a workbook.
//!
//! The ending of a name only admits a file: what brokers export under `.xls` is often tab-separated text, and a `.csv` may be
//! packed. What the bytes are in truth is read, and a note says so where the name says another.

use super::unpack;
use super::workbook::Kind as Workbook;
use crate::model::lineage::Note;
use crate::problem::{Kind, Place, Problem};

/// Why a file of another ending is not read.
pub const WHY: &str = "a table is a CSV file (also .gz or .zst), Parquet, Arrow, or a sheet of .xlsx, .xls or .ods";

/// The form of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Csv,
    Parquet,
    Arrow,
    Workbook(Workbook),
}

/// What the ending of a name says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    Text,
    Packed,
    Parquet,
    Arrow,
    Workbook(Workbook),
}

/// A file whose form is known.
pub struct Settled {
    pub form: Form,
    pub bytes: Vec<u8>,
    pub note: Option<Note>,
}

/// What the ending of a path says; else what is wrong with it, and what to do.
pub fn named(written: &str) -> Result<Named, (String, &'static str)> {
    const EXPORT: &str = "export it as .csv, .xlsx or .parquet";
    let lower = written.trim().to_ascii_lowercase();
    match lower.rsplit(['/', '\\']).next().and_then(|name| name.rsplit_once('.')).map(|(_, ext)| ext) {
        Some("csv" | "tsv" | "txt") => Ok(Named::Text),
        Some("gz" | "zst" | "zstd") => Ok(Named::Packed),
        Some("parquet" | "pq") => Ok(Named::Parquet),
        Some("arrow" | "feather" | "ipc") => Ok(Named::Arrow),
        Some("xlsx" | "xlsm") => Ok(Named::Workbook(Workbook::Xlsx)),
        Some("xls" | "et") => Ok(Named::Workbook(Workbook::Xls)),
        Some("ods") => Ok(Named::Workbook(Workbook::Ods)),
        Some("zip" | "bz2" | "xz" | "7z" | "rar" | "tar" | "tgz") => {
            Err(("is an archive".into(), "unpack it and write the path of the table in it"))
        }
        Some("xlsb" | "numbers" | "wk1") => Err(("is a workbook of another kind".into(), "save it as .xlsx and write that path")),
        Some(ext) => Err((format!("has the extension `.{ext}`"), EXPORT)),
        None if lower.is_empty() => Err(("is an empty path".into(), "write the path of a file, or leave the key out")),
        None => Err(("has no extension".into(), "name it .csv, .xlsx or .parquet after its form")),
    }
}

/// What the first bytes say.
enum Magic {
    Form(Form),
    Gzip,
    Zstd,
    /// Not read: what it is, and what to do.
    Foreign(&'static str, &'static str),
    Text,
}

fn magic(bytes: &[u8]) -> Magic {
    const UNPACK: &str = "unpack it and write the path of the table in it";
    const SAVE: &str = "open it in a spreadsheet and save it as .xlsx, or as CSV UTF-8";
    const ARROW: &str = "write it as an Arrow file (Feather version 2), or as Parquet";
    match bytes {
        [0x1f, 0x8b, ..] => Magic::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Magic::Zstd,
        [b'P', b'A', b'R', b'1', ..] => Magic::Form(Form::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Magic::Form(Form::Arrow),
        [b'F', b'E', b'A', b'1', ..] => Magic::Foreign("is a Feather file of version 1", ARROW),
        [0xff, 0xff, 0xff, 0xff, ..] => Magic::Foreign("is a stream of Arrow batches", ARROW),
        [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => {
            let word: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
            match bytes.windows(word.len()).any(|window| window == word) {
                true => Magic::Foreign("is protected by a password", "save it without one"),
                false => Magic::Form(Form::Workbook(Workbook::Xls)),
            }
        }
        [b'P', b'K', 3 | 5 | 7, ..] => match Workbook::of_archive(bytes) {
            Some(kind) => Magic::Form(Form::Workbook(kind)),
            None => Magic::Foreign("is an archive, and no workbook lies in it", UNPACK),
        },
        [b'B', b'Z', b'h', ..] | [0xfd, b'7', b'z', b'X', b'Z', ..] | [b'7', b'z', 0xbc, 0xaf, ..] | [b'R', b'a', b'r', b'!', ..] => {
            Magic::Foreign("is compressed in a way that is not read", UNPACK)
        }
        [b'%', b'P', b'D', b'F', ..] => Magic::Foreign("is a PDF document", "export the table as .csv or .xlsx"),
        _ if bytes.get(257..262) == Some(b"ustar") => Magic::Foreign("is an archive", UNPACK),
        _ => {
            let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes).trim_ascii_start();
            let head = text[..text.len().min(16)].to_ascii_lowercase();
            match ["<!doctype", "<html", "<table", "<?xml", "<head", "<meta"].iter().any(|tag| head.starts_with(tag.as_bytes())) {
                true => Magic::Foreign("is a web page or XML, whatever its name says", SAVE),
                false => Magic::Text,
            }
        }
    }
}

/// The form of a file and its bytes, unpacked where it is compressed.
pub fn settle(file: &str, named: Named, bytes: Vec<u8>) -> Result<Settled, Problem> {
    let problem = |what: &str, why: &str, fix: &str| Problem::new(Kind::Data, Place::file(file), what, why, fix);
    let (packed, bytes) = match magic(&bytes) {
        Magic::Gzip => (true, unpack::gzip(file, &bytes)?),
        Magic::Zstd => (true, unpack::zstandard(file, &bytes)?),
        _ => (false, bytes),
    };
    if bytes.is_empty() {
        return Err(problem("unpacks to nothing", "a table has a header and at least one row", "export the file again"));
    }
    let form = match magic(&bytes) {
        Magic::Gzip | Magic::Zstd => return Err(problem("is compressed twice", "one packing is undone", "unpack it once")),
        Magic::Foreign(what, fix) => return Err(problem(what, WHY, fix)),
        Magic::Form(form) => form,
        Magic::Text => match named {
            // binary forms have a mark in front: without it the file is damaged, and its reader says so
            Named::Parquet if !packed => Form::Parquet,
            Named::Arrow if !packed => Form::Arrow,
            Named::Workbook(kind @ (Workbook::Xlsx | Workbook::Ods)) if !packed => Form::Workbook(kind),
            _ => Form::Csv,
        },
    };
    let expected = match named {
        Named::Text => matches!(form, Form::Csv) && !packed,
        Named::Packed => packed,
        Named::Parquet => form == Form::Parquet,
        Named::Arrow => form == Form::Arrow,
        Named::Workbook(kind) => form == Form::Workbook(kind),
    };
    let (en, zh) = match form {
        Form::Csv => ("text", "文本"),
        Form::Parquet => ("a Parquet file", "Parquet 文件"),
        Form::Arrow => ("an Arrow file", "Arrow 文件"),
        Form::Workbook(kind) => kind.name(),
    };
    let note = (!expected).then(|| {
        let (before, before_zh) = if packed { ("compressed, ", "压缩的") } else { ("", "") };
        Note::new(
            format!("{file}: told by its first bytes it is {before}{en}, whatever its name says, and is read so"),
            format!("{file}：按文件头识别为{before_zh}{zh}（与扩展名不符），照此读取"),
        )
    });
    Ok(Settled { form, bytes, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, bytes: &[u8]) -> Result<(Form, bool), String> {
        let named = named(name).map_err(|(what, _)| what)?;
        settle(name, named, bytes.to_vec()).map(|s| (s.form, s.note.is_some())).map_err(|p| p.what)
    }

    #[test]
    fn the_first_bytes_tell_the_form_and_a_name_that_says_another_is_noted() {
        assert_eq!(told("a.csv", b"a,b\n"), Ok((Form::Csv, false)));
        assert_eq!(told("a.xls", b"a\tb\n"), Ok((Form::Csv, true)));
        assert_eq!(told("a.csv", b"PAR1"), Ok((Form::Parquet, true)));
        assert_eq!(told("a.feather", b"ARROW1\0\0"), Ok((Form::Arrow, false)));
        assert_eq!(told("a.parquet", b"a,b\n"), Ok((Form::Parquet, false)), "damaged");
        assert_eq!(told("a.csv.gz", b"a,b\n"), Ok((Form::Csv, true)), "not packed");
        for (name, bytes, what) in [
            ("a.feather", &b"FEA1"[..], "version 1"),
            ("a.xls", b"\xef\xbb\xbf <html><table>", "web page"),
            ("a.xls", b"<?xml version=\"1.0\"?>", "XML"),
            ("a.xlsx", b"PK\x05\x06", "no workbook"),
            ("a.txt", b"%PDF-1.7", "PDF"),
            ("a.zip", b"", "archive"),
            ("a.xlsb", b"", "another kind"),
        ] {
            let said = told(name, bytes).unwrap_err();
            assert!(said.contains(what), "{said}");
        }
    }
}
