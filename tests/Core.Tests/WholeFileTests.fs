module LongTail.Tests.WholeFileTests

open System.IO
open Expecto
open LongTail.Core.Files
open LongTail.Tests.TempFolder

[<Tests>]
let tests =
    testList
        "whole files"
        [
            testCase "a write that fails leaves the old file" (fun () ->
                inTempFolder (fun folder ->
                    let path = Path.Combine(folder, "kept")
                    WholeFile.Write(path, fun stream -> stream.WriteByte 1uy)

                    Expect.throws
                        (fun () ->
                            WholeFile.Write(
                                path,
                                fun stream ->
                                    stream.WriteByte 2uy
                                    failwith "in the middle"
                            ))
                        "the failure is told"

                    Expect.equal (File.ReadAllBytes path) [| 1uy |] "the old file"
                    Expect.equal (Directory.GetFiles folder) [| path |] "nothing beside it after the failure"
                    WholeFile.Write(path, fun stream -> stream.WriteByte 3uy)
                    Expect.equal (File.ReadAllBytes path) [| 3uy |] "the next write"
                    Expect.equal (Directory.GetFiles folder) [| path |] "nothing beside it"))
        ]
