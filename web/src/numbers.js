// Numbers as a person reads them. They come as texts: a page that rounded for itself would not always agree with the tables.

export const said = ({ text }) => text.replace(/-(?=\d)/, "\u2212");

export const orDash = (show, value) => (value === null ? "\u2013" : show(value));

export const whole = (value) => value.toLocaleString("en");
