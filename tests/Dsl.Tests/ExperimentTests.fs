/// The experiments that are shipped, as a machine that has every file plans them.
module LongTail.Tests.ExperimentTests

open System.IO
open Expecto
open LongTail
open LongTail.Commands
open LongTail.Tests.Samples

let private folder =
    Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", "..", "experiments"))

let private forms =
    [
        for script in Directory.GetFiles(folder, "*.fsx") |> Array.sort do
            let text = File.ReadAllText script

            // The others are what scripts load.
            if text.Contains "|> run" then
                script, []

                if ScriptFile.says @"\bsmall\s*\(" script then
                    script, [ "--small" ]
    ]

let private said script options =
    let requests = ResizeArray()

    match Command.read Command.run (script :: options) with
    | Ok(Some given) ->
        Session.enter
            {
                Script = Some script
                Given = given
                Hear = Some requests.Add
            }

        ScriptFile.run (ScriptFile.compiled script)
        Option.get (Request.whole (List.ofSeq requests))
    | other -> failtest $"%A{other}"

[<Tests>]
let tests =
    // A process has one session.
    testSequenced
    <| testList
        "experiments"
        [
            for script, options in forms do
                let name = String.concat " " (string (Path.GetFileName script) :: options)

                testCase $"{name} compiles, is planned, and its ranges are of its rows" (fun () ->
                    inStore (fun store ->
                        let plan = planned store (said script options)
                        Expect.isNonEmpty plan.Runs "runs"

                        Expect.hasLength (Check.ofPlan plan Map.empty) plan.Expected.Length "every range has its row"))
        ]
