namespace LongTail

open System.Text.RegularExpressions
open LongTail.Core

/// Numbers, texts and chains as a script has them.
module internal Spelling =
    let number (value: float) =
        let digits = Digits.Text value

        let whole =
            if Regex.IsMatch(digits, @"^-?\d+$") then
                $"{digits}."
            else
                digits

        if value < 0. then $"({whole})" else whole

    let text (value: string) =
        "\"" + value.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\""

    let chain stages = String.concat " |> " stages

    let optional word value =
        [ for value in Option.toList (Option.ofNullable value) -> word value ]

    /// What has no word is said of the record.
    let with' fields record =
        match fields with
        | [] -> record
        | fields ->
            let said = String.concat "; " fields
            $"{{ {record} with {said} }}"
