// The frozen block as operators of libtorch, which the door calls by name like any other:
//   longtail::block_levels how many levels of the processor's instructions there are to choose from; 0 is the best
//   longtail::pack_block   a block's twelve parameters, in the order of timm's names below, to what frozen_block reads
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
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) all.push_back(&longtail::avx512);
    if (avx2) all.push_back(&longtail::avx2);
#endif
    all.push_back(&longtail::plain);
    return all;
  }();
  return found;
}

template <class T>
const Level<T>& level(int64_t number) {
  auto& found = *levels().at(number);
  if constexpr (std::is_same_v<T, float>)
    return found.floats;
  else
    return found.doubles;
}

// norm1, norm2: weight, bias. qkv, proj, fc1, fc2: weight packed for the forward pass, for the backward pass, bias.
enum Packed : size_t { Norm1, Norm2 = 2, Qkv = 4, Proj = 7, Fc1 = 10, Fc2 = 13, PackedCount = 16 };

template <class T>
Tensor packed(const Level<T>& level, const Tensor& matrix, bool transposed) {
  const int64_t rows = matrix.size(0), inner = matrix.size(1);
  const int64_t columns = transposed ? rows : inner, depth = transposed ? inner : rows;
  auto to = at::empty({level.packed(columns, depth)}, matrix.options());
  level.pack(matrix.data_ptr<T>(), rows, inner, transposed, to.template data_ptr<T>());
  return to;
}

// Parameters: norm1.weight, norm1.bias, attn.qkv.weight, ..bias, attn.proj.., norm2.., mlp.fc1.., mlp.fc2..
std::vector<Tensor> pack_block(const std::vector<Tensor>& parameters, int64_t number) {
  TORCH_CHECK(parameters.size() == 12, "a block has twelve parameters");
  TORCH_CHECK(number >= 0 && number < static_cast<int64_t>(levels().size()), "no level ", number, " on this machine");
  std::vector<Tensor> p;
  for (auto& parameter : parameters) {
    TORCH_CHECK(parameter.is_cpu() && parameter.scalar_type() == parameters[0].scalar_type(), "a block's parameters are alike, on the CPU");
    p.push_back(parameter.detach().contiguous());
  }
  return AT_DISPATCH_FLOATING_TYPES(p[0].scalar_type(), "pack_block", [&] {
    std::vector<Tensor> all = {p[0].clone(), p[1].clone(), p[6].clone(), p[7].clone()};
    for (size_t linear : {2, 4, 8, 10}) {
      all.push_back(packed<scalar_t>(level<scalar_t>(number), p[linear], true));
      all.push_back(packed<scalar_t>(level<scalar_t>(number), p[linear], false));
      all.push_back(p[linear + 1].clone());
    }
    return all;
  });
}

struct Call {
  Sizes sizes;
  std::vector<Tensor> weights;
  int64_t number;

  template <class T>
  const Level<T>& level() const {
    return ::level<T>(number);
  }

  template <class T>
  longtail::Weights<T> pointers() const {
    const auto at = [&](size_t i) -> const T* { return weights[i].data_ptr<T>(); };
    const auto linear = [&](size_t i) { return longtail::Linear<T>{at(i), at(i + 1), at(i + 2)}; };
    return {{at(Norm1), at(Norm1 + 1)}, {at(Norm2), at(Norm2 + 1)}, linear(Qkv), linear(Proj), linear(Fc1), linear(Fc2)};
  }
};

// Some hundred rows a group, so that the weights are read seldom; as many groups for each thread.
constexpr int64_t GroupRows = 96;

template <class T, class Body>
void over_images(const Call& call, int64_t images, const at::TensorOptions& options, Body body) {
  auto& sizes = call.sizes;
  const int64_t threads = std::max<int64_t>(1, std::min<int64_t>(at::get_num_threads(), images));
  const int64_t usual = std::max<int64_t>(1, GroupRows / sizes.tokens);
  const int64_t groups = std::min(images, (images + usual * threads - 1) / (usual * threads) * threads);
  const int64_t most = (images + groups - 1) / groups, each = call.level<T>().space(sizes, most);
  auto space = at::empty({threads * each}, options);
  T* first = space.template data_ptr<T>();
#pragma omp parallel num_threads(threads)
  {
    T* own = first + omp_get_thread_num() * each;
#pragma omp for schedule(dynamic)
    for (int64_t g = 0; g < groups; g++) {
      const int64_t from = images * g / groups;
      body(from, images * (g + 1) / groups - from, own);
    }
  }
}

template <class T>
T* pointer(const Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<T>() : nullptr;
}

template <class T>
Tensor qkv_of(const Call& call, const Tensor& prompts) {
  auto& s = call.sizes;
  auto qkv = at::empty({s.prompts, 3 * s.width}, prompts.options());
  auto space = at::empty({call.level<T>().space(s, 1)}, prompts.options());
  if (s.prompts > 0)
    call.level<T>().prompts_forward(s, call.pointers<T>(), prompts.data_ptr<T>(), qkv.template data_ptr<T>(), space.template data_ptr<T>());
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
  AT_DISPATCH_FLOATING_TYPES(tokens.scalar_type(), "frozen_block", [&] {
    using T = scalar_t;
    auto& s = call.sizes;
    const auto weights = call.pointers<T>();
    const auto qkv = qkv_of<T>(call, prompts);
    const int64_t image = s.tokens * s.width, read = s.read() * s.width;
    const T *from = pointer<T>(tokens), *added = pointer<T>(prompts), *shared = pointer<T>(qkv);
    T* to = pointer<T>(outputs);
    over_images<T>(call, tokens.size(0), tokens.options(), [&](int64_t i, int64_t count, T* space) {
      call.level<T>().forward(s, weights, count, from + i * image, added, shared, to + i * read, kept_from<T>(kept, s, i), space);
    });
  });
  return outputs;
}

Tensor in_order(const Tensor& each) {
  auto sum = each[0].clone();
  for (int64_t i = 1; i < each.size(0); i++) sum.add_(each[i]);
  return sum;
}

std::pair<Tensor, Tensor> backward(const Call& call, const Tensor& tokens, const Tensor& prompts, const std::vector<Tensor>& kept,
                                   const Tensor& slope, bool tokens_wanted) {
  auto& s = call.sizes;
  auto tokens_slope = tokens_wanted ? at::empty_like(tokens) : Tensor();
  auto prompts_slope = at::empty_like(prompts);
  AT_DISPATCH_FLOATING_TYPES(tokens.scalar_type(), "frozen_block", [&] {
    using T = scalar_t;
    const auto weights = call.pointers<T>();
    const auto qkv = qkv_of<T>(call, prompts);
    // What is not read has no gradient.
    const auto each = at::zeros({tokens.size(0), s.prompts, 3 * s.width}, tokens.options());
    const auto residuals = at::zeros({tokens.size(0), s.prompts, s.width}, tokens.options());
    const int64_t image = s.tokens * s.width, read = s.read() * s.width, one = s.prompts * s.width;
    const T *from = pointer<T>(tokens), *shared = pointer<T>(qkv), *given = pointer<T>(slope);
    T *to = pointer<T>(tokens_slope), *to_prompts = pointer<T>(each), *past = pointer<T>(residuals);
    over_images<T>(call, tokens.size(0), tokens.options(), [&](int64_t i, int64_t count, T* space) {
      call.level<T>().backward(s, weights, count, from + i * image, shared, kept_from<T>(kept, s, i), given + i * read,
                          to ? to + i * image : nullptr, to_prompts + 3 * i * one, past + i * one, space);
    });
    if (s.prompts == 0) return;
    const auto sum = in_order(each), residual = in_order(residuals);
    auto space = at::empty({call.level<T>().space(s, 1)}, tokens.options());
    call.level<T>().prompts_backward(s, weights, pointer<T>(prompts), pointer<T>(sum), pointer<T>(residual), pointer<T>(prompts_slope), pointer<T>(space));
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
  m.def("pack_block(Tensor[] parameters, int level) -> Tensor[]", pack_block);
  m.def("frozen_block(Tensor tokens, Tensor? prompts, Tensor[] weights, int heads, float epsilon, int activation, bool readout, int level) -> Tensor", frozen_block);
}
