// The one native door: a C ABI through which .NET calls libtorch.
// An operator is found by its schema name and called boxed, with tagged arguments; what is no operator (autograd, generators,
// devices, threads) has a function of its own. A tensor crosses as its TensorImpl, one reference owned by whoever holds the pointer.
// A function that fails returns null or -1 and leaves its message in longtail_error().
// Nothing here may depend on the version of libtorch between 1.13 and 2.11.

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/record_function.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/cuda.h>
#include <torch/torch.h>
#include <torch/version.h>

#include <malloc.h>

#include <utility>
#include <vector>

#include "door.h"

thread_local std::string last_error;

namespace {

using Listener = void (*)(const char*);

// Hears by name what the thread does.
thread_local Listener listener = nullptr;

enum Tag : int32_t {
  None = 0,
  Tensor = 1,
  Int = 2,
  Double = 3,
  Bool = 4,
  IntList = 5,
  TensorList = 6,
  OptionalTensorList = 7,
  Device = 8,
  Generator = 9,
};

// Mirrors NativeStream in CudaStream.cs.
struct Stream {
  int64_t device;
  int64_t id;
};

// Mirrors NativeValue in Operator.cs.
struct Value {
  int32_t tag;
  int32_t count;
  union {
    int64_t integer;
    double number;
    void* pointer;
  };
};

using OptionalTensor = decltype(std::declval<const c10::IValue&>().toOptional<at::Tensor>());

at::Tensor borrow(void* impl) {
  if (!impl) return at::Tensor();
  return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim_copy(
      static_cast<c10::TensorImpl*>(impl)));
}

void* release(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

c10::IValue unpack(const Value& value) {
  switch (value.tag) {
    case Tensor:
      return borrow(value.pointer);
    case Int:
      return value.integer;
    case Double:
      return value.number;
    case Bool:
      return value.integer != 0;
    case IntList: {
      auto items = static_cast<const int64_t*>(value.pointer);
      return std::vector<int64_t>(items, items + value.count);
    }
    case TensorList: {
      auto items = static_cast<void* const*>(value.pointer);
      c10::List<at::Tensor> list;
      for (int32_t i = 0; i < value.count; i++) list.push_back(borrow(items[i]));
      return list;
    }
    case OptionalTensorList: {
      auto items = static_cast<void* const*>(value.pointer);
      c10::List<OptionalTensor> list;
      for (int32_t i = 0; i < value.count; i++) list.push_back(items[i] ? OptionalTensor(borrow(items[i])) : OptionalTensor());
      return list;
    }
    case Device:
      return device(value.integer);
    case Generator:
      return *static_cast<at::Generator*>(value.pointer);
    default:
      return c10::IValue();
  }
}

Value pack(const c10::IValue& result) {
  Value value{None, 0, {0}};
  if (result.isTensor()) {
    value.tag = Tensor;
    value.pointer = release(result.toTensor());
  } else if (result.isTensorList()) {
    auto list = result.toTensorVector();
    auto items = new void*[list.size()];
    for (size_t i = 0; i < list.size(); i++) items[i] = release(std::move(list[i]));
    value.tag = TensorList;
    value.count = static_cast<int32_t>(list.size());
    value.pointer = items;
  } else if (result.isInt()) {
    value.tag = Int;
    value.integer = result.toInt();
  } else if (result.isDouble()) {
    value.tag = Double;
    value.number = result.toDouble();
  } else if (result.isBool()) {
    value.tag = Bool;
    value.integer = result.toBool();
  }
  return value;
}

}  // namespace

DOOR const char* longtail_error() { return last_error.c_str(); }
DOOR const char* longtail_version() { return TORCH_VERSION; }

// Operators

DOOR void* longtail_operator(const char* name, const char* overload) {
  return guarded<void*>(nullptr, [&]() -> void* {
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(found, "this libtorch (", TORCH_VERSION, ") has no such operator");
    return new c10::OperatorHandle(*found);
  });
}

// Arguments left out at the end take the schema's defaults. Returns the number of results.
DOOR int32_t longtail_call(void* op, const Value* arguments, int32_t count, Value* results, int32_t capacity) {
  return guarded(-1, [&]() -> int32_t {
    auto& handle = *static_cast<c10::OperatorHandle*>(op);
    auto& declared = handle.schema().arguments();
    torch::jit::Stack stack;
    stack.reserve(declared.size());
    for (int32_t i = 0; i < count; i++) stack.push_back(unpack(arguments[i]));
    for (size_t i = count; i < declared.size(); i++) {
      TORCH_CHECK(declared[i].default_value(), "argument ", declared[i].name(), " is missing");
      stack.push_back(*declared[i].default_value());
    }
    handle.callBoxed(&stack);
    TORCH_CHECK(stack.size() <= static_cast<size_t>(capacity), "more results than expected");
    for (size_t i = 0; i < stack.size(); i++) results[i] = pack(stack[i]);
    return static_cast<int32_t>(stack.size());
  });
}

// Operators that the thread calls from now on, here or inside libtorch, backward ones too; null ends it.
DOOR void longtail_listen(Listener heard) {
  static thread_local at::CallbackHandle handle = 0;
  if (listener) at::removeCallback(handle);
  listener = heard;
  if (listener)
    handle = at::addThreadLocalCallback(at::RecordFunctionCallback([](const at::RecordFunction& called) {
               listener(called.name());
               return std::unique_ptr<at::ObserverContext>();
             }).scopes({at::RecordScope::FUNCTION}));
}

DOOR void longtail_free_list(void** items) { delete[] items; }

// Tensors

DOOR void longtail_release(void* tensor) {
  c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<c10::TensorImpl*>(tensor));
}
DOOR int64_t longtail_dim(void* tensor) { return borrow(tensor).dim(); }
DOOR void longtail_layout(void* tensor, int64_t* sizes, int64_t* strides) {
  auto t = borrow(tensor);
  for (int64_t i = 0; i < t.dim(); i++) {
    sizes[i] = t.size(i);
    strides[i] = t.stride(i);
  }
}
DOOR int32_t longtail_dtype(void* tensor) { return static_cast<int32_t>(borrow(tensor).scalar_type()); }
DOOR int64_t longtail_device(void* tensor) { return packed(borrow(tensor).device()); }
DOOR void* longtail_data(void* tensor) {
  if (listener) listener("host memory");
  return borrow(tensor).data_ptr();
}
DOOR int32_t longtail_is_leaf(void* tensor) { return borrow(tensor).is_leaf(); }
DOOR int32_t longtail_requires_grad(void* tensor) { return borrow(tensor).requires_grad(); }
DOOR int32_t longtail_set_requires_grad(void* tensor, int32_t required) {
  return guarded(-1, [&] { return borrow(tensor).set_requires_grad(required != 0), 0; });
}
DOOR void* longtail_grad(void* tensor) { return release(borrow(tensor).grad()); }
DOOR void longtail_set_grad(void* tensor, void* gradient) { borrow(tensor).mutable_grad() = borrow(gradient); }

// Autograd

DOOR int32_t longtail_backward(void** tensors, void** gradients, int32_t count, int32_t retain, int32_t create) {
  return guarded(-1, [&] {
    torch::autograd::variable_list roots, seeds;
    for (int32_t i = 0; i < count; i++) {
      roots.push_back(borrow(tensors[i]));
      seeds.push_back(gradients ? borrow(gradients[i]) : at::Tensor());
    }
    torch::autograd::backward(roots, seeds, retain != 0, create != 0);
    return 0;
  });
}
DOOR int32_t longtail_grad_enabled() { return at::GradMode::is_enabled(); }
DOOR void longtail_set_grad_enabled(int32_t enabled) { at::GradMode::set_enabled(enabled != 0); }

// Generators, devices, threads, memory

DOOR void* longtail_generator(int64_t packed_device, uint64_t seed) {
  return guarded<void*>(nullptr, [&]() -> void* {
    auto where = device(packed_device);
    auto generator = where.is_cpu() ? at::detail::createCPUGenerator(seed) : at::globalContext().defaultGenerator(where).clone();
    generator.set_current_seed(seed);
    return new at::Generator(std::move(generator));
  });
}
DOOR void longtail_free_generator(void* generator) { delete static_cast<at::Generator*>(generator); }
DOOR void longtail_manual_seed(uint64_t seed) { torch::manual_seed(seed); }

DOOR int64_t longtail_cuda_devices() {
  return guarded<int64_t>(0, [] { return static_cast<int64_t>(torch::cuda::device_count()); });
}

// Streams of a device that has some. A new one is of libtorch's pool, which hands them out in turn.
DOOR int32_t longtail_new_stream(int64_t packed_device, Stream* made) {
  return guarded(-1, [&] {
    auto where = device(packed_device);
    auto stream = c10::impl::VirtualGuardImpl(where.type()).getStreamFromGlobalPool(where);
    *made = {packed(stream.device()), static_cast<int64_t>(stream.id())};
    return 0;
  });
}
// Makes it the calling thread's, and gives what was that before.
DOOR int32_t longtail_exchange_stream(Stream* stream) {
  return guarded(-1, [&] {
    auto where = device(stream->device);
    auto before = c10::impl::VirtualGuardImpl(where.type()).exchangeStream(c10::Stream(c10::Stream::UNSAFE, where, stream->id));
    *stream = {packed(before.device()), static_cast<int64_t>(before.id())};
    return 0;
  });
}
DOOR int32_t longtail_finish_stream(int64_t packed_device) {
  return guarded(-1, [&] {
    c10::impl::VirtualGuardImpl guard(device(packed_device).type());
    guard.synchronizeStream(guard.getStream(device(packed_device)));
    return 0;
  });
}

DOOR int32_t longtail_threads() { return at::get_num_threads(); }
DOOR void longtail_set_threads(int32_t count) { at::set_num_threads(count); }

// glibc returns freed pages to the system at every step, only to fault them in again; a training step is 10 to 20 % faster without.
// One arena, because a second thread's arena cannot hold blocks of over 64 MiB.
DOOR void longtail_keep_memory() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  mallopt(M_TOP_PAD, 64 << 20);
}
