// The kernels' one entry: which levels of instructions this machine can run, and what each of them computes with.
#include "level.h"

#include <vector>

namespace {

// The best first.
const std::vector<const longtail::Levels*>& levels() {
  static const auto found = [] {
    std::vector<const longtail::Levels*> all;
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

}  // namespace

// The number-th level, 0 the best; null where there are not so many.
extern "C" __attribute__((visibility("default"))) const longtail::Levels* longtail_level(int64_t number) {
  return number >= 0 && number < static_cast<int64_t>(levels().size()) ? levels()[number] : nullptr;
}
