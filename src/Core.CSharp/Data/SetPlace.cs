using LongTail.Core.Files;

namespace LongTail.Core.Data;

/// <summary>How the folder of a published set is known, and where it is looked for.</summary>
/// <param name="Child">The folder's usual name: a parent of it will do.</param>
/// <param name="Files">One of them tells the folder.</param>
/// <param name="Remedy">What to do where it is nowhere, as in "unpack X and give its folder".</param>
/// <param name="System">Where a system's package puts the set; null where there is none.</param>
internal sealed record SetPlace(
    string Name,
    string Child,
    IReadOnlyList<string> Files,
    string Remedy,
    string? System = null
)
{
    /// <summary>In this folder or its child; for null, where the set usually lies.</summary>
    /// <exception cref="InputException">It is not there.</exception>
    public string In(string? folder) =>
        folder is null ? First(Usual)
        : Directory.Exists(folder) ? First(Named(folder))
        : throw new InputException($"{Name}: there is no folder {folder}: {Remedy}");

    /// <summary>In the first of these folders that holds it, or else where it usually lies.</summary>
    /// <exception cref="InputException">It is nowhere; all that was searched is named.</exception>
    public string Among(IReadOnlyList<string> folders) =>
        First([.. folders.SelectMany(Named), .. Usual]);

    private string[] Usual =>
        System is null ? Named(DataFolder.Own) : [System, .. Named(DataFolder.Own)];

    private string[] Named(string folder) => [folder, Path.Combine(folder, Child)];

    private string First(string[] places) =>
        places.FirstOrDefault(place => Files.Any(file => File.Exists(Path.Combine(place, file))))
        ?? throw new InputException(
            $"{Name}: {Files[0]} is in none of {string.Join(", ", places)}: {Remedy}"
        );
}
