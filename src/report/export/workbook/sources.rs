//! Says where everything in a workbook comes from: the run, its data files, and of each table the file and the key that hold its figures.

use crate::model::part::Words;
use crate::report::document::block::{Block, Cell, Source, Table, Tone, figures, words};
use crate::report::document::{Section, cells};
use crate::report::facts::Facts;
use crate::report::names::short;
use crate::report::text::{Text, role, shared};

/// Of each section the key of `summary.json` and the files of the folder that hold what it shows; a file may be missing from a folder.
const HELD: [(&str, Source); 20] = [
    ("purpose", Source::of(&["programme.resolved.toml"], "name, as_of, currency, seed, programme_hash")),
    ("book", Source::of(&["accounts.parquet"], "")),
    ("lineage", Source::of(&["tables/lineage.csv", "tables/notes.csv"], "")),
    ("rules", Source::of(&["programme.resolved.toml"], "")),
    ("scenarios", Source::of(&["programme.resolved.toml"], "scenarios[]")),
    ("results", Source::of(&["tables/measures.csv"], "scenarios[].measures")),
    ("differences", Source::of(&["tables/differences.csv"], "scenarios[].difference")),
    ("change", Source::of(&["tables/changes.csv", "tables/differs.csv"], "scenarios[].change")),
    ("groups", Source::of(&["tables/measures.csv"], "scenarios[].measures")),
    ("firm", Source::of(&["tables/firm.csv", "tables/firm_losses.csv", "tables/firm_names.csv", "tables/stages.csv"], "firm")),
    ("worst", Source::of(&["accounts.parquet", "symbols.parquet"], "")),
    ("liquidity", Source::of(&["tables/measures.csv"], "scenarios[].measures")),
    ("pool", Source::of(&["tables/measures.csv"], "scenarios[].measures")),
    ("model-risk", Source::of(&["tables/model_risk.csv"], "model_risk[]")),
    ("reverse", Source::of(&[], "reverse[]")),
    ("model", Source::of(&[], "scenarios[].model")),
    ("limits", Source::of(&["tables/limits.csv"], "limits[]")),
    ("register", Source::of(&["tables/watches.csv", "tables/findings.csv"], "")),
    ("precision", Source::of(&["tables/measures.csv"], "scenarios[].measures")),
    ("signatures", Source::of(&["programme.resolved.toml"], "")),
];

pub const TITLE: Words = Words("Where the figures come from", "数据出处");
const RUN: Words = Words("The run", "本次运行");
const FILES: Words = Words("Data files that were read", "读入的数据文件");
const TABLES: Words = Words("Tables of this workbook", "本工作簿各表");
const PROGRAMME: Words = Words("Programme", "测试方案");
const AS_OF: Words = Words("As-of date", "基准日");
const CURRENCY: Words = Words("Currency", "币种");
const RUN_ID: Words = Words("Run", "运行编号");
const HASH: Words = Words("SHA-256 of programme.resolved.toml", "programme.resolved.toml 的 SHA-256");
const VERSION: Words = Words("Program", "程序版本");
const SEED: Words = Words("Seed", "随机种子");
const PATHS_BASE: Words = Words("Paths of the base", "基准情景路径数");
const HEAD_FILE: Words = Words("File", "文件");
const HEAD_ROLE: Words = Words("Input", "数据");
const HEAD_ROWS: Words = Words("Rows", "行数");
const HEAD_USED: Words = Words("Used", "采用");
const HEAD_REJECTED: Words = Words("Rejected", "剔除");
const HEAD_PASSED_OVER: Words = Words("Passed over", "跳过");
const HEAD_SHEET: Words = Words("Sheet", "工作表");
const HEAD_TABLE: Words = Words("Table", "表");
const HEAD_FILES: Words = Words("Files of the report folder", "报告文件夹中的文件");
const HEAD_KEY: Words = Words("Key in summary.json", "summary.json 中的键");
const HEAD_MEASURES: Words = Words("Measures of its columns, in order; * is any", "各列指标（按顺序，* 表示任意）");
const NOTE: Words = Words(
    "Figures are not rounded: a format shows as many digits as the report. Amounts are in the unit of their head or cell, per cent are fractions with a format. A figure that every path shows alike has no standard error; the far end of its interval stands beside it.",
    "数值未作舍入，显示位数与报告一致。金额单位见表头或单元格，百分比以小数存储、按百分比显示。所有路径结果相同的数值没有标准误，其区间另一端列于旁边。",
);

/// What a section says of its tables.
pub fn section(slug: &str) -> Source {
    HELD.iter().find(|(own, _)| *own == slug).map_or(Source::default(), |(_, source)| *source)
}

/// Where a table comes from, in a folder that has these files; one that is to be filled by hand from nowhere.
fn of(place: &Placed<'_>, has: &dyn Fn(&str) -> bool) -> (Vec<&'static str>, &'static str) {
    let source = if place.table.tall { Source::default() } else { place.table.source.unwrap_or(section(place.slug)) };
    (source.files.iter().copied().filter(|file| has(file)).collect(), source.key)
}

/// A table of the workbook: the sheet it stands on, itself, and where it comes from.
pub struct Placed<'t> {
    pub sheet: String,
    pub slug: &'t str,
    pub table: &'t Table,
}

/// The tables of a section.
pub fn tables(section: &Section) -> impl Iterator<Item = &Table> {
    section.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    })
}

/// The tables of the sheet of sources.
pub fn sheet(text: &Text, facts: &Facts<'_>, placed: &[Placed<'_>], has: &dyn Fn(&str) -> bool) -> [Table; 3] {
    [run(text, facts), files(text, facts), places(text, placed, has)]
}

fn run(text: &Text, facts: &Facts<'_>) -> Table {
    let programme = facts.programme;
    let row = |word: Words, cell: Cell| vec![text.get(word).into(), cell];
    let mut rows = vec![
        row(PROGRAMME, programme.name.clone().into()),
        row(AS_OF, programme.as_of.to_string().into()),
        row(CURRENCY, programme.currency.clone().into()),
        row(RUN_ID, Cell::toned(short(&facts.programme_hash), Tone::Code)),
        row(HASH, Cell::toned(&facts.programme_hash, Tone::Code)),
        row(VERSION, concat!("Levertide ", env!("CARGO_PKG_VERSION")).into()),
        // a seed may have more digits than a spreadsheet keeps of a number
        row(SEED, programme.seed.to_string().into()),
    ];
    rows.extend(facts.scenarios.first().map(|base| row(PATHS_BASE, cells::count(base.paths))));
    let columns = vec![words(text.get(shared::HEAD_ITEM), 1), words(text.get(shared::HEAD_VALUE), 1)];
    Table { caption: text.get(RUN).into(), columns, rows, note: Some(text.get(NOTE).into()), ..Table::default() }
}

fn files(text: &Text, facts: &Facts<'_>) -> Table {
    let rows = facts.lineage.iter().map(|f| {
        let counts = [f.rows, f.used, f.rejected, f.passed_over].map(cells::count);
        let mut row: Vec<Cell> = vec![role::name(text, &f.role).into(), f.path.as_str().into()];
        row.extend(counts);
        row.push(Cell::toned(&f.sha256, Tone::Code));
        row
    });
    let mut columns = vec![words(text.get(HEAD_ROLE), 1), words(text.get(HEAD_FILE), 1)];
    columns.extend([HEAD_ROWS, HEAD_USED, HEAD_REJECTED, HEAD_PASSED_OVER].map(|head| figures(text.get(head), "")));
    columns.push(words("SHA-256", 1));
    Table { caption: text.get(FILES).into(), columns, rows: rows.collect(), ..Table::default() }
}

fn places(text: &Text, placed: &[Placed<'_>], has: &dyn Fn(&str) -> bool) -> Table {
    let rows = placed.iter().map(|place| {
        let (files, key) = of(place, has);
        let measures: Vec<&str> = place.table.columns.iter().filter_map(|column| column.measure.as_deref()).collect();
        let listed = |items: Vec<&str>| items.join(", ");
        [place.sheet.clone(), place.table.caption.clone(), listed(files), key.to_string(), listed(measures)].map(Cell::from).to_vec()
    });
    let heads = [HEAD_SHEET, HEAD_TABLE, HEAD_FILES, HEAD_KEY, HEAD_MEASURES];
    let columns = heads.map(|head| words(text.get(head), 1)).to_vec();
    Table { caption: text.get(TABLES).into(), columns, rows: rows.collect(), ..Table::default() }
}
