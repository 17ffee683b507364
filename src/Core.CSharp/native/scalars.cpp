// Frees the scalars of TorchSharp late. Its methods hand libtorch the pointer of a Scalar that nothing holds during the call,
// as in tensor.mul(2.0) and, with a 1, in every sum of two tensors: the finalizer could free it while libtorch reads it. This
// library names TorchSharp's as its own and so answers for all that it has, but for this one function.

#include <chrono>
#include <deque>
#include <dlfcn.h>
#include <mutex>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;

// Of a thread between its taking the pointer and its reading it, however long the system lets it wait.
constexpr auto longest = std::chrono::seconds(10);

std::mutex gate;
std::deque<std::pair<Clock::time_point, void*>> waiting;

}

extern "C" __attribute__((visibility("default"))) void THSTorch_dispose_scalar(void* scalar)
{
    static const auto release =
        reinterpret_cast<void (*)(void*)>(dlsym(RTLD_NEXT, "THSTorch_dispose_scalar"));
    const std::lock_guard<std::mutex> alone(gate);
    const auto now = Clock::now();
    waiting.emplace_back(now, scalar);
    for (; now - waiting.front().first > longest; waiting.pop_front())
        release(waiting.front().second);
}
