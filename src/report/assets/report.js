"use strict";
// A click on a head sorts its table: up, down, and back to the order of the report.
for (const table of document.querySelectorAll("main table")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 3) continue;
  const order = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, at) => {
    const text = row.cells[at].textContent.trim();
    if (!heads[at].classList.contains("right")) return text;
    const found = text.replace(/,/g, "").replace(/\u2212/g, "-").match(/-?\d+(\.\d+)?/);
    return found ? Number(found[0]) : null;
  };
  const compare = (a, b) =>
    typeof a === "number" ? a - b : a.localeCompare(b, document.documentElement.lang, { numeric: true });
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const next = { ascending: "descending", descending: "" }[head.getAttribute("aria-sort")] ?? "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      if (!next) {
        body.append(...order);
        return;
      }
      head.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const rows = order.map((row) => [value(row, at), row]);
      // what has no figure stands last either way
      rows.sort((a, b) => (a[0] === null) - (b[0] === null) || (a[0] === null ? 0 : sign * compare(a[0], b[0])));
      body.append(...rows.map((pair) => pair[1]));
    });
  });
}
