using System.Text.Json;

namespace LongTail.Core.Files;

/// <summary>An object of a JSON file that another program wrote, read member by member; null for members that are not there.</summary>
internal sealed class JsonSettings
{
    private readonly JsonElement members;
    private readonly string at;

    private JsonSettings(string path, string at, JsonElement members) =>
        (Path, this.at, this.members) = (path, at, members);

    internal string Path { get; }

    internal IEnumerable<string> Names => members.EnumerateObject().Select(member => member.Name);

    /// <summary>Null where there is no such file.</summary>
    /// <exception cref="InputException">It cannot be read, or is no JSON object.</exception>
    internal static JsonSettings? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), options);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonSettings(path, "", document.RootElement.Clone())
                : throw new InputException($"{path} is no JSON object: fetch it again");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InputException($"{path} is no valid JSON: {Fault(e)}: fetch it again");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException(
                $"{path} cannot be read: {(e is UnauthorizedAccessException ? "permission is denied; ask for the right to read it" : e.Message)}"
            );
        }
    }

    /// <summary>Why a parser took no text, in words for a person.</summary>
    internal static string Fault(Exception e) =>
        e switch
        {
            JsonException { LineNumber: { } line } =>
                $"line {line + 1} is cut off, or holds something else",
            // Of a name that comes twice the parser tells it in quotes, and no line.
            JsonException when e.Message.Split('\'', 2) is [_, var rest] =>
                $"the name '{rest[..Math.Max(rest.LastIndexOf('\''), 0)].ReplaceLineEndings(" ")}' comes twice",
            // InvalidOperationException.
            _ => "a text escapes half of a surrogate pair",
        };

    internal bool Has(string name) => Member(name) is not null;

    internal JsonSettings? Object(string name) =>
        Member(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Object } member => new(Path, $"{at}{name}.", member),
            var other => throw Wrong(name, other, "an object"),
        };

    /// <summary>A whole number above 0.</summary>
    internal int? Count(string name) =>
        Member(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } member
                when member.TryGetInt32(out var number) && number > 0 => number,
            var other => throw Wrong(name, other, "a whole number above 0"),
        };

    internal string? Text(string name) =>
        Member(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } member => member.GetString(),
            var other => throw Wrong(name, other, "a text"),
        };

    internal bool? Truth(string name) =>
        Member(name)?.ValueKind switch
        {
            null => null,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(name, Member(name), "true or false"),
        };

    /// <summary>So many finite numbers.</summary>
    internal double[]? Numbers(string name, int count) =>
        Member(name) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Array } list
                when list.GetArrayLength() == count
                    && list.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Number)
                    && list.EnumerateArray().Select(one => one.GetDouble()).ToArray() is var numbers
                    && numbers.All(double.IsFinite) => numbers,
            var other => throw Wrong(name, other, $"a list of {count} numbers"),
        };

    internal bool IsObject(string name) => Member(name)?.ValueKind == JsonValueKind.Object;

    private JsonElement? Member(string name) =>
        members.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member
            : null;

    internal InputException Wrong(string name, string what) =>
        new(
            $"{Path}: {at}{name} = {Member(name)?.GetRawText().ReplaceLineEndings(" ") ?? "null"} {what}"
        );

    private InputException Wrong(string name, JsonElement? _, string wanted) =>
        Wrong(name, $"is not {wanted}: correct it, or fetch the file again");
}
