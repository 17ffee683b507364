// A frozen pre-norm block (method.md 3) and the gradient of its inputs, on whole images by one thread, so that what one product puts
// out is still in this core's cache when the next one reads it. Everything here lies in a namespace without a name: the same code
// compiled for another processor must never take its place.
// x: tokens, n: normalised, m = x + proj(attention(qkv(n1(x)))), y = m + fc2(activation(fc1(n2(m)))).
#include <algorithm>

#include "level.h"
#include "product.h"
#include "rows.h"

namespace {

using namespace longtail;

// Rows whose hidden values stay in the cache between the two products of the perceptron.
constexpr int64_t ChunkRows = 48;

// Hands out pieces of one thread's space; over no space it counts.
template <class U>
struct Space {
  using T = Element<U>;
  static_assert(sizeof(U) == sizeof(T));
  T* next;
  int64_t taken = 0;
  T* take(int64_t count) {
    T* piece = next ? next + taken : nullptr;
    taken += up(count, 64 / sizeof(T));
    return piece;
  }
  U* take_units(int64_t count) { return reinterpret_cast<U*>(take(count)); }
};

template <class U>
struct Attention {
  using T = Element<U>;
  int64_t stride;                              // of a row of scores
  T *scores, *slopes;                          // a row an output
  U *keys, *values, *rows, *more_rows, *left;  // packed, and a left factor
  Attention(const Sizes& s, Space<U>& space) : stride(up(s.tokens + s.prompts, Lanes<T>)) {
    const int64_t all = s.tokens + s.prompts, head = s.width / s.heads;
    scores = space.take(s.read() * stride);
    slopes = space.take(s.read() * stride);
    keys = space.take_units(packed_size<U>(stride, head));
    values = space.take_units(packed_size<U>(stride, head));
    rows = space.take_units(packed_size<U>(head, all));
    more_rows = space.take_units(packed_size<U>(head, all));
    left = space.take_units(std::max(left_size<U>(all, all), left_size<U>(all, head)));
  }
};

template <class U>
struct Workplace {
  using T = Element<U>;
  T *normed, *qkv, *mixed, *hidden;
  U* left;
  Attention<U> attention;
  Workplace(const Sizes& s, int64_t images, Space<U> space)
      : normed(space.take(images * std::max(s.tokens, s.read()) * s.width)),
        qkv(space.take(images * s.tokens * s.width * 3)),
        mixed(space.take(images * s.read() * s.width)),
        hidden(space.take(ChunkRows * s.hidden)),
        left(space.take_units(std::max({left_size<U>(images * s.tokens, 3 * s.width), left_size<U>(images * s.read(), s.width),
                                        left_size<U>(ChunkRows, s.hidden)}))),
        attention(s, space),
        taken(space.taken) {}
  int64_t taken;
};

// For what is computed once a batch.
template <class U>
struct PromptsPlace {
  Element<U>* rows;
  U* left;
  PromptsPlace(const Sizes& s, Space<U> space)
      : rows(space.take(s.prompts * s.width)), left(space.take_units(left_size<U>(s.prompts, 3 * s.width))), taken(space.taken) {}
  int64_t taken;
};

template <class U>
int64_t space(const Sizes& s, int64_t images) {
  return images > 0 ? Workplace<U>(s, images, {nullptr}).taken : PromptsPlace<U>(s, {nullptr}).taken;
}

// Where one head of one image finds its rows: the tokens' first, then the prompts'.
template <class T>
struct Head {
  const T *tokens, *prompts;
  int64_t count, stride;
  const T* operator()(int64_t row) const { return row < count ? tokens + row * stride : prompts + (row - count) * stride; }
};

// The scores of one head: of the tokens' queries, then of the prompts'.
template <class U, class T = Element<U>>
void score(const Sizes& s, const T* queries, const T* prompts_queries, Attention<U>& a) {
  const int64_t size = s.width / s.heads, stride = 3 * s.width;
  product<U>(s.tokens_read, {queries, stride, 1}, a.keys, a.stride, size, {a.scores, a.stride, nullptr, nullptr}, a.left);
  product<U>(s.prompts_read, {prompts_queries, stride, 1}, a.keys, a.stride, size,
             {a.scores + s.tokens_read * a.stride, a.stride, nullptr, nullptr}, a.left);
}

template <class U, class T = Element<U>>
void attend(const Sizes& s, const T* qkv, const T* prompts_qkv, T* denominators, T* to, Attention<U>& a) {
  const int64_t all = s.tokens + s.prompts, size = s.width / s.heads, stride = 3 * s.width;
  for (int64_t h = 0; h < s.heads; h++, qkv += size, prompts_qkv += size, to += size) {
    pack_columns<U>(all, size, Head<T>{qkv + s.width, prompts_qkv + s.width, s.tokens, stride}, a.keys);
    pack_rows<U>(size, all, Head<T>{qkv + 2 * s.width, prompts_qkv + 2 * s.width, s.tokens, stride}, a.rows);
    score<U>(s, qkv, prompts_qkv, a);
    softmax<T>(a.scores, s.read(), all, a.stride, 1 / std::sqrt(T(size)), denominators ? denominators + h : nullptr, s.heads);
    product<U>(s.read(), {a.scores, a.stride, 1}, a.rows, size, all, {to, s.width, nullptr, nullptr}, a.left);
  }
}

template <class U, class T = Element<U>>
void prompts_forward(const Sizes& s, const Weights<U>& w, const T* prompts, T* qkv, T* space) {
  const PromptsPlace<U> at(s, {space});
  normalise<T>(prompts, s.prompts, s.width, w.norm1, s.epsilon, at.rows);
  product<U>(s.prompts, {at.rows, s.width, 1}, w.qkv.forward, 3 * s.width, s.width, {qkv, 3 * s.width, w.qkv.bias, nullptr}, at.left);
}

template <class U, class T = Element<U>>
void prompts_backward(const Sizes& s, const Weights<U>& w, const T* prompts, const T* slope, const T* residual, T* result, T* space) {
  const PromptsPlace<U> at(s, {space});
  product<U>(s.prompts, {slope, 3 * s.width, 1}, w.qkv.backward, s.width, 3 * s.width, {at.rows, s.width, nullptr, nullptr}, at.left);
  normalise_back<T>(prompts, at.rows, residual, s.prompts, s.width, w.norm1, s.epsilon, result);
}

template <class U, class T = Element<U>>
void forward(const Sizes& s, const Weights<U>& w, int64_t images, const T* tokens, const T* prompts, const T* prompts_qkv, T* outputs,
             const Kept<T>& kept, T* space) {
  Workplace<U> at(s, images, {space});
  const int64_t rows = images * s.read(), D = s.width, F = s.hidden;
  T* qkv = kept.qkv ? kept.qkv : at.qkv;
  T* mixed = kept.mixed ? kept.mixed : at.mixed;
  normalise<T>(tokens, images * s.tokens, D, w.norm1, s.epsilon, at.normed);
  product<U>(images * s.tokens, {at.normed, D, 1}, w.qkv.forward, 3 * D, D, {qkv, 3 * D, w.qkv.bias, nullptr}, at.left);
  T* attended = at.normed;
  for (int64_t i = 0; i < images; i++) {
    attend<U>(s, qkv + i * s.tokens * 3 * D, prompts_qkv, kept.denominators ? kept.denominators + i * s.read() * s.heads : nullptr,
              attended + i * s.read() * D, at.attention);
    // The projection's sums start from the residual.
    T* residual = mixed + i * s.read() * D;
    std::copy_n(tokens + i * s.tokens * D, s.tokens_read * D, residual);
    std::copy_n(prompts, s.prompts_read * D, residual + s.tokens_read * D);
  }
  product<U>(rows, {attended, D, 1}, w.proj.forward, D, D, {mixed, D, w.proj.bias, mixed}, at.left);
  for (int64_t first = 0; first < rows; first += ChunkRows) {
    const int64_t count = std::min(ChunkRows, rows - first);
    const T* residual = mixed + first * D;
    normalise<T>(residual, count, D, w.norm2, s.epsilon, at.normed);
    product<U>(count, {at.normed, D, 1}, w.fc1.forward, F, D, {at.hidden, F, w.fc1.bias, nullptr}, at.left);
    activate<T>(at.hidden, count * F, s.activation, kept.slopes ? kept.slopes + first * F : nullptr);
    product<U>(count, {at.hidden, F, 1}, w.fc2.forward, D, F, {outputs + first * D, D, w.fc2.bias, residual}, at.left);
  }
}

// slope: of what the attention put out. slopes_qkv: of the tokens' queries, keys and values, or null where only the prompts' are asked for.
template <class U, class T = Element<U>>
void attend_back(const Sizes& s, const T* qkv, const T* prompts_qkv, const T* denominators, const T* slope, T* slopes_qkv,
                 T* prompts_slopes, Attention<U>& a) {
  const int64_t all = s.tokens + s.prompts, D = s.width, size = D / s.heads, stride = 3 * D;
  const T scale = 1 / std::sqrt(T(size));
  for (int64_t h = 0; h < s.heads; h++) {
    const int64_t at = h * size;
    const Head<T> keys{qkv + D + at, prompts_qkv + D + at, s.tokens, stride};
    const Head<T> values{qkv + 2 * D + at, prompts_qkv + 2 * D + at, s.tokens, stride};
    pack_columns<U>(all, size, keys, a.keys);
    pack_columns<U>(all, size, values, a.values);
    score<U>(s, qkv + at, prompts_qkv + at, a);
    product<U>(s.read(), {slope + at, D, 1}, a.values, a.stride, size, {a.slopes, a.stride, nullptr, nullptr}, a.left);
    softmax_back<T>(a.scores, a.slopes, s.read(), all, a.stride, scale, denominators + h, s.heads);
    pack_rows<U>(size, s.read(), Head<T>{qkv + at, prompts_qkv + at, s.tokens_read, stride}, a.rows);
    pack_rows<U>(size, s.read(), Head<T>{slope + at, nullptr, s.read(), D}, a.more_rows);
    // Keys' and values' gradients: the scores' and the softmax's, transposed, with queries and the outputs' gradient.
    const auto give = [&](int64_t first, int64_t count, T* to) {
      product<U>(count, {a.slopes + first, 1, a.stride}, a.rows, size, s.read(), {to + D + at, stride, nullptr, nullptr}, a.left);
      product<U>(count, {a.scores + first, 1, a.stride}, a.more_rows, size, s.read(), {to + 2 * D + at, stride, nullptr, nullptr}, a.left);
    };
    const auto ask = [&](int64_t first, int64_t count, T* to) {
      product<U>(count, {a.slopes + first * a.stride, a.stride, 1}, a.rows, size, all, {to + at, stride, nullptr, nullptr}, a.left);
    };
    give(s.tokens, s.prompts, prompts_slopes);
    if (slopes_qkv) give(0, s.tokens, slopes_qkv);
    pack_rows<U>(size, all, keys, a.rows);
    ask(s.tokens_read, s.prompts_read, prompts_slopes);
    if (slopes_qkv) ask(0, s.tokens_read, slopes_qkv);
  }
}

template <class U, class T = Element<U>>
void backward(const Sizes& s, const Weights<U>& w, int64_t images, const T* tokens, const T* prompts_qkv, const Kept<T>& kept,
              const T* slope, T* tokens_slope, T* prompts_slope, T* prompts_residual, T* space) {
  Workplace<U> at(s, images, {space});
  const int64_t rows = images * s.read(), D = s.width, F = s.hidden;
  for (int64_t first = 0; first < rows; first += ChunkRows) {
    const int64_t count = std::min(ChunkRows, rows - first);
    product<U>(count, {slope + first * D, D, 1}, w.fc2.backward, F, D, {at.hidden, F, nullptr, nullptr}, at.left);
    multiply<T>(at.hidden, kept.slopes + first * F, count * F);
    product<U>(count, {at.hidden, F, 1}, w.fc1.backward, D, F, {at.normed, D, nullptr, nullptr}, at.left);
    normalise_back<T>(kept.mixed + first * D, at.normed, slope + first * D, count, D, w.norm2, s.epsilon, at.mixed + first * D);
  }
  T* attended = at.normed;
  product<U>(rows, {at.mixed, D, 1}, w.proj.backward, D, D, {attended, D, nullptr, nullptr}, at.left);
  // What is not read has no gradient: queries that nothing asks, prompts that are not put out.
  if (s.tokens_read < s.tokens) std::fill_n(at.qkv, images * s.tokens * 3 * D, T(0));
  if (s.prompts_read < s.prompts) {
    std::fill_n(prompts_slope, images * s.prompts * 3 * D, T(0));
    std::fill_n(prompts_residual, images * s.prompts * D, T(0));
  }
  for (int64_t i = 0; i < images; i++) {
    attend_back<U>(s, kept.qkv + i * s.tokens * 3 * D, prompts_qkv, kept.denominators + i * s.read() * s.heads,
                   attended + i * s.read() * D, tokens_slope ? at.qkv + i * s.tokens * 3 * D : nullptr,
                   prompts_slope + i * s.prompts * 3 * D, at.attention);
    std::copy_n(at.mixed + (i * s.read() + s.tokens_read) * D, s.prompts_read * D, prompts_residual + i * s.prompts * D);
  }
  if (!tokens_slope) return;
  product<U>(images * s.tokens, {at.qkv, 3 * D, 1}, w.qkv.backward, D, 3 * D, {at.normed, D, nullptr, nullptr}, at.left);
  for (int64_t i = 0; i < images; i++) {
    const auto back = [&](int64_t row, const T* residual, int64_t count) {
      const int64_t from = (i * s.tokens + row) * D;
      normalise_back<T>(tokens + from, at.normed + from, residual, count, D, w.norm1, s.epsilon, tokens_slope + from);
    };
    back(0, at.mixed + i * s.read() * D, s.tokens_read);
    back(s.tokens_read, nullptr, s.tokens - s.tokens_read);
  }
}

template <class U, class T = Element<U>>
void pack(const T* matrix, int64_t rows, int64_t inner, bool transposed, U* packed) {
  const auto row = [&](int64_t i) { return matrix + i * inner; };
  if (transposed)
    pack_columns<U>(rows, inner, row, packed);
  else
    pack_rows<U>(inner, rows, row, packed);
}

template <class T>
void add_up(int64_t images, int64_t count, const T* each, T* sum) {
  std::fill_n(sum, count, T(0));
  for (int64_t i = 0; i < images; i++)
    for (int64_t j = 0; j < count; j++) sum[j] += each[i * count + j];
}

template <class U>
constexpr Level<U> here() {
  return {packed_size<U>, pack<U>, space<U>, prompts_forward<U>, prompts_backward<U>, forward<U>, backward<U>, add_up<Element<U>>};
}

}  // namespace

const longtail::Levels longtail::LEVEL = {here<float>(), here<double>(), here<longtail::Brief>()};
