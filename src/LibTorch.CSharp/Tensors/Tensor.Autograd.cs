using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>The gradient that backward passes accumulate in; null while there is none. Each get is a new wrapper.</summary>
        public Tensor? grad
        {
            get
            {
                var gradient = Door.longtail_grad(Handle);
                return gradient == 0 ? null : new Tensor(gradient);
            }
            set => Door.longtail_set_grad(Handle, value?.Handle ?? 0);
        }

        public bool is_leaf => Door.longtail_is_leaf(Handle) != 0;

        public bool requires_grad
        {
            get => Door.longtail_requires_grad(Handle) != 0;
            set
            {
                if (Door.longtail_set_requires_grad(Handle, value ? 1 : 0) < 0)
                    throw new TorchException($"requires_grad({Summary}): {Door.Error}");
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>Accumulates the gradients of this scalar in the leaves it was computed from.</summary>
        public void backward() => backward(null);

        public unsafe void backward(
            IList<Tensor>? grad_tensors,
            bool retain_graph = false,
            bool create_graph = false
        )
        {
            var root = Handle;
            var seed = grad_tensors is null ? 0 : grad_tensors[0].Handle;
            if (
                Door.longtail_backward(
                    &root,
                    &seed,
                    1,
                    retain_graph || create_graph ? 1 : 0,
                    create_graph ? 1 : 0
                ) < 0
            )
                throw new TorchException($"backward({Summary}): {Door.Error}");
            GC.KeepAlive(grad_tensors);
        }
    }
}
