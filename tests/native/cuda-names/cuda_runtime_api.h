// No part of the program: names of CUDA's runtime that libtorch's headers mention, so that native/cuda.cpp is compiled on machines
// that have libtorch's headers and not CUDA's. What is compiled against it is never linked.
#pragma once

enum cudaError_t { cudaSuccess, cudaErrorNotReady };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal, cudaStreamCaptureModeThreadLocal, cudaStreamCaptureModeRelaxed };
enum cudaMemcpyKind { cudaMemcpyDefault };

typedef struct CUstream_st* cudaStream_t;

cudaError_t cudaDeviceGetStreamPriorityRange(int*, int*);
cudaError_t cudaGetLastError();
const char* cudaGetErrorString(cudaError_t);
cudaError_t cudaMemcpyAsync(void*, const void*, unsigned long, cudaMemcpyKind, cudaStream_t);
cudaError_t cudaStreamGetPriority(cudaStream_t, int*);
cudaError_t cudaStreamQuery(cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);
