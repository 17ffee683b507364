// Differences with their intervals on one scale, each beside its row, about a common line at zero.
import { svg } from "./dom.js";
import { multiples, stepOf } from "./ticks.js";

const width = 136;
const margin = 14;
const mostParts = 2;

const ends = ({ mean, half }) => [mean - (half ?? 0), mean + (half ?? 0)];

/** Of the differences of all rows: a function to pixels and its ticks. An interval many times wider than any difference is cut. */
export function scaleOf(differences) {
  const most = 12 * Math.max(0.001, ...differences.map(({ mean }) => Math.abs(mean)));
  const all = differences.flatMap(ends).concat(0);
  const [from, to] = [Math.max(-most, Math.min(...all)), Math.min(most, Math.max(...all))];
  const step = stepOf(Math.max(to - from, 0.001), mostParts);
  const ticks = multiples(from, to, step);
  const [low, high] = [ticks[0], ticks.at(-1)];
  const pixels = (value) => margin + ((width - 2 * margin) * (value - low)) / (high - low || 1);
  return Object.assign(pixels, { low, high, ticks, step });
}

const line = (x1, y1, x2, y2, part) => svg("line", { x1, y1, x2, y2, class: part });

const canvas = (height, label, ...parts) =>
  svg(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      class: "interval",
      role: label ? "img" : "presentation",
      "aria-label": label,
    },
    ...parts,
  );

export function intervalPlot(scale, { difference, verdict }, label) {
  const [low, high] = ends(difference);
  const [from, to] = [Math.max(low, scale.low), Math.min(high, scale.high)];
  const caps = [low, high].filter((end) => end >= scale.low && end <= scale.high);
  const middle = 12;
  const mark = svg("g", { class: verdict.toLowerCase() });
  if (difference.half !== null) {
    mark.append(line(scale(from), middle, scale(to), middle, "whisker"));
    for (const end of caps) mark.append(line(scale(end), middle - 5, scale(end), middle + 5, "whisker"));
  }
  mark.append(svg("circle", { cx: scale(difference.mean), cy: middle, r: 4.5 }));
  return canvas(24, label, line(scale(0), 0, scale(0), 24, "zero"), mark);
}

/** The scale's own row: its ticks, in points. */
export function scaleRow(scale) {
  const digits = Math.max(0, Math.ceil(-Math.log10(100 * scale.step) - 1e-9));
  const label = (value) => {
    const text = svg("text", { x: scale(value), y: 11, "text-anchor": "middle" });
    const points = (100 * value).toFixed(digits).replace("-", "\u2212");
    text.textContent = Number((100 * value).toFixed(digits)) === 0 ? "0" : value > 0 ? `+${points}` : points;
    return text;
  };
  return canvas(14, undefined, ...scale.ticks.map(label));
}
