// Products of small matrices by one thread. The right factor is packed in panels of as many columns as a tile of registers has, so
// that the innermost loop reads it from end to end; each element is one sum in the order of the depth, whatever the tiles.
#pragma once

#include "simd.h"

namespace {

constexpr int TileRows = 6;
constexpr int TileVectors = Registers == 32 ? 4 : 2;

template <class T>
constexpr int64_t PanelColumns = TileVectors * Lanes<T>;

// The last panel has no more vectors than its columns need.
template <class T>
int64_t packed_size(int64_t columns, int64_t depth) {
  return up(columns, Lanes<T>) * depth;
}

// `column(j)` points at column j's values, one behind the other.
template <class T, class Column>
void pack_columns(int64_t columns, int64_t depth, Column column, T* packed) {
  for (int64_t first = 0; first < columns; first += PanelColumns<T>) {
    const int64_t last = std::min(columns, first + PanelColumns<T>);
    const int64_t stride = up(last - first, Lanes<T>);
    for (int64_t j = 0; j < stride; j += Lanes<T>)
      for (int64_t p = 0; p < depth; p += Lanes<T>) {
        Vector<T> square[Lanes<T>];
        for (int64_t i = 0; i < Lanes<T>; i++)
          square[i] = first + j + i < last ? load<T>(column(first + j + i) + p, depth - p) : Vector<T>{};
        transpose<T>(square);
        for (int64_t i = 0; i < Lanes<T> && p + i < depth; i++) store<T>(packed + (p + i) * stride + j, square[i]);
      }
    packed += stride * depth;
  }
}

// `row(p)` points at row p's values, one behind the other.
template <class T, class Row>
void pack_rows(int64_t columns, int64_t depth, Row row, T* packed) {
  for (int64_t first = 0; first < columns; first += PanelColumns<T>) {
    const int64_t count = std::min(columns - first, PanelColumns<T>);
    const int64_t stride = up(count, Lanes<T>);
    for (int64_t p = 0; p < depth; p++)
      for (int64_t j = 0; j < stride; j += Lanes<T>) store<T>(packed + p * stride + j, load<T>(row(p) + first + j, count - j));
    packed += stride * depth;
  }
}

// A matrix in memory: element (i, j) lies at i * row + j * column.
template <class T>
struct View {
  const T* values;
  int64_t row, column;
};

// What a product's sums start from, and where they go: columns side by side, rows `stride` apart in `to` and in `addend`.
template <class T>
struct Target {
  T* to;
  int64_t stride;
  const T* bias;
  const T* addend;
};

template <int Rows, int Vectors, class T>
void tile(const View<T>& left, const T* packed, int64_t depth, const Target<T>& target, int64_t columns) {
  Vector<T> sums[Rows][Vectors];
  for (int v = 0; v < Vectors; v++) {
    const int64_t at = v * Lanes<T>;
    const Vector<T> bias = target.bias ? load<T>(target.bias + at, columns - at) : Vector<T>{};
    for (int r = 0; r < Rows; r++)
      sums[r][v] = target.addend ? bias + load<T>(target.addend + r * target.stride + at, columns - at) : bias;
  }
  const T* values = left.values;
  for (int64_t p = 0; p < depth; p++) {
    Vector<T> right[Vectors];
    for (int v = 0; v < Vectors; v++) right[v] = load<T>(packed + v * Lanes<T>);
    for (int r = 0; r < Rows; r++)
      for (int v = 0; v < Vectors; v++) sums[r][v] += values[r * left.row] * right[v];
    values += left.column;
    packed += Vectors * Lanes<T>;
  }
  for (int r = 0; r < Rows; r++)
    for (int v = 0; v < Vectors; v++)
      store<T>(target.to + r * target.stride + v * Lanes<T>, sums[r][v], columns - v * Lanes<T>);
}

template <int Vectors, class T, int Rows = TileRows>
void tile_of(int64_t rows, const View<T>& left, const T* packed, int64_t depth, const Target<T>& target, int64_t columns) {
  if constexpr (Rows > 1)
    if (rows < Rows) return tile_of<Vectors, T, Rows - 1>(rows, left, packed, depth, target, columns);
  tile<Rows, Vectors>(left, packed, depth, target, columns);
}

template <class T, int Vectors = TileVectors>
void panel(int64_t rows, const View<T>& left, const T* packed, int64_t depth, const Target<T>& target, int64_t columns) {
  if constexpr (Vectors > 1)
    if (columns <= (Vectors - 1) * Lanes<T>) return panel<T, Vectors - 1>(rows, left, packed, depth, target, columns);
  // Tiles of even height, none of them a leftover of one row.
  const int64_t tiles = (rows + TileRows - 1) / TileRows;
  for (int64_t t = 0, first = 0; t < tiles; t++) {
    const int64_t next = rows * (t + 1) / tiles, from = first * target.stride;
    tile_of<Vectors>(next - first, {left.values + first * left.row, left.row, left.column}, packed, depth,
                     {target.to + from, target.stride, target.bias, target.addend ? target.addend + from : nullptr}, columns);
    first = next;
  }
}

// target = bias + addend + left * right, with `rows` rows of the left factor and a packed right factor (depth, columns).
template <class T>
void product(int64_t rows, View<T> left, const T* packed, int64_t columns, int64_t depth, Target<T> target) {
  for (int64_t first = 0; first < columns; first += PanelColumns<T>) {
    const int64_t count = std::min(columns - first, PanelColumns<T>);
    panel<T>(rows, left, packed, depth, target, count);
    packed += up(count, Lanes<T>) * depth;
    target.to += count;
    if (target.bias) target.bias += count;
    if (target.addend) target.addend += count;
  }
}

}  // namespace
