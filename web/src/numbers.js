// Numbers as a person reads them; accuracies, errors and differences in percent or points with one decimal.

const minus = (text) => text.replace("-", "\u2212");

export const percent = ({ mean, half }) =>
  (100 * mean).toFixed(1) + (half === null ? "" : ` \u00b1 ${(100 * half).toFixed(1)}`);

export const points = ({ mean, half }) =>
  (mean > 0 ? "+" : "") + minus(percent({ mean, half }));

export const orDash = (show, value) => (value === null ? "\u2013" : show(value));

export const whole = (value) => value.toLocaleString("en");
