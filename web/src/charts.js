// What the charts show of the first settings.
import { chart, series } from "./chart.js";
import { whole } from "./numbers.js";

const share = (title) => ({ type: "quantitative", title, axis: { format: "~%" } });
const height = 260;

/** An estimate and its interval, as far as the number can go: no loss lies below 0, no accuracy outside of 0 to 1. */
const bounds = ({ mean, half }, most = Infinity) => ({
  mean,
  low: Math.max(Math.min(mean, 0), mean - (half ?? 0)),
  high: Math.min(Math.max(mean, most), mean + (half ?? 0)),
});

/** Accuracy of head, medium and tail as bars, each with its interval. */
export function groupBars(standings, swatches) {
  const groups = ["head", "medium", "tail"];
  const values = standings.flatMap((standing) =>
    groups
      .filter((group) => standing[group])
      .map((group) => ({ name: standing.name, group, ...bounds(standing[group], 1) })),
  );
  const place = {
    y: { field: "group", type: "nominal", sort: groups, title: null, axis: { labelFontSize: 13 } },
    yOffset: { field: "name", sort: swatches.map(({ name }) => name) },
  };
  return (
    values.length > 0 &&
    chart({
      title: "Accuracy of head, medium and tail",
      text: "Mean over the group's classes; a line is its 95 % interval over several seeds.",
      swatches,
      spec: {
        data: { values },
        height: 300,
        encoding: place,
        layer: [
          {
            mark: { type: "bar", tooltip: true },
            encoding: {
              x: { field: "mean", ...share("accuracy") },
              ...series(swatches),
            },
          },
          { mark: { type: "rule", strokeWidth: 1.5 }, encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" } } },
        ],
      },
    })
  );
}

/** Each class's accuracy at its place by falling number of training images: classes may have as many as others. */
export function classDots(drawn, swatches) {
  const values = drawn.flatMap(({ name, classes }) =>
    classes.map((point) => ({ name, ...point })),
  );
  if (values.length === 0) return null;
  const [most, fewest] = [Math.max(...values.map(({ most }) => most)), Math.min(...values.map(({ fewest }) => fewest))].map(whole);
  const joined = Math.max(...values.map(({ classes }) => classes));
  return chart({
    title: "Accuracy of each class, by falling number of training images",
    text: [
      "Mean over seeds;",
      joined > 1 && `each point is the mean of up to ${joined} neighbours;`,
      most === fewest ? `each class has ${most} images.` : `the first class has ${most} images, the last ${fewest}.`,
    ]
      .filter((part) => part)
      .join(" "),
    swatches,
    spec: {
      data: { values },
      height,
      encoding: {
        x: {
          field: "place",
          type: "quantitative",
          scale: { zero: false, nice: false },
          title: "classes, the most frequent first",
          axis: { tickMinStep: 1, format: "d" },
        },
        y: { field: "accuracy", ...share("accuracy") },
        ...series(swatches),
      },
      layer: [
        { mark: { type: "line", opacity: 0.45, strokeWidth: 1.5 } },
        {
          mark: { type: "point", filled: true, size: 45, opacity: 1, tooltip: true },
          encoding: series(swatches, "shape", "shape"),
        },
      ],
    },
  });
}

/** What changes at an epoch, once for all settings that it changes in. */
function turnsOf(those) {
  const turns = new Map();
  for (const { name, turns: own } of those)
    for (const { epoch, label, why } of own) {
      const key = `${epoch} ${label}`;
      turns.set(key, { epoch, label, why, names: [...(turns.get(key)?.names ?? []), name] });
    }
  return [...turns.values()].toSorted((a, b) => a.epoch - b.epoch);
}

/** A dashed line at each of them, its label above the plot in a line of its own, and a sentence each. */
function marked(turns, epochs, all) {
  const row = 15;
  const label = (turn, place) => ({
    data: { values: [turn] },
    mark: {
      type: "text",
      align: turn.epoch < epochs / 3 ? "left" : turn.epoch > epochs / 1.5 ? "right" : "center",
      baseline: "bottom",
      fontSize: 12,
      color: "var(--quiet)",
      clip: false,
    },
    encoding: {
      x: { field: "epoch", type: "quantitative" },
      y: { value: -2 - row * (turns.length - 1 - place) },
      text: { field: "label" },
    },
  });
  const line = (turn, place) => ({
    data: { values: [turn] },
    mark: { type: "rule", strokeDash: [4, 4], color: "var(--quiet)", clip: false },
    encoding: {
      x: { field: "epoch", type: "quantitative" },
      y: { value: -2 - row * (turns.length - 1 - place) },
      y2: { value: "height" },
    },
  });
  const after = (count) => `after ${count} epoch${count === 1 ? "" : "s"}`;
  const of = (names) => (names.length === all ? "" : ` (${names.join("; ")})`);
  return {
    layers: turns.flatMap((turn, place) => [line(turn, place), label(turn, place)]),
    padding: { top: 5 + row * turns.length, left: 5, right: 5, bottom: 5 },
    notes: turns.map(({ epoch, label, why, names }) => `${label} ${after(epoch)}${of(names)}: ${why}.`),
  };
}

/** Training loss by epoch: a chart for each loss, as losses of different kinds cannot be compared. */
export function lossCurves(drawn, swatches) {
  return [...new Set(drawn.map(({ loss }) => loss))].map((loss) => {
    const those = drawn.filter((one) => one.loss === loss);
    const names = new Set(those.map(({ name }) => name));
    const values = those.flatMap(({ name, losses }) =>
      losses.map((estimate, epoch) => ({ name, epoch: epoch + 1, ...bounds(estimate) })),
    );
    if (values.length === 0) return null;
    const epochs = Math.max(...values.map(({ epoch }) => epoch));
    const turns = turnsOf(those);
    const { layers, padding, notes } = marked(turns, epochs, those.length);
    return chart({
      title: loss ? `Training loss under ${loss}` : "Training loss",
      text: "Mean over seeds in each epoch; a band is its 95 % interval over several seeds.",
      notes,
      swatches: swatches.filter(({ name }) => names.has(name)),
      spec: {
        data: { values },
        height,
        padding,
        encoding: {
          x: {
            field: "epoch",
            type: "quantitative",
            // The first loss is that of epoch 1, whatever marks stand beside it.
            scale: { domain: [1, Math.max(2, epochs, ...turns.map(({ epoch }) => epoch))], nice: false },
            title: "epochs done",
            axis: { tickMinStep: 1, format: "d" },
          },
        },
        layer: [
          ...layers,
          {
            mark: { type: "area", opacity: 0.18 },
            encoding: {
              y: { field: "low", type: "quantitative", title: "loss", scale: { zero: false } },
              y2: { field: "high" },
              ...series(swatches),
            },
          },
          {
            mark: { type: "line", strokeWidth: 2 },
            encoding: { y: { field: "mean", type: "quantitative" }, ...series(swatches) },
          },
          {
            mark: { type: "point", filled: true, size: 30, opacity: 1, tooltip: true },
            encoding: {
              y: { field: "mean", type: "quantitative" },
              ...series(swatches),
              ...series(swatches, "shape", "shape"),
            },
          },
        ],
      },
    });
  });
}

/** Accuracy against confidence; on the dashed line they are one. */
export function reliability(drawn, swatches) {
  const those = drawn.filter((one) => one.reliability.length > 0);
  const names = new Set(those.map(({ name }) => name));
  const values = those.flatMap(({ name, reliability }) =>
    reliability.map(([confidence, accuracy, images]) => ({ name, confidence, accuracy, images })),
  );
  return (
    values.length > 0 &&
    chart({
      title: "Calibration: accuracy against confidence",
      text: "Test images in fifteen bins of confidence, all seeds together; larger dots are more images. Under the dashed line a setting is overconfident.",
      swatches: swatches.filter(({ name }) => names.has(name)),
      spec: {
        height,
        layer: [
          {
            data: { values: [{ confidence: 0, accuracy: 0 }, { confidence: 1, accuracy: 1 }] },
            mark: { type: "line", strokeDash: [5, 4], color: "var(--quiet)", strokeWidth: 1.5 },
            encoding: {
              x: { field: "confidence", ...share("confidence") },
              y: { field: "accuracy", ...share("accuracy") },
            },
          },
          {
            data: { values },
            mark: { type: "line", strokeWidth: 1.5, opacity: 0.6 },
            encoding: {
              x: { field: "confidence", type: "quantitative" },
              y: { field: "accuracy", type: "quantitative" },
              ...series(swatches),
            },
          },
          {
            data: { values },
            mark: { type: "point", filled: true, opacity: 1, tooltip: true },
            encoding: {
              x: { field: "confidence", type: "quantitative" },
              y: { field: "accuracy", type: "quantitative" },
              ...series(swatches),
              ...series(swatches, "shape", "shape"),
              size: { field: "images", type: "quantitative", scale: { range: [8, 90] }, legend: null },
            },
          },
        ],
      },
    })
  );
}

/** The loss around the trained values of each setting that it was measured of, in the same colours. */
export function surfaces(drawn) {
  const those = drawn.filter(({ surface }) => surface);
  const losses = those.flatMap(({ surface }) => surface.loss.flat()).filter((loss) => loss !== null);
  const domain = [Math.min(...losses), Math.max(...losses)];
  return those.map(({ name, surface: { seed, steps, loss } }) => {
    const values = steps.flatMap((a, row) => steps.map((b, column) => ({ a, b, loss: loss[row][column] })));
    const along = (field, title, sort) => ({ field, type: "ordinal", sort, title, axis: { values: [-1, 0, 1], labelAngle: 0 } });
    return chart({
      title: `Loss around ${name}, seed ${seed}`,
      text: "Plain cross-entropy of training images, whatever the loss was in training, around the trained values in the middle, along two random directions; at 1 each filter has moved by its own length. A wide dark middle is a flat minimum.",
      swatches: [],
      spec: {
        data: { values: values.filter(({ loss }) => loss !== null) },
        height,
        mark: { type: "rect", tooltip: true },
        encoding: {
          x: along("b", "along the one direction", "ascending"),
          y: along("a", "along the other", "descending"),
          color: { field: "loss", type: "quantitative", scale: { scheme: "viridis", domain } },
        },
      },
    });
  });
}
