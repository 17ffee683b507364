#!/bin/sh
# The plan for a machine with a GPU, about six minutes on one card: every symbol of the engine is resolved at once, then the golden
# and contract suites, then throughput beside that machine's PyTorch. `build.fsx cuda` runs it in a clone, and its archive
# (`build.fsx pack`) on a machine that has Python's PyTorch and no .NET.
house=$(cd "$(dirname "$0")/.." && pwd)
cd "$house" || exit 2
dotnet=dotnet
[ -x "$house/dotnet/dotnet" ] && dotnet=$house/dotnet/dotnet
if [ -z "$LIBTORCH" ]; then
    LIBTORCH=$(python3 -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))') || {
        echo "cuda: name the libraries of a CUDA libtorch 2.10 in LIBTORCH (README, GPU)" >&2
        exit 2
    }
fi
export LIBTORCH LONGTAIL_DEVICE="${LONGTAIL_DEVICE:-cuda}"
LD_BIND_NOW=1 "$dotnet" src/Dsl.FSharp/bin/Release/net10.0/LongTail.dll doctor --device "$LONGTAIL_DEVICE" | head -3
LD_BIND_NOW=1 "$dotnet" benchmarks/bin/Release/net10.0/Benchmarks.dll throughput "$LONGTAIL_DEVICE" || exit
python3 benchmarks/peer_throughput.py "$LONGTAIL_DEVICE" || echo "cuda: no PyTorch to stand beside"
exec "$dotnet" tests/Core.Tests/bin/Release/net10.0/Core.Tests.dll golden.reference contract
