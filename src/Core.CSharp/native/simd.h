// Vectors as wide as the level's registers, and the functions of them that the block needs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace {

#if defined(__AVX512F__)
constexpr int Bytes = 64;
constexpr int Registers = 32;
#elif defined(__AVX2__)
constexpr int Bytes = 32;
constexpr int Registers = 16;
#else
constexpr int Bytes = 16;
#if defined(__aarch64__)
constexpr int Registers = 32;
#else
constexpr int Registers = 16;
#endif
#endif

template <class T>
struct Simd;
template <>
struct Simd<float> {
  typedef float Vector __attribute__((vector_size(Bytes)));
  typedef int32_t Mask __attribute__((vector_size(Bytes)));
};
template <>
struct Simd<double> {
  typedef double Vector __attribute__((vector_size(Bytes)));
  typedef int64_t Mask __attribute__((vector_size(Bytes)));
};

template <class T>
using Vector = typename Simd<T>::Vector;
template <class T>
constexpr int Lanes = Bytes / sizeof(T);

constexpr int64_t up(int64_t count, int64_t unit) { return (count + unit - 1) / unit * unit; }

// `count` values, or a full vector where there are more; the lanes behind are zero.
template <class T>
inline Vector<T> load(const T* from, int64_t count = Lanes<T>) {
  Vector<T> v{};
  if (count >= Lanes<T>)
    std::memcpy(&v, from, Bytes);
  else
    std::memcpy(&v, from, count * sizeof(T));
  return v;
}

template <class T>
inline void store(T* to, Vector<T> v, int64_t count = Lanes<T>) {
  if (count >= Lanes<T>)
    std::memcpy(to, &v, Bytes);
  else
    std::memcpy(to, &v, count * sizeof(T));
}

template <class T>
inline T sum(Vector<T> v) {
  T total = 0;
  for (int i = 0; i < Lanes<T>; i++) total += v[i];
  return total;
}

// A square of as many rows as a row has lanes, by exchanging blocks of 1, 2, 4 ... lanes between rows that lie as far apart.
template <class T>
inline void transpose(Vector<T> (&rows)[Lanes<T>]) {
  using Mask = typename Simd<T>::Mask;
#pragma GCC unroll 8
  for (int block = 1; block < Lanes<T>; block *= 2) {
    Mask upper, lower;
    for (int i = 0; i < Lanes<T>; i++) {
      upper[i] = i & block ? Lanes<T> + i - block : i;
      lower[i] = i & block ? Lanes<T> + i : i + block;
    }
#pragma GCC unroll 16
    for (int r = 0; r < Lanes<T>; r++) {
      if (r & block) continue;
      const Vector<T> a = rows[r], b = rows[r + block];
      rows[r] = __builtin_shuffle(a, b, upper);
      rows[r + block] = __builtin_shuffle(a, b, lower);
    }
  }
}

template <class T>
inline Vector<T> larger(Vector<T> a, Vector<T> b) {
  return a > b ? a : b;
}

// To a relative 1e-7: 2^n times a polynomial on [-ln 2 / 2, ln 2 / 2]. Below -87 and above 88 it stays what it is there; what is
// no number stays none, so that a run that diverges is seen to.
inline Vector<float> exponential(Vector<float> x) {
  using V = Vector<float>;
  using Bits = Simd<float>::Mask;
  x = x < -87.0f ? V{} - 87.0f : x;
  x = x > 88.0f ? V{} + 88.0f : x;
  constexpr float shift = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest whole number in the lowest bits
  const V shifted = x * 1.44269504f + shift;
  const V n = shifted - shift;
  const V r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  V p = r * 1.9875691500e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  return p * (V)(((Bits)shifted << 23) + (127 << 23));
}

inline Vector<double> exponential(Vector<double> x) {
  for (int i = 0; i < Lanes<double>; i++) x[i] = std::exp(x[i]);
  return x;
}

// 1 - Phi(x) for x >= 0, where `density` is exp(-x^2 / 2): Abramowitz and Stegun 7.1.26, within 8e-8.
inline Vector<float> upper_tail(Vector<float> x, Vector<float> density) {
  using V = Vector<float>;
  const V t = 1.0f / (x * (0.3275911f * 0.70710678f) + 1.0f);
  V p = t * 1.061405429f - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  return p * t * density * 0.5f;
}

inline Vector<double> upper_tail(Vector<double> x, Vector<double>) {
  for (int i = 0; i < Lanes<double>; i++) x[i] = std::erfc(x[i] * M_SQRT1_2) / 2;
  return x;
}

// x Phi(x), and its slope Phi(x) + x phi(x).
template <class T>
inline Vector<T> gelu(Vector<T> x, Vector<T>& slope) {
  const Vector<T> density = exponential(x * x * T(-0.5));
  const Vector<T> tail = upper_tail(x < 0 ? -x : x, density);
  const Vector<T> below = x < 0 ? tail : 1 - tail;
  slope = below + x * density * T(0.3989422804014327);
  return x * below;
}

// x s(1.702 x) with the logistic s, and its slope.
template <class T>
inline Vector<T> quick_gelu(Vector<T> x, Vector<T>& slope) {
  const Vector<T> s = 1 / (1 + exponential(x * T(-1.702)));
  slope = s + x * T(1.702) * s * (1 - s);
  return x * s;
}

}  // namespace
