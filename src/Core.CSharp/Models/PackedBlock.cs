using LongTail.Core.Interop;
using static TorchSharp.torch;

namespace LongTail.Core.Models;

/// <summary>A block's parameters as the kernels read them: each matrix packed for the forward pass and for the backward pass.</summary>
internal sealed unsafe class PackedBlock
{
    // Their memory is what the pointers in Weights point at.
    private readonly List<Tensor> held = [];
    private readonly Kernels* kernels;
    private readonly BlockWeights weights;
    private readonly ScalarType stored;

    /// <param name="parameter">The block's tensor of a timm name; float32 or float64, on the CPU.</param>
    /// <param name="linears">Names of qkv, projection, first and second layer of the perceptron.</param>
    /// <param name="brief">Products round their factors to bfloat16; all else, sums too, stays float32.</param>
    internal PackedBlock(Func<string, Tensor> parameter, string[] linears, bool brief, int level)
    {
        Type = parameter("norm1.weight").dtype;
        if (Type != ScalarType.Float32 && (brief || Type != ScalarType.Float64))
            throw new ArgumentException(
                $"A block is packed from float32 or, but for bfloat16, float64; these are {Type}."
            );
        // What a product of bfloat16 stores its factors in has the size of an integer.
        stored = brief ? ScalarType.Int32 : Type;
        var all = KernelLevel.Of(level);
        kernels =
            brief ? &all->Briefs
            : Type == ScalarType.Float64 ? &all->Doubles
            : &all->Floats;
        Width = parameter("norm1.weight").shape[0];
        Hidden = parameter($"{linears[2]}.weight").shape[0];
        weights = new BlockWeights
        {
            Norm1Weight = Copied("norm1.weight"),
            Norm1Bias = Copied("norm1.bias"),
            Norm2Weight = Copied("norm2.weight"),
            Norm2Bias = Copied("norm2.bias"),
            Qkv = Linear(linears[0]),
            Proj = Linear(linears[1]),
            Fc1 = Linear(linears[2]),
            Fc2 = Linear(linears[3]),
        };

        nint Copied(string name) => Held(parameter(name).detach().clone().contiguous());

        LinearWeights Linear(string name)
        {
            var matrix = parameter($"{name}.weight").detach().contiguous();
            return new()
            {
                Forward = Packed(matrix, transposed: true),
                Backward = Packed(matrix, transposed: false),
                Bias = Copied($"{name}.bias"),
            };
        }
    }

    internal ScalarType Type { get; }

    internal long Width { get; }

    internal long Hidden { get; }

    internal int NumberBytes => Type == ScalarType.Float64 ? sizeof(double) : sizeof(float);

    internal Kernels* Kernels => kernels;

    internal BlockWeights Weights => weights;

    private nint Packed(Tensor matrix, bool transposed)
    {
        var (rows, inner) = (matrix.shape[0], matrix.shape[1]);
        var (columns, depth) = transposed ? (rows, inner) : (inner, rows);
        var to = empty([kernels->Packed(columns, depth)], stored);
        kernels->Pack(matrix.Start(), rows, inner, (byte)(transposed ? 1 : 0), to.Start());
        return Held(to);
    }

    private nint Held(Tensor tensor)
    {
        held.Add(tensor.DetachFromDisposeScope());
        return tensor.Start();
    }
}
