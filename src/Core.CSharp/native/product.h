// Products of small matrices by one thread. The right factor is packed in panels of as many columns as a tile of registers has, so
// that the innermost loop reads it from end to end; each element is one sum in the order of the depth, whatever the tiles. Factors are
// made of units U (units.h); what they are made from, and the product, of numbers.
#pragma once

#include "units.h"

namespace {

constexpr int TileRows = 6;
constexpr int TileVectors = Registers == 32 ? 4 : 2;

template <class U>
constexpr int64_t PanelColumns = TileVectors * Lanes<U>;

// The last panel has no more vectors than its columns need.
template <class U>
int64_t packed_size(int64_t columns, int64_t depth) {
  return up(columns, Lanes<U>) * units<U>(depth);
}

// `column(j)` points at column j's values, one behind the other.
template <class U, class Column>
void pack_columns(int64_t columns, int64_t depth, Column column, U* packed) {
  for (int64_t first = 0; first < columns; first += PanelColumns<U>) {
    const int64_t last = std::min(columns, first + PanelColumns<U>);
    const int64_t stride = up(last - first, Lanes<U>), count = units<U>(depth);
    for (int64_t j = 0; j < stride; j += Lanes<U>)
      for (int64_t p = 0; p < count; p += Lanes<U>) {
        const int64_t from = p * PerUnit<U>;
        Vector<U> square[Lanes<U>];
        for (int64_t i = 0; i < Lanes<U>; i++)
          square[i] = first + j + i < last ? along<U>(column(first + j + i) + from, depth - from) : Vector<U>{};
        transpose<U>(square);
        for (int64_t i = 0; i < Lanes<U> && p + i < count; i++) store<U>(packed + (p + i) * stride + j, square[i]);
      }
    packed += stride * count;
  }
}

// `row(p)` points at row p's values, one behind the other.
template <class U, class Row>
void pack_rows(int64_t columns, int64_t depth, Row row, U* packed) {
  for (int64_t first = 0; first < columns; first += PanelColumns<U>) {
    const int64_t count = std::min(columns - first, PanelColumns<U>);
    const int64_t stride = up(count, Lanes<U>);
    for (int64_t p = 0; p < units<U>(depth); p++)
      for (int64_t j = 0; j < stride; j += Lanes<U>) store<U>(packed + p * stride + j, across<U>([&](int64_t i) { return row(i) + first + j; }, depth, p, count - j));
    packed += stride * units<U>(depth);
  }
}

// A matrix in memory: element (i, j) lies at i * row + j * column.
template <class T>
struct View {
  const T* values;
  int64_t row, column;
};

// The most that a left factor takes of `left_factor`'s space.
template <class U>
int64_t left_size(int64_t rows, int64_t depth) {
  return IsNumber<U> ? 0 : up(rows, Lanes<U>) * up(units<U>(depth), Lanes<U>);
}

// A left factor, one of whose strides is 1, in units: as it lies where these are numbers, else rounded into the space.
template <class U>
View<U> left_factor(int64_t rows, const View<Element<U>>& left, int64_t depth, U* space) {
  if constexpr (IsNumber<U>)
    return left;
  else if (left.column == 1) {
    constexpr int64_t width = Lanes<U> * PerUnit<U>;
    const int64_t stride = up(units<U>(depth), Lanes<U>), whole = depth / width * width;
    for (int64_t r = 0; r < rows; r++) {
      const Element<U>* from = left.values + r * left.row;
      U* to = space + r * stride;
      for (int64_t i = 0; i < whole; i += width, to += Lanes<U>) store<U>(to, along<U>(from + i, width));
      if (whole < depth) store<U>(to, along<U>(from + whole, depth - whole));
    }
    return {space, stride, 1};
  } else {
    const int64_t stride = up(rows, Lanes<U>);
    for (int64_t p = 0; p < units<U>(depth); p++)
      for (int64_t r = 0; r < rows; r += Lanes<U>)
        store<U>(space + p * stride + r, across<U>([&](int64_t i) { return left.values + i * left.column + r; }, depth, p, rows - r));
    return {space, 1, stride};
  }
}

// What a product's sums start from, and where they go: columns side by side, rows `stride` apart in `to` and in `addend`.
template <class T>
struct Target {
  T* to;
  int64_t stride;
  const T* bias;
  const T* addend;
};

template <int Rows, int Vectors, class U>
void tile(const View<U>& left, const U* packed, int64_t count, const Target<Element<U>>& target) {
  using T = Element<U>;
  Vector<T> sums[Rows][Vectors];
  for (int v = 0; v < Vectors; v++) {
    const int64_t at = v * Lanes<T>;
    const Vector<T> bias = target.bias ? load<T>(target.bias + at) : Vector<T>{};
    for (int r = 0; r < Rows; r++) sums[r][v] = target.addend ? bias + load<T>(target.addend + r * target.stride + at) : bias;
  }
  const U* values = left.values;
  for (int64_t p = 0; p < count; p++) {
    Vector<U> right[Vectors];
    for (int v = 0; v < Vectors; v++) right[v] = load<U>(packed + v * Lanes<U>);
    for (int r = 0; r < Rows; r++)
      for (int v = 0; v < Vectors; v++) sums[r][v] = multiply_add(values[r * left.row], right[v], sums[r][v]);
    values += left.column;
    packed += Vectors * Lanes<U>;
  }
  for (int r = 0; r < Rows; r++)
    for (int v = 0; v < Vectors; v++) store<T>(target.to + r * target.stride + v * Lanes<T>, sums[r][v]);
}

template <int Vectors, class U, int Rows = TileRows>
void tile_of(int64_t rows, const View<U>& left, const U* packed, int64_t count, const Target<Element<U>>& target) {
  if constexpr (Rows > 1)
    if (rows < Rows) return tile_of<Vectors, U, Rows - 1>(rows, left, packed, count, target);
  tile<Rows, Vectors>(left, packed, count, target);
}

// Where the columns end within a vector, the tile is computed beside the matrix.
template <int Vectors, class U>
void edge_of(int64_t rows, const View<U>& left, const U* packed, int64_t count, const Target<Element<U>>& target, int64_t columns) {
  using T = Element<U>;
  constexpr int64_t width = Vectors * Lanes<T>;
  T edge[TileRows * width] = {};
  for (int64_t r = 0; r < rows; r++)
    for (int64_t j = 0; j < columns; j++)
      edge[r * width + j] = (target.bias ? target.bias[j] : 0) + (target.addend ? target.addend[r * target.stride + j] : 0);
  tile_of<Vectors, U>(rows, left, packed, count, {edge, width, nullptr, edge});
  for (int64_t r = 0; r < rows; r++) std::copy_n(edge + r * width, columns, target.to + r * target.stride);
}

template <class U, int Vectors = TileVectors>
void panel(int64_t rows, const View<U>& left, const U* packed, int64_t count, const Target<Element<U>>& target, int64_t columns) {
  if constexpr (Vectors > 1)
    if (columns <= (Vectors - 1) * Lanes<U>) return panel<U, Vectors - 1>(rows, left, packed, count, target, columns);
  // Tiles of even height, none of them a leftover of one row.
  const int64_t tiles = (rows + TileRows - 1) / TileRows;
  for (int64_t t = 0, first = 0; t < tiles; t++) {
    const int64_t next = rows * (t + 1) / tiles, from = first * target.stride;
    const View<U> here = {left.values + first * left.row, left.row, left.column};
    const Target<Element<U>> there = {target.to + from, target.stride, target.bias, target.addend ? target.addend + from : nullptr};
    if (columns == Vectors * Lanes<U>)
      tile_of<Vectors, U>(next - first, here, packed, count, there);
    else
      edge_of<Vectors, U>(next - first, here, packed, count, there, columns);
    first = next;
  }
}

// target = bias + addend + left * right, with `rows` rows of the left factor and a packed right factor (depth, columns).
template <class U>
void product(int64_t rows, const View<Element<U>>& left, const U* packed, int64_t columns, int64_t depth, Target<Element<U>> target,
             U* space) {
  const View<U> factor = left_factor<U>(rows, left, depth, space);
  for (int64_t first = 0; first < columns; first += PanelColumns<U>) {
    const int64_t count = std::min(columns - first, PanelColumns<U>);
    panel<U>(rows, factor, packed, units<U>(depth), target, count);
    packed += up(count, Lanes<U>) * units<U>(depth);
    target.to += count;
    if (target.bias) target.bias += count;
    if (target.addend) target.addend += count;
  }
}

}  // namespace
