//! Turns bytes into text: UTF-8, UTF-16, GBK, Big5 or Windows-1252, as declared or told by the bytes; a guess is said.
//!
//! What is not UTF-8 is guessed by how the bytes beyond ASCII lie. Letters of Windows-1252 stand alone or in twos between Latin
//! letters (`M\xfcller`); Chinese comes in pairs. A file in which every such run is a pair inside a Latin word can be either and is
//! refused: `Gr\xf6\xdfe` is Größe, or Gr鲞e. Big5 is told from GBK by second bytes below 0xa1, which GBK has only in rare characters.

use crate::model::case::Encoding;
use crate::model::lineage::Note;
use crate::problem::{Kind, Place, Problem};
use encoding_rs::{BIG5, GB18030, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Second bytes of pairs below 0xa1, as a share, from which on a text is rather Big5 than GBK.
const BIG5_TRAILS: f64 = 0.15;

/// The text, and what has to be said of it.
pub fn decode(file: &str, mut bytes: Vec<u8>, declared: Encoding) -> Result<(String, Option<Note>), Problem> {
    if let Some((encoding, mark)) = utf16_of(&bytes, declared) {
        return utf16(file, &bytes, encoding, mark);
    }
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        let why = "text holds none; the file is binary, UTF-16 without a mark or damaged";
        return Err(problem(
            file,
            &bytes,
            at,
            "holds a zero byte".into(),
            why,
            "save it as CSV UTF-8, or set [data] encoding = \"utf-16\"",
        ));
    }
    let mark = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    bytes.drain(..mark);
    let declared_other = matches!(declared, Encoding::Gbk | Encoding::Big5 | Encoding::Windows1252);
    if !declared_other {
        bytes = match String::from_utf8(bytes) {
            Ok(text) if declared == Encoding::Auto && mark == 0 && is_yuan(&text) => return guess(file, text.as_bytes()),
            Ok(text) => return Ok((text, None)),
            Err(error) if declared == Encoding::Utf8 || mark > 0 => {
                let at = error.utf8_error().valid_up_to();
                let what = format!("byte {} is not UTF-8", at + mark);
                let why = "the file is declared or marked as UTF-8";
                let fix = "save it as CSV UTF-8, or set [data] encoding = \"gbk\", \"big5\" or \"windows-1252\", which it may be in truth";
                return Err(problem(file, error.as_bytes(), at, what, why, fix));
            }
            Err(error) => error.into_bytes(),
        };
    } else if mark > 0 {
        // a mark of UTF-8 before other text: the programme knows better, as long as the bytes agree
        bytes = match String::from_utf8(bytes) {
            Ok(text) => return Ok((text, None)),
            Err(error) => error.into_bytes(),
        };
    }
    match declared {
        Encoding::Gbk => strict(file, &bytes, GB18030, "GBK", mark).map(|text| (text, None)),
        Encoding::Big5 => strict(file, &bytes, BIG5, "Big5", mark).map(|text| (text, None)),
        Encoding::Windows1252 => strict(file, &bytes, WINDOWS_1252, "Windows-1252", mark).map(|text| (text, None)),
        _ => guess(file, &bytes),
    }
}

/// 元 in GBK is valid UTF-8, a letter that no table holds (U+052A): `cash(元)` over plain numbers says nothing else of its encoding.
fn is_yuan(text: &str) -> bool {
    text.contains('\u{52a}') && text.chars().all(|c| c.len_utf8() <= 2)
}

fn problem(file: &str, bytes: &[u8], at: usize, what: String, why: &str, fix: &str) -> Problem {
    let line = 1 + bytes[..at.min(bytes.len())].iter().filter(|b| **b == b'\n').count();
    Problem::new(Kind::Data, Place::file(file).line(line), what, why, fix)
}

fn guessed(file: &str, name: &str, key: &str) -> Option<Note> {
    Some(Note::new(
        format!("{file}: not UTF-8; its bytes are read as {name} ([data] encoding = \"{key}\" says so without a guess)"),
        format!("{file}：非 UTF-8 编码，按 {name} 读取（推断所得；可用 [data] encoding = \"{key}\" 明确指定）"),
    ))
}

fn strict(file: &str, bytes: &[u8], encoding: &'static encoding_rs::Encoding, name: &str, mark: usize) -> Result<String, Problem> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned()).ok_or_else(|| {
        let at = first_bad(bytes, encoding);
        let what = format!("byte {} is not {name}", at + mark);
        problem(file, bytes, at, what, "the file is declared to be written so", "save it as CSV UTF-8, or mend [data] encoding")
    })
}

fn guess(file: &str, bytes: &[u8]) -> Result<(String, Option<Note>), Problem> {
    let runs = Runs::of(bytes);
    let chinese = GB18030.decode_without_bom_handling_and_without_replacement(bytes);
    if runs.latin && runs.odd {
        let text = WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned();
        return Ok((text, guessed(file, "Windows-1252", "windows-1252")));
    }
    if runs.latin && chinese.is_some() {
        let at = bytes.iter().position(|b| *b >= 0x80).expect("it is not ASCII");
        let why = "read as Chinese it puts a character inside a Latin word, and read as Windows-1252 it holds letters with accents";
        let fix = "set [data] encoding = \"windows-1252\" or \"gbk\", or save it as CSV UTF-8";
        return Err(problem(file, bytes, at, "is GBK or Windows-1252, and its bytes do not tell which".into(), why, fix));
    }
    if runs.low_trails > BIG5_TRAILS
        && let Some(text) = BIG5.decode_without_bom_handling_and_without_replacement(bytes)
    {
        return Ok((text.into_owned(), guessed(file, "Big5", "big5")));
    }
    match chinese {
        Some(text) => Ok((text.into_owned(), guessed(file, "GBK", "gbk"))),
        None => {
            let at = first_bad(bytes, GB18030);
            let what = format!("byte {at} is neither UTF-8 nor GBK");
            let why = "without a declared encoding CSV files are read as UTF-8, UTF-16, GBK, Big5 or Windows-1252";
            Err(problem(file, bytes, at, what, why, "save it as CSV UTF-8, or set [data] encoding"))
        }
    }
}

/// How the bytes beyond ASCII lie.
struct Runs {
    /// Every run is one or two bytes long and touches a Latin letter.
    latin: bool,
    /// Some run has an odd length.
    odd: bool,
    /// Of the pairs that GBK would read, the share whose second byte lies below 0xa1.
    low_trails: f64,
}

impl Runs {
    fn of(bytes: &[u8]) -> Runs {
        let mut runs = Runs { latin: true, odd: false, low_trails: 0.0 };
        let (mut pairs, mut low) = (0usize, 0usize);
        let mut i = 0;
        while i < bytes.len() {
            if bytes[i] < 0x80 {
                i += 1;
                continue;
            }
            let start = i;
            while i < bytes.len() && bytes[i] >= 0x80 {
                i += 1;
            }
            let length = i - start;
            let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphabetic);
            let before = start.checked_sub(1).and_then(|at| bytes.get(at));
            let letters = bytes[start..i].iter().all(|b| *b >= 0xc0 || matches!(b, 0x8a | 0x8c | 0x8e | 0x9a | 0x9c | 0x9e | 0x9f));
            runs.latin &= length <= 2 && letters && (letter(before) || letter(bytes.get(i)));
            runs.odd |= length % 2 == 1;
        }
        let mut at = 0;
        while at + 1 < bytes.len() {
            if bytes[at] < 0x80 {
                at += 1;
                continue;
            }
            pairs += 1;
            low += usize::from(bytes[at + 1] < 0xa1);
            at += 2;
        }
        runs.low_trails = if pairs == 0 { 0.0 } else { low as f64 / pairs as f64 };
        runs
    }
}

/// The kind of UTF-16 a file is, by its mark, the declaration or the zeros between Latin letters, and the length of the mark.
fn utf16_of(bytes: &[u8], declared: Encoding) -> Option<(&'static encoding_rs::Encoding, usize)> {
    match bytes {
        [0xff, 0xfe, ..] => return Some((UTF_16LE, 2)),
        [0xfe, 0xff, ..] => return Some((UTF_16BE, 2)),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let half = head.len() / 2;
    let little = zeros(1) * 4 > half && zeros(0) == 0;
    let big = zeros(0) * 4 > half && zeros(1) == 0;
    match (little, big, declared) {
        (true, _, Encoding::Auto | Encoding::Utf16) => Some((UTF_16LE, 0)),
        (_, true, Encoding::Auto | Encoding::Utf16) => Some((UTF_16BE, 0)),
        (_, _, Encoding::Utf16) => Some((UTF_16LE, 0)),
        _ => None,
    }
}

fn utf16(file: &str, bytes: &[u8], encoding: &'static encoding_rs::Encoding, mark: usize) -> Result<(String, Option<Note>), Problem> {
    match encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]) {
        Some(text) => Ok((text.into_owned(), if mark == 0 { guessed(file, "UTF-16", "utf-16") } else { None })),
        None => {
            let fix = "export it again, or save it as CSV UTF-8";
            Err(problem(file, &[], 0, "is no whole UTF-16".into(), "half a character stands in it or at its end", fix))
        }
    }
}

/// Where decoding first fails.
fn first_bad(bytes: &[u8], encoding: &'static encoding_rs::Encoding) -> usize {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut out = vec![0u8; 4096];
    let mut at = 0;
    loop {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(&bytes[at..], &mut out, true);
        at += read;
        match result {
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(length, after) => return at.saturating_sub(usize::from(length) + usize::from(after)),
            encoding_rs::DecoderResult::InputEmpty => return at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], declared: Encoding) -> Result<(String, bool), String> {
        decode("a.csv", bytes.to_vec(), declared).map(|(text, note)| (text, note.is_some())).map_err(|p| p.to_string())
    }

    #[test]
    fn each_encoding_is_told_by_its_bytes() {
        let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
        let big5 = |text: &str| BIG5.encode(text).0.into_owned();
        let latin = |text: &str| WINDOWS_1252.encode(text).0.into_owned();
        let chinese = "客户号,层级,现金,融资余额\n万科A,甲,1,2\n";
        assert_eq!(read(chinese.as_bytes(), Encoding::Auto), Ok((chinese.into(), false)));
        assert_eq!(read(&gbk(chinese), Encoding::Auto), Ok((chinese.into(), true)));
        let units = "loan(千元),cash(元)\n1,2\n";
        assert_eq!(read(&gbk(units), Encoding::Auto), Ok((units.into(), true)), "valid UTF-8 that means nothing");
        let traditional = "客戶編號,證券代碼,持倉數量\n陳大文,600000,100\n";
        assert_eq!(read(&big5(traditional), Encoding::Auto), Ok((traditional.into(), true)));
        let german = "id,grade\nMüller,schön\nGröße,gut\n";
        assert_eq!(read(&latin(german), Encoding::Auto), Ok((german.into(), true)));
        assert!(read(&latin("id\nGröße\n"), Encoding::Auto).unwrap_err().contains("do not tell which"));
        assert_eq!(read(&latin("id\nGröße\n"), Encoding::Windows1252), Ok(("id\nGröße\n".into(), false)));
        for (mark, little) in [(&[0xff, 0xfe][..], true), (&[0xfe, 0xff][..], false), (&[][..], true)] {
            let units = "a,账户\n1,2\n".encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() });
            let bytes: Vec<u8> = mark.iter().copied().chain(units).collect();
            assert_eq!(read(&bytes, Encoding::Auto), Ok(("a,账户\n1,2\n".into(), mark.is_empty())));
        }
    }

    #[test]
    fn a_mark_before_other_text_yields_to_the_declaration() {
        let mut bytes = vec![0xef, 0xbb, 0xbf];
        bytes.extend(encoding_rs::GBK.encode("账户,数量\n").0.iter());
        assert!(read(&bytes, Encoding::Auto).unwrap_err().contains("byte 3 is not UTF-8"));
        assert_eq!(read(&bytes, Encoding::Gbk), Ok(("账户,数量\n".into(), false)));
    }
}
