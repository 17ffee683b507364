// How products store their factors, and how numbers become that. bfloat16 lies in pairs of neighbours along the depth where the
// processor multiplies and adds these in one instruction (AVX512-BF16), twice as many as it does floats; elsewhere as a float apiece,
// so that it is rounded there too and costs what floats cost.
#pragma once

#include <type_traits>

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

#include "level.h"
#include "simd.h"

namespace {

using longtail::Brief;
using longtail::Element;

template <>
struct Simd<Brief> {
  typedef uint32_t Vector __attribute__((vector_size(Bytes)));
  typedef int32_t Mask __attribute__((vector_size(Bytes)));
};

template <class U>
constexpr bool IsNumber = std::is_same_v<U, Element<U>>;

// Numbers along the depth that one unit holds.
template <class U>
constexpr int64_t PerUnit = 1;
#if defined(__AVX512BF16__)
template <>
constexpr int64_t PerUnit<Brief> = 2;
#endif

template <class U>
constexpr int64_t units(int64_t depth) {
  return up(depth, PerUnit<U>) / PerUnit<U>;
}

// To the nearest bfloat16, the even one of two, in the upper half. What is no number stays none.
inline Vector<Brief> rounded(Vector<float> x) {
  const auto bits = (Vector<Brief>)x;
  return (x == x ? bits + 0x7fff + ((bits >> 16) & 1) : bits | 0x400000) & 0xffff0000;
}

// A vector of units from numbers of which neighbours in memory are neighbours along the depth; zeros behind `count` numbers.
template <class U>
inline Vector<U> along(const Element<U>* from, int64_t count) {
  const auto first = load<Element<U>>(from, count);
  if constexpr (IsNumber<U>) return first;
#if defined(__AVX512BF16__)
  else
    return (Vector<U>)_mm512_cvtne2ps_pbh((__m512)load<float>(from + Lanes<U>, std::max<int64_t>(count - Lanes<U>, 0)), (__m512)first);
#else
  else
    return rounded(first);
#endif
}

// The p-th units of neighbouring columns, at most `count`, in a matrix of `depth` rows; `row(i)` points at the first column's value.
template <class U, class Row>
inline Vector<U> across(Row row, int64_t depth, int64_t p, int64_t count) {
  const auto of = [&](int64_t i) { return i < depth ? load<Element<U>>(row(i), count) : Vector<Element<U>>{}; };
  if constexpr (IsNumber<U>)
    return of(p);
  else if constexpr (PerUnit<U> == 1)
    return rounded(of(p));
  else
    return rounded(of(2 * p)) >> 16 | rounded(of(2 * p + 1));
}

template <class U>
inline Vector<U> multiply_add(U left, Vector<U> right, Vector<U> sum) {
  return sum + left * right;
}
inline Vector<float> multiply_add(Brief left, Vector<Brief> right, Vector<float> sum) {
  const auto all = Vector<Brief>{} + left.bits;
#if defined(__AVX512BF16__)
  return (Vector<float>)_mm512_dpbf16_ps((__m512)sum, (__m512bh)all, (__m512bh)right);
#else
  return sum + (Vector<float>)all * (Vector<float>)right;
#endif
}

}  // namespace
