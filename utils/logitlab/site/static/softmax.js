// The softmax picture of lab 01, without a kernel: sliders for the logits and for a number c that is added to each.
// It takes the place of the static figure. Where no script runs, the figure stays.
"use strict";

function softmax(z) {
  const largest = Math.max(...z);
  const e = z.map((value) => Math.exp(value - largest));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((value) => value / sum);
}

function node(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "rect", "line", "path", "text", "tspan", "defs", "pattern", "circle"].includes(name);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function letter(name, k) {
  return [name, node("tspan", { dy: 4, "font-size": "10px" }, String(k))];
}

// A class has a colour and a hatch, as in the notebook's figures; signs as Matplotlib has them.
function hatch(id, signs) {
  const pattern = node("pattern", { id, width: 10, height: 10, patternUnits: "userSpaceOnUse" });
  if (signs.includes("/") || signs.includes("x")) pattern.append(node("path", { d: "M-1 1 1 -1M0 10 10 0M9 11 11 9" }));
  if (signs.includes("x")) pattern.append(node("path", { d: "M-1 9 1 11M0 0 10 10M9 -1 11 1" }));
  if (signs.includes(".")) pattern.append(node("circle", { cx: 5, cy: 5, r: 1, stroke: "none" }));
  pattern.setAttribute("class", "hatch");
  return pattern;
}

// A panel of bars: returns the drawing and the function that draws it anew.
function bars(title, name, low, high, ticks, digits, look, ids) {
  const [width, height, left, top, bottom] = [330, 250, 34, 26, 24];
  const y = (value) => top + ((high - value) / (high - low)) * (height - top - bottom);
  const step = (width - left) / look.colors.length;
  const drawing = node("g");
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg.append(node("defs", {}, ...look.hatches.map((signs, k) => hatch(`${ids}-${k}`, signs))));
  svg.append(node("text", { x: 0, y: 14, class: "title" }, title));
  svg.append(node("path", { d: `M${left} ${top}V${height - bottom}H${width}M${left} ${y(0)}H${width}`, class: "axis" }));
  for (const tick of ticks) {
    svg.append(node("path", { d: `M${left - 4} ${y(tick)}H${left}`, class: "axis" }));
    svg.append(node("text", { x: left - 7, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
  }
  look.colors.forEach((_, k) => {
    const x = left + (k + 0.5) * step;
    svg.append(node("text", { x, y: height - 7, "text-anchor": "middle" }, ...letter(name, k)));
  });
  svg.append(drawing);

  function draw(values, before) {
    drawing.replaceChildren();
    values.forEach((value, k) => {
      const x = left + k * step + 0.1 * step;
      const place = { x, width: 0.8 * step, y: y(Math.max(value, 0)), height: Math.abs(y(value) - y(0)) };
      drawing.append(node("rect", { ...place, fill: look.colors[k], "data-value": value }));
      drawing.append(node("rect", { ...place, fill: `url(#${ids}-${k})` }));
      if (before) drawing.append(node("path", { d: `M${x - 3} ${y(before[k])}h${0.8 * step + 6}`, class: "before" }));
      const beyond = y(value) + (value < 0 ? 15 : -5);
      drawing.append(node("text", { x: x + 0.4 * step, y: beyond, "text-anchor": "middle" }, value.toFixed(digits)));
    });
    svg.setAttribute("aria-label", `${title}: ${values.map((value) => value.toFixed(digits)).join(", ")}`);
  }
  return [svg, draw];
}

function list(classes) {
  const [last, ...others] = [...classes].reverse();
  return others.length ? `Classes ${others.reverse().join(", ")} and ${last}` : `Class ${last}`;
}

// What the picture shows, in words.
function words(z, c, p) {
  const largest = Math.max(...z);
  const winners = [...z.keys()].filter((k) => z[k] === largest);
  const rest = z.filter((value) => value < largest);
  const share = p[winners[0]].toFixed(3);
  const have = winners.length === 1 ? "has" : "share";
  const said = [`${list(winners)} ${have} the largest logit, and the largest probability: ${p[winners[0]].toFixed(3)}.`];
  if (rest.length) {
    const second = z.indexOf(Math.max(...rest));
    const gap = largest - z[second];
    const times = Math.exp(gap);
    const shown = times < 1000 ? times.toPrecision(3) : times.toExponential(1);
    said.push(`The gap to class ${second}, the next, is ${gap.toFixed(1)}, so class ${winners[0]} is ` +
      `exp(${gap.toFixed(1)}) = ${shown} times as probable.`);
  } else {
    said.push("Nothing tells the classes apart.");
  }
  if (c !== 0) {
    said.push(`c has moved all logits by ${c.toFixed(1)}, away from the dashed lines. The probabilities have not moved.`);
  }
  return said.join(" ");
}

function picture(figure) {
  const look = JSON.parse(figure.dataset.picture);
  const names = [...look.start.map((_, k) => `z${k}`), "c"];
  const starts = [...look.start, 0];
  const sliders = names.map((name, k) => {
    const range = { type: "range", min: -look.region, max: look.region, step: 0.1, value: starts[k], name };
    return node("input", range);
  });
  // Not an <output>: it would be read out at every step. The slider says its value itself.
  const values = names.map(() => node("span", { class: "value", "aria-hidden": "true" }));
  const labels = names.map((name, k) => {
    const text = name === "c" ? ["shift c"] : ["z", node("sub", {}, String(k))];
    return node("label", {}, node("span", {}, ...text), sliders[k], values[k]);
  });
  const high = 2.2 * look.region;
  const [logits, drawLogits] =
    bars("logits, z + c", "z", -high, high, [-20, -15, -10, -5, 0, 5, 10, 15, 20], 1, look, "logits");
  const [probabilities, drawProbabilities] =
    bars("probabilities, softmax(z + c)", "p", 0, 1.1, [0, 0.2, 0.4, 0.6, 0.8, 1], 3, look, "probabilities");
  probabilities.classList.add("probabilities");
  const said = node("p", { class: "said", role: "status" });
  const caption = node("figcaption", {}, "This picture moves here too: in your browser, without a kernel.");
  const again = node("button", { type: "button" }, "Back to the start");

  function draw() {
    const numbers = sliders.map((slider) => Number(slider.value));
    const [z, c] = [numbers.slice(0, -1), numbers.at(-1)];
    const moved = z.map((value) => value + c);
    const p = softmax(moved);
    values.forEach((value, k) => { value.textContent = numbers[k].toFixed(1); });
    drawLogits(moved, c === 0 ? null : z);
    drawProbabilities(p, c === 0 ? null : softmax(z));
    return words(z, c, p);
  }
  // Draw with each step; put it into words when the slider rests, so that a screen reader is not flooded.
  function tell() { said.textContent = draw(); }
  for (const slider of sliders) {
    slider.addEventListener("input", draw);
    slider.addEventListener("change", tell);
  }
  again.addEventListener("click", () => {
    sliders.forEach((slider, k) => { slider.value = starts[k]; });
    tell();
  });
  const group = node("div", { class: "sliders", role: "group", "aria-label": "The logits, and a number added to all" });
  group.append(...labels);
  figure.replaceChildren(group, node("div", { class: "panels" }, logits, probabilities), said, again, caption);
  tell();
}

document.querySelectorAll("figure.live").forEach(picture);
