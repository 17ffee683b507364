// For the compile check only: takes native/cuda.cpp through what it holds for a newer libtorch than the one here.
#pragma once

#define TORCH_VERSION_MAJOR 2
#define TORCH_VERSION_MINOR 11
#define TORCH_VERSION "2.11.0"
