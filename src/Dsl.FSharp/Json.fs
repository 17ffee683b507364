namespace LongTail

open System.Text.Encodings.Web
open System.Text.Json

/// Answers for other programs.
module internal Json =
    let private options =
        JsonSerializerOptions(
            WriteIndented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower
        )

    /// Names of members in lower case, with underscores; what is not known is null.
    let text value =
        JsonSerializer.Serialize(value, options)
