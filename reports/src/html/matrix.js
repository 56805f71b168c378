"use strict";
// The matrix: sorting by column, and showing only rows that contain a text.
(() => {
  const table = document.getElementById("runs");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];
  const text = (row, column) => row.cells[column].textContent;

  const compare = (column, numeric) => (a, b) => {
    const [left, right] = [text(a, column), text(b, column)];
    // What has no number comes last, in either direction.
    if (numeric) return (left === "" ? Infinity : parseFloat(left)) - (right === "" ? Infinity : parseFloat(right)) || 0;
    return left < right ? -1 : left > right ? 1 : 0;
  };

  const sort = (column) => {
    const head = heads[column];
    const ascending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of heads) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const order = compare(column, head.classList.contains("number"));
    const empty = (row) => text(row, column) === "";
    const sorted = rows.filter((row) => !empty(row)).sort(order);
    if (!ascending) sorted.reverse();
    body.append(...sorted, ...rows.filter(empty));
  };
  heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => sort(column)));

  const filter = document.getElementById("filter");
  const shown = document.getElementById("shown");
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const content = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => content.includes(word));
      count += row.hidden ? 0 : 1;
    }
    shown.textContent = `${count} of ${rows.length}`;
  };
  filter.addEventListener("input", apply);
  apply();

  // A link to findings opens them.
  const open = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
