using System.Text.Json;
using LongTail.Core.Files;
using LongTail.Core.Optimizers;
using static TorchSharp.torch;

namespace LongTail.Core.Training;

/// <summary>Where a run stands between two steps; beside the trained values and the optimizer's state, all that it needs to go on.</summary>
/// <param name="StepInEpoch">Steps done in this epoch.</param>
/// <param name="LossSum">Sum over this epoch's images so far.</param>
/// <param name="Seconds">Training time of this epoch so far.</param>
/// <param name="Broken">Why images could not be read so far.</param>
/// <param name="Best">The best of the epochs so far, where the settings select on the test split.</param>
/// <param name="PeakMemoryMiB">As in <see cref="RunResult"/>, so far.</param>
/// <param name="Share">Of this epoch so far.</param>
internal sealed record Position(
    int Epoch,
    int StepInEpoch,
    double LossSum,
    double Seconds,
    IReadOnlyList<EpochResult> History,
    IReadOnlyList<string> Broken,
    Judgement? Best,
    double? PeakMemoryMiB,
    MachineShare? Share
)
{
    internal static Position Start { get; } = new(0, 0, 0, 0, [], [], null, null, null);
}

/// <summary>A run's state in one safetensors file, written beside and renamed: at any moment the old one or the new one is there.</summary>
internal static class Checkpoint
{
    private const string Values = "values";

    // A checkpoint of another version is told by what it lacks.
    private static readonly JsonSerializerOptions whole = new()
    {
        RespectRequiredConstructorParameters = true,
    };

    internal static void Save(string file, Optimizer optimizer, Position position)
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(
            file,
            Tensors(optimizer).ToDictionary(t => t.Name, t => t.Tensor.detach().cpu()),
            new Dictionary<string, string> { ["position"] = JsonSerializer.Serialize(position) }
        );
    }

    internal static bool Exists(string? file) => File.Exists(file);

    /// <summary>Copies a checkpoint into the optimizer and its parameters; null where there is none.</summary>
    /// <exception cref="InputException">The file is damaged or of another run.</exception>
    internal static Position? Load(string? file, Optimizer optimizer)
    {
        if (file is null || !Exists(file))
            return null;
        try
        {
            return Read(file, optimizer);
        }
        catch (Exception e) when (e is InputException or JsonException)
        {
            var fault = e is JsonException ? $"{file} is no checkpoint of a run" : e.Message;
            throw new InputException($"{fault}; remove {file}, and the run starts anew");
        }
    }

    private static Position Read(string file, Optimizer optimizer)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        using var saved = Safetensors.Read(file);
        var tensors = Tensors(optimizer).ToArray();
        saved.Require([.. tensors.Select(t => (t.Name, t.Tensor.shape))], _ => false);
        foreach (var (name, tensor) in tensors)
            tensor.copy_(saved[name]);
        return
            saved.Metadata.TryGetValue("position", out var json)
            && JsonSerializer.Deserialize<Position>(json, whole) is { } position
            ? position
            : throw new JsonException();
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(Optimizer optimizer) =>
        optimizer
            .State.Select(state => ($"optimizer.{state.Key}", state.Value))
            .Prepend((Values, optimizer.Parameters.Values));
}
