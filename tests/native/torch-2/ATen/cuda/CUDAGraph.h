// For the compile check only: at::cuda::CUDAGraph as native/cuda.cpp uses it, with its parameters since 2.1.
#pragma once

#include <c10/cuda/CUDAGraphsC10Utils.h>

namespace at::cuda {

struct CUDAGraph {
  explicit CUDAGraph(bool keep_graph = false);
  ~CUDAGraph();
  void capture_begin(c10::cuda::MempoolId_t pool = {0, 0}, cudaStreamCaptureMode mode = cudaStreamCaptureModeGlobal);
  void capture_end();
  void replay();
};

}  // namespace at::cuda
