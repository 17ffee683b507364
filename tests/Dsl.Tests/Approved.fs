/// Texts that a person has read and approved: a changed number, column or word shows as a diff of a file.
module LongTail.Tests.Approved

open System
open System.IO
open Expecto

let private folder = Path.Combine(__SOURCE_DIRECTORY__, "approved")

/// The text is that of the file. Where it is not, it lies beside that as FILE.received; with LONGTAIL_APPROVE=1 in the
/// environment it becomes the approved one.
let file (approved: string) (actual: string) =
    let received = $"{approved}.received"

    if Environment.GetEnvironmentVariable "LONGTAIL_APPROVE" = "1" then
        File.WriteAllText(approved, actual)

    let known =
        if File.Exists approved then
            File.ReadAllText approved
        else
            ""

    if actual = known then
        File.Delete received
    else
        File.WriteAllText(received, actual)

        let line, (expected, found) =
            Seq.zip
                (Seq.append (known.Split '\n') (Seq.initInfinite (fun _ -> "")))
                (Seq.append (actual.Split '\n') (Seq.initInfinite (fun _ -> "")))
            |> Seq.indexed
            |> Seq.find (fun (_, (expected, found)) -> expected <> found)

        failtest
            $"{Path.GetFileName approved}, line {line + 1}: approved is\n{expected}\nand here it is\n{found}\n`diff {approved} {received}` shows all; LONGTAIL_APPROVE=1 approves it"

/// As of a file, of `approved/NAME`.
let text name actual =
    file (Path.Combine(folder, name)) actual
