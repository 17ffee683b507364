/// That the list of planted defects keeps up with the sources. Whether they are caught, `build.fsx mutate` tells.
module LongTail.Tests.Mutation.DefectTests

open System.Reflection
open Expecto
open Expecto.Impl

let private root = $"{__SOURCE_DIRECTORY__}/../.."

[<Tests>]
let tests =
    testCase "every planted defect fits its file and names a test" (fun () ->
        let assembly = Assembly.GetExecutingAssembly()
        let project = string (assembly.GetName().Name)

        let names =
            testFromAssembly assembly
            |> Option.toList
            |> List.collect Test.toTestCodeList
            |> List.map (_.name >> String.concat ".")

        let complaints =
            [
                for defect in Defects.all do
                    if defect.Tests = project then
                        match Defect.plant root defect with
                        | Ok _ -> ()
                        | Result.Error reason -> $"{defect.Name}: {reason}"

                        if not (names |> List.exists _.Contains(defect.CaughtBy)) then
                            $"{defect.Name}: no test has the name {defect.CaughtBy}"
            ]

        Expect.equal (String.concat "\n" complaints) "" "complaints")
