// For the compile check only: libtorch generates this header where it is built with CUDA.
#pragma once
