namespace LongTail.Tests.Mutation

open System.IO

/// A fault that is planted on purpose: a test that cannot see it proves nothing.
type Defect =
    {
        Name: string
        /// From the repository's root.
        File: string
        /// Texts that each stand exactly once in the file, and what takes their place.
        Changes: (string * string) list
        /// As `build.fsx test NAME` takes it: a part of the full name of one test, or of a list of them.
        CaughtBy: string
    }

    /// "src/Core.CSharp", say.
    member this.Project = this.File.Split '/' |> Array.truncate 2 |> String.concat "/"

    /// The test project that holds `CaughtBy`.
    member this.Tests =
        if this.Project = "src/Dsl.FSharp" then
            "Dsl.Tests"
        else
            "Core.Tests"

[<RequireQualifiedAccess>]
module Defect =
    let private change file (text: string, instead: string) (source: string) =
        match source.Split text with
        | [| before; after |] -> Ok(before + instead + after)
        | parts -> Error $"{file} has {parts.Length - 1} places, not one, with: {text}"

    /// The file's text with the fault in it, or why it no longer fits.
    let plant root defect =
        let file = Path.Combine(root, defect.File)

        if File.Exists file then
            (Ok(File.ReadAllText file), defect.Changes)
            ||> List.fold (fun source next -> source |> Result.bind (change defect.File next))
        else
            Error $"there is no {defect.File}"
