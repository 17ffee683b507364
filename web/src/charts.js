// What the charts show of the first settings.
import { chart, series } from "./chart.js";

const share = (title) => ({ type: "quantitative", title, axis: { format: ".0%" } });
const height = 260;

const bounds = ({ mean, half }) => ({ mean, low: mean - (half ?? 0), high: mean + (half ?? 0) });

/** Accuracy of head, medium and tail as bars, each with its interval. */
export function groupBars(standings, swatches) {
  const groups = ["head", "medium", "tail"];
  const values = standings.flatMap((standing) =>
    groups
      .filter((group) => standing[group])
      .map((group) => ({ name: standing.name, group, ...bounds(standing[group]) })),
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

/** Each class's accuracy against its number of training images. */
export function classDots(drawn, swatches) {
  const values = drawn.flatMap(({ name, classes }) =>
    classes.map(([count, accuracy]) => ({ name, count, accuracy })),
  );
  return (
    values.length > 0 &&
    chart({
      title: "Accuracy of each class, by its number of training images",
      text: "Mean over seeds; the tail is on the left, the head on the right.",
      swatches,
      spec: {
        data: { values },
        height,
        encoding: {
          x: { field: "count", type: "quantitative", scale: { type: "log", nice: false }, title: "training images (log scale)", axis: { tickCount: 6, format: "~s" } },
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
    })
  );
}

/** Training loss by epoch: a chart for each loss, as losses of different kinds cannot be compared. */
export function lossCurves(drawn, swatches) {
  return [...new Set(drawn.map(({ loss }) => loss))].map((loss) => {
    const those = drawn.filter((one) => one.loss === loss);
    const names = new Set(those.map(({ name }) => name));
    const values = those.flatMap(({ name, losses }) =>
      losses.map((estimate, epoch) => ({ name, epoch: epoch + 1, ...bounds(estimate) })),
    );
    return (
      values.length > 0 &&
      chart({
        title: loss ? `Training loss under ${loss}` : "Training loss",
        text: "Mean over seeds after each epoch; a band is its 95 % interval over several seeds.",
        swatches: swatches.filter(({ name }) => names.has(name)),
        spec: {
          data: { values },
          height,
          encoding: {
            x: { field: "epoch", type: "quantitative", title: "epoch", axis: { tickMinStep: 1, format: "d" } },
            ...series(swatches),
          },
          layer: [
            {
              mark: { type: "area", opacity: 0.18 },
              encoding: { y: { field: "low", type: "quantitative", title: "loss", scale: { zero: false } }, y2: { field: "high" } },
            },
            { mark: { type: "line", strokeWidth: 2 }, encoding: { y: { field: "mean", type: "quantitative" } } },
            {
              mark: { type: "point", filled: true, size: 30, opacity: 1, tooltip: true },
              encoding: { y: { field: "mean", type: "quantitative" }, ...series(swatches, "shape", "shape") },
            },
          ],
        },
      })
    );
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
