"use strict";
/* charts(stamps): draws line pictures into the figures of the page, at the width that they have there */
const charts = (stampsOfPage) => {
  const figures = new Map([...document.querySelectorAll("[data-chart]")].map((figure) => [figure.dataset.chart, figure]));
  const shown = new Map();
  const foot = 32, side = 4;

  const number = (value) => {
    const size = Math.abs(value);
    if (size !== 0 && (size >= 1e7 || size < 1e-4)) {
      const [factor, order] = value.toExponential(3).split("e");
      return `${factor}×10${[...order.replace("+", "")].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("")}`;
    }
    return value.toLocaleString("en-GB", size >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 });
  };
  const element = (tag, attributes, parent, text = "") => {
    const made = parent.appendChild(document.createElementNS("http://www.w3.org/2000/svg", tag));
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };

  /* where things stand in a picture of this width */
  const frame = ({ length, up, room, height: tall }, width) => {
    const height = Math.round(tall * (width < 500 ? 0.77 : 1.07)), last = Math.max(1, length - 1);
    const left = 2 * side + 7 * Math.max(0, ...up.ticks.map(([, label]) => label.length)), right = width - side;
    const share = (v) => (up.log ? (Math.log(v) - Math.log(up.low)) / (Math.log(up.high) - Math.log(up.low)) : (v - up.low) / (up.high - up.low));
    const x = (at) => left + (length === 1 ? 0.5 : (Math.min(at, last) + room) / (last + 2 * room)) * (right - left);
    const nearest = (px) => Math.min(last, Math.max(0, Math.round(((Math.min(Math.max(px, left), right) - left) / (right - left)) * (last + 2 * room) - room)));
    const anchor = (at) => (x(at) < left + 30 ? "start" : x(at) > right - 30 ? "end" : "middle");
    return { left, right, height, bottom: height - foot, x, y: (v) => (1 - share(v)) * (height - foot), nearest, anchor };
  };
  const drawAxes = (svg, { up, across, cutoff }, at) => {
    if (cutoff !== null) {
      const from = at.x(Math.max(0, cutoff));
      element("rect", { class: "field", x: from, y: 0, width: at.right - from, height: at.bottom }, svg);
    }
    for (const [value, label] of up.ticks) {
      element("path", { class: "grid", d: `M${at.left} ${at.y(value)}H${at.right}` }, svg);
      element("text", { x: 0, y: at.y(value) + 4 }, svg, label);
    }
    const every = Math.ceil((across.length * 76) / (at.right - at.left));
    across.filter((_, i) => i % every === 0).forEach(([place, label]) =>
      element("text", { x: at.x(place), y: at.bottom + 20, "text-anchor": at.anchor(place) }, svg, label));
  };
  const drawLine = (svg, [ink, , start, values], at) => {
    const known = values.filter((v) => v !== null).length, radius = known === 1 ? 4.5 : 2.75;
    let path = "", down = false;
    values.forEach((v, i) => {
      if (v !== null) {
        const [x, y] = [at.x(start + i).toFixed(1), at.y(v).toFixed(1)];
        path += down ? `L${x} ${y}` : `M${x} ${y}h0`;
        if (known <= 12) element("circle", { class: ink, cx: x, cy: y, r: radius }, svg);
      }
      down = v !== null;
    });
    element("path", { class: `line ${ink}`, d: path }, svg);
  };
  const drawBars = (svg, { lines: [[ink, , , values]], below }, at) => {
    const width = Math.max(1, 0.7 * (at.x(1) - at.x(0))), zero = at.y(0);
    values.forEach((v, i) => {
      if (v === null) return;
      const y = at.y(v), box = { x: at.x(i) - width / 2, y: Math.min(y, zero), width, height: Math.max(0.5, Math.abs(y - zero)) };
      element("rect", { class: `bar ${v < 0 ? below : ink}`, ...box }, svg);
    });
    element("path", { class: "zero", d: `M${at.left} ${zero}H${at.right}` }, svg);
  };
  const drawBand = (svg, [low, mean, high], at) => {
    const across = { x: at.left, width: at.right - at.left };
    if (low !== null && high !== null) element("rect", { class: "band", y: at.y(high), height: at.y(low) - at.y(high), ...across }, svg);
    element("path", { class: "mean", d: `M${at.left} ${at.y(mean)}H${at.right}` }, svg);
  };
  const drawMark = (svg, chart, at) => {
    const value = chart.lines[0][3][chart.mark];
    if (value === null) return;
    const x = at.x(chart.mark), y = at.y(value);
    element("circle", { class: "mark candidate", cx: x, cy: y, r: 6 }, svg);
    element("text", { x, y: y - 14, "text-anchor": at.anchor(chart.mark) }, svg, `best at step ${chart.stamps[chart.mark]}`);
  };

  /* the values under the pointer, in the legend; without a pointer, from when to when */
  const read = (name, place) => {
    const chart = shown.get(name), outputs = [...figures.get(name).querySelectorAll("output")];
    outputs.at(-1).textContent = place === null ? chart.reach : chart.unit + chart.stamps[place];
    chart.lines.forEach(([, , start, values], i) => {
      const value = place === null ? null : values[place - start] ?? null;
      outputs[i].textContent = value === null ? "" : number(value);
    });
  };
  const draw = (name) => {
    const chart = shown.get(name), plot = figures.get(name).querySelector(".plot"), width = plot.clientWidth;
    if (!width) return;
    const at = frame(chart, width);
    plot.setAttribute("aria-label", `${chart.title}, ${chart.reach}`);
    plot.replaceChildren();
    const svg = element("svg", { class: "drawn", viewBox: `0 0 ${width} ${at.height}`, "aria-hidden": "true" }, plot);
    drawAxes(svg, chart, at);
    if (chart.below !== null) drawBars(svg, chart, at);
    else for (const line of [...chart.lines].reverse()) drawLine(svg, line, at);
    if (chart.band !== null) drawBand(svg, chart.band, at);
    if (chart.mark !== null) drawMark(svg, chart, at);
    const hair = element("path", { class: "hair" }, svg);
    plot.onpointermove = !chart.length ? null : (event) => {
      const place = at.nearest(event.clientX - plot.getBoundingClientRect().left);
      read(name, place);
      hair.setAttribute("d", `M${at.x(place)} 0V${at.bottom}`);
    };
    plot.onpointerleave = () => { read(name, null); hair.removeAttribute("d"); };
  };
  const writeLegend = (name) => {
    const legend = figures.get(name).querySelector(".legend"), when = legend.lastElementChild;
    const entry = ([ink, label], shows) => {
      const item = document.createElement("li"), key = element("svg", { viewBox: "0 0 22 8", "aria-hidden": "true" }, item);
      element("path", { d: "M1 4H21" }, key);
      item.className = ink;
      item.append(label + " ", ...(shows ? [document.createElement("output")] : []));
      return item;
    };
    const { lines, keys } = shown.get(name);
    legend.replaceChildren(...lines.map((line) => entry(line, true)), ...keys.map((key) => entry(key, false)), when);
    read(name, null);
  };

  const widths = new Map();
  const watch = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      if (widths.get(target) !== contentRect.width) draw(target.closest("figure").dataset.chart);
      widths.set(target, contentRect.width);
    }
  });
  return (name, chart) => {
    if (!figures.has(name)) return;
    const stamps = chart.stamps.flatMap(([from, many]) => stampsOfPage.slice(from, from + many));
    shown.set(name, { ...chart, stamps, length: stamps.length });
    writeLegend(name);
    draw(name);
    watch.observe(figures.get(name).querySelector(".plot"));
  };
};
