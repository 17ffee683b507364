// What happens to rows between the products: normalisation, softmax, activation.
#pragma once

#include "level.h"
#include "simd.h"

namespace {

using longtail::Activation;
using longtail::Norm;

template <class T>
struct Moments {
  T mean, inverse;  // inverse: 1 / sqrt(variance + epsilon)
};

template <class T>
Moments<T> moments(const T* row, int64_t width, double epsilon) {
  constexpr int L = Lanes<T>;
  Vector<T> total{}, squares{};
  for (int64_t i = 0; i < width; i += L) total += load<T>(row + i, width - i);
  const T mean = sum<T>(total) / width;
  const int64_t whole = width / L * L;
  for (int64_t i = 0; i < whole; i += L) {
    const Vector<T> d = load<T>(row + i) - mean;
    squares += d * d;
  }
  T variance = sum<T>(squares);
  for (const T* rest = row + whole; rest < row + width; rest++) variance += (*rest - mean) * (*rest - mean);
  // A row too large for its squares is no number, as in libtorch: 1 / infinity would hide a run that diverges.
  const T inverse = 1 / std::sqrt(variance / width + static_cast<T>(epsilon));
  return {mean, inverse > 0 ? inverse : static_cast<T>(NAN)};
}

template <class T>
void normalise(const T* from, int64_t rows, int64_t width, const Norm<T>& norm, double epsilon, T* to) {
  for (int64_t r = 0; r < rows; r++, from += width, to += width) {
    const auto m = moments(from, width, epsilon);
    for (int64_t i = 0; i < width; i += Lanes<T>) {
      const int64_t n = width - i;
      const Vector<T> unit = (load<T>(from + i, n) - m.mean) * m.inverse;
      store<T>(to + i, unit * load<T>(norm.weight + i, n) + load<T>(norm.bias + i, n), n);
    }
  }
}

// to = addend + the gradient of the normalised rows' input, where `slope` is that of its output; addend may be null. With g = slope *
// weight and u the unit rows: (g - mean(g) - u mean(g u)) / deviation.
template <class T>
void normalise_back(const T* from, const T* slope, const T* addend, int64_t rows, int64_t width, const Norm<T>& norm,
                    double epsilon, T* to) {
  for (int64_t r = 0; r < rows; r++) {
    const auto m = moments(from, width, epsilon);
    Vector<T> total{}, along{};
    for (int64_t i = 0; i < width; i += Lanes<T>) {
      const int64_t n = width - i;
      const Vector<T> g = load<T>(slope + i, n) * load<T>(norm.weight + i, n);
      total += g;
      along += g * ((load<T>(from + i, n) - m.mean) * m.inverse);
    }
    const T mean = sum<T>(total) / width, share = sum<T>(along) / width;
    for (int64_t i = 0; i < width; i += Lanes<T>) {
      const int64_t n = width - i;
      const Vector<T> g = load<T>(slope + i, n) * load<T>(norm.weight + i, n);
      const Vector<T> unit = (load<T>(from + i, n) - m.mean) * m.inverse;
      const Vector<T> input = (g - mean - unit * share) * m.inverse;
      store<T>(to + i, addend ? load<T>(addend + i, n) + input : input, n);
    }
    from += width, slope += width, to += width;
    if (addend) addend += width;
  }
}

// Rows of `count` scores, a multiple of the lanes apart, to exp(scale s) over its sum; the sums' logarithms where they are kept.
template <class T>
void softmax(T* scores, int64_t rows, int64_t count, int64_t stride, T scale, T* denominators, int64_t apart) {
  for (int64_t r = 0; r < rows; r++, scores += stride) {
    for (int64_t i = count; i < stride; i++) scores[i] = -INFINITY;
    Vector<T> highest = load<T>(scores);
    for (int64_t i = 0; i < stride; i += Lanes<T>) highest = larger<T>(highest, load<T>(scores + i));
    T most = highest[0];
    for (int i = 1; i < Lanes<T>; i++) most = std::max(most, highest[i]);
    Vector<T> total{};
    for (int64_t i = 0; i < stride; i += Lanes<T>) {
      const Vector<T> e = exponential((load<T>(scores + i) - most) * scale);
      store<T>(scores + i, e);
      total += e;
    }
    const T all = sum<T>(total);
    for (int64_t i = 0; i < stride; i += Lanes<T>) store<T>(scores + i, load<T>(scores + i) * (1 / all));
    if (denominators) denominators[r * apart] = most * scale + std::log(all);
  }
}

// Scores to the softmax's values again, and the gradient of these to that of the scores: scale p (slope - sum(p slope)).
template <class T>
void softmax_back(T* scores, T* slopes, int64_t rows, int64_t count, int64_t stride, T scale, const T* denominators,
                  int64_t apart) {
  for (int64_t r = 0; r < rows; r++, scores += stride, slopes += stride) {
    const T denominator = denominators[r * apart];
    Vector<T> along{};
    for (int64_t i = 0; i < stride; i += Lanes<T>) {
      const Vector<T> p = exponential(load<T>(scores + i) * scale - denominator);
      store<T>(scores + i, p);
      // Behind the last score lie zeros: the packed keys and values end in them.
      along += p * load<T>(slopes + i);
    }
    const T share = sum<T>(along);
    for (int64_t i = 0; i < stride; i += Lanes<T>)
      store<T>(slopes + i, load<T>(scores + i) * (load<T>(slopes + i) - share) * scale);
  }
}

template <class T>
void activate(T* values, int64_t count, Activation activation, T* slopes) {
  for (int64_t i = 0; i < count; i += Lanes<T>) {
    const int64_t n = count - i;
    const Vector<T> x = load<T>(values + i, n);
    Vector<T> slope;
    store<T>(values + i, activation == Activation::Gelu ? gelu<T>(x, slope) : quick_gelu<T>(x, slope), n);
    if (slopes) store<T>(slopes + i, slope, n);
  }
}

template <class T>
void multiply(T* values, const T* factors, int64_t count) {
  for (int64_t i = 0; i < count; i += Lanes<T>)
    store<T>(values + i, load<T>(values + i, count - i) * load<T>(factors + i, count - i), count - i);
}

}  // namespace
