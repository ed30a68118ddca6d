"use strict";
/* picks, filters and sorts the series */
(() => {
  const page = JSON.parse(document.getElementById("page-data").textContent);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const [bar, select, filter, table] = [".picker", "#series", "#filter", "#rows"].map((s) => document.querySelector(s));
  const show = charts(page.stamps), more = document.querySelector(".more"), shownRows = 25;
  let picked = 0, folded = table !== null && table.tBodies[0].rows.length > shownRows;

  const pick = (place) => {
    picked = place;
    const series = page.series[place];
    show("forecast", series.forecast);
    show("test", series.test);
    for (const title of all(".picked")) title.textContent = series.id;
    const note = document.querySelector(".fallback");
    note.hidden = !series.note;
    note.lastElementChild.textContent = series.note;
    select.value = String(place);
    for (const row of all("#rows tbody tr")) {
      row.ariaCurrent = String(row.querySelector("button")?.dataset.place === String(place));
    }
  };
  /* picked from the table or below it: back to where the pictures are */
  const reveal = () => {
    const inSight = all("[data-chart=forecast], [data-chart=test]").some((figure) => {
      const { top, bottom } = figure.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    if (!inSight) document.getElementById("forecast").scrollIntoView({ block: "start" });
  };
  /* a long table shows its first rows; what is searched for is shown whole */
  const fold = () => {
    const short = folded && !filter.value.trim();
    table.classList.toggle("short", short);
    more.hidden = !short;
  };
  const step = (by) => {
    const places = all("option", select).map((option) => Number(option.value));
    const next = places[(places.indexOf(picked) + by + places.length) % places.length];
    if (next === undefined) return;
    pick(next);
    reveal();
  };
  const narrow = () => {
    const wanted = filter.value.trim().toLowerCase(), fits = (id) => id.toLowerCase().includes(wanted);
    const places = page.series.map((_, place) => place).filter((place) => fits(page.series[place].id));
    select.replaceChildren(...places.map((place) => new Option(page.series[place].id, place)));
    const rows = all("tbody tr", table);
    for (const row of rows) row.hidden = !fits(row.querySelector(".pick").textContent);
    fold();
    const matches = document.querySelector(".matches"), left = rows.filter((row) => !row.hidden).length;
    matches.hidden = !wanted;
    matches.textContent = `${left} of ${rows.length} series match “${filter.value.trim()}”.`;
    if (places.includes(picked)) select.value = String(picked);
    else if (places.length) pick(places[0]);
  };
  const sort = (head) => {
    const column = head.cellIndex, down = head.getAttribute("aria-sort") === "ascending";
    const value = (row) => {
      const raw = row.cells[column].dataset.value;
      return raw === undefined ? row.cells[column].textContent.trim().toLowerCase() : raw === "" ? null : Number(raw);
    };
    const before = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
    const keyed = all("tbody tr", table).map((row) => [value(row), row]);
    /* what has no number stays at the end either way */
    keyed.sort(([a], [b]) => (a === null) - (b === null) || (a === null ? 0 : before(a, b) * (down ? -1 : 1)));
    table.tBodies[0].append(...keyed.map(([, row]) => row));
    for (const other of all("thead tr:last-child th", table)) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  for (const name of ["differences", "origin_losses", "steps", "loss"]) if (page[name]) show(name, page[name]);
  if (page.series.length) pick(0);
  for (const head of table ? all("thead tr:last-child th", table) : []) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.onclick = () => sort(head);
  }
  if (table && page.series.length > 1) {
    bar.hidden = false;
    /* from the first scroll on the picker stays at hand below the pictures, which stand before it */
    addEventListener("scroll", () => bar.classList.add("docked"), { once: true, passive: true });
    narrow();
    select.onchange = () => { pick(Number(select.value)); reveal(); };
    more.onclick = () => { folded = false; fold(); };
    filter.oninput = narrow;
    for (const button of all("[data-step]")) button.onclick = () => step(Number(button.dataset.step));
    document.addEventListener("keydown", (event) => {
      const free = event.target === document.body || event.target.matches(".picker button");
      if (free && event.key === "ArrowLeft") step(-1);
      if (free && event.key === "ArrowRight") step(1);
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button.pick") ?? event.target.closest("#rows tbody tr")?.querySelector("button.pick");
      if (!button) return;
      pick(Number(button.dataset.place));
      document.getElementById("forecast").scrollIntoView({ block: "start" });
    });
  }
})();
