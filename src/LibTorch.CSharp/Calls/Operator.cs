namespace TorchSharp.Calls;

/// <summary>
/// One ATen operator, found by schema name and overload at its first call and called boxed.
/// Arguments left out at the end take the schema's defaults.
/// </summary>
internal sealed class Operator(string name, string overload = "")
{
    private const int MostResults = 4;
    private nint handle;

    /// <summary>Calls an operator that returns one tensor.</summary>
    /// <exception cref="TorchException">libtorch refused; names the operator and the arguments' shapes.</exception>
    internal unsafe torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return new torch.Tensor((nint)results[0].Bits);
    }

    /// <summary>Calls an operator that returns a whole number.</summary>
    internal unsafe long CallInt(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return results[0].Bits;
    }

    /// <summary>Calls an operator that returns two tensors.</summary>
    internal unsafe (torch.Tensor, torch.Tensor) CallPair(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        return (new torch.Tensor((nint)results[0].Bits), new torch.Tensor((nint)results[1].Bits));
    }

    /// <summary>Calls an operator that returns a list of tensors.</summary>
    internal unsafe torch.Tensor[] CallList(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke(arguments, results);
        var items = (nint*)results[0].Bits;
        var tensors = new torch.Tensor[results[0].Count];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = new torch.Tensor(items[i]);
        Door.longtail_free_list((nint)items);
        return tensors;
    }

    /// <summary>Calls an operator that writes into its first argument, and returns that argument.</summary>
    internal unsafe torch.Tensor CallInPlace(torch.Tensor self, params ReadOnlySpan<Argument> rest)
    {
        var results = stackalloc NativeValue[MostResults];
        Invoke([self, .. rest], results);
        Door.longtail_release((nint)results[0].Bits);
        return self;
    }

    private unsafe void Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results)
    {
        if (handle == 0)
            handle = Door.longtail_operator(name, overload);
        if (handle == 0)
            throw Failure(arguments);

        var words = 0;
        foreach (var argument in arguments)
            words += argument.Words;
        Span<long> scratch = words <= 64 ? stackalloc long[64] : new long[words];
        var values = stackalloc NativeValue[arguments.Length];
        fixed (long* items = scratch)
        {
            var used = 0;
            for (var i = 0; i < arguments.Length; i++)
            {
                values[i] = arguments[i].Marshal(scratch[used..], items + used);
                used += arguments[i].Words;
            }
            if (Door.longtail_call(handle, values, arguments.Length, results, MostResults) < 0)
                throw Failure(arguments);
        }
    }

    private TorchException Failure(ReadOnlySpan<Argument> arguments)
    {
        var message = Door.Error;
        var described = new string[arguments.Length];
        for (var i = 0; i < described.Length; i++)
            described[i] = arguments[i].ToString();
        var full = overload.Length == 0 ? name : $"{name}.{overload}";
        return new TorchException($"{full}({string.Join(", ", described)}): {message}");
    }
}
