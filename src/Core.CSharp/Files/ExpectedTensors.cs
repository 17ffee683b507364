namespace LongTail.Core.Files;

/// <summary>What a model is made of, held against what a file has before anything is loaded.</summary>
internal static class ExpectedTensors
{
    // Of another model's hundreds of tensors the first tell which.
    private const int NamedAtMost = 4;

    /// <param name="path">For messages.</param>
    /// <param name="there">Every tensor of the file.</param>
    /// <param name="expected">Every tensor that must be there, with its shape.</param>
    /// <param name="ignored">Tensors that may be there and are not looked at.</param>
    /// <exception cref="InputException">One line telling what is missing, unexpected or of another shape.</exception>
    internal static void Require(
        string path,
        IEnumerable<TensorEntry> there,
        IReadOnlyCollection<(string Name, long[] Shape)> expected,
        Func<string, bool> ignored
    )
    {
        static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
        static string Some(string[] names) =>
            names.Length <= NamedAtMost
                ? string.Join(", ", names)
                : $"{string.Join(", ", names[..NamedAtMost])} and {names.Length - NamedAtMost} more";
        var entries = there.ToDictionary(entry => entry.Name);
        var names = expected.Select(item => item.Name).ToHashSet();
        var missing = names.Where(name => !entries.ContainsKey(name));
        var unexpected = entries.Keys.Where(name => !names.Contains(name) && !ignored(name));
        var reshaped = expected
            .Where(item => entries.ContainsKey(item.Name))
            .Where(item => !entries[item.Name].Shape.SequenceEqual(item.Shape))
            .Select(item => $"{item.Name} {Text(entries[item.Name].Shape)} for {Text(item.Shape)}");
        (string Kind, string[] Names)[] found =
        [
            ("missing", [.. missing]),
            ("unexpected", [.. unexpected]),
            ("other shape", [.. reshaped]),
        ];
        string[] complaints =
        [
            .. found
                .Where(kind => kind.Names.Length > 0)
                .Select(kind => $"{kind.Kind}: {Some(kind.Names)}"),
        ];
        if (complaints.Length > 0)
            throw new InputException(
                $"{path} does not fit the model: {string.Join("; ", complaints)}"
            );
    }
}
