// Differences with their intervals on one scale, each beside its row, about a common line at zero.
import { svg } from "./dom.js";

const width = 136;
const margin = 12;

const ends = ({ mean, half }) => [mean - (half ?? 0), mean + (half ?? 0)];

/** Of the differences of all rows: a function to pixels. An interval many times wider than any difference is cut. */
export function scaleOf(differences) {
  const most = 12 * Math.max(0.001, ...differences.map(({ mean }) => Math.abs(mean)));
  const all = differences.flatMap(ends).concat(0);
  const low = Math.max(-most, Math.min(...all));
  const high = Math.min(most, Math.max(...all));
  const span = high - low || 1;
  const pixels = (value) => margin + ((width - 2 * margin) * (value - low)) / span;
  return Object.assign(pixels, { low, high });
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

/** The scale's own row: its ends and its zero, in points. */
export function scaleRow(scale) {
  const label = (value, anchor) => {
    const text = svg("text", { x: scale(value), y: 11, "text-anchor": anchor });
    text.textContent = (value > 0 ? "+" : "") + (100 * value).toFixed(value === 0 ? 0 : 1).replace("-", "\u2212");
    return text;
  };
  const far = (value) => Math.abs(scale(value) - scale(0)) > 36;
  return canvas(
    14,
    undefined,
    far(scale.low) ? label(scale.low, "start") : null,
    label(0, "middle"),
    far(scale.high) ? label(scale.high, "end") : null,
  );
}
