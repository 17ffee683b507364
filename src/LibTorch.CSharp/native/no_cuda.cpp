// In the place of cuda.cpp where the libtorch found has no CUDA.

#include "door.h"

namespace {

template <class Result>
Result unavailable(Result failed) {
  last_error = "the native door was built without CUDA";
  return failed;
}

}  // namespace

DOOR int32_t longtail_graphs() { return 0; }
DOOR void* longtail_graph_begin(int64_t) { return unavailable<void*>(nullptr); }
DOOR int64_t longtail_peak_bytes(int64_t) { return unavailable<int64_t>(-1); }
DOOR int32_t longtail_forget_peak(int64_t) { return unavailable(-1); }
