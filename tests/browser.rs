//! Opens `report.html` in a real browser without a window, as wide as a desk and as a phone: nothing wider than the page, tables sort,
//! charts tell values.
//!
//! Needs Chromium (`chromium` on the path, or `LEVERTIDE_CHROMIUM`); without it the test says so and proves nothing.

use crate::cli::Desk;
use crate::support::json::{json, list};
use std::process::Command;

/// Loads the report in frames of both widths, looks, clicks, and leaves what it saw in its own page.
const HARNESS: &str = r#"<!DOCTYPE html><meta charset="utf-8"><pre id="seen"></pre><script>
const widths = [1400, 390];
const seen = [];
const rows = (table) => [...table.tBodies[0].rows].map((row) => row.cells[1].textContent);
for (const width of widths) {
  const frame = document.createElement("iframe");
  frame.style.cssText = `border:0;width:${width}px;height:900px`;
  frame.onload = () => {
    const page = frame.contentDocument;
    const table = [...page.querySelectorAll("main table")].find((t) =>
      t.tBodies[0].rows.length > 3 && t.tHead.rows[0].cells[1].classList.contains("right"));
    const before = rows(table);
    const button = table.querySelectorAll("th button")[1];
    const orders = [1, 2, 3].map(() => { button.click(); return rows(table); });
    seen.push({
      width, page: page.documentElement.scrollWidth, before, orders,
      tips: page.querySelectorAll("figure svg title").length,
      figures: page.querySelectorAll("figure svg").length,
      small: [...page.querySelectorAll("td, p, dd")].filter((e) => parseFloat(frame.contentWindow.getComputedStyle(e).fontSize) < 11).length,
    });
    if (seen.length === widths.length) document.getElementById("seen").textContent = JSON.stringify(seen);
  };
  frame.src = "r/report.html";
  document.body.append(frame);
}
</script>"#;

fn browser() -> Option<String> {
    let named = std::env::var("LEVERTIDE_CHROMIUM").ok();
    let known = named.into_iter().chain(["chromium", "chromium-browser", "google-chrome"].map(String::from));
    known.into_iter().find(|name| Command::new(name).arg("--version").output().is_ok_and(|said| said.status.success()))
}

/// The first figure of a cell.
fn number(cell: &str) -> f64 {
    let text = cell.replace(',', "").replace('−', "-");
    let from = text.find(|c: char| c.is_ascii_digit() || c == '-').expect("a figure");
    let end = text[from + 1..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |at| from + 1 + at);
    text[from..end].parse().expect("a number")
}

#[test]
fn the_page_fits_a_desk_and_a_phone_and_its_tables_sort() {
    let Some(browser) = browser() else {
        println!("NOT TESTED: no Chromium here; install it, or name it in LEVERTIDE_CHROMIUM");
        return;
    };
    let desk = Desk::new();
    desk.expect(0, &["run", "programme.toml", "--out", "r", "--quiet"]);
    desk.put("look.html", HARNESS);
    let profile = desk.path("profile");
    let flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                 --disable-component-update --disable-sync --allow-file-access-from-files --virtual-time-budget=10000 --dump-dom";
    let said = Command::new(browser)
        .args(flags.split_whitespace())
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", desk.path("look.html").display()))
        .output()
        .expect("it starts");
    let page = String::from_utf8_lossy(&said.stdout).into_owned();
    let seen = page.split_once("<pre id=\"seen\">").and_then(|(_, rest)| rest.split_once("</pre>")).map(|(seen, _)| seen);
    let seen = seen.filter(|seen| !seen.is_empty()).unwrap_or_else(|| panic!("the harness saw nothing: {page}"));
    desk.put("seen.json", &seen.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"));
    let seen = json(&desk, "seen.json");
    for look in list(&seen) {
        let width = look["width"].as_u64().expect("a width");
        assert!(look["page"].as_u64().expect("a width") <= width, "wider than its window: {look}");
        assert!(look["tips"].as_u64() > look["figures"].as_u64() && look["small"] == 0, "{look}");
        let cells = |order: &serde_json::Value| -> Vec<String> {
            list(order).iter().map(|cell| cell.as_str().expect("text").to_string()).collect()
        };
        let orders: Vec<Vec<String>> = list(&look["orders"]).iter().map(cells).collect();
        let numbers = |order: &[String]| -> Vec<f64> {
            order.iter().filter(|cell| cell.contains(|c: char| c.is_ascii_digit())).map(|cell| number(cell)).collect()
        };
        assert!(numbers(&orders[0]).windows(2).all(|pair| pair[0] <= pair[1]), "{orders:?}");
        assert!(numbers(&orders[1]).windows(2).all(|pair| pair[0] >= pair[1]), "{orders:?}");
        assert_eq!(orders[2], cells(&look["before"]), "a third click gives the report's order back");
    }
}
