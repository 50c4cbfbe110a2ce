//! Writes `report.pdf` and the editions that are asked for, which are set already.

use super::Export;
use crate::report::document::cuts;

pub const EXPORT: Export = Export {
    name: "report.pdf",
    write: |results, claim| {
        claim.write("report.pdf", results.pdf)?;
        results.editions.iter().try_for_each(|(cut, pdf)| claim.write(&format!("{}.pdf", cuts::stem(*cut)), pdf))
    },
};
