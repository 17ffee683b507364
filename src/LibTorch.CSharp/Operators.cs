using TorchSharp.Calls;

namespace TorchSharp;

/// <summary>The operators that native/block adds to libtorch's own; TorchSharp has none of them.</summary>
public static class longtail
{
    private static readonly Operator levels = new("longtail::block_levels");
    private static readonly Operator pack = new("longtail::pack_block");
    private static readonly Operator block = new("longtail::frozen_block");

    /// <summary>How many levels of the processor's instructions there are to choose from; 0 is the best.</summary>
    public static long block_levels() => levels.CallInt();

    /// <summary>A transformer block's parameters, float32 or float64 on the CPU, as <see cref="frozen_block"/> reads them.</summary>
    /// <param name="parameters">
    /// norm1, attn.qkv, attn.proj, norm2, mlp.fc1, mlp.fc2 in timm's names, of each the weight, then the bias.
    /// </param>
    /// <param name="brief">Products round their factors to bfloat16; all else, sums too, stays float32.</param>
    public static torch.Tensor[] pack_block(torch.Tensor[] parameters, bool brief, long level) =>
        pack.CallList(parameters, brief, level);

    /// <summary>Tokens (B, T, Width) and prompts (P, Width) or null to the tokens' outputs (B, T, Width).</summary>
    /// <param name="readout">Only the outputs of the first token and the prompts: (B, 1 + P, Width).</param>
    /// <param name="activation">0: GELU, 1: quick GELU.</param>
    public static torch.Tensor frozen_block(
        torch.Tensor tokens,
        torch.Tensor? prompts,
        torch.Tensor[] packed,
        long heads,
        double epsilon,
        long activation,
        bool readout,
        long level
    ) => block.Call(tokens, prompts, packed, heads, epsilon, activation, readout, level);
}
