//! Writes `charts/`: each chart as SVG and as PNG.

use super::Export;
use crate::problem::Problems;
use crate::report::charts::Chart;
use crate::report::folder::Claim;
use crate::report::names::file_name;

pub const EXPORT: Export = Export { name: "charts/", write: |results, claim| write_charts(results.charts, claim) };

/// Writes charts of any folder.
pub fn write_charts(charts: &[Chart], claim: &mut Claim) -> Result<(), Problems> {
    for chart in charts {
        // a slug may carry a scenario's name
        let stem = file_name(&chart.slug);
        claim.write(&format!("charts/{stem}.svg"), chart.svg.as_bytes())?;
        claim.write(&format!("charts/{stem}.png"), &chart.png)?;
    }
    Ok(())
}
