/// A native file that is missing or wrong is one line and exit code 2, from wherever the engine is asked for.
module LongTail.Tests.EngineFileTests

open System.IO
open Expecto
open LongTail.Tests.Docs
open LongTail.Tests.TempFolder

let private script =
    Path.GetFullPath(Path.Combine(Page.house, "experiments", "quickstart.fsx"))

let private program = Path.GetFullPath(Path.Combine(Page.house, "longtail"))

let private refused (libtorch: string) command (expected: string) =
    let code, said =
        Desk.shell (Path.GetTempPath()) $"LIBTORCH={libtorch} {program} {command}"

    Expect.equal code 2 $"exit code; it said: {said}"
    Expect.equal (said.TrimEnd().Split '\n' |> Array.last) expected "the line"

[<Tests>]
let tests =
    testList
        "engine's files"
        [
            for command in [ $"bench {script}"; "weights show nothing" ] do
                test $"a folder without libtorch is refused by {command.Split(' ')[0]}" {
                    refused
                        "/nowhere"
                        command
                        "/nowhere/libtorch.so is missing: give in LIBTORCH a folder of libtorch 2.10's libraries, or unset it"
                }

            test "a file that is no library is refused with the loader's reason" {
                inTempFolder (fun folder ->
                    File.WriteAllText(Path.Combine(folder, "libtorch.so"), "no library")

                    refused
                        folder
                        $"bench {script}"
                        $"{folder}/libtorch.so cannot be loaded (file too short): give in LIBTORCH a folder of libtorch 2.10's libraries, or unset it")
            }

            test "a plan needs no engine" {
                let code, said =
                    Desk.shell (Path.GetTempPath()) $"LIBTORCH=/nowhere {program} plan {script}"

                Expect.equal code 0 said
            }
        ]
