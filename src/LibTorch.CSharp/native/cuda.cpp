// What only CUDA's own headers allow: graphs, and what the device's allocator counts. Where they are not, no_cuda.cpp says so.

#include <ATen/Functions.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/core/DeviceGuard.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <torch/version.h>

#include <memory>

#include "door.h"

using at::cuda::CUDAGraph;
namespace allocator = c10::cuda::CUDACachingAllocator;

// Before 2.1 a capture forbids every thread of the process to allocate: the runs beside it would fail.
#define CAPTURES_ALONE (TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR > 0))

DOOR int32_t longtail_graphs() { return CAPTURES_ALONE; }

// What the calling thread's stream, not the default one, is given from now on is written down and not done.
DOOR void* longtail_graph_begin(int64_t packed_device) {
  return guarded<void*>(nullptr, [&]() -> void* {
    c10::DeviceGuard guard(device(packed_device));
    auto graph = std::make_unique<CUDAGraph>();
#if CAPTURES_ALONE
    graph->capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    return graph.release();
#else
    TORCH_CHECK(false, "CUDA graphs want libtorch 2.1 or newer, and this is ", TORCH_VERSION);
#endif
  });
}

DOOR int32_t longtail_graph_end(void* graph, int64_t packed_device) {
  return guarded(-1, [&] {
    c10::DeviceGuard guard(device(packed_device));
    static_cast<CUDAGraph*>(graph)->capture_end();
    return 0;
  });
}

DOOR int32_t longtail_graph_replay(void* graph, int64_t packed_device) {
  return guarded(-1, [&] {
    c10::DeviceGuard guard(device(packed_device));
    static_cast<CUDAGraph*>(graph)->replay();
    return 0;
  });
}

DOOR void longtail_free_graph(void* graph) { delete static_cast<CUDAGraph*>(graph); }

namespace {

// The allocator has nothing of a device before its first tensor.
c10::DeviceIndex in_use(int64_t packed_device) {
  return at::empty({0}, at::TensorOptions(device(packed_device))).device().index();
}

}  // namespace

// Most bytes that tensors held at a time since the last call of the other.
DOOR int64_t longtail_peak_bytes(int64_t packed_device) {
  return guarded<int64_t>(-1, [&] {
    constexpr size_t all_pools = 0;
    return allocator::getDeviceStats(in_use(packed_device)).allocated_bytes[all_pools].peak;
  });
}
DOOR int32_t longtail_forget_peak(int64_t packed_device) {
  return guarded(-1, [&] { return allocator::resetPeakStats(in_use(packed_device)), 0; });
}
