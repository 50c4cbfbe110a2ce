//! Writes `charts/`: each chart as SVG and as PNG.

use super::{Export, Results};
use crate::problem::Problems;
use crate::report::folder::Claim;
use crate::report::names::file_name;

pub const EXPORT: Export = Export { name: "charts/", write };

fn write(results: &Results<'_>, claim: &mut Claim) -> Result<(), Problems> {
    for chart in results.charts {
        // a slug may carry a scenario's name
        let stem = file_name(&chart.slug);
        claim.write(&format!("charts/{stem}.svg"), chart.svg.as_bytes())?;
        claim.write(&format!("charts/{stem}.png"), &chart.png)?;
    }
    Ok(())
}
