// A chart of Vega-Lite in a figure with a title, a legend and words for those who do not see it.
import { parse, View } from "vega";
import { compile } from "vega-lite";
import { html } from "./dom.js";

const ink = "var(--ink)";
const quiet = "var(--quiet)";

const config = {
  background: null,
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: {
    labelColor: quiet,
    titleColor: quiet,
    gridColor: "var(--line)",
    domainColor: "var(--line)",
    tickColor: "var(--line)",
    titleFontWeight: "normal",
    labelFontSize: 12,
    titleFontSize: 12,
    // Every second label goes where there is no room, so that those that stay are evenly spaced.
    labelOverlap: "parity",
    labelSeparation: 8,
    labelFlush: false,
  },
  rule: { color: ink },
  legend: { labelColor: quiet, titleColor: quiet, titleFontWeight: "normal" },
};

/** The channels by which a setting is told from others, the same in all charts. */
export const series = (swatches, channel = "color", range = "colour") => ({
  [channel]: {
    field: "name",
    type: "nominal",
    scale: { domain: swatches.map(({ name }) => name), range: swatches.map((swatch) => swatch[range]) },
    legend: null,
  },
});

const legend = (swatches) =>
  html(
    "ul",
    { class: "legend" },
    ...swatches.map(({ name, colour, sign }) =>
      html("li", {}, html("span", { style: `color: ${colour}`, "aria-hidden": "true" }, sign), name),
    ),
  );

/** An element, and what draws it once it has its place. */
export function chart({ title, text, notes = [], swatches, spec }) {
  const place = html("div", { class: "chart", role: "img", "aria-label": [`${title}.`, text, ...notes].join(" ") });
  const element = html(
    "figure",
    {},
    html("figcaption", {}, html("h3", {}, title), html("p", { class: "quiet" }, text)),
    place,
    swatches.length > 0 ? legend(swatches) : null,
    ...notes.map((note) => html("p", { class: "quiet note" }, note)),
  );
  const draw = () => {
    const vega = compile({ ...spec, width: "container", autosize: { type: "fit", contains: "padding" }, config }).spec;
    return new View(parse(vega), { renderer: "svg", container: place, hover: false }).runAsync();
  };
  return { element, draw };
}
