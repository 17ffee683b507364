using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public long dim() => Door.longtail_dim(Handle);

        public long[] shape => Layout().Sizes;

        public long size(int dim)
        {
            var sizes = shape;
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public long[] size() => shape;

        public long numel() => shape.Aggregate(1L, (product, size) => product * size);

        public bool is_contiguous()
        {
            var (sizes, strides) = Layout();
            var expected = 1L;
            for (var i = sizes.Length - 1; i >= 0; i--)
            {
                if (sizes[i] != 1 && strides[i] != expected)
                    return false;
                expected *= sizes[i];
            }
            return true;
        }

        private unsafe (long[] Sizes, long[] Strides) Layout()
        {
            var sizes = new long[dim()];
            var strides = new long[sizes.Length];
            fixed (long* s = sizes)
            fixed (long* t = strides)
                Door.longtail_layout(Handle, s, t);
            return (sizes, strides);
        }

        public Tensor view(params long[] shape) => Aten.view.Call(this, shape);

        public Tensor reshape(params long[] shape) => Aten.reshape.Call(this, shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) =>
            Aten.flatten.Call(this, start_dim, end_dim);

        public Tensor permute(params long[] permutation) => Aten.permute.Call(this, permutation);

        public Tensor transpose(long dim0, long dim1) => Aten.transpose.Call(this, dim0, dim1);

        public Tensor unsqueeze(long dim) => Aten.unsqueeze.Call(this, dim);

        public Tensor expand(params long[] sizes) => Aten.expand.Call(this, sizes);

        public Tensor flip(params long[] dims) => Aten.flip.Call(this, dims);

        public Tensor narrow(long dim, long start, long length) =>
            Aten.narrow.Call(this, dim, start, length);

        public Tensor select(long dim, long index) => Aten.select.Call(this, dim, index);

        public Tensor[] unbind(long dimension = 0) => Aten.unbind.CallList(this, dimension);

        public Tensor index_select(long dim, Tensor index) =>
            Aten.index_select.Call(this, dim, index);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) =>
            Aten.index_copy_.CallInPlace(this, dim, index, source);

        public Tensor gather(long dim, Tensor index) => Aten.gather.Call(this, dim, index);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Aten.scatter_add_.CallInPlace(this, dim, index, src);

        public Tensor index(params Tensor[] indices) =>
            Aten.index.Call(this, Argument.Optional(indices));

        public Tensor this[params Tensor[] indices] => index(indices);

        public Tensor this[long i1] => select(0, i1);

        public Tensor this[long i1, long i2] => select(0, i1).select(0, i2);

        public Tensor zeros_like(
            ScalarType? dtype = null,
            Device? device = null,
            bool requires_grad = false
        ) => zeros(shape, dtype ?? this.dtype, device ?? this.device, requires_grad);
    }
}
