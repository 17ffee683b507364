namespace LongTail.Reports

/// Tables as Markdown.
module Markdown =
    let private line (cells: string list) =
        let escaped = cells |> List.map _.Replace("|", @"\|")
        "| " + String.concat " | " escaped + " |"

    /// The lines of a table.
    let table header rows =
        line header :: line (header |> List.map (fun _ -> "---")) :: List.map line rows
