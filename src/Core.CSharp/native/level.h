// The kernels of a frozen block: functions of pointers and sizes, gathered in tables that .NET reads (Interop/Kernels.cs mirrors
// every struct here). The same source, level.cpp, is compiled once for each level of the processor's instructions that build.fsx
// names; a machine runs the highest that it has.
#pragma once

#include <cstdint>

namespace longtail {

enum class Activation : int64_t { Gelu = 0, QuickGelu = 1 };

// Of one image and of the block. Only outputs that are read are computed: the first tokens' and, in the last block, the prompts'.
struct Sizes {
  int64_t tokens, prompts, width, heads, hidden, tokens_read, prompts_read;
  double epsilon;
  Activation activation;
  int64_t read() const { return tokens_read + prompts_read; }
};

// What a product of bfloat16 stores its factors in: two of them, or one, as the level has it (units.h).
struct Brief {
  uint32_t bits;
};

// How products store their factors (U: float, double or Brief) and what all else is computed in.
template <class U>
struct Computed {
  using Type = U;
};
template <>
struct Computed<Brief> {
  using Type = float;
};
template <class U>
using Element = typename Computed<U>::Type;

// y = x W' + b; `forward` is W' packed, `backward` W.
template <class U>
struct Linear {
  const U *forward, *backward;
  const Element<U>* bias;
};

template <class T>
struct Norm {
  const T *weight, *bias;
};

template <class U>
struct Weights {
  Norm<Element<U>> norm1, norm2;
  Linear<U> qkv, proj, fc1, fc2;
};

// What the backward pass reads again: queries, keys and values, a row a token (3 width); and, a row an output, the sum after the
// attention (width), the activation's slopes (hidden) and the logarithms of the softmax's denominators (heads). Null without a
// backward pass to come.
template <class T>
struct Kept {
  T *qkv, *mixed, *slopes, *denominators;
};

template <class U>
struct Level {
  using T = Element<U>;
  // What `pack` writes for a product with so many columns, each `depth` long.
  int64_t (*packed)(int64_t columns, int64_t depth);
  // A row-major matrix (rows, inner) as the right factor of a product: transposed, its rows become columns.
  void (*pack)(const T* matrix, int64_t rows, int64_t inner, bool transposed, U* packed);
  // Numbers of space that one thread works in, for so many images at once; none: for the prompts.
  int64_t (*space)(const Sizes&, int64_t images);
  // Prompts (P, width) to their queries, keys and values (P, 3 width), and the gradient of these to that of the prompts, to which
  // comes what reaches them past the attention (P, width).
  void (*prompts_forward)(const Sizes&, const Weights<U>&, const T* prompts, T* qkv, T* space);
  void (*prompts_backward)(const Sizes&, const Weights<U>&, const T* prompts, const T* slope, const T* residual, T* result, T* space);
  // Whole images: tokens to outputs, and the outputs' gradient to that of the tokens (null: not asked for) and, one an image, of the
  // prompts' queries, keys and values (P, 3 width) and of the prompts past the attention (P, width).
  void (*forward)(const Sizes&, const Weights<U>&, int64_t images, const T* tokens, const T* prompts, const T* prompts_qkv, T* outputs,
                  const Kept<T>&, T* space);
  void (*backward)(const Sizes&, const Weights<U>&, int64_t images, const T* tokens, const T* prompts_qkv, const Kept<T>&,
                   const T* slope, T* tokens_slope, T* prompts_slope, T* prompts_residual, T* space);
  // The sum of `images` pieces of `count` numbers each, added in their order.
  void (*add_up)(int64_t images, int64_t count, const T* each, T* sum);
};

struct Levels {
  Level<float> floats;
  Level<double> doubles;
  Level<Brief> briefs;
};

// One for each compilation of level.cpp.
extern const Levels plain;
#if defined(__x86_64__)
extern const Levels avx2, avx512, avx512bf16;
#endif

}  // namespace longtail
