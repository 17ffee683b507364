// The frozen block as operators of libtorch, which the door calls by name like any other:
//   longtail::block_levels how many levels of the processor's instructions there are to choose from; 0 is the best
//   longtail::pack_block   a block's twelve parameters, in the order of timm's names below, to what frozen_block reads; in brief
//                          products round their factors to bfloat16, and all else stays float32
//   longtail::frozen_block tokens (B, T, width) and prompts (P, width) or none to the tokens' outputs (B, T, width); as
//                          a readout to those of the first token and the prompts (B, 1 + P, width)
// No gradient reaches the parameters. Images go to the threads in groups; what an image gives does not depend on its group, and the
// prompts' gradients are added up in the order of the images, so that results are the same for any number of threads.
#include <ATen/Parallel.h>
#include <torch/library.h>
#include <torch/torch.h>

#include <omp.h>

#include <algorithm>
#include <vector>

#include "level.h"

namespace {

using at::Tensor;
// std::optional from 2.1 or so on, c10's own before.
using OptionalTensor = decltype(std::declval<const c10::IValue&>().toOptional<Tensor>());
using longtail::Activation;
using longtail::Brief;
using longtail::Element;
using longtail::Level;
using longtail::Levels;
using longtail::Sizes;

// Those that this machine can run, the best first.
const std::vector<const Levels*>& levels() {
  static const auto found = [] {
    std::vector<const Levels*> all;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
    if (avx512 && __builtin_cpu_supports("avx512bf16")) all.push_back(&longtail::avx512bf16);
    if (avx512) all.push_back(&longtail::avx512);
    if (avx2) all.push_back(&longtail::avx2);
#endif
    all.push_back(&longtail::plain);
    return all;
  }();
  return found;
}

template <class U>
const Level<U>& level(int64_t number) {
  auto& found = *levels().at(number);
  if constexpr (std::is_same_v<U, float>)
    return found.floats;
  else if constexpr (std::is_same_v<U, double>)
    return found.doubles;
  else
    return found.briefs;
}

// What products store their factors in, as an argument. Brief ones lie in a tensor of integers.
template <class Body>
auto with_unit(at::ScalarType type, Body body) {
  if (type == at::kInt) return body(Brief{});
  return type == at::kDouble ? body(double{}) : body(float{});
}

template <class U>
U* pointer(const Tensor& tensor) {
  return tensor.defined() ? static_cast<U*>(tensor.data_ptr()) : nullptr;
}

// norm1, norm2: weight, bias. qkv, proj, fc1, fc2: weight packed for the forward pass, for the backward pass, bias.
enum Packed : size_t { Norm1, Norm2 = 2, Qkv = 4, Proj = 7, Fc1 = 10, Fc2 = 13, PackedCount = 16 };

template <class U>
Tensor packed(const Level<U>& level, const Tensor& matrix, at::ScalarType type, bool transposed) {
  const int64_t rows = matrix.size(0), inner = matrix.size(1);
  const int64_t columns = transposed ? rows : inner, depth = transposed ? inner : rows;
  auto to = at::empty({level.packed(columns, depth)}, matrix.options().dtype(type));
  level.pack(pointer<Element<U>>(matrix), rows, inner, transposed, pointer<U>(to));
  return to;
}

// Parameters: norm1.weight, norm1.bias, attn.qkv.weight, ..bias, attn.proj.., norm2.., mlp.fc1.., mlp.fc2..
std::vector<Tensor> pack_block(const std::vector<Tensor>& parameters, bool brief, int64_t number) {
  TORCH_CHECK(parameters.size() == 12, "a block has twelve parameters");
  TORCH_CHECK(number >= 0 && number < static_cast<int64_t>(levels().size()), "no level ", number, " on this machine");
  const auto type = parameters[0].scalar_type();
  TORCH_CHECK(type == at::kFloat || (type == at::kDouble && !brief), "a block is packed from float32 or, but for bfloat16, float64");
  std::vector<Tensor> p;
  for (auto& parameter : parameters) {
    TORCH_CHECK(parameter.is_cpu() && parameter.scalar_type() == type, "a block's parameters are alike, on the CPU");
    p.push_back(parameter.detach().contiguous());
  }
  const auto stored = brief ? at::kInt : type;
  return with_unit(stored, [&](auto unit) {
    auto& here = level<decltype(unit)>(number);
    std::vector<Tensor> all = {p[0].clone(), p[1].clone(), p[6].clone(), p[7].clone()};
    for (size_t linear : {2, 4, 8, 10}) {
      all.push_back(packed(here, p[linear], stored, true));
      all.push_back(packed(here, p[linear], stored, false));
      all.push_back(p[linear + 1].clone());
    }
    return all;
  });
}

struct Call {
  Sizes sizes;
  std::vector<Tensor> weights;
  int64_t number;

  at::ScalarType unit() const { return weights[Qkv].scalar_type(); }

  template <class U>
  const Level<U>& level() const {
    return ::level<U>(number);
  }

  template <class U>
  longtail::Weights<U> pointers() const {
    const auto at = [&](size_t i) -> const Element<U>* { return pointer<Element<U>>(weights[i]); };
    const auto linear = [&](size_t i) { return longtail::Linear<U>{pointer<U>(weights[i]), pointer<U>(weights[i + 1]), at(i + 2)}; };
    return {{at(Norm1), at(Norm1 + 1)}, {at(Norm2), at(Norm2 + 1)}, linear(Qkv), linear(Proj), linear(Fc1), linear(Fc2)};
  }
};

// Some hundred rows a group, so that the weights are read seldom; as many groups for each thread.
constexpr int64_t GroupRows = 96;

template <class U, class Body>
void over_images(const Call& call, int64_t images, const at::TensorOptions& options, Body body) {
  auto& sizes = call.sizes;
  const int64_t threads = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), images));
  const int64_t usual = std::max<int64_t>(1, GroupRows / sizes.tokens);
  const int64_t groups = std::min(images, (images + usual * threads - 1) / (usual * threads) * threads);
  const int64_t most = (images + groups - 1) / groups, each = call.level<U>().space(sizes, most);
  auto space = at::empty({threads * each}, options);
  auto* first = pointer<Element<U>>(space);
#pragma omp parallel num_threads(threads)
  {
    auto* own = first + omp_get_thread_num() * each;
#pragma omp for schedule(dynamic)
    for (int64_t g = 0; g < groups; g++) {
      const int64_t from = images * g / groups;
      body(from, images * (g + 1) / groups - from, own);
    }
  }
}

template <class U, class T = Element<U>>
Tensor qkv_of(const Call& call, const Tensor& prompts) {
  auto& s = call.sizes;
  auto qkv = at::empty({s.prompts, 3 * s.width}, prompts.options());
  auto space = at::empty({call.level<U>().space(s, 0)}, prompts.options());
  if (s.prompts > 0)
    call.level<U>().prompts_forward(s, call.pointers<U>(), pointer<T>(prompts), pointer<T>(qkv), pointer<T>(space));
  return qkv;
}

// What the backward pass reads: as in Kept.
std::vector<Tensor> room_to_keep(const Sizes& s, const Tensor& tokens) {
  std::vector<Tensor> kept = {at::empty({tokens.size(0) * s.tokens, 3 * s.width}, tokens.options())};
  for (int64_t columns : {s.width, s.hidden, s.heads})
    kept.push_back(at::empty({tokens.size(0) * s.read(), columns}, tokens.options()));
  return kept;
}

template <class T>
longtail::Kept<T> kept_from(const std::vector<Tensor>& kept, const Sizes& s, int64_t image) {
  if (kept.empty()) return {};
  const int64_t row = image * s.read();
  return {pointer<T>(kept[0]) + image * s.tokens * 3 * s.width, pointer<T>(kept[1]) + row * s.width, pointer<T>(kept[2]) + row * s.hidden,
          pointer<T>(kept[3]) + row * s.heads};
}

Tensor forward(const Call& call, const Tensor& tokens, const Tensor& prompts, const std::vector<Tensor>& kept) {
  auto outputs = at::empty({tokens.size(0), call.sizes.read(), call.sizes.width}, tokens.options());
  with_unit(call.unit(), [&](auto unit) {
    using U = decltype(unit);
    using T = Element<U>;
    auto& s = call.sizes;
    const auto weights = call.pointers<U>();
    const auto qkv = qkv_of<U>(call, prompts);
    const int64_t image = s.tokens * s.width, read = s.read() * s.width;
    const T *from = pointer<T>(tokens), *added = pointer<T>(prompts), *shared = pointer<T>(qkv);
    T* to = pointer<T>(outputs);
    over_images<U>(call, tokens.size(0), tokens.options(), [&](int64_t i, int64_t count, T* space) {
      call.level<U>().forward(s, weights, count, from + i * image, added, shared, to + i * read, kept_from<T>(kept, s, i), space);
    });
  });
  return outputs;
}

// (images, rows, columns) to the sum over the images, added in their order.
template <class T>
Tensor in_order(const Tensor& each) {
  auto sum = at::zeros({each.size(1), each.size(2)}, each.options());
  const int64_t images = each.size(0), count = sum.numel();
  const T* from = pointer<T>(each);
  T* to = pointer<T>(sum);
  at::parallel_for(0, count, 1024, [&](int64_t first, int64_t last) {
    for (int64_t i = 0; i < images; i++)
      for (int64_t j = first; j < last; j++) to[j] += from[i * count + j];
  });
  return sum;
}

std::pair<Tensor, Tensor> backward(const Call& call, const Tensor& tokens, const Tensor& prompts, const std::vector<Tensor>& kept,
                                   const Tensor& slope, bool tokens_wanted) {
  auto& s = call.sizes;
  auto tokens_slope = tokens_wanted ? at::empty_like(tokens) : Tensor();
  auto prompts_slope = at::empty_like(prompts);
  with_unit(call.unit(), [&](auto unit) {
    using U = decltype(unit);
    using T = Element<U>;
    const auto weights = call.pointers<U>();
    const auto qkv = qkv_of<U>(call, prompts);
    // What is not read has no gradient.
    const auto each = at::zeros({tokens.size(0), s.prompts, 3 * s.width}, tokens.options());
    const auto residuals = at::zeros({tokens.size(0), s.prompts, s.width}, tokens.options());
    const int64_t image = s.tokens * s.width, read = s.read() * s.width, one = s.prompts * s.width;
    const T *from = pointer<T>(tokens), *shared = pointer<T>(qkv), *given = pointer<T>(slope);
    T *to = pointer<T>(tokens_slope), *to_prompts = pointer<T>(each), *past = pointer<T>(residuals);
    over_images<U>(call, tokens.size(0), tokens.options(), [&](int64_t i, int64_t count, T* space) {
      call.level<U>().backward(s, weights, count, from + i * image, shared, kept_from<T>(kept, s, i), given + i * read,
                          to ? to + i * image : nullptr, to_prompts + 3 * i * one, past + i * one, space);
    });
    if (s.prompts == 0) return;
    const auto sum = in_order<T>(each), residual = in_order<T>(residuals);
    auto space = at::empty({call.level<U>().space(s, 0)}, tokens.options());
    call.level<U>().prompts_backward(s, weights, pointer<T>(prompts), pointer<T>(sum), pointer<T>(residual), pointer<T>(prompts_slope), pointer<T>(space));
  });
  return {tokens_slope, prompts_slope};
}

struct FrozenBlock : torch::autograd::Function<FrozenBlock> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& tokens, const Tensor& prompts, const Call& call) {
    auto kept = room_to_keep(call.sizes, tokens);
    auto outputs = ::forward(call, tokens, prompts, kept);
    context->saved_data["tokens wanted"] = tokens.requires_grad();
    context->saved_data["weights"] = call.weights;
    auto& s = call.sizes;
    context->saved_data["sizes"] = std::vector<int64_t>{s.tokens, s.prompts, s.width, s.heads, s.hidden, s.tokens_read, s.prompts_read, static_cast<int64_t>(s.activation), call.number};
    context->saved_data["epsilon"] = s.epsilon;
    kept.insert(kept.begin(), {tokens, prompts});
    context->save_for_backward(kept);
    return outputs;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list slopes) {
    auto kept = context->get_saved_variables();
    const auto tokens = kept[0], prompts = kept[1];
    kept.erase(kept.begin(), kept.begin() + 2);
    auto& data = context->saved_data;
    const auto s = data["sizes"].toIntVector();
    const Call call{{s[0], s[1], s[2], s[3], s[4], s[5], s[6], data["epsilon"].toDouble(), static_cast<Activation>(s[7])},
                    data["weights"].toTensorVector(),
                    s[8]};
    auto [to_tokens, to_prompts] = ::backward(call, tokens, prompts, kept, slopes[0].contiguous(), data["tokens wanted"].toBool());
    return {to_tokens, to_prompts, Tensor()};
  }
};

Tensor frozen_block(const Tensor& tokens, const OptionalTensor& given, std::vector<Tensor> weights, int64_t heads, double epsilon,
                    int64_t activation, bool readout, int64_t number) {
  TORCH_CHECK(weights.size() == PackedCount, "the weights are not those of pack_block");
  const int64_t width = weights[Norm1].numel();
  TORCH_CHECK(tokens.is_cpu() && tokens.dim() == 3 && tokens.size(2) == width && tokens.scalar_type() == weights[0].scalar_type(),
              "tokens are (B, T, ", width, ") of the weights' type, on the CPU");
  const auto prompts = given && given->defined() ? given->contiguous() : at::empty({0, width}, tokens.options());
  TORCH_CHECK(prompts.is_cpu() && prompts.dim() == 2 && prompts.size(1) == width && prompts.scalar_type() == tokens.scalar_type(),
              "prompts are (P, ", width, ") of the tokens' type, on the CPU");
  const auto whole = tokens.contiguous();
  const int64_t tokens_read = readout ? 1 : whole.size(1), prompts_read = readout ? prompts.size(0) : 0;
  const Call call{{whole.size(1), prompts.size(0), width, heads, weights[Fc1 + 2].numel(), tokens_read, prompts_read, epsilon,
                   static_cast<Activation>(activation)},
                  std::move(weights), number};
  if (at::GradMode::is_enabled() && (whole.requires_grad() || prompts.requires_grad())) return FrozenBlock::apply(whole, prompts, call);
  return forward(call, whole, prompts, {});
}

}  // namespace

TORCH_LIBRARY(longtail, m) {
  m.def("block_levels() -> int", [] { return static_cast<int64_t>(levels().size()); });
  m.def("pack_block(Tensor[] parameters, bool brief, int level) -> Tensor[]", pack_block);
  m.def("frozen_block(Tensor tokens, Tensor? prompts, Tensor[] weights, int heads, float epsilon, int activation, bool readout, int level) -> Tensor", frozen_block);
}
