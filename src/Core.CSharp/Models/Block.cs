using LongTail.Core.Settings;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace LongTail.Core.Models;

/// <summary>
/// One pre-norm transformer block with deep prompts.
/// </summary>
/// <remarks>
/// Every image meets the same prompts, so their normalisation, keys, values and queries are computed once a batch, not
/// once an image. What prompts put out is thrown away in every block but the last, and there only the class token and
/// the prompts are read: <see cref="Forward"/> computes no prompt outputs, <see cref="ForwardReadout"/> no patch
/// outputs. The function is that of method.md 3 exactly.
/// </remarks>
internal sealed class Block(Architecture architecture, Func<string, Tensor> parameter)
{
    private readonly long width = architecture.Shape.Width;
    private readonly long heads = architecture.Shape.Heads;
    private readonly long headWidth = architecture.Shape.Width / architecture.Shape.Heads;

    /// <summary>Tokens (B, T, Width) and prompts (P, Width) or null to the tokens' outputs (B, T, Width).</summary>
    internal Tensor Forward(Tensor tokens, Tensor? prompts)
    {
        using var scope = NewDisposeScope();
        var qkv = Project(Normalise(tokens, "norm1"), 0, 3);
        var (key, value) = WithPrompts(qkv[1], qkv[2], prompts);
        var attended = Attend(qkv[0], key, value);
        return Finish(tokens.reshape(-1, width), attended)
            .view(tokens.shape)
            .MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Forward"/>, but puts out only the class token and the prompts: (B, 1 + P, Width).</summary>
    internal Tensor ForwardReadout(Tensor tokens, Tensor? prompts)
    {
        using var scope = NewDisposeScope();
        var batch = tokens.size(0);
        var normalised = Normalise(tokens, "norm1");
        var kv = Project(normalised, 1, 2);
        var (key, value) = WithPrompts(kv[0], kv[1], prompts);
        var query = Project(normalised.narrow(1, 0, 1), 0, 1)[0];
        var read = tokens.narrow(1, 0, 1);
        if (prompts is not null)
        {
            var asked = Project(Normalise(prompts.unsqueeze(0), "norm1"), 0, 1)[0];
            query = cat([query, asked.expand(batch, -1, -1, -1)], 2);
            read = cat([read, prompts.unsqueeze(0).expand(batch, -1, -1)], 1);
        }
        var sizes = read.shape;
        return Finish(read.reshape(-1, width), Attend(query, key, value))
            .view(sizes)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Normalised tokens (B, T, Width) to some of queries, keys, values: each (B, Heads, T, HeadWidth).</summary>
    private Tensor[] Project(Tensor normalised, long first, long count)
    {
        var weight = parameter("attn.qkv.weight");
        var bias = parameter("attn.qkv.bias");
        if (count < 3)
        {
            weight = weight.narrow(0, first * width, count * width);
            bias = bias.narrow(0, first * width, count * width);
        }
        return F.linear(normalised.reshape(-1, width), weight, bias)
            .view(normalised.size(0), -1, count, heads, headWidth)
            .permute(2, 0, 3, 1, 4)
            .unbind();
    }

    private (Tensor Key, Tensor Value) WithPrompts(Tensor key, Tensor value, Tensor? prompts)
    {
        if (prompts is null)
            return (key, value);
        var kv = Project(Normalise(prompts.unsqueeze(0), "norm1"), 1, 2);
        var batch = key.size(0);
        return (
            cat([key, kv[0].expand(batch, -1, -1, -1)], 2),
            cat([value, kv[1].expand(batch, -1, -1, -1)], 2)
        );
    }

    /// <summary>softmax(q k' / sqrt(HeadWidth)) v, heads joined again: (B * T, Width).</summary>
    private Tensor Attend(Tensor query, Tensor key, Tensor value)
    {
        var attended =
            query.device_type == DeviceType.CUDA
                ? F.scaled_dot_product_attention(query, key, value)
                : Product(
                    Product(query * (1 / Math.Sqrt(headWidth)), key.transpose(-2, -1)).softmax(-1),
                    value
                );
        return attended.transpose(1, 2).reshape(-1, width);
    }

    /// <summary>
    /// (B, Heads, M, K) and (B, Heads, K, N) to (B, Heads, M, N). Not TorchSharp's matmul: where libtorch refuses that one, for
    /// want of memory say, the process ends.
    /// </summary>
    private static Tensor Product(Tensor left, Tensor right)
    {
        var (rows, columns) = (left.shape[^2], right.shape[^1]);
        return left.reshape(-1, rows, left.shape[^1])
            .bmm(right.reshape(-1, right.shape[^2], columns))
            .view(left.shape[0], left.shape[1], rows, columns);
    }

    /// <summary>Both residual branches behind the attention, on rows (N, Width).</summary>
    private Tensor Finish(Tensor residual, Tensor attended)
    {
        var mixed = Scaled(Linear(attended, "attn.proj"), "ls1").add_(residual);
        var hidden = Activate(Linear(Normalise(mixed, "norm2"), "mlp.fc1"));
        return Scaled(Linear(hidden, "mlp.fc2"), "ls2").add_(mixed);
    }

    private Tensor Scaled(Tensor branch, string name) =>
        architecture.LayerScale ? branch * parameter($"{name}.gamma") : branch;

    private Tensor Activate(Tensor hidden) =>
        architecture.Activation == Activation.QuickGelu
            ? hidden * (hidden * 1.702).sigmoid()
            : hidden.gelu();

    private Tensor Linear(Tensor rows, string name) =>
        F.linear(rows, parameter($"{name}.weight"), parameter($"{name}.bias"));

    private Tensor Normalise(Tensor tokens, string name) =>
        F.layer_norm(
            tokens,
            [width],
            parameter($"{name}.weight"),
            parameter($"{name}.bias"),
            architecture.LayerNormEpsilon
        );
}
