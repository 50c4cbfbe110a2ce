//! Names what a change can come from, in both languages.

use super::Text;
use crate::model::part::Words;
use crate::model::split::Source;

const ENGINE: Words = Words("Engine", "程序版本");
const DATA: Words = Words("Data", "市场数据");
const BOOK: Words = Words("Book", "账簿");
const PARAMETERS: Words = Words("Parameters", "规则参数");
const MODEL: Words = Words("Market model", "市场模型");
const NOISE: Words = Words("Noise (seed, paths)", "抽样误差（种子与路径数）");

/// What a source is called.
pub fn name(text: &Text, source: Source) -> &'static str {
    text.get(match source {
        Source::Engine => ENGINE,
        Source::Data => DATA,
        Source::Book => BOOK,
        Source::Parameters => PARAMETERS,
        Source::Model => MODEL,
        Source::Noise => NOISE,
    })
}
