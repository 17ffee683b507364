// For the compile check only: see cuda_runtime_api.h.
#pragma once
