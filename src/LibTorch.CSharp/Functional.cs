using TorchSharp.Calls;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Aten.linear.Call(input, weights, bias);

            public static Tensor conv2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                long groups = 1
            ) =>
                Aten.conv2d.Call(
                    input,
                    weight,
                    bias,
                    strides ?? [1, 1],
                    padding ?? [0, 0],
                    dilation ?? [1, 1],
                    groups
                );

            public static Tensor layer_norm(
                Tensor input,
                long[] normalized_shape,
                Tensor? weight = null,
                Tensor? bias = null,
                double eps = 1e-05
            ) => Aten.layer_norm.Call(input, normalized_shape, weight, bias, eps);

            /// <summary>softmax(q k' / sqrt(d)) v of (B, H, T, d), from libtorch 2.0 on.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query,
                Tensor key,
                Tensor value,
                Tensor? attn_mask = null,
                double p = 0,
                bool is_casual = false
            ) => Aten.scaled_dot_product_attention.Call(query, key, value, attn_mask, p, is_casual);

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) =>
                input.softmax(dim, dtype);

            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = -100,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0
            ) =>
                Aten.cross_entropy.Call(
                    input,
                    target,
                    weight,
                    (long)reduction,
                    ignore_index,
                    label_smoothing
                );

            public static Tensor normalize(
                Tensor input,
                double p = 2,
                long dim = 1,
                double eps = 1e-12
            ) =>
                input
                / Aten.linalg_vector_norm.Call(input, (Scalar)p, new[] { dim }, true)
                    .clamp_min(eps);

            public static Tensor pad(
                Tensor input,
                long[] pad,
                PaddingModes mode = PaddingModes.Constant,
                double value = 0
            ) =>
                mode is PaddingModes.Constant or PaddingModes.Zeros
                    ? Aten.constant_pad_nd.Call(input, pad, (Scalar)value)
                    : throw new NotSupportedException($"padding by {mode}");

            /// <summary>Resizes (N, C, H, W) to size (h, w).</summary>
            public static Tensor interpolate(
                Tensor x,
                long[]? size = null,
                double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null
            ) =>
                mode switch
                {
                    _ when size is null || scale_factor is not null =>
                        throw new NotSupportedException("interpolation but to a size"),
                    InterpolationMode.Bilinear => Aten.upsample_bilinear.Call(
                        x,
                        size,
                        align_corners ?? false
                    ),
                    InterpolationMode.Bicubic => Aten.upsample_bicubic.Call(
                        x,
                        size,
                        align_corners ?? false
                    ),
                    _ => throw new NotSupportedException($"interpolation by {mode}"),
                };
        }
    }
}
